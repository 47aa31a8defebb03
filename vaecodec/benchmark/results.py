"""Result files: one JSON per codec, one CSV of all, and taking up where a run ended.

In: rows of single images. Out: `<codec>.json` with rows, means, BD-rates against the
published curves, monotonicity and conditions; `results.csv`; `summary.json` with what
only several codecs have together.

The JSON files are written again after every image, whole or not at all, so an
interruption loses at most one image. A later run keeps the images of a file that was
made with the same settings, versions and processor.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vaecodec.benchmark.curves import not_rising

SUMMARY = "summary"
# Averaged over the images; MS-SSIM in dB is taken of the mean, as it is published.
AVERAGED = (
    *("bpp", "psnr-rgb", "ms-ssim-rgb", "ssimulacra2"),
    *("encoding_time", "decoding_time"),
)
COLUMNS = (
    *("codec", "image", "width", "height", "quality", "bytes", "bpp", "psnr-rgb"),
    *("ms-ssim-rgb", "ms-ssim-rgb-db", "ssimulacra2"),
    *("encoding_time", "decoding_time"),
)


def write_text(path: Path, text: str) -> None:
    """Write `text` beside `path`, then rename: no reader ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def write_json(path: Path, content: Any) -> None:
    """Write anything `json` can hold; ValueError for infinities and NaN."""
    text = json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def read_json(path: Path) -> Any:
    """Parse a file written by `write_json`."""
    return json.loads(path.read_text(encoding="utf-8"))


def file_name(codec: str) -> str:
    """The file of a codec; that of one of your own is called module.Class.json."""
    return f"{codec.replace(':', '.')}.json"


def load_results(folder: Path, order: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """Result files of a folder by codec: first those in `order`, then the others."""
    results = {
        content["codec"]: content
        for path in sorted(folder.glob("*.json"))
        if path.stem != SUMMARY and "means" in (content := read_json(path))
    }
    known = [codec for codec in order if codec in results]
    return {codec: results[codec] for codec in [*known, *results]}


def kept_rows(folder: Path, draft: dict[str, Any]) -> dict[str, Any]:
    """Rows by image name of an earlier run that was the same as the one drafted."""
    try:
        old = read_json(folder / file_name(draft["codec"]))
        same = fingerprint(old) == fingerprint(json.loads(json.dumps(draft)))
        return {row["name"]: row for row in old["images"]} if same else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def fingerprint(result: dict[str, Any]) -> Any:
    """What must be equal for two runs to be one: the rest may differ, as the date."""
    same = ("versions", "python", "cpu", "threads")
    return result["identity"], [result["conditions"][key] for key in same]


def means(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One mean for every quality that all images have."""
    points: dict[float, list[dict[str, Any]]] = {}
    for row in rows:
        for point in row["points"]:
            points.setdefault(point["quality"], []).append(point)
    return [_mean(same) for same in points.values() if len(same) == len(rows)]


def falls(rows: list[dict[str, Any]]) -> list[str]:
    """Where a higher quality gave no larger file, or no higher PSNR, of an image."""
    return [
        f"{row['name']}: {measure} at quality {row['points'][i]['quality']}"
        for row in rows
        for measure in ("bytes", "psnr-rgb")
        for i in not_rising([point[measure] for point in row["points"]])
    ]


def failures(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All failures of a codec, image by image."""
    return [failure for row in rows for failure in row["failures"]]


def table(results: dict[str, dict[str, Any]]) -> str:
    """All points as CSV, with the means as those of an image called "mean"."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for codec, result in results.items():
        for row in [*result["images"], {"name": "mean", "points": result["means"]}]:
            size = {key: row.get(key) for key in ("width", "height")}
            for point in row["points"]:
                about = {"codec": codec, "image": row["name"], **size}
                writer.writerow({**about, **point})
    return stream.getvalue()


def _mean(points: list[dict[str, Any]]) -> dict[str, Any]:
    from vaecodec.benchmark.metrics import decibels

    mean = {"quality": points[0]["quality"]}
    for key in AVERAGED:
        values = [point[key] for point in points if point.get(key) is not None]
        if len(values) == len(points):
            mean[key] = round(sum(values) / len(values), 6)
    if "ms-ssim-rgb" in mean:
        mean["ms-ssim-rgb-db"] = round(decibels(mean["ms-ssim-rgb"]), 4)
    return mean
