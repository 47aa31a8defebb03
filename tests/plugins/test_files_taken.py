"""Every public function takes a file as a path, as bytes of any kind, or opened."""

from __future__ import annotations

import array
import contextlib
import gzip
import io
import mmap
import os
import socket
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import vaecodec

READERS: dict[str, Callable[[Any], object]] = {
    "decode": lambda data: vaecodec.decode(data, threads=1).tobytes(),
    "decode region": lambda data: vaecodec.decode(
        data, region=(9, 2, 5, 4), threads=1
    ).tobytes(),
    "decompress": lambda data: vaecodec.decompress(data, threads=1).tobytes(),
    "inspect": vaecodec.inspect,
    "verify": vaecodec.verify,
    "recover": lambda data: vaecodec.recover(data, threads=1)[0].tobytes(),
    "compress": lambda data: vaecodec.compress(data, threads=1),
}


class Reluctant(io.BytesIO):
    """Gives five bytes at a time, as files may that are not buffered."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 5) if size and size > 0 else size)


class Bare:
    """No more of a file than its name promises."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def read(self, size: int) -> bytes:
        piece, self._rest = self._rest[: min(size, 7)], self._rest[min(size, 7) :]
        return piece


class BytesPath:
    """A path that is bytes, as those of some file systems must be."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> bytes:
        return os.fsencode(self._path)


def written(data: bytes, folder: Path) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


def behind(start: bytes, data: bytes) -> io.BytesIO:
    """A file that is positioned where the data begins."""
    file = io.BytesIO(start + data)
    file.seek(len(start))
    return file


@contextlib.contextmanager
def mapped(data: bytes, folder: Path) -> Iterator[mmap.mmap]:
    with written(data, folder).open("rb") as file:
        yield mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@contextlib.contextmanager
def sent(data: bytes, *, buffering: int) -> Iterator[Any]:
    """The receiving end of a socket."""
    sender, receiver = socket.socketpair()
    writer = threading.Thread(target=lambda: (sender.sendall(data), sender.close()))
    writer.start()
    with receiver, receiver.makefile("rb", buffering=buffering) as file:
        yield file
    writer.join()


@contextlib.contextmanager
def piped(data: bytes) -> Iterator[Any]:
    reading, writing = os.pipe()

    def write() -> None:
        with open(writing, "wb") as pipe:
            pipe.write(data)

    writer = threading.Thread(target=write)
    writer.start()
    with open(reading, "rb", buffering=0) as file:
        yield file
    writer.join()


@contextlib.contextmanager
def spooled(data: bytes) -> Iterator[Any]:
    with tempfile.SpooledTemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file


@contextlib.contextmanager
def in_archive(data: bytes) -> Iterator[Any]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("file", data)
        with archive.open("file") as file:
            yield file


def null(value: Any) -> AbstractContextManager[Any]:
    return contextlib.nullcontext(value)


def strided(data: bytes) -> memoryview:
    """Every third element of a memory."""
    return memoryview(np.repeat(np.frombuffer(data, np.uint8), 3))[::3]


def padded(data: bytes, size: int) -> bytes:
    """Zeros in front, so that the whole is a multiple of a size."""
    return bytes(-len(data) % size) + data


FORMS: dict[str, Callable[[bytes, Path], AbstractContextManager[Any]]] = {
    "str": lambda data, folder: null(str(written(data, folder))),
    "Path": lambda data, folder: null(written(data, folder)),
    "path of bytes": lambda data, folder: null(BytesPath(written(data, folder))),
    "bytes": lambda data, _: null(data),
    "bytearray": lambda data, _: null(bytearray(data)),
    "memoryview": lambda data, _: null(memoryview(data)),
    "memoryview with gaps": lambda data, _: null(strided(data)),
    "memoryview backwards": lambda data, _: null(memoryview(data[::-1])[::-1]),
    "array.array": lambda data, _: null(array.array("B", data)),
    "mmap": mapped,
    "open file": lambda data, folder: written(data, folder).open("rb"),
    "unbuffered file": lambda data, folder: written(data, folder).open("rb", 0),
    "BytesIO": lambda data, _: null(io.BytesIO(data)),
    "file at byte 4": lambda data, _: null(behind(b"HEAD", data)),
    "file of short reads": lambda data, _: null(Reluctant(data)),
    "nothing but read": lambda data, _: null(Bare(data)),
    "spooled file": lambda data, _: spooled(data),
    "gzip": lambda data, _: gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(data))),
    "zip": lambda data, _: in_archive(data),
    "pipe": lambda data, _: piped(data),
    "socket": lambda data, _: sent(data, buffering=-1),
    "unbuffered socket": lambda data, _: sent(data, buffering=0),
}


@pytest.fixture(scope="module")
def image_file(photograph: Callable[[str], Image.Image]) -> bytes:
    """A PNG file of 40 x 30 pixels."""
    stream = io.BytesIO()
    photograph("coffee").crop((200, 100, 240, 130)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def files(image_file: bytes) -> dict[str, bytes]:
    """For each reader a file that it reads."""
    encoded = vaecodec.compress(image_file)
    return dict.fromkeys(READERS, encoded) | {"compress": image_file}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_file_makes_no_difference(
    form: str, reader: str, files: dict[str, bytes], tmp_path: Path
) -> None:
    read = READERS[reader]
    with FORMS[form](files[reader], tmp_path) as source:
        assert read(source) == read(files[reader])


@pytest.mark.parametrize("kind", [">u4", "<u2", ">f8"])
def test_the_elements_of_a_buffer_may_have_any_type(
    kind: str, files: dict[str, bytes]
) -> None:
    data = np.frombuffer(padded(files["decode"], 8), kind)
    with pytest.raises(vaecodec.FormatError, match=r"begins with b'.*\\x8b|\\x00"):
        vaecodec.inspect(data)
    flat = np.frombuffer(files["decode"], np.uint8)
    fortran = np.asfortranarray(np.resize(flat, (len(flat) // 2, 2)))
    assert vaecodec.inspect(fortran).width == 40


@pytest.mark.parametrize("reader", READERS)
def test_a_file_is_left_open_where_it_was(reader: str, files: dict[str, bytes]) -> None:
    file = behind(b"HEAD", files[reader])
    first, second = READERS[reader](file), READERS[reader](file)
    assert (file.tell(), file.closed) == (4, False)
    assert first == second


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("thing", [5, None, ["a.vaec"], 1.5], ids=repr)
def test_what_is_no_file_is_a_type_error(thing: object, reader: str) -> None:
    with pytest.raises(TypeError, match=r"^\w+, expected a path, bytes, or a file"):
        READERS[reader](thing)


@pytest.mark.parametrize("reader", READERS)
def test_a_file_opened_for_text_is_a_type_error(reader: str) -> None:
    with pytest.raises(TypeError, match="opened for reading text"):
        READERS[reader](io.StringIO("text"))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("nothing", [b"", bytearray(), io.BytesIO()], ids=repr)
def test_an_empty_file_is_refused(nothing: object, reader: str) -> None:
    with pytest.raises(vaecodec.VaecodecError):
        READERS[reader](nothing)


@pytest.mark.skipif(os.name == "nt", reason="pipes of Windows always wait")
def test_a_pipe_that_has_no_bytes_yet_is_an_os_error() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with (
        open(reading, "rb", buffering=0) as file,
        open(writing, "wb"),
        pytest.raises(OSError, match="no data available yet"),
    ):
        vaecodec.inspect(file)


def test_pillow_opens_a_file_of_short_reads(files: dict[str, bytes]) -> None:
    vaecodec.register_pillow_plugin()
    with Image.open(Reluctant(files["decode"])) as image:
        assert image.tobytes() == vaecodec.decompress(files["decode"]).tobytes()
    with Image.open(Reluctant(files["decode"])) as image:
        image.verify()
