"""Measurements of the project, apart from its tests: ``python -m bench`` runs all of them."""
