"""Options that several commands take, each said once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from vaecodec.models.engines.sessions import MOST_THREADS

Command = Callable[..., Any]


def _processes(_: click.Context, __: click.Parameter, count: int) -> int:
    return count or os.cpu_count() or 1


# Files that cannot be read are failures like others, and no bad usage.
PATH = click.Path(readable=False)

files_argument = click.argument(
    "files", type=PATH, nargs=-1, required=True, metavar="FILE..."
)
output_option = click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="PATH",
    help="Output file or folder, or - for standard output (default: next to FILE).",
)
recursive_option = click.option(
    "-r",
    "--recursive",
    is_flag=True,
    help="Process the files in folders and subfolders.",
)
processes_option = click.option(
    "-j",
    "--processes",
    type=click.IntRange(min=0),
    default=1,
    metavar="N",
    callback=_processes,
    help="Process N files at once, each with one thread (default: 1; 0: one per core).",
)
force_option = click.option(
    "-f", "--force", is_flag=True, help="Replace existing files."
)
resume_option = click.option(
    "--resume",
    is_flag=True,
    help="Skip files whose result exists, is complete and is not older.",
)
model_option = click.option("--model", metavar="FILE", help="Model file to use.")
tune_option = click.option(
    "--tune",
    type=click.Choice(["eye", "psnr"]),
    help="Use the model trained for images that look good (eye, the default) or for "
    "the smallest squared error (psnr).",
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    metavar="N",
    help="Threads for each file (default: all cores; with -j: 1).",
)
quiet_option = click.option("--quiet", is_flag=True, help="Print only errors.")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per file on stdout."
)


def at_most_one(**options: Any) -> dict[str, Any]:
    """The option that is given, under its name; nothing if none is.

    Raises:
        click.UsageError: Several are given.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if len(given) > 1:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(f"{names} cannot be used together")
    return given


def batch_options(command: Command) -> Command:
    """The options of commands that write a result for each of many files."""
    options = (
        *(recursive_option, processes_option, force_option, resume_option),
        *(threads_option, json_option, quiet_option),
    )
    for option in reversed(options):
        command = option(command)
    return command
