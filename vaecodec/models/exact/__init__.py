"""Integer layers that give the same numbers on every machine."""
