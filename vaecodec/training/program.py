"""The program `python -m vaecodec.training`: train, export, lossless, sample.

In: words. Out: an exit code, as of `vaecodec` (see `vaecodec.cli`). What a command does
is imported when it is used: `--help` answers without PyTorch, which comes with the
extra "train".
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import click

import vaecodec
from vaecodec.cli.program import run_program
from vaecodec.cli.targets import Amount
from vaecodec.format.header import MAX_DEPTH, MIN_DEPTH
from vaecodec.format.roles import MAX_CHANNELS

NAME = "python -m vaecodec.training"
INSTALL = "pip install 'vaecodec[{}]'"
EXAMPLES = """\b
Examples:
  python -m vaecodec.training train --data photos --minutes 5
  python -m vaecodec.training export runs/default/checkpoint.pt --data photos
  vaecodec compress photo.png --model model.safetensors
  python -m vaecodec.training sample --model model.safetensors
"""

PATH = click.Path(path_type=Path, readable=False)
data_option = click.option(
    "--data",
    "folders",
    type=PATH,
    multiple=True,
    required=True,
    metavar="FOLDER",
    help="Folder with pictures, or with arrays for --channels, also in its subfolders. "
    "May be given several times.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; None takes the words of the process."""
    return run_program(commands, NAME, arguments)


@click.group(
    epilog=EXAMPLES,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(vaecodec.__version__, "-V", "--version")
def commands() -> None:
    """Train a model of your own, and look at what it has learned."""


@commands.command("train")
@data_option
@click.option(
    "--minutes", type=Amount(), metavar="N", help="Budget over all starts of the run."
)
@click.option(
    "--images", type=click.IntRange(1), metavar="N", help="The same in crops to see."
)
@click.option(
    "--run",
    type=PATH,
    default=Path("runs/default"),
    show_default=True,
    help="Folder of the run: its checkpoint and its log.",
)
@click.option(
    "--tune",
    type=click.Choice(["eye", "psnr"]),
    help="Train for images that look good (eye, the default for pictures) or for the "
    "smallest squared error.",
)
@click.option(
    "--channels",
    type=click.IntRange(1, MAX_CHANNELS),
    default=3,
    show_default=True,
    help="Channels of the data. 3 of 8 bits are pictures; all others come from .npy, "
    "TIFF or Zarr arrays [..., H, W, CHANNELS].",
)
@click.option(
    "--depth",
    type=click.IntRange(MIN_DEPTH, MAX_DEPTH),
    default=MIN_DEPTH,
    show_default=True,
    help="Bits of a sample: 8 of uint8, 9 to 16 of uint16.",
)
@click.option(
    "--network",
    metavar="NAME",
    help="Network of a new run (default: that of --start, or else the smallest).",
)
@click.option(
    "--start",
    metavar="FILE",
    help="Model file to start a new run from; standard and psnr are shipped.",
)
@click.option("--seed", type=int, default=1, show_default=True)
def train_command(
    folders: tuple[Path, ...],
    minutes: float | None,
    images: int | None,
    run: Path,
    tune: str | None,
    channels: int,
    depth: int,
    network: str | None,
    start: str | None,
    seed: int,
) -> None:
    """Train a model on pictures, or on arrays of other channels.

    Takes --minutes, or as long as it needs to see --images crops. Saves and validates
    every ten minutes, at the end, and when it is interrupted. The same command with a
    larger budget goes on from there.
    """
    if (minutes is None) == (images is None):
        raise click.UsageError("give either --minutes or --images")
    _require("torch")
    from vaecodec.models.networks.trainable import Kind
    from vaecodec.training.run import Budget, train
    from vaecodec.training.start import Start

    budget = Budget(minutes=minutes, images=images)
    try:
        pictures = Kind("psnr", channels, depth).is_pictures
        kind = Kind(tune or ("eye" if pictures else "psnr"), channels, depth)
        beginning = Start(network=network, kind=kind, file=start, seed=seed)
        train(folders, run, budget, beginning)
    except ValueError as error:  # of the choice of a network
        raise click.UsageError(str(error)) from error


@commands.command("export")
@click.argument("checkpoints", type=PATH, nargs=-1, required=True)
@data_option
@click.option(
    "--check",
    type=PATH,
    metavar="FOLDER",
    help="Refuse a model that compresses the images in FOLDER worse than the model "
    "that OUTPUT holds now.",
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    default=Path("model.safetensors"),
    show_default=True,
    help="Model file to write.",
)
def export_command(
    checkpoints: tuple[Path, ...],
    folders: tuple[Path, ...],
    check: Path | None,
    output: Path,
) -> None:
    """Make a model file from the best of the CHECKPOINTS.

    The frequency tables are fitted to the pictures of --data, those of the training.
    """
    _require("torch", "onnx")
    if check is not None:
        _require("bjontegaard", extra="bench")
        os.scandir(check).close()
    os.scandir(output.parent).close()
    from vaecodec.training.export import export

    export(checkpoints, folders, output=output, check=check)


@commands.command("lossless")
@data_option
@click.option(
    "--batches",
    type=click.IntRange(1),
    default=5000,
    show_default=True,
    help="How long to train: two crops of 128 x 128 pixels each.",
)
@click.option(
    "--start",
    type=PATH,
    metavar="FILE",
    help="State (.pt) of a training to go on from.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "-o",
    "--output",
    type=PATH,
    default=Path("model.lossless"),
    show_default=True,
    help="Model part to write; the state of the training is put beside it.",
)
def lossless_command(
    folders: tuple[Path, ...],
    batches: int,
    start: Path | None,
    seed: int,
    output: Path,
) -> None:
    """Train a model part that codes pictures without loss.

    The pictures should never have been coded with loss at their present size. Files
    that were written with a part are read where it lies in a folder of VAECODEC_MODELS.
    """
    _require("torch")
    os.scandir(output.parent).close()
    from vaecodec.training.lossless import train_lossless

    bits = train_lossless(folders, batches, output=output, start=start, seed=seed)
    click.echo(f"{output}: {bits:.3f} bits per pixel of pictures held back")


@commands.command("sample")
@click.argument("pictures", type=PATH, nargs=-1, metavar="[PICTURE [OTHER]]")
@click.option("--model", metavar="FILE", help="Model file (default: the standard one).")
@click.option(
    "--cells",
    type=click.IntRange(1, 16),
    default=4,
    show_default=True,
    help="Side of each image in units of 64 pixels.",
)
@click.option(
    "--temperature",
    type=float,
    default=1.0,
    show_default=True,
    help="0..2: below 1, likely symbols are drawn more often.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "-o", "--output", type=PATH, default=Path("samples.png"), show_default=True
)
def sample_command(
    pictures: tuple[Path, ...],
    model: str | None,
    cells: int,
    temperature: float,
    seed: int,
    output: Path,
) -> None:
    """Draw images that a model holds likely.

    Without a picture, they come from nothing but the model: a row for each of five
    qualities. With a PICTURE, they are variations of it: only the first steps of its
    file are kept, one more in each row. With an OTHER one, they lead from the first
    to the second.
    """
    import numpy as np
    from PIL import Image

    if output.suffix.lower() not in Image.registered_extensions():
        raise click.UsageError(f"{output}: not a kind of image that can be written")
    from vaecodec.training.generation import Dice
    from vaecodec.training.sample import MOST_PICTURES, sample

    if len(pictures) > MOST_PICTURES:
        raise click.UsageError(f"{len(pictures)} pictures, at most {MOST_PICTURES}")
    try:
        dice = Dice(np.random.default_rng(seed), temperature)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    sample(model, pictures, cells=cells, dice=dice, output=output)


def _require(*modules: str, extra: str = "train") -> None:
    """End the command unless these modules are installed."""
    if not all(map(find_spec, modules)):
        raise click.UsageError(f"this needs more libraries: {INSTALL.format(extra)}")
