"""The page about the regression pictures, from their results.

In: the results of the shipped models, the default first. Out: Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.markdown import markdown_table
from benchmarks.regression_set import regression_pictures

SHOWN_QUALITIES = (30, 70)
HEAD = """\
# Regression pictures

Small pictures of what a codec easily spoils, drawn by code or cut from photographs, and
compressed with both models at four qualities. The numbers in brackets are those of AVIF
4:4:4 (libavif, speed 6) at the same size: its largest file that is at most 2 % larger
than ours, or its smallest file if all are larger.

SSIMULACRA2 is 100 for equal images; 90 is visually lossless, 70 high, 50 medium and 30
low quality. The sheets show at quality 30 and 70: the original, `standard`, `psnr`,
and AVIF at the size of `standard`.

For smooth pictures there are two more columns, in levels of 0 to 255: the largest error
of a sample beyond the noise of the picture, and the largest error of the mean of a
channel over a row or a column.

This page is written by `python -m benchmarks.regression_pictures`. The numbers are in
`benchmarks/results/regression`.
"""
COLUMNS = {
    "bytes": ("bytes", "{:.0f}"),
    "ssimulacra2": ("SSIMULACRA2", "{:.1f}"),
    "psnr-rgb": ("PSNR (dB)", "{:.2f}"),
    "ms-ssim-rgb-db": ("MS-SSIM (dB)", "{:.2f}"),
    "largest_error": ("largest error", "{:.0f}"),
    "largest_mean_error": ("error of means", "{:.2f}"),
}


def render(results: Sequence[dict[str, Any]]) -> str:
    """The page."""
    models = ", ".join(f"`{r['model']}` is `{r['model_id']}`" for r in results)
    parts = [HEAD, f"Models: {models}."]
    for name, picture in regression_pictures().items():
        shows = picture.shows[0].upper() + picture.shows[1:]
        parts += [f"## {name}", f"{shows}.", f"![{name}](regression/{name}.webp)"]
        measured = {r["model"]: r["pictures"][name] for r in results}
        parts.append(_table(measured))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(measured: dict[str, list[dict[str, Any]]]) -> str:
    first = next(iter(measured.values()))[0]["vaecodec"]
    columns = [key for key in COLUMNS if key in first]
    head = ["model, quality", *(COLUMNS[key][0] for key in columns)]
    return markdown_table(head, _rows(measured, columns))


def _rows(
    measured: dict[str, list[dict[str, Any]]], columns: Sequence[str]
) -> Iterator[list[str]]:
    for model, points in measured.items():
        for point in points:
            own, other = point["vaecodec"], point["avif-444"]
            yield [
                f"`{model}` {point['quality']}",
                *(f"{_cell(own, key)} ({_cell(other, key)})" for key in columns),
            ]


def _cell(facts: dict[str, Any], key: str) -> str:
    value = facts[key]
    return "none" if value is None else COLUMNS[key][1].format(value)
