"""Which combinations exist: the sparse index behind variables and rows, in pandas."""
