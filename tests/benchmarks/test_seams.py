"""Seams as a number: near borders of tiles and windows all is as good as elsewhere."""

from __future__ import annotations

import numpy as np

from benchmarks.photographs import large_photograph
from benchmarks.seams import measure


def test_borders_do_not_show_in_a_photograph() -> None:
    photograph = np.asarray(large_photograph(1600, 1200))
    seams = measure(photograph, quality=50)
    assert seams.samples > 30_000
    # 0.06 when this was written, -1.2 if windows saw nothing beyond their borders.
    assert seams.difference_db > -0.15
