"""Floor 3: symbols of a tile <-> payload bytes, exact on every machine."""
