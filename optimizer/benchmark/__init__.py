"""Made-up problems of any size, for tests and measurements; nothing in them is about the world."""
