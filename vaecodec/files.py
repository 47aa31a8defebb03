"""Files as the command line treats them: refuse early, and never leave half a file.

In: the path and the bytes of a result. Out: a file that has its name only when it is
complete, or a `FileFailure` that says in one line which file and why.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from PIL.Image import Image

EXIT_FILE = 3

# Formats that hold every decoded pixel unchanged, with Pillow's name and options.
LOSSLESS_FORMATS: dict[str, tuple[str, dict[str, bool]]] = {
    ".png": ("PNG", {}),
    ".ppm": ("PPM", {}),
    ".pgm": ("PPM", {}),
    ".bmp": ("BMP", {}),
    ".tif": ("TIFF", {}),
    ".tiff": ("TIFF", {}),
    ".webp": ("WEBP", {"lossless": True, "exact": True}),
}


class FileFailure(Exception):
    """Something is wrong with one file: which one, what, and the exit code for it."""

    def __init__(self, path: Path, reason: str, exit_code: int) -> None:
        super().__init__(f"{shown(path)}: {reason}")
        self.exit_code = exit_code


def check_target(target: Path, *, source: Path, force: bool) -> None:
    """Refuse, before any work is done, a place where the result cannot go."""
    folder = target.parent
    if str(target) == "-":
        reason = "writing to standard output is not supported"
    elif not folder.is_dir():
        reason = f"{shown(folder)} is not a folder"
    elif not os.access(folder, os.W_OK):
        reason = f"the folder {shown(folder)} is not writable"
    elif not target.exists():
        return
    elif not target.is_file():
        reason = "is not a regular file"
    elif target.samefile(source):
        reason = "is the input as well"
    elif not force:
        reason = "exists (-f replaces it)"
    else:
        return
    raise FileFailure(target, reason, EXIT_FILE)


def pack_image(image: Image, target: Path) -> bytes:
    """Return the image in the lossless format that the suffix of `target` names."""
    name, options = LOSSLESS_FORMATS[target.suffix.lower()]
    stream = io.BytesIO()
    try:
        image.save(stream, format=name, **options)
    except (ValueError, KeyError, OSError) as error:
        reason = f"Pillow cannot write this image as {name}: {error}"
        raise FileFailure(target, reason, EXIT_FILE) from error
    return stream.getvalue()


def write_file(target: Path, data: bytes) -> None:
    """Write a file that has its name only when it is complete."""
    # A link is followed, so that the file it stands for is replaced and not the link.
    place = Path(os.path.realpath(target))
    part = place.with_name(f".vaecodec-{os.urandom(6).hex()}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
        os.replace(part, place)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise FileFailure(target, error.strerror or str(error), EXIT_FILE) from error


def shown(path: Path) -> str:
    """Return a name that is safe to print: one line, no control characters."""
    name = click.format_filename(path)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
