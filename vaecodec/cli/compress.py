"""The command `vaecodec compress`: image files in, `.vaec` files out."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

import vaecodec
from vaecodec.cli.batch import Batch, write_results
from vaecodec.cli.files import read_file
from vaecodec.cli.jobs import SUFFIX, Job
from vaecodec.cli.messages import EXIT_USAGE, FileFailure
from vaecodec.cli.options import (
    at_most_one,
    batch_options,
    files_argument,
    model_option,
    output_option,
    tune_option,
)
from vaecodec.cli.outcome import NOT_SMALLER, Outcome, sizes
from vaecodec.cli.regions import regions_option
from vaecodec.cli.targets import target_of, target_options
from vaecodec.format.header import DEFAULT_QUALITY, MAX_DEPTH, most_error

if TYPE_CHECKING:
    from vaecodec.codec.geometry.areas import Region
    from vaecodec.codec.options import EncodeOptions
    from vaecodec.codec.pictures.picture import Picture

# Formats that Pillow lists but only opens with other programs, or not as an image.
NOT_IMAGES = {"BUFR", "EPS", "GRIB", "HDF5", "IPTC", "MPEG", "WMF"}


MOST_ERROR = most_error(MAX_DEPTH)


@dataclasses.dataclass(frozen=True)
class Compression:
    """The work on one image file, as other processes can be told of it.

    Attributes:
        reading: keyword arguments of `read_picture`.
        options: how.
        regions: rectangles that get a quality of their own.
        skip_larger: write nothing that is not smaller than the image file.
        verify: decode the result and measure it before it is written.
    """

    reading: Mapping[str, Any]
    options: EncodeOptions
    regions: Sequence[tuple[Region, int]]
    skip_larger: bool
    verify: bool

    def __call__(self, job: Job) -> Outcome:
        """Do the work."""
        from vaecodec.api import compress_picture
        from vaecodec.codec.pictures.picture import read_picture

        source, times = read_file(job.source)
        picture = read_picture(source, **self.reading)
        options = self._options_for(job, picture)
        try:
            data = compress_picture(picture, options)
        except ValueError as error:  # the error is too large for this image
            raise FileFailure(job.source, str(error), EXIT_USAGE) from error
        facts = sizes(data, input_bytes=len(source), output_bytes=len(data))
        facts["instead_of_lossy"] = facts["lossless"] and options.may_be_lossless
        if self.verify:
            facts["psnr"] = round(self._psnr(picture, data), 3)
        outcome = Outcome(job, facts=facts, data=data, times=times)
        if self.skip_larger and len(data) >= len(source):
            return dataclasses.replace(outcome, status=NOT_SMALLER, data=None)
        if len(data) < len(source):
            return outcome
        advice = "" if facts["lossless"] else "; try a lower -q"
        warnings.warn(f"not smaller than the image file{advice}", stacklevel=1)
        return outcome

    def _options_for(self, job: Job, picture: Picture) -> EncodeOptions:
        """The options, with the quality map that the regions make of this image."""
        if not self.regions:
            return self.options
        from vaecodec.codec.regions_of_interest import map_of_regions

        height, width = picture.samples.shape[:2]
        try:
            cells = map_of_regions((height, width), self.options.quality, self.regions)
        except ValueError as error:
            raise FileFailure(job.source, str(error), EXIT_USAGE) from error
        return dataclasses.replace(self.options, quality_map=cells)

    def _psnr(self, picture: Picture, data: bytes) -> float:
        from vaecodec.codec.search.targets import colour_psnr

        model, threads = self.options.model, self.options.threads
        decoded = vaecodec.decode(data, painter=model, threads=threads)
        return colour_psnr(picture, decoded)


@click.command("compress")
@files_argument
@output_option
@click.option(
    "-q",
    "--quality",
    type=click.IntRange(0, 100),
    metavar="N",
    help=f"0 is the smallest file, 100 the best image (default: {DEFAULT_QUALITY}). "
    "With --tune eye, N aims at a mean SSIMULACRA2 of N from 30 to 90: 30 low, 50 "
    "medium, 70 high, 90 visually lossless. With --tune psnr it aims at no score.",
)
@tune_option
@model_option
@click.option(
    "--lossless/--no-lossless",
    default=None,
    help="Keep every sample, or never do so (default: where the file is smaller than "
    "the lossy one, as for most screenshots, text and drawings; not with --model).",
)
@click.option(
    "--max-error",
    type=click.IntRange(0, MOST_ERROR),
    metavar="N",
    help="Keep every colour sample within N of its value, and alpha exactly; 0 is "
    "--lossless. With 8 bits, values are 0 to 255.",
)
@click.option(
    "-e",
    "--effort",
    type=click.IntRange(1, 3),
    default=2,
    metavar="N",
    help="3 searches for a better image in about as many bytes, which takes tens of "
    "times as long; 1 writes lossless files several times as fast, those of "
    "photographs some 10 % larger (default: 2).",
)
@regions_option
@target_options
@click.option(
    "--strip", is_flag=True, help="Leave out the image's ICC profile, Exif and XMP."
)
@click.option(
    "--convert",
    is_flag=True,
    help="Convert images that would otherwise be refused: more bits than can be read, "
    "colour spaces other than gray and RGB, several frames (keeps one).",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Decode each result before writing it, and print its PSNR.",
)
@click.option(
    "--skip-larger",
    is_flag=True,
    help="Don't write results that are not smaller than FILE.",
)
@click.option(
    "--keep-suffix",
    is_flag=True,
    help="Name results like photo.jpg.vaec, to tell photo.jpg and photo.png apart.",
)
@batch_options
def compress_command(
    files: tuple[str, ...],
    output: str | None,
    quality: int | None,
    tune: str | None,
    lossless: bool | None,
    max_error: int | None,
    effort: int,
    target_size: int | None,
    target_bpp: float | None,
    target_psnr: float | None,
    target_ssimulacra2: float | None,
    strip: bool,
    convert: bool,
    verify: bool,
    skip_larger: bool,
    keep_suffix: bool,
    model: str | None,
    regions: Sequence[tuple[Region, int]],
    threads: int | None,
    **batch: Any,
) -> int:
    """Compress image files to .vaec files.

    FILE is a file, a folder (with -r), a pattern such as 'photos/*.png', or - for
    standard input.
    """
    from vaecodec.codec.options import EncodeOptions

    how = Batch(**batch)
    targets = at_most_one(
        target_size=target_size,
        target_bpp=target_bpp,
        target_psnr=target_psnr,
        target_ssimulacra2=target_ssimulacra2,
    )
    at_most_one(quality=quality, **targets)
    at_most_one(roi=regions or None, **targets)
    at_most_one(lossless=lossless, max_error=max_error)
    searched = effort if effort > 2 else None
    at_most_one(effort=searched, roi=regions or None)
    for name, value in {"lossless": lossless or None, "max_error": max_error}.items():
        lossy = {"quality": quality, "roi": regions or None, "tune": tune}
        lossy["effort"] = searched
        for other, given in {**lossy, "model": model, **targets}.items():
            at_most_one(**{name: value, other: given})
    options = EncodeOptions(
        quality=DEFAULT_QUALITY if quality is None else quality,
        target=target_of(targets),
        **at_most_one(tune=tune, model=model),
        lossless=lossless,
        max_error=max_error,
        effort=effort,
        threads=how.threads(threads),
    )
    work = Compression(
        reading={"metadata": not strip, "convert": convert},
        options=options,
        regions=regions,
        skip_larger=skip_larger,
        verify=verify,
    )
    return write_results(
        files,
        output,
        work,
        suffix=SUFFIX,
        accepts=is_image_suffix,
        batch=how,
        allowed=(SUFFIX, ""),
        keep_suffix=keep_suffix,
    )


def is_image_suffix(suffix: str) -> bool:
    """Whether Pillow reads files with this suffix, in small letters."""
    from PIL import Image

    Image.init()
    name = Image.registered_extensions().get(suffix)
    return name in Image.OPEN and name not in NOT_IMAGES and suffix != SUFFIX
