"""Published rate-distortion curves of Kodak, kept in `anchors/kodak.json`.

In: that file, which says of every curve where it was read. Out: `Curve`s, and how well
a codec measured here repeats a published curve at the same qualities.

They are means over the 24 images, and only exactly these are compared with them: known
by a hash of their samples, whatever the files are called.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from vaecodec.benchmark.codecs import entries
from vaecodec.benchmark.curves import Curve
from vaecodec.benchmark.metrics import decibels
from vaecodec.benchmark.results import read_json

KODAK = Path(__file__).parent / "anchors" / "kodak.json"
# The curves that a picture of them begins with.
SHOWN = ("bpg444", "vtm", "bmshj2018-hyperprior", "hpcm-large")


def load_anchors(metric: str = "psnr-rgb") -> dict[str, Curve]:
    """Published curves by key: "psnr-rgb", or "ms-ssim-rgb-db" where published."""
    curves = {}
    for key, anchor in _read()["curves"].items():
        if metric == "psnr-rgb":
            score = anchor["psnr"]
        elif metric == "ms-ssim-rgb-db" and "ms_ssim" in anchor:
            score = [decibels(value) for value in anchor["ms_ssim"]]
        else:
            continue
        curves[key] = Curve(
            anchor["name"], tuple(anchor["bpp"]), tuple(score), anchor["source"]
        )
    return curves


def covers_anchors(rows: Iterable[dict[str, Any]]) -> bool:
    """Whether these are the images of the published curves, sample for sample.

    `rows` have "samples_sha256", as `BenchmarkImage.digest` gives it.
    """
    published = sorted(_read()["images"].values())
    return sorted(row["samples_sha256"] for row in rows) == published


def reproduction(codec: str, means: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Largest differences from the published curve at equal qualities.

    None for a codec that nothing published was measured with. Out: the key of the
    curve, the number of common qualities, differences in percent of the rate and in dB.
    """
    curve = entries()[codec].reproduces if codec in entries() else None
    if curve is None:
        return None
    anchor = _read()["curves"][curve]
    rows = zip(anchor["quality"], anchor["bpp"], anchor["psnr"], strict=True)
    published = {quality: (bpp, psnr) for quality, bpp, psnr in rows}
    common = [(m, *published[m["quality"]]) for m in means if m["quality"] in published]
    if not common:
        return None
    rates = [100 * (mean["bpp"] / bpp - 1) for mean, bpp, _ in common]
    scores = [mean["psnr-rgb"] - psnr for mean, _, psnr in common]
    return {
        "curve": curve,
        "qualities": len(common),
        "rate_percent": round(_largest(rates), 3),
        "psnr_db": round(_largest(scores), 3),
    }


def _largest(differences: list[float]) -> float:
    return max(differences, key=abs)


@lru_cache(maxsize=1)
def _read() -> Any:
    return read_json(KODAK)
