"""The command `vaecodec decompress`: `.vaec` files in, lossless image files out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import click

import vaecodec
from vaecodec.cli.batch import Batch, write_results
from vaecodec.cli.files import LOSSLESS_FORMATS, pack_image, read_file
from vaecodec.cli.jobs import SUFFIX, Job
from vaecodec.cli.options import batch_options, files_argument, output_option
from vaecodec.cli.outcome import Outcome, sizes

FORMATS = [suffix[1:] for suffix in LOSSLESS_FORMATS]


@dataclasses.dataclass(frozen=True)
class Decompression:
    """The work on one `.vaec` file, as other processes can be told of it.

    Attributes:
        options: keyword arguments of `vaecodec.decompress`.
        suffix: of the image format, where the name of the result does not tell.
    """

    options: Mapping[str, Any]
    suffix: str

    def __call__(self, job: Job) -> Outcome:
        """Do the work."""
        data, times = read_file(job.source)
        image = vaecodec.decompress(data, **self.options)
        suffix = job.target.suffix.lower() if job.target else self.suffix
        packed = pack_image(image, suffix)
        facts = sizes(data, input_bytes=len(data), output_bytes=len(packed))
        return Outcome(job, facts=facts, data=packed, times=times)


@click.command("decompress")
@files_argument
@output_option
@click.option(
    "--format",
    "image_format",
    type=click.Choice(FORMATS, case_sensitive=False),
    help="Of results that -o does not name (default: png).",
)
@batch_options
def decompress_command(
    files: tuple[str, ...],
    output: str | None,
    image_format: str | None,
    model: str | None,
    threads: int | None,
    **batch: Any,
) -> int:
    """Decompress .vaec files to lossless images.

    FILE is a file, a folder (with -r), a pattern such as 'photos/*.vaec', or - for
    standard input. A file named by -o has the format of its suffix.
    """
    how = Batch(**batch)
    suffix = f".{image_format or 'png'}"
    allowed = [suffix] if image_format else LOSSLESS_FORMATS
    return write_results(
        files,
        output,
        Decompression({"model": model, "threads": how.threads(threads)}, suffix),
        suffix=suffix,
        accepts=SUFFIX.__eq__,
        batch=how,
        allowed=allowed,
    )
