"""A result or a comparison, as text; nothing here solves."""
