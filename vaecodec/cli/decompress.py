"""The command `vaecodec decompress`: `.vaec` files in, lossless image files out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import click

import vaecodec
from vaecodec.cli.batch import Batch, write_results
from vaecodec.cli.files import read_file
from vaecodec.cli.image_formats import LOSSLESS_FORMATS, pack_image
from vaecodec.cli.jobs import SUFFIX, Job
from vaecodec.cli.messages import EXIT_PARTIAL, EXIT_USAGE, FileFailure
from vaecodec.cli.options import batch_options, files_argument, output_option
from vaecodec.cli.outcome import PARTIAL, Outcome, sizes

FORMATS = [suffix[1:] for suffix in LOSSLESS_FORMATS]


@dataclasses.dataclass(frozen=True)
class Decompression:
    """The work on one `.vaec` file, as other processes can be told of it.

    Attributes:
        options: keyword arguments of `vaecodec.decompress`.
        suffix: of the image format, where the name of the result does not tell.
        partial: recover what is undamaged; of the options only model and threads.
    """

    options: Mapping[str, Any]
    suffix: str
    partial: bool = False

    def __call__(self, job: Job) -> Outcome:
        """Do the work."""
        data, times = read_file(job.source)
        damages: list[vaecodec.Damage] = []
        try:
            if self.partial:
                image, damages = vaecodec.recover(data, **self.options)
            else:
                image = vaecodec.decompress(data, **self.options)
        except ValueError as error:  # the region is not one of this image
            raise FileFailure(job.source, str(error), EXIT_USAGE) from error
        suffix = job.target.suffix.lower() if job.target else self.suffix
        packed = pack_image(image, suffix)
        facts = sizes(data, input_bytes=len(data), output_bytes=len(packed))
        facts |= {"width": image.width, "height": image.height}
        outcome = Outcome(job, facts=facts, data=packed, times=times)
        return _with_damages(outcome, damages) if damages else outcome


def _with_damages(outcome: Outcome, damages: Sequence[vaecodec.Damage]) -> Outcome:
    """The same with one line on what is damaged, regions as --region takes them."""
    regions = [damage.region for damage in damages if damage.region]
    filled = " ".join(",".join(map(str, region)) for region in regions)
    rest = [damage.reason for damage in damages if not damage.region]
    count = f"{len(regions)} damaged tile{'s are' if len(regions) > 1 else ' is'}"
    tiles = [f"{count} filled: {filled}"] if regions else []
    reason = "; ".join([*tiles, *rest])
    return dataclasses.replace(
        outcome,
        status=PARTIAL,
        facts={**outcome.facts, "damaged": regions},
        error=str(FileFailure(outcome.job.source, reason, EXIT_PARTIAL)),
        exit_code=EXIT_PARTIAL,
    )


def _region(
    _: click.Context, __: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    """Four integers: x, y, width and height."""
    if text is None:
        return None
    try:
        x, y, width, height = map(int, text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not four integers X,Y,W,H") from None
    return x, y, width, height


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
    "--partial",
    is_flag=True,
    help="Fill in the damaged tiles of a damaged file, and write it (exit code 4).",
)
@batch_options
def decompress_command(
    files: tuple[str, ...],
    output: str | None,
    image_format: str | None,
    region: tuple[int, ...] | None,
    preview: str | None,
    partial: bool,
    model: str | None,
    threads: int | None,
    **batch: Any,
) -> int:
    """Decompress .vaec files to lossless images.

    FILE is a file, a folder (with -r), a pattern such as 'photos/*.vaec', or - for
    standard input. With -o FILE, its suffix sets the format.
    """
    if bool(region) + bool(preview) + partial > 1:
        raise click.UsageError(
            "--region, --preview and --partial cannot be used together"
        )
    how = Batch(**batch)
    suffix = f".{image_format or 'png'}"
    allowed = [suffix] if image_format else LOSSLESS_FORMATS
    options: dict[str, Any] = {"model": model, "threads": how.threads(threads)}
    if not partial:
        options |= {"region": region, "preview": int(preview) if preview else None}
    return write_results(
        files,
        output,
        Decompression(options, suffix, partial),
        suffix=suffix,
        accepts=SUFFIX.__eq__,
        batch=how,
        allowed=allowed,
    )
