from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.benchmark.own_codecs import FailsOnce
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.crops import busiest_part, data_uri, make_sheet
from vaecodec.benchmark.equal_bytes import largest_file
from vaecodec.benchmark.images import BenchmarkImage
from vaecodec.benchmark.metrics import bits_per_pixel
from vaecodec.benchmark.records import RatePoint


def points(key: str, image: NDArray[np.uint8], *qualities: int) -> list[RatePoint]:
    codec, (height, width, _) = make_codec(key), image.shape
    sizes = [len(codec.compress(image, quality)) for quality in qualities]
    rates = [bits_per_pixel(size, width=width, height=height) for size in sizes]
    return [
        RatePoint(quality=q, bpp=r, scores={})
        for q, r in zip(qualities, rates, strict=True)
    ]


def test_the_file_is_the_largest_that_is_not_above_the_rate(
    coffee: NDArray[np.uint8],
) -> None:
    codec, measured = make_codec("webp"), points("webp", coffee, 0, 30, 60, 90)
    found = largest_file(codec, coffee, measured, 0.5)
    fitting = [len(codec.compress(coffee, quality)) for quality in range(30, 60)]
    limit = 0.5 * coffee.size / 3 / 8
    assert len(found) == max(size for size in fitting if size <= limit)


@pytest.mark.parametrize(("target", "quality"), [(0.001, 0), (50.0, 90)])
def test_beyond_the_measured_rates_stands_the_nearest(
    target: float, quality: int, coffee: NDArray[np.uint8]
) -> None:
    codec, measured = make_codec("webp"), points("webp", coffee, 0, 30, 90)
    assert largest_file(codec, coffee, measured, target) == codec.compress(
        coffee, quality
    )


def test_a_codec_that_cannot_go_as_low_raises_the_rate_for_all(
    coffee: NDArray[np.uint8],
) -> None:
    image = BenchmarkImage("coffee", coffee)
    codecs = {key: make_codec(key) for key in ("webp", "jpeg-420")}
    measured = {key: points(key, coffee, 40, 90) for key in codecs}
    sheet = make_sheet(image, codecs, measured)
    smallest = max(p[0].bpp for p in measured.values())
    assert [crop.target for crop in sheet] == [smallest, 1.0]
    for crop in sheet:
        original, *coded = crop.versions
        assert (original.name, original.scores) == ("Original", {})
        assert [version.name for version in coded] == ["WebP", "JPEG 4:2:0"]
        assert all(0.9 * crop.target < v.bpp <= crop.target for v in coded)
        assert all(50 < v.scores["ssimulacra2"] < 90 for v in coded)


def test_a_codec_that_fails_between_the_measured_qualities_is_left_out(
    coffee: NDArray[np.uint8],
) -> None:
    image = BenchmarkImage("coffee", coffee)
    codecs = {"own": FailsOnce(), "webp": make_codec("webp")}
    measured = points("webp", coffee, 0, 80)  # The first one tried between is 40.
    crop, *_ = make_sheet(image, codecs, dict.fromkeys(codecs, tuple(measured)))
    assert [version.name for version in crop.versions] == ["Original", "WebP"]


def test_the_part_shown_is_where_the_detail_is() -> None:
    image = np.full((100, 140, 3), 128, np.uint8)
    image[60:90, 100:130] = np.random.default_rng(0).integers(0, 256, (30, 30, 3))
    rows, columns = busiest_part(image, 40)
    assert rows.start <= 60 < 90 <= rows.stop
    assert columns.start <= 100 < 130 <= columns.stop
    assert busiest_part(image, 500) == (slice(0, 100), slice(0, 140))


def test_a_picture_in_a_uri_is_lossless(coffee: NDArray[np.uint8]) -> None:
    head, _, text = data_uri(coffee[:40, :50]).partition(",")
    assert head == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(text))) as image:
        assert np.array_equal(np.asarray(image), coffee[:40, :50])
