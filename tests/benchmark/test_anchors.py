from __future__ import annotations

import re

import pytest

from tests.benchmark.synthetic import kodak_images, make_image, make_point
from tests.conftest import ROOT
from vaecodec.benchmark.anchors import covers_anchors, load_anchors, reproduction
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.curves import not_rising
from vaecodec.benchmark.images import list_images, load_image
from vaecodec.benchmark.records import Reproduction

# Of other people's curves against VTM, with PCHIP and full overlap.
AGAINST_VTM = {
    "jpeg": 208.49,
    "jpeg2000": 97.97,
    "webp": 78.75,
    "bpg444": 21.99,
    "hm": 23.31,
    "av1": 16.18,
    "vtm": 0.0,
    "bmshj2018-factorized": 68.10,
    "bmshj2018-hyperprior": 30.49,
    "mbt2018-mean": 21.28,
    "mbt2018": 11.02,
    "cheng2020-anchor": 3.68,
    "elic": -7.02,
    "tcm-large": -11.73,
    "mlic++": -15.02,
    "hpcm-large": -19.95,
    "evc-s": 7.05,
    "coolchic-4.2": 0.97,
    "coolchic-5.0": -6.61,
}
FOLDER = ROOT.parent / "shared" / "data" / "kodak"


def test_stored_curves_against_vtm_are_the_published_values() -> None:
    vtm = {"vtm": load_anchors()["vtm"]}
    found = {
        key: comparisons(curve, vtm)["vtm"].percent
        for key, curve in load_anchors().items()
    }
    assert found == pytest.approx(AGAINST_VTM, abs=0.1)


def test_stored_webp_against_stored_jpeg_is_the_published_value() -> None:
    anchors = load_anchors()
    row = comparisons(anchors["webp"], {"jpeg": anchors["jpeg"]})["jpeg"]
    assert row.percent == pytest.approx(-36.18, abs=0.01)
    assert (row.low, row.high) == pytest.approx((28.33, 40.56), abs=0.01)


@pytest.mark.parametrize("metric", ["psnr-rgb", "ms-ssim-rgb-db"])
def test_every_curve_has_a_source_with_a_commit_and_rises(metric: str) -> None:
    for curve in load_anchors(metric).values():
        assert re.fullmatch(r"[\w.-]+/[\w.-]+/.+@[0-9a-f]{10}", curve.source)
        assert not_rising(curve.bpp) == not_rising(curve.score) == []


def test_only_the_24_images_are_compared() -> None:
    images = kodak_images()
    assert covers_anchors(images)
    assert covers_anchors(reversed(images))
    assert not covers_anchors(images[:-1])
    assert not covers_anchors([*images[:-1], make_image("another")])


@pytest.mark.skipif(not FOLDER.exists(), reason="the Kodak images are not here")
def test_the_images_are_known_by_their_samples() -> None:
    digests = [load_image(path).digest for path in list_images(FOLDER)]
    assert covers_anchors(make_image("", digest=digest) for digest in digests)


def test_a_codec_that_repeats_a_published_curve_is_compared_point_by_point() -> None:
    jpeg = load_anchors()["jpeg"]
    means = [
        make_point(5, jpeg.bpp[0] * 1.01, scores={"psnr-rgb": jpeg.score[0] + 0.1}),
        make_point(95, jpeg.bpp[-1], scores={"psnr-rgb": jpeg.score[-1] - 0.2}),
        make_point(96, 9.0, scores={"psnr-rgb": 50.0}),
    ]
    found = reproduction("jpeg-baseline", means)
    assert found == Reproduction("jpeg", 2, rate_percent=1.0, psnr_db=-0.2)
    assert reproduction("avif-420", means) is None
