"""Metadata chunks: what an image file says beside its samples.

In: ICC profile, Exif and XMP, bytes that nobody here looks into. Out: the data of the
chunks that carry them, and back, each byte the same. Gain maps, Content Credentials and
mastering data have chunks in the format as well, which this program skips.
Specification: FORMAT.md, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vaecodec.format.zlib_stream import deflate, inflate

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

# Gain map, Content Credentials (C2PA), mastering display and content light level.
SKIPPED = frozenset("gcm")


def pack_metadata(metadata: Metadata) -> Iterator[tuple[str, bytes]]:
    """Yield type and data of each chunk.

    Raises:
        FormatError: A value is longer than `MAX_METADATA_BYTES`.
    """
    for letter, field in FIELDS.items():
        value: bytes | None = getattr(metadata, field)
        if value is not None:
            yield letter, deflate(value, most=MAX_METADATA_BYTES, name=_name(letter))


def parse_metadata(chunks: Mapping[str, bytes]) -> Metadata:
    """Inverse of `pack_metadata`, from data by type.

    Raises:
        FormatError: Data is not one whole zlib stream, or holds more than
            `MAX_METADATA_BYTES`.
    """
    return Metadata(
        **{
            FIELDS[letter]: inflate(data, most=MAX_METADATA_BYTES, name=_name(letter))
            for letter, data in chunks.items()
        }
    )


def _name(letter: str) -> str:
    return f"chunk '{letter}' ({NAMES[letter]})"
