"""Mutations of the coded parts of a model file, with checksums that fit.

In: the table and the data of a file with coded parts, and a random generator. Out: the
bytes of a file of which one part lies: about its inner file, its tensors, what stands
beside the payload, or the payload.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from random import Random

from tools.fuzz_bytes import damaged
from tools.fuzz_tables import (
    MUTATIONS,
    Mutation,
    Table,
    changed,
    place_of,
    sealed,
    split,
)
from vaecodec.models.coded_part import CHECKSUM, CODED, checksum
from vaecodec.models.tensor_file import MAX_FILE_BYTES

NUMBERS = ("0", "1", "2", "3", "8", "64", "1000", "8388608", "99999999", "-1", "01", "")
BESIDE = f"{CODED}."

Change = Callable[[bytes, bytes], tuple[bytes, bytes]]  # of an inner file and a payload


def inner_file(table: Table, data: bytes, rng: Random) -> bytes:
    """Anything that can be wrong with a model file, in an inner file."""

    def change(inner: bytes, payload: bytes) -> tuple[bytes, bytes]:
        return rng.choice(MUTATIONS)(*split(inner), rng), payload

    return with_part(table, data, rng, change)


def description(table: Table, data: bytes, rng: Random) -> bytes:
    """A number in the description of a coded tensor is another."""

    def change(inner: bytes, payload: bytes) -> tuple[bytes, bytes]:
        inner_table, numbers = split(inner)
        metadata = inner_table["__metadata__"]
        name = rng.choice([name for name in metadata if name != CHECKSUM])
        words = metadata[name].replace("x", " x ").split()
        words[rng.randrange(len(words))] = rng.choice(NUMBERS)
        metadata[name] = " ".join(words).replace(" x ", "x")
        return sealed(inner_table, numbers), payload

    return with_part(table, data, rng, change)


def beside(table: Table, data: bytes, rng: Random) -> bytes:
    """Laws, scales, units or low bits are others, of the same number."""

    def change(inner: bytes, payload: bytes) -> tuple[bytes, bytes]:
        inner_table, numbers = split(inner)
        start, end = place_of(inner_table, rng, BESIDE)
        old = numbers[start:end]
        extreme = rng.choice((b"\x00", b"\xff", b"\x7f", b"\x80", b"\x10\x00"))
        new = changed(old, (extreme * len(old))[: len(old)], rng)
        return sealed(inner_table, numbers[:start] + new + numbers[end:]), payload

    return with_part(table, data, rng, change)


def payload(table: Table, data: bytes, rng: Random) -> bytes:
    """The payload is damaged, and its checksum is right."""

    def change(inner: bytes, payload: bytes) -> tuple[bytes, bytes]:
        inner_table, numbers = split(inner)
        lie = damaged(payload, rng)
        inner_table["__metadata__"][CHECKSUM] = checksum(lie)
        return sealed(inner_table, numbers), lie

    return with_part(table, data, rng, change)


def part_bytes(table: Table, data: bytes, rng: Random) -> bytes:
    """The bytes of a part are damaged, whatever they mean."""
    name = _any_part(table, rng)
    start, end = table[name]["data_offsets"]
    return _put(table, data, name, damaged(data[start:end], rng))


CODED_MUTATIONS: tuple[Mutation, ...] = (
    *(inner_file, inner_file, inner_file, description, description),
    *(beside, beside, beside, payload, payload, payload, part_bytes),
)


def with_part(table: Table, data: bytes, rng: Random, change: Change) -> bytes:
    """The file with one part changed."""
    name = _any_part(table, rng)
    start, end = table[name]["data_offsets"]
    stream = zlib.decompressobj()
    inner = stream.decompress(data[start:end], MAX_FILE_BYTES)
    inner, tail = change(inner, stream.unused_data)
    return _put(table, data, name, zlib.compress(inner, 1) + tail)


def _any_part(table: Table, rng: Random) -> str:
    return rng.choice(table["__metadata__"][CODED].split())


def _put(table: Table, data: bytes, name: str, part: bytes) -> bytes:
    """Another part of the same name; what lies behind it moves."""
    start, end = table[name]["data_offsets"]
    moved = len(part) - (end - start)
    table[name] = {"dtype": "U8", "shape": [len(part)], "data_offsets": [start, end]}
    for key, entry in table.items():
        if key != "__metadata__":
            entry["data_offsets"] = [
                offset + moved * (offset >= end) for offset in entry["data_offsets"]
            ]
    return sealed(table, data[:start] + part + data[end:])
