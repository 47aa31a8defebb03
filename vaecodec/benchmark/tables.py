"""Tables of the report as HTML text.

In: results and the summary. Out: HTML in which every word from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Literal, TypeAlias

from vaecodec.benchmark.anchors import load_anchors
from vaecodec.benchmark.bd_rate import comparisons
from vaecodec.benchmark.codecs import is_own
from vaecodec.benchmark.curves import curve_of, measured_curve, score_at
from vaecodec.benchmark.metrics import COMPARED
from vaecodec.benchmark.records import (
    BdRate,
    BdRates,
    CodecResult,
    Comparison,
    ProcessCost,
    Refusal,
    Results,
)

# Where most pictures on the web lie.
IMAGE_TABLE_BPP = 0.5
NOTHING = "\N{EN DASH}"
Time: TypeAlias = Literal["encoding_time", "decoding_time"]
TIMES: tuple[Time, Time] = ("encoding_time", "decoding_time")


def bd_rate_matrix(rates: Mapping[str, BdRates], results: Results, metric: str) -> str:
    """Each measured codec (row) against each other one (column)."""
    heads = ["", *(escape(results[key].name) for key in rates)]
    rows = [
        (key, [_bd_rate_cell(row.get(anchor), COMPARED[metric][1]) for anchor in rates])
        for key, row in rates.items()
    ]
    return _table(
        "Row against column.",
        heads,
        ((k, escape(results[k].name), c) for k, c in rows),
    )


def spread_table(key: str, rates: BdRates, results: Results) -> str:
    """One codec against each other: least, median and largest BD-rate of an image."""
    heads = ["Against", "Least", "Median", "Most", "Worst image"]
    body = []
    for anchor, rate in rates.items():
        if (spread := rate.by_image) is None:
            continue
        extremes = (spread.lowest, spread.median, spread.highest)
        cells = [_cell(_signed(percent, "%", 1)) for percent in extremes]
        cells.append(_cell(escape(spread.worst_image or NOTHING)))
        body.append((anchor, escape(results[anchor].name), cells))
    return _table(
        f"{escape(results[key].name)} image by image: the BD-rate of each alone.",
        heads,
        body,
    )


def published_table(result: CodecResult, metric: str) -> str:
    """One codec against the published curves; nothing when not compared."""
    anchors = load_anchors(metric) if result.bd_rates else {}
    if not anchors:
        return ""
    unit = COMPARED[metric][1]
    rows = (
        (
            key,
            escape(anchors[key].name),
            [
                _bd_rate_cell(rate, unit),
                _cell(_signed(_gain(rate), unit)),
                _cell(escape(anchors[key].source), "text"),
            ],
        )
        for key, rate in comparisons(measured_curve(result, metric), anchors).items()
    )
    heads = [
        "Against",
        "BD-rate",
        f"BD-{COMPARED[metric][0]}",
        '<span class="text">Source</span>',
    ]
    return _table(f"{escape(result.name)} against published curves.", heads, rows)


def codec_table(results: Results, absent: Mapping[str, str]) -> str:
    """Settings, costs, and what there is to say about each codec."""
    heads = ["Codec", "Compress", "Decompress", "Load", "Memory", ""]
    rows = [(key, escape(r.name), _codec_cells(r)) for key, r in results.items()]
    rows += [
        (key, escape(key), [*[_cell(NOTHING)] * 4, _cell(_absent(why), "text")])
        for key, why in absent.items()
    ]
    caption = (
        "Seconds per megapixel over all qualities; in a process of its own, seconds to "
        "load and peak memory, of which Python, numpy and the image take "
        f"{_before(results)}."
    )
    return _table(caption, heads, rows)


def image_table(results: Results, metric: str) -> str:
    """The score of each image at one rate, the best of them marked."""
    names = [image.name for image in next(iter(results.values())).images]
    heads = ["Image", *(escape(r.name) for r in results.values())]
    rows = []
    for number, name in enumerate(names):
        scores = [
            score_at(curve_of("", r.images[number].points, metric), IMAGE_TABLE_BPP)
            for r in results.values()
        ]
        best = max((s for s in scores if s is not None), default=None)
        cells = [
            _cell(NOTHING if s is None else f"{s:.2f}", "best" if s == best else "")
            for s in scores
        ]
        rows.append(("", escape(Path(name).stem), cells))
    title = " in ".join(filter(None, COMPARED[metric]))
    caption = f"{title} at {IMAGE_TABLE_BPP} bits per pixel, between the points."
    return _table(caption, heads, rows)


def seconds_per_megapixel(result: CodecResult, time: Time) -> list[float]:
    """One time of each mean, for a megapixel."""
    images = result.images
    pixels = sum(image.width * image.height for image in images) / len(images)
    return [getattr(mean, time) * 1e6 / pixels for mean in result.means]


def _codec_cells(result: CodecResult) -> list[str]:
    costs = result.process or ProcessCost()
    times = [seconds_per_megapixel(result, time) for time in TIMES]
    cells = [_cell(f"{sum(t) / len(t):.3f} s" if t else NOTHING) for t in times]
    load, memory = costs.load_time, costs.peak_mib
    cells.append(_cell(NOTHING if load is None else f"{load:.2f} s"))
    cells.append(_cell(NOTHING if memory is None else f"{memory:.0f} MiB"))
    return [*cells, _cell("<br>".join(map(escape, _remarks(result))), "text")]


def _absent(why: str) -> str:
    return f"absent: {escape(why)}"


def _before(results: Results) -> str:
    values = [r.process.before_mib for r in results.values() if r.process]
    known = [value for value in values if value is not None]
    return f"{max(known):.0f} MiB" if known else "an unknown part"


def _remarks(result: CodecResult) -> Iterable[str]:
    yield result.settings
    if failures := result.failures:
        yield f"FAILED {len(failures)} times, first on {failures[0]}"
    if result.not_monotonic:
        yield f"not monotonic at {len(result.not_monotonic)} points"
    if same := result.reproduces:
        yield (
            f"published curve {same.curve} repeated within "
            f"{abs(same.rate_percent):.2f} % and {abs(same.psnr_db):.2f} dB"
        )


def _bd_rate_cell(rate: BdRate | None, unit: str) -> str:
    if rate is None:
        return _cell("")
    if isinstance(rate, Refusal):
        return (
            f'<td title="{escape(rate.refused)}">{NOTHING}'
            "<small>no comparison</small></td>"
        )
    kind = "less" if rate.percent < 0 else "more"
    flag = "".join(f"<small>{escape(flag)}</small>" for flag in rate.flags)
    return _cell(
        f'<span class="{kind}">{_signed(rate.percent, "%", 1)}</span>'
        f"<small>{rate.low:.1f} to {rate.high:.1f} {unit}, "
        f"{rate.overlap:.0%}</small>{flag}"
    )


def _gain(rate: BdRate) -> float | None:
    return rate.gain if isinstance(rate, Comparison) else None


def _signed(value: float | None, unit: str, digits: int = 2) -> str:
    if value is None:
        return NOTHING
    return f"{value:+.{digits}f} {unit}".replace("-", "\N{MINUS SIGN}")


def _cell(text: str, kind: str = "") -> str:
    return f'<td class="{kind}">{text}</td>' if kind else f"<td>{text}</td>"


def _table(
    caption: str, heads: Sequence[str], rows: Iterable[tuple[str, str, list[str]]]
) -> str:
    """Rows are (key, escaped head, cells)."""
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "\n".join(
        f'<tr class="{"own" if is_own(key) else ""}">'
        f'<th scope="row">{name}</th>{"".join(cells)}</tr>'
        for key, name, cells in rows
    )
    return (
        f'<div class="scroll"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )
