"""The algebra: one family of rules a file, in Pyomo."""
