"""The command `vaecodec compress`: image files in, `.vaec` files out."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from typing import Any

import click

import vaecodec
from vaecodec.cli.batch import Batch, write_results
from vaecodec.cli.files import read_file
from vaecodec.cli.jobs import SUFFIX, Job
from vaecodec.cli.options import batch_options, files_argument, output_option
from vaecodec.cli.outcome import NOT_SMALLER, Outcome, sizes

# Formats that Pillow lists but only opens with other programs, or not as an image.
NOT_IMAGES = {"BUFR", "EPS", "GRIB", "HDF5", "IPTC", "MPEG", "WMF"}


@dataclasses.dataclass(frozen=True)
class Compression:
    """The work on one image file, as other processes can be told of it.

    Attributes:
        options: keyword arguments of `vaecodec.compress`.
        skip_larger: write nothing that is not smaller than the image file.
    """

    options: Mapping[str, Any]
    skip_larger: bool

    def __call__(self, job: Job) -> Outcome:
        """Do the work."""
        source, times = read_file(job.source)
        data = vaecodec.compress(source, **self.options)
        facts = sizes(data, input_bytes=len(source), output_bytes=len(data))
        outcome = Outcome(job, facts=facts, data=data, times=times)
        if len(data) < len(source):
            return outcome
        if self.skip_larger:
            return dataclasses.replace(outcome, status=NOT_SMALLER, data=None)
        warnings.warn("not smaller than the image file; try a lower -q", stacklevel=1)
        return outcome


@click.command("compress")
@files_argument
@output_option
@click.option(
    "-q",
    "--quality",
    type=click.IntRange(0, 100),
    default=50,
    show_default=True,
    help="0 is the smallest file, 100 the best image.",
)
@click.option(
    "--skip-larger", is_flag=True, help="Write no result that is not smaller than FILE."
)
@batch_options
def compress_command(
    files: tuple[str, ...],
    output: str | None,
    quality: int,
    skip_larger: bool,
    model: str | None,
    threads: int | None,
    **batch: Any,
) -> int:
    """Compress image files to .vaec files.

    FILE is a file, a folder (with -r), a pattern such as 'photos/*.png', or - for
    standard input.
    """
    how = Batch(**batch)
    options = {"quality": quality, "model": model, "threads": how.threads(threads)}
    return write_results(
        files,
        output,
        Compression(options=options, skip_larger=skip_larger),
        suffix=SUFFIX,
        accepts=is_image_suffix,
        batch=how,
    )


def is_image_suffix(suffix: str) -> bool:
    """Whether Pillow reads files with this suffix, in small letters."""
    from PIL import Image

    Image.init()
    name = Image.registered_extensions().get(suffix)
    return name in Image.OPEN and name not in NOT_IMAGES and suffix != SUFFIX
