"""What the commands say: one line per file on stderr, results and failures alike.

In: what happened to a file. Out: lines, and a `FileFailure` that carries the exit code.
Whatever is wrong with a file is said in one line, `vaecodec: FILE: REASON`.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import click

import vaecodec
from vaecodec.errors import VaecodecError
from vaecodec.files import EXIT_FILE, FileFailure, shown

EXIT_DATA, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


@contextlib.contextmanager
def reported(path: Path, *, quiet: bool) -> Iterator[None]:
    """Turn what goes wrong with `path` into a FileFailure, and warnings into notes."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            yield
    except VaecodecError as error:
        raise FileFailure(path, str(error), error.exit_code) from error
    except BrokenPipeError:
        raise  # Nobody reads on, as under `| head`: click ends quietly.
    except OSError as error:
        named = (
            error.filename if isinstance(error.filename, str | os.PathLike) else path
        )
        reason = error.strerror or str(error)
        raise FileFailure(Path(named), reason, EXIT_FILE) from error
    except MemoryError as error:
        raise FileFailure(path, "not enough memory", EXIT_DATA) from error
    finally:
        for note in [] if quiet else caught:
            if issubclass(note.category, UserWarning):
                say(f"{shown(path)}: note: {note.message}")


def say_result(path: Path, data: bytes, seconds: float, *, decompressed: bool) -> None:
    """Say what went in and what came out of one file, whose .vaec bytes are `data`."""
    info = vaecodec.inspect(data)
    sizes = [info.width * info.height * info.channels, info.file_size]
    before, after = reversed(sizes) if decompressed else sizes
    click.echo(
        f"{shown(path)}: {info.width}x{info.height}, {before} -> {after} bytes, "
        f"{info.bits_per_pixel:.3f} bpp, {seconds:.2f} s",
        err=True,
    )


def say(message: str) -> None:
    """Say one line on stderr, whatever line breaks the message came with."""
    click.echo(f"vaecodec: {' '.join(message.split())}", err=True)
