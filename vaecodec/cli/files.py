"""Files and streams as the command line treats them: never half a result, none lost.

In: the path and the bytes of a result. Out: a file that has its name only when it is
complete, or a `FileFailure`. None as a path means standard input or output.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from vaecodec.cli.messages import EXIT_FILE, FileFailure, shown

Times = tuple[int, int]  # of the last access and the last change, in nanoseconds


def read_file(source: Path | None) -> tuple[bytes, Times | None]:
    """All bytes of a file, and its times; standard input has none.

    Raises:
        OSError: The file cannot be read.
    """
    if source is None:
        if sys.stdin is None:
            raise FileFailure(source, "standard input is closed", EXIT_FILE)
        return sys.stdin.buffer.read(), None
    with source.open("rb") as stream:
        status = os.fstat(stream.fileno())
        return stream.read(), (status.st_atime_ns, status.st_mtime_ns)


def check_target(target: Path | None, *, source: Path | None, force: bool) -> None:
    """Refuse, before any work is done, a place where the result cannot go."""
    if target is None:
        return _check_standard_output()
    folder = target.parent
    if not folder.is_dir():
        reason = f"{shown(folder)} is not a folder"
    elif not os.access(folder, os.W_OK):
        reason = f"the folder {shown(folder)} is not writable"
    elif not target.exists():
        return
    elif not target.is_file():
        reason = "is not a regular file"
    elif source and target.samefile(source):
        reason = "is the input as well"
    elif not force:
        reason = "exists (-f replaces it)"
    else:
        return
    raise FileFailure(target, reason, EXIT_FILE)


def write_file(target: Path, data: bytes, *, times: Times | None = None) -> None:
    """Write a file that has its name only when it is complete.

    Raises:
        OSError: The file cannot be written.
    """
    # A link is followed, so that the file it stands for is replaced and not the link.
    place = Path(os.path.realpath(target))
    part = place.with_name(f".vaecodec-{os.urandom(6).hex()}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if times:
            os.utime(part, ns=times)
        os.replace(part, place)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise FileFailure(target, error.strerror or str(error), EXIT_FILE) from error


def write_standard_output(data: bytes) -> None:
    """Write everything, or raise an OSError.

    The buffer of `sys.stdout` is not used: what it cannot write it would try to write
    again when the program ends.
    """
    sys.stdout.flush()
    with open(sys.stdout.fileno(), "wb", closefd=False) as stream:
        stream.write(data)


def _check_standard_output() -> None:
    if sys.stdout is None:
        raise FileFailure(None, "standard output is closed", EXIT_FILE)
    if sys.stdout.isatty():
        reason = "the result is binary and standard output a terminal; give -o FILE"
        raise FileFailure(None, reason, EXIT_FILE)
