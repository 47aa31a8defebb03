"""Options that say what a result shall meet: a size, a rate, a PSNR or a score.

In: words. Out: a `Target`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from vaecodec.codec.search.targets import Target

Command = Callable[..., Any]

UNITS = {"": 1, "k": 1000, "m": 1_000_000}


class Amount(click.FloatRange):
    """A number above 0 that a target may be; neither infinite nor "not a number"."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number; ends the command if it is none."""
        from vaecodec.codec.search.targets import MOST

        number: float = super().convert(value, param, ctx)
        if not number <= MOST:
            self.fail(f"{value} is not in the range 0<x<={MOST:.0e}", param, ctx)
        return number


def target_options(command: Command) -> Command:
    """The options of targets, for a command that compresses."""
    options = (
        click.option(
            "--target-size",
            callback=_size,
            metavar="BYTES",
            help="Make the file at most this large, and at least 98 % of it; 50k and "
            "1.5M work too.",
        ),
        click.option(
            "--target-bpp",
            type=Amount(),
            metavar="BPP",
            help="The same in bits per pixel.",
        ),
        click.option(
            "--target-psnr",
            type=Amount(),
            metavar="DB",
            help="Reach at least this PSNR in dB, and at most 2 % more.",
        ),
        click.option(
            "--target-ssimulacra2",
            type=Amount(),
            metavar="SCORE",
            help="Reach at least this SSIMULACRA2 score, and at most 1 more.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def target_of(options: Mapping[str, Any]) -> Target | None:
    """The target that is given by its option, if any is."""
    from vaecodec.codec.search.targets import Target

    given = {name.removeprefix("target_"): value for name, value in options.items()}
    return Target(**given) if given else None


def _size(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    """A number of bytes, maybe in thousands or millions."""
    if text is None:
        return None
    from vaecodec.codec.search.targets import MOST

    match = re.fullmatch(r"(\d+(?:\.\d+)?)([km]?)b?", text, re.IGNORECASE)
    size = float(match[1]) * UNITS[match[2].lower()] if match else 0
    if not 1 <= size <= MOST:
        raise click.BadParameter(f"{text!r} is not a size such as 50000, 50k or 1.5M")
    return int(size)
