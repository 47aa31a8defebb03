from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from vaecodec.codec.stages import Stage, in_order, longer_side
from vaecodec.codec.tiling import tiles
from vaecodec.codec.windows import Window, windows
from vaecodec.format.header import ImageHeader


def test_an_image_is_walked_along_its_longer_side() -> None:
    for width, height, along in ((300, 200, 1), (200, 300, 0), (64, 64, 0)):
        header = ImageHeader(width, height, 3, 50, 10, bytes(8))
        assert longer_side(header) == along


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([0, 1]))
def test_no_part_comes_before_one_that_begins_earlier(
    rows: int, columns: int, along: int
) -> None:
    header = ImageHeader(64 * columns, 64 * rows, 3, 50, 6, bytes(8))
    for parts in (list(windows(rows, columns)), list(tiles(header))):
        ordered = in_order(parts, along)
        starts = [part.start(along) for part in ordered]
        assert starts == sorted(starts)
        assert len(ordered) == len(parts)
        if along == 0:  # the order of the file already
            assert ordered == parts


@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from([0, 1]),
    st.lists(st.integers(0, 80)),
)
def test_a_stage_works_on_no_part_twice_and_on_none_too_early(
    rows: int, columns: int, along: int, cells: list[int]
) -> None:
    done: list[Window] = []
    stage = Stage(windows(rows, columns), done.append, along=along)
    for cell in itertools.accumulate(cells, max):
        stage.reach(cell)
        expected = [w for w in windows(rows, columns) if w.start(along) < cell]
        assert done == in_order(expected, along)
