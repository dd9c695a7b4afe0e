"""Worker processes: one for each call, ended with it."""
