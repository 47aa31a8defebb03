"""The pictures of a contact sheet as HTML text.

In: a `Crop`. Out: two pictures under a line that can be dragged, and what the page's
script makes small pictures of, each with its rate and scores.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from vaecodec.benchmark.crops import Crop
from vaecodec.benchmark.metrics import COMPARED
from vaecodec.benchmark.records import Scores


def figure(crop: Crop) -> str:
    """One `<figure>`; its pictures are in it, so that the page needs no files."""
    pictures = "".join(
        f'<img src="{v.uri}" alt="{escape(v.name)}: part of {escape(crop.image)}">'
        for v in crop.versions
    )
    count = len(crop.versions)
    sides = [_side(crop, chosen) for chosen in (min(2, count - 1), min(1, count - 1))]
    return (
        f'<figure><div class="view" style="aspect-ratio:{crop.width}/{crop.height}">'
        f'{pictures}</div><input type="range" min="0" max="100" step="0.1" value="50" '
        f'aria-label="Where the two pictures meet">'
        f'<div class="sides">{"".join(sides)}</div><div class="sheet"></div>'
        f'<figcaption class="dim"><small>{escape(crop.image)}, at most '
        f"{crop.target:.2f} bits per pixel where the codec reaches it</small>"
        "</figcaption></figure>"
    )


def _side(crop: Crop, chosen: int) -> str:
    options = []
    for index, version in enumerate(crop.versions):
        note = ", ".join([f"{version.bpp:.3f} bpp", *_score_texts(version.scores)])
        selected = " selected" if index == chosen else ""
        options.append(
            f'<option value="{index}" data-note="{note}"{selected}>'
            f"{escape(version.name)}</option>"
        )
    return (
        f'<div><select aria-label="Picture">{"".join(options)}</select>'
        '<small class="note"></small></div>'
    )


def _score_texts(scores: Scores) -> Iterable[str]:
    for metric, (name, unit) in COMPARED.items():
        if (value := scores.get(metric)) is not None:
            yield f"{name} {value:.2f} {unit}".strip()
