"""Rectangles on the command line: parts of an image, and parts that shall be better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from vaecodec.format.header import MAX_QUALITY

if TYPE_CHECKING:
    from vaecodec.codec.geometry.areas import Region


def parse_region(text: str) -> Region:
    """Four integers: x, y, width and height.

    Raises:
        click.BadParameter: It is something else.
    """
    try:
        x, y, width, height = map(int, text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not four integers X,Y,W,H") from None
    return x, y, width, height


def _regions(
    _: click.Context, __: click.Parameter, texts: Sequence[str]
) -> list[tuple[Region, int]]:
    """Rectangles, each with a quality."""
    return [_parse_region_with_quality(text) for text in texts]


def _parse_region_with_quality(text: str) -> tuple[Region, int]:
    place, _, quality = text.partition(":")
    if quality not in map(str, range(MAX_QUALITY + 1)):
        raise click.BadParameter(
            f"{text!r} is not X,Y,W,H:Q with a quality Q of 0..{MAX_QUALITY}"
        )
    return parse_region(place), int(quality)


regions_option = click.option(
    "--roi",
    "regions",
    multiple=True,
    callback=_regions,
    metavar="X,Y,W,H:Q",
    help="Give a rectangle quality Q, in steps of 64 pixels, and the rest that of -q; "
    "may be repeated.",
)
