"""Objectives in order, whole numbers and ties, on a live solver."""
