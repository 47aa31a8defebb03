"""The codec as Pillow knows formats: `Image.open`, `Image.save`, and all built on them.

In: a file that Pillow hands over; out: an image that knows its size, mode and metadata
at once, from the beginning of the file, and its pixels when they are first needed. And
back: any image that the codec keeps. What is wrong comes as the errors that Pillow's
own plugins raise. Importing this module registers the format.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from inspect import signature
from typing import IO, Any

from PIL import Image, ImageFile, UnidentifiedImageError

from vaecodec.api import compress, decompress
from vaecodec.codec.pictures.picture import Picture, check_drawable, read_picture
from vaecodec.errors import FormatError, VaecodecError
from vaecodec.format.beginning import MAGIC, parse_beginning
from vaecodec.format.container import parse_file
from vaecodec.format.file_bytes import FileBytes
from vaecodec.format.metadata import FIELDS
from vaecodec.models.architecture import REDUCTION
from vaecodec.models.depth import SHALLOW

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
DEEP_GRAY = "I;16"  # of more than 8 bits Pillow has no other mode
METADATA = tuple(FIELDS.values())
# What `_save` hands on; the rest is settled when it reads the picture. As all of
# Pillow's writers do, it passes over options that it does not know.
OPTIONS = signature(compress).parameters.keys() - {"image", "metadata", "convert"}


def register_pillow_plugin() -> None:
    """Let Pillow open and save `.vaec` files.

    `Image.open` reads size, mode and metadata at once, and decodes when pixels are
    needed. `Image.save` takes the options of `vaecodec.compress`, and `icc_profile`,
    `exif` and `xmp`. Without these three, the image's own metadata is kept; an empty
    value or None leaves that kind out.
    """
    Image.register_open(VaecImageFile.format, VaecImageFile, _accept)
    Image.register_save(VaecImageFile.format, _save)
    Image.register_extension(VaecImageFile.format, ".vaec")
    Image.register_mime(VaecImageFile.format, "image/x-vaec")


class VaecImageFile(ImageFile.ImageFile):
    """A `.vaec` file opened by Pillow.

    `Image.open` raises UnidentifiedImageError, an OSError, if the beginning of the file
    is damaged; `load` and `verify` raise OSError for damage behind it, `load` also if
    the model is missing.
    """

    format = "VAEC"
    format_description = "vaec image"
    _decoded = True  # as a copy is that was pickled
    _preview: int | None = None

    def _open(self) -> None:
        file = FileBytes(self._file())
        if file[: len(MAGIC)] != MAGIC:
            raise SyntaxError("not a .vaec file")
        try:
            header, metadata, *_ = parse_beginning(file)
            check_drawable(header.listed)
        except FormatError as error:
            # Pillow would keep a SyntaxError, and its reason, for itself.
            raise UnidentifiedImageError(str(error)) from error
        self._size = header.width, header.height
        deep_gray = header.channels == 1 and header.depth > SHALLOW
        self._mode = DEEP_GRAY if deep_gray else MODES[header.channels]
        for name in METADATA:
            if value := getattr(metadata, name):
                self.info[name] = value
        self._decoded = False

    def draft(
        self, mode: str | None, size: tuple[int, int] | None
    ) -> tuple[str, tuple[int, int, float, float]] | None:
        """Be an eighth as wide and high if that is at least `size`.

        `Image.thumbnail` asks for twice the size of a thumbnail, and then takes a third
        of the time.

        Returns:
            The mode, which does not change, and which part of the new size the image
            takes; None if nothing changes.
        """
        width, height = self.size
        enough = size and all(
            asked * REDUCTION <= side
            for asked, side in zip(size, self.size, strict=True)
        )
        if self._decoded or self._preview or not enough:
            return None
        self._preview = REDUCTION
        self._size = -(-width // REDUCTION), -(-height // REDUCTION)
        return self.mode, (0, 0, width / REDUCTION, height / REDUCTION)

    def load(self) -> Any:
        """Decode the pixels, once."""
        if not self._decoded:
            with _pillow_errors():
                self.im = decompress(self._file(), preview=self._preview).im
            self._decoded = True
            super().verify()  # closes the file
        return super().load()

    def verify(self) -> None:
        """Check the structure of the file and every checksum, without decoding."""
        with _pillow_errors():
            parse_file(FileBytes(self._file())[:])
        super().verify()

    def _file(self) -> IO[bytes]:
        """The file at its first byte."""
        if self.fp is None:
            raise ValueError("the file of this image is closed")
        self.fp.seek(0)
        return self.fp


def _accept(prefix: bytes) -> bool:
    # A file may give fewer bytes than Pillow asks for; `_open` looks again.
    return MAGIC.startswith(prefix[: len(MAGIC)])


def _save(image: Image.Image, file: IO[bytes], _: str | bytes) -> None:
    options = image.encoderinfo
    with _pillow_errors():
        file.write(
            compress(
                _picture(image, options),
                **{name: options[name] for name in OPTIONS if name in options},
            )
        )


def _picture(image: Image.Image, options: dict[str, Any]) -> Picture:
    """The image with metadata from the options, and its own where those are silent."""
    given = {name: _as_bytes(options[name]) for name in METADATA if name in options}
    own = image.info
    image.info = {**own, **dict[Any, Any](given)}
    try:
        picture = read_picture(image, convert=options.get("convert", False))
    finally:
        image.info = own
    # An image may hold more of a kind than its `info` says, as TIFF files do.
    left_out = dict.fromkeys(name for name in given if not given[name])
    return replace(picture, metadata=replace(picture.metadata, **left_out))


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, Image.Exif):
        return value.tobytes()
    return value.encode("utf-8") if isinstance(value, str) else bytes(value or b"")


@contextlib.contextmanager
def _pillow_errors() -> Iterator[None]:
    try:
        yield
    except VaecodecError as error:
        raise OSError(str(error)) from error


register_pillow_plugin()
