"""Options that several commands take, each said once."""

from __future__ import annotations

from pathlib import Path

import click

force_option = click.option(
    "-f", "--force", is_flag=True, help="Replace an existing file."
)
model_option = click.option("--model", metavar="FILE", help="Model file to use.")
threads_option = click.option(
    "--threads", type=click.IntRange(min=1), help="Threads to use (default: all)."
)
quiet_option = click.option("--quiet", is_flag=True, help="Say nothing but errors.")
file_argument = click.argument("file", type=click.Path(path_type=Path))
