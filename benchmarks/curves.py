"""Rate-distortion curves: those published, kept in `anchors/`, and those measured.

In: JSON files. Out: `Curve`, the one thing `bd_rate` and `plot` understand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.conditions import ROOT, read_json

KODAK_ANCHORS = ROOT / "benchmarks" / "anchors" / "kodak.json"
# Reading order of tables and legends; codecs measured later come after these.
MEASURED_CODECS = ("vaecodec", "jpeg", "webp", "avif")


@dataclass(frozen=True)
class Curve:
    """Points of one codec from the smallest file to the largest.

    `bits_per_pixel` and `psnr_db` are means over the images of a set.
    """

    name: str
    bits_per_pixel: tuple[float, ...]
    psnr_db: tuple[float, ...]
    source: str


def load_anchors(path: Path = KODAK_ANCHORS) -> dict[str, Curve]:
    """Published curves by key, as `Curve`s with a readable name."""
    return {
        key: Curve(
            name=anchor["name"],
            bits_per_pixel=tuple(anchor["bpp"]),
            psnr_db=tuple(anchor["psnr"]),
            source=anchor["source"],
        )
        for key, anchor in read_json(path)["curves"].items()
    }


def load_results(folder: Path) -> dict[str, dict[str, Any]]:
    """Result files of `rate_distortion` in a folder, by codec, in reading order."""
    results = {
        path.stem: read_json(path)
        for path in folder.glob("*.json")
        if path.stem in MEASURED_CODECS
    }
    return {codec: results[codec] for codec in MEASURED_CODECS if codec in results}


def measured_curve(result: dict[str, Any]) -> Curve:
    """The curve of one result file."""
    means = result["means"]
    return Curve(
        name=result["name"],
        bits_per_pixel=tuple(mean["bpp"] for mean in means),
        psnr_db=tuple(mean["psnr_db"] for mean in means),
        source=f"measured: {result['settings']}",
    )


def covers_anchors(image_names: list[str], path: Path = KODAK_ANCHORS) -> bool:
    """Whether these are the images of the published curves: else no comparing."""
    published: list[str] = read_json(path)["images"]
    return [Path(name).stem for name in image_names] == published
