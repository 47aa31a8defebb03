"""Results as a run leaves them, of two codecs that never ran."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaecodec.benchmark.anchors import KODAK, load_anchors
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.codecs import is_own
from vaecodec.benchmark.crops import Crop, Version, data_uri
from vaecodec.benchmark.curves import measured_curve
from vaecodec.benchmark.results import read_json
from vaecodec.benchmark.spread import spread_over_images

QUALITIES = (10, 30, 50, 70, 90)


def kodak_rows() -> list[dict[str, Any]]:
    """The 24 images of the published curves, without a point measured on them."""
    images = read_json(KODAK)["images"].items()
    size = {"width": 768, "height": 512}
    return [{"name": f"{n}.webp", "samples_sha256": d, **size} for n, d in images]


def make_result(codec: str, name: str, *, scale: float) -> dict[str, Any]:
    """A codec whose rate doubles every 3 dB, times `scale`, on all of Kodak."""
    points = [
        {
            "quality": q,
            "bytes": round(scale * 5000 * 2 ** (q / 20)),
            "bpp": scale * 0.1 * 2 ** (q / 20),
            "psnr-rgb": 28 + 3 * q / 20,
            "ms-ssim-rgb": 1 - 0.1 * 2 ** (-q / 15),
            "ms-ssim-rgb-db": 10 + q / 5,
            "encoding_time": 0.1 * scale,
            "decoding_time": 0.01 * scale,
        }
        for q in QUALITIES
    ]
    rows = [{**row, "points": points} for row in kodak_rows()]
    return {
        "codec": codec,
        "name": name,
        "settings": "synthetic & <plain>",
        "model_id": "0123456789abcdef",
        "identity": {"metrics": {"psnr-rgb": "of all"}, "repeats": 3}
        | {"largest_side": None},
        "process": {"load_time": 0.2, "peak_mib": 200.0, "before_mib": 60.0},
        "means": points,
        "not_monotonic": ["kodim01.webp: bytes at quality 30"],
        "failures": [],
        "images": rows,
    }


def make_results() -> dict[str, dict[str, Any]]:
    """Vaecodec, ten percent better than JPEG."""
    own = make_result("vaecodec", "vaecodec", scale=0.9)
    own["bd_rates"] = comparisons(measured_curve(own), load_anchors())
    return {
        "vaecodec": own,
        "jpeg-420": make_result("jpeg-420", "JPEG 4:2:0", scale=1.0),
    }


def make_summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """As `run.summarise` makes it."""
    curves = {key: measured_curve(result) for key, result in results.items()}
    rates = {
        key: comparisons(curve, {k: c for k, c in curves.items() if k != key})
        for key, curve in curves.items()
    }
    for key in filter(is_own, rates):
        for anchor, row in rates[key].items():
            images, others = results[key]["images"], results[anchor]["images"]
            row["by_image"] = spread_over_images(images, others, "psnr-rgb")
    record = {"command": "vaecodec benchmark <kodak>", "date": "2026-01-01"}
    record |= {"cpu": "a processor", "cpu_count": 2, "system": "Linux"}
    record |= {"python": "3.11", "threads": 1, "load_average": 0.1}
    record["scoring"] = "in a second process"
    return {
        "folder": "kodak",
        "images": [row["name"] for row in kodak_rows()],
        "kodak": True,
        "absent": {"jxl": "No module named 'pillow_jxl'"},
        "failed": {},
        "one_run": True,
        "bd_rates": {"psnr-rgb": rates, "ms-ssim-rgb-db": rates, "ssimulacra2": {}},
        "conditions": {**record, "versions": {"numpy": "2", "torch": None}},
    }


def make_crop() -> Crop:
    """Three flat pictures that are easy to tell apart: red, green, blue."""
    uris = [
        data_uri(np.full((64, 64, 3), colour, np.uint8))
        for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))
    ]
    names = ("Original", "vaecodec", "JPEG 4:2:0")
    versions = tuple(
        Version(name, uri, 0.3, {} if name == "Original" else {"psnr-rgb": 30.0})
        for name, uri in zip(names, uris, strict=True)
    )
    return Crop("kodim04.webp", 0.3, 64, 64, versions)
