"""From the model to arrays, and one live HiGHS that solves them."""
