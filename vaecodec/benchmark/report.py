"""The report: one HTML page that needs nothing but itself.

In: results, the summary, crops. Out: HTML text with charts, tables and pictures inside.
Its content security policy forbids every request, so that it shows on any disk, without
a network, for ever. The page itself is `report.html`; here its parts are put together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from vaecodec.benchmark import tables
from vaecodec.benchmark.anchors import SHOWN, load_anchors
from vaecodec.benchmark.charts import (
    Series,
    chart,
    linear_axis,
    logarithmic_axis,
)
from vaecodec.benchmark.codecs import entries, is_hidden, is_own
from vaecodec.benchmark.crops import Crop
from vaecodec.benchmark.curves import Curve, is_drawable, measured_curve, smooth
from vaecodec.benchmark.figures import figure
from vaecodec.benchmark.metrics import COMPARED
from vaecodec.benchmark.palette import colour_rules
from vaecodec.benchmark.records import (
    CodecResult,
    Comparison,
    Conditions,
    Identity,
    Results,
    Summary,
)

TEMPLATE = Path(__file__).parent / "report.html"
WIDE, NARROW, SMALL = (1040, 560), (400, 430), (520, 380)
HIGHEST_BPP = 2.0


def render(results: Results, summary: Summary, crops: Sequence[Crop]) -> str:
    """The whole page."""
    good = {k: r for k, r in results.items() if r.is_good}
    metrics = [m for m in COMPARED if summary.bd_rates[m]]
    series = {
        metric: rate_series(good, metric, published=summary.kodak) for metric in metrics
    }
    facts = summary.conditions
    parts = {
        "folder": escape(summary.folder),
        "subtitle": _subtitle(results, summary),
        "cards": "".join(_cards(good, summary, m) for m in metrics),
        "alerts": _alerts(results, summary),
        "tabs": "".join(
            f'<button data-metric="{m}" aria-pressed="false">{_title(m)}</button>'
            for m in metrics
        ),
        "charts": "".join(_rate_charts(m, series[m]) for m in metrics),
        "chips": _chips(series["psnr-rgb"] if metrics else []),
        "matrices": "".join(
            f'<div data-metric="{m}">{_bd_rates(good, summary, m)}</div>'
            for m in metrics
        ),
        "crops": "".join(map(figure, crops)) or "<p>No codec could be shown.</p>",
        "repeats": str(_identity(results).repeats),
        "scoring": escape(facts.scoring or ""),
        "one_run": ""
        if summary.one_run
        else "NOT all codecs were measured in one "
        "run: compare times of different runs with care.",
        "speed": _speed_charts(good),
        "codecs": tables.codec_table(results, summary.absent),
        "images": "".join(
            f'<div data-metric="{m}">{tables.image_table(good, m)}</div>'
            for m in metrics
        ),
        "conditions": _conditions(facts, _identity(results)),
        "colours": colour_rules([*results, *load_anchors()]),
    }
    # In one go: what comes from outside may look like a place of the template.
    page = TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], page)


def rate_series(results: Results, metric: str, *, published: bool) -> list[Series]:
    """Measured curves, and the published ones if they are of the same images."""
    series = [
        _series(key, measured_curve(result, metric), result, metric)
        for key, result in results.items()
        if is_drawable(measured_curve(result, metric))
    ]
    if published:
        series += [
            Series(
                key,
                curve.name,
                _line(curve),
                published=True,
                shown=key in SHOWN,
            )
            for key, curve in load_anchors(metric).items()
        ]
    return series


def _series(key: str, curve: Curve, result: CodecResult, metric: str) -> Series:
    points = [m for m in result.means if m.scores.get(metric) is not None]
    texts = tuple(
        f"{curve.name}, quality {p.quality}\n{p.bpp:.3f} bpp, {p.scores[metric]:.2f}"
        for p in points
    )
    places = tuple(zip(curve.bpp, curve.score, strict=True))
    return Series(
        key, curve.name, _line(curve), places, texts, shown=not is_hidden(key)
    )


def _line(curve: Curve) -> tuple[tuple[float, float], ...]:
    rates, scores = smooth(curve)
    return tuple((float(r), float(s)) for r, s in zip(rates, scores, strict=True))


def _rate_charts(metric: str, series: list[Series]) -> str:
    scores = [s for one in series if one.shown for r, s in one.line if r <= HIGHEST_BPP]
    if not scores:
        return f'<p data-metric="{metric}">Too few points for a curve.</p>'
    y = linear_axis(_title(metric), min(scores), max(scores))
    x = linear_axis("bits per pixel", 0, HIGHEST_BPP)
    wide, narrow = (
        chart(series, x, y, size=size, title=f"{_title(metric)} over bits per pixel")
        for size in (WIDE, NARROW)
    )
    return (
        f'<div data-metric="{metric}"><div class="wide">{wide}</div>'
        f'<div class="narrow small">{narrow}</div></div>'
    )


def _speed_charts(results: Results) -> str:
    parts = []
    for time, verb in zip(tables.TIMES, ("Compress", "Decompress"), strict=True):
        series = []
        for codec, result in results.items():
            seconds = tables.seconds_per_megapixel(result, time)
            rates = [mean.bpp for mean in result.means]
            line = tuple((r, max(s, 1e-6)) for r, s in zip(rates, seconds, strict=True))
            texts = tuple(f"{result.name}\n{r:.2f} bpp, {s:.3f} s/MP" for r, s in line)
            shown = not is_hidden(codec)
            series.append(Series(codec, result.name, line, line, texts, shown=shown))
        values = [s for one in series for _, s in one.line]
        if values:
            y = logarithmic_axis("seconds per megapixel", min(values), max(values))
            x = linear_axis("bits per pixel", 0, HIGHEST_BPP)
            picture = chart(series, x, y, size=SMALL, title=f"{verb}ing time over rate")
            parts.append(f"<div><b>{verb}</b>{picture}</div>")
    return "".join(parts)


def _title(metric: str) -> str:
    name, unit = COMPARED[metric]
    return f"{name} ({unit})" if unit else name


def _chips(series: list[Series]) -> str:
    return "".join(
        f'<label class="{"published" if one.published else "measured"}" '
        f'data-curve="{escape(one.key)}"><input type="checkbox" '
        f'value="{escape(one.key)}"{" checked" if one.shown else ""}><i></i>'
        f"{escape(one.name)}</label>"
        for one in series
    )


def _subtitle(results: Results, summary: Summary) -> str:
    models = ", ".join(
        f"{escape(result.name)}: model <code>{escape(result.model_id)}</code>"
        for result in results.values()
        if result.model_id
    )
    return (
        f"{len(summary.images)} images, {len(results)} codecs, "
        f"{escape(summary.conditions.date)}. {models}."
    )


def _bd_rates(results: Results, summary: Summary, metric: str) -> str:
    """All codecs against each other; image by image; against published curves."""
    rates = summary.bd_rates[metric]
    own = [key for key in rates if is_own(key)]
    return "".join(
        [
            tables.bd_rate_matrix(rates, results, metric),
            *(tables.spread_table(key, rates[key], results) for key in own),
            *(tables.published_table(results[key], metric) for key in own),
        ]
    )


def _cards(results: Results, summary: Summary, metric: str) -> str:
    rows = summary.bd_rates[metric].get("vaecodec", {})
    cards = []
    for key in (key for key, entry in entries().items() if entry.prominent):
        if isinstance(rate := rows.get(key), Comparison):
            kind, word = ("less", "fewer") if rate.percent < 0 else ("more", "more")
            cards.append(
                f'<div class="card"><b class="{kind}">{abs(rate.percent):.1f} %</b>'
                f"<span>{word} bits than {escape(results[key].name)}"
                f" at equal {COMPARED[metric][0]}</span></div>"
            )
    return f'<div class="cards" data-metric="{metric}">{"".join(cards)}</div>'


def _alerts(results: Results, summary: Summary) -> str:
    lines = [
        f"<b>{escape(results[key].name)} failed</b> {len(failures)} times: "
        f"{escape(failures[0].reason)} ({escape(failures[0].image)}). "
        "It has no curve."
        for key, failures in summary.failed.items()
    ]
    lines += [
        f"<b>{escape(key)} is absent</b>: {escape(why)}"
        for key, why in summary.absent.items()
    ]
    return "".join(f'<p class="alert">{line}</p>' for line in lines)


def _identity(results: Results) -> Identity:
    """That of the first codec: repeats, metrics and sizes are the same for all."""
    return next(iter(results.values())).identity


def _conditions(facts: Conditions, identity: Identity) -> str:
    cut = identity.largest_side
    rows = {
        "Command": facts.command,
        "Date": facts.date,
        "Processor": f"{facts.cpu}, {facts.cpu_count} cores",
        "System": f"{facts.system}, Python {facts.python}",
        "Threads": facts.threads,
        "Load average at the start": facts.load_average,
        "Timings of an image": f"{identity.repeats}, median",
        "Scored": facts.scoring,
        "Images": "whole" if cut is None else f"their centre, at most {cut} pixels",
        "Metrics": ", ".join(f"{k}: {v}" for k, v in identity.metrics.items()),
        "Versions": ", ".join(
            f"{name} {version or '(absent)'}"
            for name, version in facts.versions.items()
        ),
    }
    return "".join(f"<dt>{k}</dt><dd>{escape(str(v))}</dd>" for k, v in rows.items())
