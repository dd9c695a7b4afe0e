"""What is asked beyond one solve: variants of a problem, runs, comparisons."""
