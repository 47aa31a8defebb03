from __future__ import annotations

import re

import numpy as np
import pytest

from tests.benchmark import own_codecs
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.images import BenchmarkImage
from vaecodec.benchmark.records import Failure
from vaecodec.benchmark.runner import measure_image, measure_images, turns
from vaecodec.benchmark.scoring import Scorer

SCORER = Scorer(None)
OWN = "tests.benchmark.own_codecs"


class FirstSample:
    """Keeps one sample of an image of 4x4 pixels."""

    name = settings = "first sample"
    qualities = (1,)

    def compress(self, image: own_codecs.Pixels, quality: int) -> bytes:
        return image[0, 0].tobytes()

    def decompress(self, data: bytes) -> own_codecs.Pixels:
        return np.full((4, 4, 3), np.frombuffer(data, np.uint8))


def test_decoding_uses_the_bytes_that_were_counted() -> None:
    pixels = np.full((4, 4, 3), 7, np.uint8)
    pixels[3, 3] = 9
    image = BenchmarkImage("a", pixels)
    rows = measure_image(
        image, {"f": FirstSample()}, {"f": [1]}, scorer=SCORER, repeats=1
    )
    (point,) = rows["f"].points
    assert (point.size, point.bpp) == (3, 1.5)
    assert point.scores["psnr-rgb"] == pytest.approx(
        10 * np.log10(255**2 / 0.25), abs=1e-4
    )


def test_scores_of_a_second_process_are_those_of_this_one(face: BenchmarkImage) -> None:
    codecs, chosen = {"w": make_codec("webp")}, {"w": (20, 60)}
    finished: list[int] = []
    rows = measure_images([face, face], codecs, chosen, done=finished.append)
    full = measure_image(face, codecs, chosen, scorer=SCORER, repeats=1)["w"]
    for row in rows["w"]:
        for point, expected in zip(row.points, full.points, strict=True):
            assert (point.size, point.scores) == (expected.size, expected.scores)
    assert finished == [1, 1]


def test_codecs_take_turns_quality_by_quality() -> None:
    order = list(turns({"a": [1, 2, 3], "b": [10]}))
    assert order == [("a", 1), ("b", 10), ("a", 2), ("a", 3)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Throws", "RuntimeError: no luck today"),
        ("Exits", "SystemExit: 3"),
        ("ChangesItsInput", "ValueError: assignment destination is read-only"),
        ("ReturnsText", "compress returned str, not bytes"),
        ("WrongSize", r"decompress returned uint8 \[79, 96, 3\], not uint8 \[80, 96"),
        ("Garbage", r"\d\.\d dB, worse than a flat colour"),
    ],
)
def test_a_failing_codec_fails_with_its_reason_and_stops_no_other(
    name: str, reason: str, face: BenchmarkImage
) -> None:
    codecs = {key: make_codec(key) for key in (f"{OWN}:{name}", "webp")}
    chosen = dict.fromkeys(codecs, (20, 60))
    rows = measure_image(face, codecs, chosen, scorer=SCORER, repeats=2)
    failures = rows[f"{OWN}:{name}"].failures
    assert [failure.quality for failure in failures] == [20, 60]
    assert re.match(reason, failures[0].reason)
    assert rows[f"{OWN}:{name}"].points == ()
    assert [point.quality for point in rows["webp"].points] == [20, 60]


def test_a_failure_at_one_quality_is_of_that_quality(face: BenchmarkImage) -> None:
    codecs = {"own": make_codec(f"{OWN}:FailsOnce")}
    chosen = {"own": [20, 40, 60]}
    row = measure_image(face, codecs, chosen, scorer=SCORER, repeats=1)["own"]
    assert [point.quality for point in row.points] == [20, 60]
    assert row.failures == (Failure("face.png", 40, "ValueError: not 40"),)


def test_a_codec_that_fails_is_no_measurement(face: BenchmarkImage) -> None:
    codecs = {"own": make_codec(f"{OWN}:FailsOnce")}
    reason = "own: face.png at quality 40: ValueError: not 40"
    with pytest.raises(ValueError, match=reason):
        measure_images([face], codecs, {"own": [20, 40]}, done=lambda count: None)


class Brightness:
    """A judge of one's own."""

    def __init__(self, original: own_codecs.Pixels) -> None:
        self.original = original

    def scores(self, decoded: own_codecs.Pixels) -> dict[str, float | None]:
        return {"brightness": float(decoded.mean() - self.original.mean())}


def test_another_judge_may_score(face: BenchmarkImage) -> None:
    codecs, qualities = {"w": make_codec("webp")}, {"w": (20, 60)}
    images = measure_images(
        [face], codecs, qualities, done=lambda count: None, judge=Brightness
    )
    for point in images["w"][0].points:
        decoded = codecs["w"].decompress(
            codecs["w"].compress(face.pixels, point.quality)
        )
        expected = Brightness(face.pixels).scores(decoded)["brightness"]
        assert point.scores == {"brightness": pytest.approx(expected, abs=1e-5)}


def test_a_flat_image_out_of_a_flat_image_is_no_garbage() -> None:
    image = BenchmarkImage("flat", np.full((64, 64, 3), 90, np.uint8))
    row = measure_image(
        image, {"w": make_codec("webp")}, {"w": [10]}, scorer=SCORER, repeats=1
    )["w"]
    assert row.failures == ()
