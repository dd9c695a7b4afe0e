"""Folders, documents, spreadsheets and overlays, read as a problem."""
