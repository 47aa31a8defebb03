"""Samples kept as they are: no model, no networks, no loss."""
