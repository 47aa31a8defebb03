"""The command `vaecodec decompress`: a `.vaec` file in, a lossless image file out."""

from __future__ import annotations

import time
from pathlib import Path

import click

import vaecodec
from vaecodec.cli.messages import reported, say_result
from vaecodec.cli.options import (
    file_argument,
    force_option,
    model_option,
    quiet_option,
    threads_option,
)
from vaecodec.files import LOSSLESS_FORMATS, check_target, pack_image, write_file


def _lossless(
    _: click.Context, __: click.Parameter, output: Path | None
) -> Path | None:
    """Accept only names whose suffix is a format that keeps every pixel."""
    if output is not None and output.suffix.lower() not in LOSSLESS_FORMATS:
        raise click.BadParameter(
            f"the suffix must be one of {' '.join(LOSSLESS_FORMATS)}"
        )
    return output


@click.command("decompress")
@file_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    callback=_lossless,
    help="Default: FILE.png.",
)
@force_option
@model_option
@threads_option
@quiet_option
def decompress_command(
    file: Path,
    output: Path | None,
    force: bool,
    model: str | None,
    threads: int | None,
    quiet: bool,
) -> None:
    """Decompress FILE to a lossless image. The suffix of OUTPUT names its format."""
    with reported(file, quiet=quiet):
        start = time.perf_counter()
        data = file.read_bytes()
        target = output or file.with_suffix(".png")
        check_target(target, source=file, force=force)
        image = vaecodec.decompress(data, model=model, threads=threads)
        write_file(target, pack_image(image, target))
    if not quiet:
        say_result(file, data, time.perf_counter() - start, decompressed=True)
