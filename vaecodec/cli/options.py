"""Options that several commands take, each said once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from vaecodec.engine.sessions import MOST_THREADS

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
    help="File or folder of the results, - for standard output; default: beside FILE.",
)
recursive_option = click.option(
    "-r", "--recursive", is_flag=True, help="Take the files in folders, and below."
)
processes_option = click.option(
    "-j",
    "--processes",
    type=click.IntRange(min=0),
    default=1,
    metavar="N",
    callback=_processes,
    help="Files to work on at once, each with one thread (default: 1; 0: as many as "
    "there are cores).",
)
force_option = click.option(
    "-f", "--force", is_flag=True, help="Replace existing files."
)
resume_option = click.option(
    "--resume",
    is_flag=True,
    help="Leave out files whose result is there, complete and not older.",
)
model_option = click.option("--model", metavar="FILE", help="Model file to use.")
tune_option = click.option(
    "--tune",
    type=click.Choice(["eye", "psnr"]),
    help="What the model was trained for: that people like the image (eye, the "
    "default), or the least squared error (psnr).",
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    metavar="N",
    help="Threads for each file (default: all cores; with -j: 1).",
)
quiet_option = click.option("--quiet", is_flag=True, help="Say nothing but errors.")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object per file on stdout."
)


def at_most_one(**options: Any) -> dict[str, Any]:
    """The option that is given, under its name; nothing if none is.

    Raises:
        click.UsageError: Several are given.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if len(given) > 1:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(f"{names} exclude each other")
    return given


def batch_options(command: Command) -> Command:
    """The options of commands that write a result for each of many files."""
    options = (
        *(recursive_option, processes_option, force_option, resume_option),
        *(model_option, threads_option, json_option, quiet_option),
    )
    for option in reversed(options):
        command = option(command)
    return command
