"""The command `vaecodec verify`: whether files are undamaged."""

from __future__ import annotations

from pathlib import Path

import click

import vaecodec
from vaecodec.cli.messages import reported, say
from vaecodec.cli.options import quiet_option
from vaecodec.files import FileFailure, shown


@click.command("verify")
@click.argument(
    "files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE..."
)
@quiet_option
def verify_command(files: tuple[Path, ...], quiet: bool) -> int:
    """Check that every FILE is undamaged. The exit code is the highest one met."""
    codes = [0]
    for file in files:
        try:
            with reported(file, quiet=quiet):
                vaecodec.verify(file.read_bytes())
        except FileFailure as failure:
            say(str(failure))
            codes.append(failure.exit_code)
        else:
            if not quiet:
                click.echo(f"{shown(file)}: undamaged", err=True)
    return max(codes)
