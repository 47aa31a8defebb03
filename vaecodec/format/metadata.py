"""Metadata chunks: what an image file says beside its samples.

In: ICC profile, Exif and XMP, bytes that nobody here looks into. Out: the data of the
chunks that carry them, and back, each byte the same. The bytes are deflated; how much
is inflated again is limited, since a short chunk can stand for any number of zeros.
Specification: FORMAT.md, section 3.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vaecodec.errors import FormatError

MAX_METADATA_BYTES = 1 << 24


@dataclass(frozen=True)
class Metadata:
    """What a file holds beside the samples; None is what it does not hold.

    Attributes:
        icc_profile: ICC profile, which says what colours the samples mean.
        exif: Exif, a TIFF structure, with or without `Exif` and two zeros before it.
        xmp: XMP packet.
    """

    icc_profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None


NO_METADATA = Metadata()

# Without its profile an image has wrong colours: that chunk may not be skipped.
FIELDS = {"I": "icc_profile", "e": "exif", "x": "xmp"}
NAMES = {"I": "ICC profile", "e": "Exif", "x": "XMP"}


def pack_metadata(metadata: Metadata) -> Iterator[tuple[str, bytes]]:
    """Yield type and data of each chunk.

    Raises:
        FormatError: A value is longer than `MAX_METADATA_BYTES`.
    """
    for letter, field in FIELDS.items():
        value: bytes | None = getattr(metadata, field)
        if value is not None:
            _check_length(letter, len(value))
            yield letter, zlib.compress(value, 9)


def parse_metadata(chunks: Mapping[str, bytes]) -> Metadata:
    """Inverse of `pack_metadata`, from data by type.

    Raises:
        FormatError: Data is not one whole zlib stream, or holds more than
            `MAX_METADATA_BYTES`.
    """
    return Metadata(
        **{FIELDS[letter]: _inflate(letter, data) for letter, data in chunks.items()}
    )


def _inflate(letter: str, data: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        value = stream.decompress(data, MAX_METADATA_BYTES + 1)
    except zlib.error as error:
        raise FormatError(
            f"chunk '{letter}' ({NAMES[letter]}) is not deflated: {error}"
        ) from error
    _check_length(letter, len(value))
    if not stream.eof or stream.unused_data:
        raise FormatError(
            f"chunk '{letter}' ({NAMES[letter]}) is not one whole zlib stream"
        )
    return value


def _check_length(letter: str, length: int) -> None:
    if length > MAX_METADATA_BYTES:
        raise FormatError(
            f"chunk '{letter}' ({NAMES[letter]}) holds more than the "
            f"{MAX_METADATA_BYTES} bytes that this program reads and writes"
        )
