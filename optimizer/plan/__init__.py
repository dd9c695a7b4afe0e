"""The tables of a solution, from the values of the variables."""
