"""Learned coding without loss: pixels between those that are known already."""
