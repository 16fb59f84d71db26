"""Thin commands of the project: the library does the work."""
