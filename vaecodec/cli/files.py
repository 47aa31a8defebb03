"""Files and streams as the command line treats them: never half a result, none lost.

In: the path and the bytes of a result. Out: a file that has its name only when it is
complete, or a `FileFailure`. None as a path means standard input or output.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from pathlib import Path

from vaecodec.cli.interruption import uninterrupted
from vaecodec.cli.messages import EXIT_FILE, FileFailure, shown

EXISTS = "exists (-f replaces it)"
# What file systems without hard links say, those of memory cards for example.
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}

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
        reason = "is also the input"
    elif not force:
        reason = EXISTS
    else:
        return
    raise FileFailure(target, reason, EXIT_FILE)


def write_file(
    target: Path, data: bytes, *, times: Times | None = None, replace: bool = False
) -> None:
    """Write a file that has its name only when it is complete.

    Args:
        target: its name.
        data: all of it.
        times: of the last access and change; None for now.
        replace: put it into the place of an existing file, whose owner, permissions
            and attributes it takes over.

    Raises:
        FileFailure: The file cannot be written, or exists.
    """
    # A link is followed, so that the file it stands for is replaced and not the link.
    place = Path(os.path.realpath(target))
    part = place.with_name(f".vaecodec-{os.urandom(6).hex()}.part")
    try:
        replaced = replace and place.exists()
        _write_part(part, data, private=replaced)
        if replaced:
            _make_alike(part, place)
        if times:
            os.utime(part, ns=times)
        # The part must be gone before a signal is heard that ends the run.
        with uninterrupted():
            (os.replace if replace else _name_new)(part, place)
            part.unlink(missing_ok=True)
    except FileExistsError as error:
        raise FileFailure(target, EXISTS, EXIT_FILE) from error
    except OSError as error:
        raise FileFailure(target, error.strerror or str(error), EXIT_FILE) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _write_part(part: Path, data: bytes, *, private: bool) -> None:
    def opener(path: str, flags: int) -> int:
        return os.open(path, flags, 0o600 if private else 0o666)

    with open(part, "xb", opener=opener) as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _make_alike(part: Path, place: Path) -> None:
    if hasattr(os, "chown"):  # not on Windows
        status = place.stat()
        with contextlib.suppress(PermissionError):
            os.chown(part, status.st_uid, status.st_gid)
    shutil.copystat(place, part)
    os.utime(part)  # the time is not that of the old file


def _name_new(part: Path, place: Path) -> None:
    """Give a file its name, which must be free at that very moment.

    Raises:
        FileExistsError: It is not.
    """
    if os.name == "nt":
        os.rename(part, place)
        return
    try:
        os.link(part, place)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        _name_without_links(part, place)


def _name_without_links(part: Path, place: Path) -> None:
    """The same with an empty file that has the name for a moment."""
    place.touch(exist_ok=False)
    try:
        os.replace(part, place)
    except BaseException:
        place.unlink()
        raise


def write_standard_output(data: bytes) -> None:
    """Write everything, or raise an OSError.

    No buffer is used: what it cannot write it would try to write again when the
    program ends.
    """
    sys.stdout.flush()
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(sys.stdout.fileno(), rest) :]


def _check_standard_output() -> None:
    if sys.stdout is None:
        raise FileFailure(None, "standard output is closed", EXIT_FILE)
    if sys.stdout.isatty():
        reason = "the result is binary and standard output is a terminal; use -o"
        raise FileFailure(None, reason, EXIT_FILE)
