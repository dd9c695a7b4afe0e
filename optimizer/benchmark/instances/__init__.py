"""Made-up problems of any size, by seed."""
