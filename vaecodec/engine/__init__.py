"""Symbols <-> pixels: runs the float networks of a model."""
