"""Colours of curves, the same in the plot and the report.

Out: a colour by key on a light and on a dark ground, and the CSS rules for all keys.
Chosen to differ in lightness as well as in hue, and to be read as text. Those of
measured codecs stand in their modules.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaecodec.benchmark.codecs import entries

# Of published curves by key: (on light, on dark).
PUBLISHED = {
    "vtm": ("#1d4ed8", "#7da6ff"),
    "bpg444": ("#806a00", "#d5bb45"),
    "bmshj2018-hyperprior": ("#3f7f8c", "#83bfcb"),
    "hpcm-large": ("#0f5c4d", "#69c7b3"),
}
OTHERS = (
    *(("#be3d83", "#f28fc3"), ("#3d5a99", "#93aee8"), ("#7a4a1e", "#cf9c6c")),
    *(("#5b6f00", "#b5cb52"), ("#00717d", "#59c4cf"), ("#8b3a62", "#dc8bb3")),
)


def colours() -> dict[str, tuple[str, str]]:
    """Of all codecs and published curves that have a colour of their own."""
    return PUBLISHED | {k: e.colour for k, e in entries().items() if e.colour}


def colour(key: str, position: int = 0) -> tuple[str, str]:
    """(on light, on dark); keys without a colour take one by their position."""
    return colours().get(key) or OTHERS[position % len(OTHERS)]


def colour_rules(keys: Iterable[str]) -> str:
    """CSS that sets --c on all curves and chips with a data-curve attribute."""
    light, dark, others = [], [], 0
    for key in keys:
        pair = colour(key, others)
        others += key not in colours()
        name = "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in key)
        place = f'.curve[data-curve="{name}"], .chips [data-curve="{name}"]'
        light.append(f"{place} {{ --c: {pair[0]}; }}")
        dark.append(f"{place} {{ --c: {pair[1]}; }}")
    at_night = ["@media (prefers-color-scheme: dark) {", *dark, "}"]
    return "\n".join(light + at_night)
