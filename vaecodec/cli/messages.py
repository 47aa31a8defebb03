"""Words of the command line: exit codes, failures, names and sizes fit to print.

Whatever is wrong is said in one line on stderr, `vaecodec: FILE: REASON`. Standard
output carries results only.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TextIO

import click

from vaecodec.errors import VaecodecError

EXIT_DATA, EXIT_USAGE, EXIT_FILE, EXIT_PARTIAL = 1, 2, 3, 4
STREAM = "-"  # standard input or output, where a file name is expected


class FileFailure(Exception):
    """Something is wrong with one file: which one, what, and the exit code for it."""

    def __init__(self, path: Path | None, reason: str, exit_code: int) -> None:
        super().__init__(f"{shown(path)}: {' '.join(reason.split())}")
        self.exit_code = exit_code


def failure_of(error: Exception, path: Path | None) -> FileFailure:
    """The failure that an exception means for the file that was being worked on.

    Raises:
        Exception: The same again, if it is nothing that a file can cause.
    """
    if isinstance(error, FileFailure):
        return error
    if isinstance(error, VaecodecError):
        return FileFailure(path, str(error), error.exit_code)
    if isinstance(error, MemoryError):
        return FileFailure(path, "not enough memory", EXIT_DATA)
    if isinstance(error, OSError):
        named = isinstance(error.filename, str | os.PathLike)
        culprit = Path(error.filename) if named else path
        return FileFailure(culprit, error.strerror or str(error), EXIT_FILE)
    raise error


def say(message: str) -> None:
    """Say one line on stderr, whatever line breaks the message came with."""
    tell(f"vaecodec: {' '.join(message.split())}")


def tell(line: str, *, end: str = "\n") -> None:
    """Write to stderr as it is; where that fails nobody can be told."""
    try:
        click.echo(f"{line}{end}", nl=False, err=True)
    except OSError:
        _silence(sys.stderr)


def put_out(text: str) -> None:
    """Write results to stdout, ended by a line break.

    Raises:
        FileFailure: They cannot be written, nor can any that follow.
    """
    if sys.stdout is None:
        raise FileFailure(None, "standard output is closed", EXIT_FILE)
    try:
        click.echo(text)
    except OSError as error:
        raise output_failure(error) from error


def output_failure(error: OSError) -> FileFailure:
    """The failure of stdout, on which nothing is tried any more."""
    _silence(sys.stdout)
    return failure_of(error, None)


def hold_closed_streams() -> None:
    """Keep files that are opened from becoming the standard streams that are closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _silence(stream: TextIO) -> None:
    """Drop what the stream still holds: Python would try again when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def shown(path: Path | None) -> str:
    """Return a name that is safe to print: one line, no control characters."""
    name = STREAM if path is None else click.format_filename(path)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


def shown_size(size: float) -> str:
    """Return a number of bytes in three digits, as in 24.1 kB; 1 kB is 1000 bytes."""
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.2f} GB"
