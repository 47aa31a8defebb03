"""The page about the regression pictures, from their results.

In: the results of the shipped models, the default first. Out: Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.markdown import markdown_table
from benchmarks.regression_set import regression_pictures
from vaecodec.benchmark.json_files import FLAT, named
from vaecodec.benchmark.records import Conditions, Scores

OWN, OTHER = "vaecodec", "avif-444"
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


@dataclass(frozen=True)
class FileFacts:
    """Size and scores of one file; of smooth pictures the errors in levels, too."""

    size: int = field(metadata=named("bytes"))
    scores: Scores = field(metadata=FLAT)


@dataclass(frozen=True)
class PictureFiles:
    """The files of one picture at one quality of ours, by codec."""

    quality: int
    files: Mapping[str, FileFacts] = field(metadata=FLAT)


@dataclass(frozen=True)
class RegressionResult:
    """The result file of one model; `pictures` are by name."""

    model: str
    model_id: str
    pictures: Mapping[str, tuple[PictureFiles, ...]]
    conditions: Conditions


def render(results: Sequence[RegressionResult]) -> str:
    """The page."""
    models = ", ".join(f"`{r.model}` is `{r.model_id}`" for r in results)
    parts = [HEAD, f"Models: {models}."]
    for name, picture in regression_pictures().items():
        shows = picture.shows[0].upper() + picture.shows[1:]
        parts += [f"## {name}", f"{shows}.", f"![{name}](regression/{name}.webp)"]
        measured = {r.model: r.pictures[name] for r in results}
        parts.append(_table(measured))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(measured: Mapping[str, Sequence[PictureFiles]]) -> str:
    first = next(iter(measured.values()))[0].files[OWN]
    columns = [key for key in COLUMNS if key == "bytes" or key in first.scores]
    head = ["model, quality", *(COLUMNS[key][0] for key in columns)]
    return markdown_table(head, _rows(measured, columns))


def _rows(
    measured: Mapping[str, Sequence[PictureFiles]], columns: Sequence[str]
) -> Iterator[list[str]]:
    for model, points in measured.items():
        for point in points:
            own, other = point.files[OWN], point.files[OTHER]
            yield [
                f"`{model}` {point.quality}",
                *(f"{_cell(own, key)} ({_cell(other, key)})" for key in columns),
            ]


def _cell(facts: FileFacts, key: str) -> str:
    value = facts.size if key == "bytes" else facts.scores[key]
    return "none" if value is None else COLUMNS[key][1].format(value)
