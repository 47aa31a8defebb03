"""Random damages to valid files: of bytes, and of chunks whose checksums are mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from vaecodec.format.chunks import pack_chunk, parse_chunk

SIGNATURE_BYTES = 8
Chunks = list[tuple[str, bytes]]


def damages(
    files: Sequence[bytes], rng: np.random.Generator, *, count: int
) -> Iterator[bytes]:
    """Yield so many files, each damaged in one of six ways."""
    for number in range(count):
        one, other = (files[choice] for choice in rng.choice(len(files), 2))
        match number % 6:
            case 0:
                yield flipped(one, rng)
            case 1:
                yield one[: rng.integers(len(one))]
            case 2:
                yield spliced(one, other, rng)
            case 3:
                yield sealed(changed_inside(chunks(one), rng))
            case 4:
                yield sealed(rearranged(chunks(one), chunks(one), rng))
            case 5:
                yield sealed(rearranged(chunks(one), chunks(other), rng))


def flipped(file: bytes, rng: np.random.Generator) -> bytes:
    """Change one to three bits."""
    damaged = bytearray(file)
    for position in rng.integers(len(file), size=rng.integers(1, 4)):
        damaged[position] ^= 1 << rng.integers(8)
    return bytes(damaged)


def spliced(file: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """The beginning of one file and the end of the other."""
    return file[: rng.integers(len(file))] + other[rng.integers(len(other)) :]


def chunks(file: bytes) -> Chunks:
    """Type and data of all chunks of a valid file."""
    found, position = [], SIGNATURE_BYTES
    while position < len(file):
        chunk = parse_chunk(file, position)
        found.append((chunk.type, chunk.data))
        position = chunk.end
    return found


def changed_inside(parts: Chunks, rng: np.random.Generator) -> Chunks:
    """Change some bits of the data of one chunk."""
    place = rng.choice([place for place, (_, data) in enumerate(parts) if data])
    kind, data = parts[place]
    return [*parts[:place], (kind, flipped(data, rng)), *parts[place + 1 :]]


def rearranged(parts: Chunks, source: Chunks, rng: np.random.Generator) -> Chunks:
    """Replace none or one of the chunks by none to two chunks of the source."""
    start = int(rng.integers(len(parts)))
    end = start + int(rng.integers(2))
    added = [source[place] for place in rng.integers(len(source), size=rng.integers(3))]
    return [*parts[:start], *added, *parts[end:]]


def sealed(parts: Chunks) -> bytes:
    """A file of these chunks, each with its checksum."""
    return b"\x8bVAEC\r\n\x01" + b"".join(pack_chunk(*part) for part in parts)
