"""The command `vaecodec compress`: an image file in, a `.vaec` file out."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import click

import vaecodec
from vaecodec.cli.messages import reported, say_result
from vaecodec.cli.options import (
    force_option,
    model_option,
    quiet_option,
    threads_option,
)
from vaecodec.files import check_target, write_file


@click.command("compress")
@click.argument("image", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Default: IMAGE.vaec."
)
@click.option(
    "-q",
    "--quality",
    type=click.IntRange(0, 100),
    default=50,
    show_default=True,
    help="0 is the smallest file, 100 the best image.",
)
@force_option
@model_option
@threads_option
@quiet_option
def compress_command(
    image: Path,
    output: Path | None,
    quality: int,
    force: bool,
    model: str | None,
    threads: int | None,
    quiet: bool,
) -> None:
    """Compress IMAGE to a .vaec file."""
    with reported(image, quiet=quiet):
        start = time.perf_counter()
        source = image.read_bytes()
        target = output or image.with_suffix(".vaec")
        check_target(target, source=image, force=force)
        data = vaecodec.compress(source, quality, model=model, threads=threads)
        if len(data) >= len(source):
            warnings.warn(
                "not smaller than the image file; try a lower -q", stacklevel=1
            )
        write_file(target, data)
    if not quiet:
        say_result(image, data, time.perf_counter() - start, decompressed=False)
