from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from vaecodec.codec.geometry.stages import Stage, lines, longer_side
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.geometry.windows import Window, windows
from vaecodec.format.header import ImageHeader


def windows_of(header: ImageHeader) -> list[Window]:
    return list(windows(header, cell=64, reach=0))


def test_an_image_is_walked_along_its_longer_side() -> None:
    for width, height, along in ((300, 200, 1), (200, 300, 0), (64, 64, 0)):
        header = ImageHeader(width, height, 3, 50, 10, 1, b"a stream", bytes(4))
        assert longer_side(header) == along


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([0, 1]))
def test_lines_hold_what_begins_together_and_earlier_ones_come_first(
    rows: int, columns: int, along: int
) -> None:
    header = ImageHeader(64 * columns, 64 * rows, 3, 50, 6, 1, b"a stream", bytes(4))
    for parts in (windows_of(header), list(tiles(header))):
        found = lines(parts, along)
        starts = [{part.start(along) for part in line} for line in found]
        assert all(len(alike) == 1 for alike in starts)
        assert starts == sorted(starts, key=min)
        together = list(itertools.chain.from_iterable(found))
        assert len(together) == len(parts)
        if along == 0:  # the order of the file already
            assert together == parts


@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from([0, 1]),
    st.lists(st.integers(0, 80)),
)
def test_no_part_is_due_twice_and_none_too_early(
    rows: int, columns: int, along: int, cells: list[int]
) -> None:
    done: list[list[Window]] = []
    every = windows_of(
        ImageHeader(64 * columns, 64 * rows, 3, 50, 6, 1, b"a stream", bytes(4))
    )
    stage = Stage(every, along=along)
    for cell in itertools.accumulate(cells, max):
        done += stage.due(64 * cell)
        expected = [w for w in every if w.start(along) < 64 * cell]
        assert done == lines(expected, along)
