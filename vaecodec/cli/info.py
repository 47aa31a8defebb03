"""The command `vaecodec info`: what a file is, from its header alone."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

import vaecodec
from vaecodec.cli.messages import reported
from vaecodec.cli.options import file_argument
from vaecodec.files import shown


@click.command("info")
@file_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def info_command(file: Path, as_json: bool) -> None:
    """Say what FILE is, from its header alone."""
    with reported(file, quiet=False):
        fields = dataclasses.asdict(vaecodec.inspect(file.read_bytes()))
        if as_json:
            click.echo(json.dumps({"file": str(file), **fields}))
            return
        fields["bits_per_pixel"] = f"{fields['bits_per_pixel']:.3f}"
        lines = [f"  {name.replace('_', ' '):<16}{fields[name]}" for name in fields]
        click.echo("\n".join([shown(file), *lines]))
