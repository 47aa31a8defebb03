"""Metadata chunks: what an image file says beside its samples.

In: ICC profile, Exif, XMP and more, bytes that nobody here looks into. Out: the data of
the chunks that carry them, and back, each byte the same. Content Credentials have a
chunk in the format as well, which this program skips.
Specification: FORMAT.md, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vaecodec.errors import FormatError
from vaecodec.format.zlib_stream import deflate, inflate

MAX_METADATA_BYTES = 1 << 24
CODE_POINTS_BYTES = 4
MASTERING_BYTES = 32


@dataclass(frozen=True)
class Metadata:
    """What a file holds beside the samples; None is what it does not hold.

    Attributes:
        icc_profile: ICC profile, which says what colours the samples mean.
        exif: Exif, a TIFF structure, with or without `Exif` and two zeros before it.
        xmp: XMP packet.
        code_points: What colours the samples mean, as in the chunk cICP of PNG: four
            bytes, colour primaries, transfer function, 0, and whether the samples use
            their full range; numbers of ITU-T H.273.
        mastering: The data of PNG's chunks mDCV and cLLI, 32 bytes: the display that
            the picture was made on, and how bright it gets.
    """

    icc_profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    code_points: bytes | None = None
    mastering: bytes | None = None


NO_METADATA = Metadata()

# Without its profile or code points an image has wrong colours: no skipping those.
FIELDS = {
    "I": "icc_profile",
    "e": "exif",
    "x": "xmp",
    "P": "code_points",
    "m": "mastering",
}
NAMES = {
    "I": "ICC profile",
    "e": "Exif",
    "x": "XMP",
    "P": "colour code points",
    "m": "mastering data",
}
# These are not deflated. Mastering data that are not as described say nothing: a reader
# may skip them.
_LENGTHS = {"P": CODE_POINTS_BYTES, "m": MASTERING_BYTES}

# Gain map, Content Credentials (C2PA).
SKIPPED = frozenset("gc")


def pack_metadata(metadata: Metadata) -> Iterator[tuple[str, bytes]]:
    """Yield type and data of each chunk.

    Raises:
        FormatError: A value is longer than `MAX_METADATA_BYTES`, or is not as its field
            says.
    """
    for letter, field in FIELDS.items():
        value: bytes | None = getattr(metadata, field)
        if value is None:
            continue
        if letter not in _LENGTHS:
            value = deflate(value, most=MAX_METADATA_BYTES, name=_name(letter))
        elif not _is_as_described(letter, value):
            raise FormatError(f"{_name(letter)} is not as described: {value.hex()}")
        yield letter, value


def parse_metadata(chunks: Mapping[str, bytes]) -> Metadata:
    """Inverse of `pack_metadata`, from data by type.

    Raises:
        FormatError: Data is not one whole zlib stream, or holds more than
            `MAX_METADATA_BYTES`; or code points are not as described.
    """
    return Metadata(
        **{FIELDS[letter]: _value(letter, data) for letter, data in chunks.items()}
    )


def _value(letter: str, data: bytes) -> bytes | None:
    if letter not in _LENGTHS:
        return inflate(data, most=MAX_METADATA_BYTES, name=_name(letter))
    if _is_as_described(letter, data):
        return data
    if letter.islower():
        return None
    raise FormatError(f"{_name(letter)} is not as described: {data[:8].hex()}")


def _is_as_described(letter: str, value: bytes) -> bool:
    """The right length; matrix coefficients of RGB, and a flag that is none or one."""
    if len(value) != _LENGTHS[letter]:
        return False
    return letter != "P" or (value[2] == 0 and value[3] <= 1)


def _name(letter: str) -> str:
    return f"chunk '{letter}' ({NAMES[letter]})"
