from __future__ import annotations

import pytest

from tests.benchmark.synthetic import make_image, make_point
from vaecodec.benchmark.records import ImageResult, Refusal
from vaecodec.benchmark.spread import spread_over_images, worst_image


def row(name: str, scale: float, *, lowest: float = 28) -> ImageResult:
    """An image whose rate doubles every 3 dB, times `scale`."""
    points = [
        make_point(
            step, scale * 0.1 * 2 ** (step / 3), scores={"psnr-rgb": lowest + step}
        )
        for step in range(0, 13, 3)
    ]
    return make_image(name, *points)


def test_each_image_is_compared_alone_and_the_worst_is_named() -> None:
    tested = [row("a", 0.5), row("b", 1.2), row("c", 0.9)]
    anchor = [row(name, 1.0) for name in "abc"]
    spread = spread_over_images(tested, anchor, "psnr-rgb")
    assert spread.images == pytest.approx({"a": -50, "b": 20, "c": -10})
    extremes = [spread.lowest, spread.median, spread.highest]
    assert extremes == pytest.approx([-50, -10, 20])
    assert spread.worst_image == "b"


def test_images_that_have_too_little_in_common_do_not_count() -> None:
    tested, anchor = (
        [row("a", 1.0), row("b", 1.0, lowest=50)],
        [row("a", 1), row("b", 1)],
    )
    spread = spread_over_images(tested, anchor, "psnr-rgb")
    assert spread.images == {"a": 0, "b": None}
    assert spread.worst_image == "a"
    nothing = spread_over_images(tested[1:], anchor[1:], "psnr-rgb")
    assert nothing.median is nothing.worst_image is None


def test_the_worst_of_all_is_looked_for_over_all_anchors() -> None:
    anchor = [row("a", 1.0), row("b", 1.0)]
    rows = {
        key: Refusal("", spread_over_images(tested, anchor, "psnr-rgb"))
        for key, tested in {
            "jpeg": [row("a", 0.5), row("b", 0.7)],
            "avif": [row("a", 1.5), row("b", 0.8)],
        }.items()
    }
    assert worst_image(rows) == ("a", "avif", pytest.approx(50))
    assert worst_image({}) is None
