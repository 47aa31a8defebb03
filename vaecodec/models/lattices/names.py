"""Names of what a model part of lattices holds."""

from __future__ import annotations

DIFFERENCES, FEATURES = "differences", "features"  # what a program is given
HEAD, SEEN = "head", "seen"  # what it puts out
HALF_LAW, INVERSE_SCALES = "laws.half", "laws.inverse"


def program_name(level: int, step: int) -> str:
    """Name of a program; levels count from the finest, the last stands for the rest."""
    return f"level{level}.step{step}"
