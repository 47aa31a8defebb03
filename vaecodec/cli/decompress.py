"""The command `vaecodec decompress`: `.vaec` files in, lossless image files out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

import vaecodec
from vaecodec.cli.batch import Batch, write_results
from vaecodec.cli.error_mark import marked
from vaecodec.cli.files import read_file
from vaecodec.cli.image_formats import LOSSLESS_FORMATS, holds_metadata, pack_image
from vaecodec.cli.jobs import SUFFIX, Job
from vaecodec.cli.messages import EXIT_PARTIAL, EXIT_USAGE, FileFailure
from vaecodec.cli.options import batch_options, files_argument, output_option
from vaecodec.cli.outcome import PARTIAL, Outcome, sizes
from vaecodec.cli.regions import parse_region

if TYPE_CHECKING:
    from vaecodec.codec.geometry.areas import Region
    from vaecodec.codec.options import DecodeOptions
    from vaecodec.codec.pictures.picture import Picture

FORMATS = [suffix[1:] for suffix in LOSSLESS_FORMATS]


@dataclasses.dataclass(frozen=True)
class Decompression:
    """The work on one `.vaec` file, as other processes can be told of it.

    Attributes:
        options: how.
        suffix: of the image format, where the name of the result does not tell.
        partial: recover what is undamaged; of the options only painter and threads.
    """

    options: DecodeOptions
    suffix: str
    partial: bool = False

    def __call__(self, job: Job) -> Outcome:
        """Do the work."""
        data, times = read_file(job.source)
        try:
            picture, damages = self._decoded(data)
        except ValueError as error:  # the region or the steps are none of this image
            raise FileFailure(job.source, str(error), EXIT_USAGE) from error
        suffix = job.target.suffix.lower() if job.target else self.suffix
        packed = pack_image(_with_mark(picture, data, suffix), suffix)
        facts = sizes(data, input_bytes=len(data), output_bytes=len(packed))
        height, width = picture.samples.shape[:2]
        facts |= {"width": width, "height": height}
        outcome = Outcome(job, facts=facts, data=packed, times=times)
        return _with_damages(outcome, damages) if damages else outcome

    def _decoded(self, data: bytes) -> tuple[Picture, Sequence[vaecodec.Damage]]:
        from vaecodec.api import decompressed, recovered

        if not self.partial:
            return decompressed(data, self.options), []
        return recovered(data, self.options.painter, threads=self.options.threads)


def _with_mark(picture: Picture, data: bytes, suffix: str) -> Picture:
    """The picture, whose metadata says how far its samples may be off, if they may."""
    largest_error = vaecodec.inspect(data).max_error
    if not largest_error or not holds_metadata(suffix):
        return picture
    metadata = marked(picture.metadata, largest_error, picture.depth)
    return dataclasses.replace(picture, metadata=metadata)


def _with_damages(outcome: Outcome, damages: Sequence[vaecodec.Damage]) -> Outcome:
    """The same with one line on what is damaged, regions as --region takes them."""
    regions = [damage.region for damage in damages if damage.region]
    filled = [d.region for d in damages if d.region and not d.steps]
    coarse = [d.region for d in damages if d.region and d.steps]
    rest = [damage.reason for damage in damages if not damage.region]
    tiles = [*_tiles(filled, "filled"), *_tiles(coarse, "coarse")]
    reason = "; ".join([*tiles, *rest])
    return dataclasses.replace(
        outcome,
        status=PARTIAL,
        facts={**outcome.facts, "damaged": regions},
        error=str(FileFailure(outcome.job.source, reason, EXIT_PARTIAL)),
        exit_code=EXIT_PARTIAL,
    )


def _tiles(regions: Sequence[Region], what: str) -> Iterator[str]:
    """How many damaged tiles are shown in which way, and where; nothing for none."""
    if regions:
        verb = "tiles are" if len(regions) > 1 else "tile is"
        places = " ".join(",".join(map(str, region)) for region in regions)
        yield f"{len(regions)} damaged {verb} {what}: {places}"


def _region(_: click.Context, __: click.Parameter, text: str | None) -> Region | None:
    return None if text is None else parse_region(text)


@click.command("decompress")
@files_argument
@output_option
@click.option(
    "--format",
    "image_format",
    type=click.Choice(FORMATS, case_sensitive=False),
    help="Image format, unless -o names the file (default: png).",
)
@click.option(
    "--region",
    callback=_region,
    metavar="X,Y,W,H",
    help="Decode only a rectangle, in pixels from the upper left corner.",
)
@click.option(
    "--preview",
    type=click.Choice(["8"]),
    help="Decode at 1/8 of the width and height, which is faster.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    metavar="N",
    help="Decode only the first N coding steps, for a coarser image; the rest of the "
    "file may be missing.",
)
@click.option(
    "--painter",
    metavar="FILE",
    help="Draw with this model, which must read the same symbols as the file's own.",
)
@click.option(
    "--partial",
    is_flag=True,
    help="Show as much as there is of a damaged or cut off file, fill in the rest, and "
    "write it (exit code 4).",
)
@batch_options
def decompress_command(
    files: tuple[str, ...],
    output: str | None,
    image_format: str | None,
    region: Region | None,
    preview: str | None,
    partial: bool,
    threads: int | None,
    steps: int | None,
    painter: str | None,
    **batch: Any,
) -> int:
    """Decompress .vaec files to lossless images.

    FILE is a file, a folder (with -r), a pattern such as 'photos/*.vaec', or - for
    standard input. With -o FILE, its suffix sets the format.
    """
    from vaecodec.codec.options import DecodeOptions

    if partial + bool(region or preview or steps) > 1 or (region and preview):
        raise click.UsageError(
            "--partial stands alone, and --region and --preview cannot be used together"
        )
    how = Batch(**batch)
    suffix = f".{image_format or 'png'}"
    allowed = [suffix] if image_format else LOSSLESS_FORMATS
    options = DecodeOptions(
        region=region,
        preview=int(preview) if preview else None,
        steps=steps,
        painter=painter,
        threads=how.threads(threads),
    )
    return write_results(
        files,
        output,
        Decompression(options, suffix, partial),
        suffix=suffix,
        accepts=SUFFIX.__eq__,
        batch=how,
        allowed=allowed,
    )
