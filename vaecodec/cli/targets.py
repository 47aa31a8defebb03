"""Options that say what a result shall meet: a size, a rate or a PSNR.

In: words. Out: keyword arguments of `vaecodec.compress`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]

UNITS = {"": 1, "k": 1000, "m": 1_000_000}
ABOVE_ZERO = click.FloatRange(min=0, min_open=True)


def target_options(command: Command) -> Command:
    """The options of targets, for a command that compresses."""
    options = (
        click.option(
            "--target-size",
            callback=_size,
            metavar="BYTES",
            help="Not more bytes than these, and at least 98 % of them; also as 50k or "
            "1.5M.",
        ),
        click.option(
            "--target-bpp",
            type=ABOVE_ZERO,
            metavar="BPP",
            help="The same in bits of the file per pixel.",
        ),
        click.option(
            "--target-psnr",
            type=ABOVE_ZERO,
            metavar="DB",
            help="A PSNR in dB of at least this, and at most 2 % above.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _size(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    """A number of bytes, maybe in thousands or millions."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([km]?)b?", text, re.IGNORECASE)
    size = int(float(match[1]) * UNITS[match[2].lower()]) if match else 0
    if size < 1:
        raise click.BadParameter(f"{text!r} is no size such as 50000, 50k or 1.5M")
    return size
