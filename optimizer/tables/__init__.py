"""The schema, typed tables, and what a problem and a solution are."""
