from __future__ import annotations

import re
from pathlib import Path

import vaecodec.format
from vaecodec.format import (
    MAX_METADATA_BYTES,
    MAX_PIXELS,
    ImageFile,
    ImageHeader,
    Metadata,
    pack_file,
    parse_file,
)
from vaecodec.format.beginning import KNOWN, NOT_READ
from vaecodec.format.chunks import parse_chunk
from vaecodec.format.header import (
    DEFAULT_TILE_LOG2,
    MAX_DEPTH,
    MAX_LOSSLESS_TILE_LOG2,
    MAX_QUALITY,
    MAX_ROUNDS,
    MAX_SIDE,
    MAX_TILE_LOG2,
    MIN_DEPTH,
    MIN_TILE_LOG2,
)
from vaecodec.format.quality_map import CELL
from vaecodec.format.roles import LAYOUTS, MAX_CHANNELS, Role

DOCUMENT = Path(vaecodec.format.__file__).with_name("FORMAT.md").read_text("utf-8")
WORKED_FILE = DOCUMENT[DOCUMENT.index("## 11. A worked file") :]


def dump_lines() -> list[tuple[int, bytes, str]]:
    """Position, bytes and remark of each line of the hex dump in the document."""
    [block] = re.findall(r"```hexdump\n(.*?)```", WORKED_FILE, flags=re.DOTALL)
    lines = []
    for line in block.splitlines():
        position, dump, remark = re.split(r"\s{2,}", line, maxsplit=2)
        lines.append((int(position, 16), bytes.fromhex(dump), remark))
    return lines


def table_of_values() -> dict[str, str]:
    return dict(re.findall(r"^\| (\w+) \| ([\w ]+) \|$", WORKED_FILE, flags=re.M))


def file_of_values(values: dict[str, str]) -> ImageFile:
    """The file that the table describes."""
    numbers = ("width", "height", "quality", "tile_log2", "rounds", "depth")
    header = ImageHeader(
        **{name: int(values[name]) for name in numbers},
        channels=int(values["layout"]),
        stream_id=bytes.fromhex(values["stream_id"]),
        painter_id=bytes.fromhex(values["painter_id"]),
    )
    return ImageFile(
        header,
        tuple(
            tuple(map(bytes.fromhex, values[tile].split()))
            for tile in ("left_tile", "right_tile")
        ),
        alphas=(b"", b""),
        metadata=Metadata(exif=bytes.fromhex(values["exif"])),
        quality_map=bytes.fromhex(values["quality_map"]),
    )


def without(letters: str, data: bytes) -> bytes:
    """A file without its chunks of these types."""
    kept, position = data[:8], 8
    while position < len(data):
        chunk = parse_chunk(data, position)
        kept += b"" if chunk.type in letters else data[position : chunk.end]
        position = chunk.end
    return kept


def test_the_worked_file_is_what_the_program_writes() -> None:
    expected = file_of_values(table_of_values())
    dump = b"".join(data for _, data, _ in dump_lines())
    assert parse_file(dump) == expected
    assert f"The {len(dump)} bytes of the file" in WORKED_FILE
    # How well zlib deflates is not part of the format.
    deflated = "Qe"
    packed = pack_file(**vars(expected))
    assert without(deflated, dump) == without(deflated, packed)


def test_the_positions_in_the_worked_file_are_right() -> None:
    expected = 0
    for position, data, _ in dump_lines():
        assert position == expected
        expected += len(data)


def test_the_checksums_named_in_the_remarks_are_the_bytes_shown() -> None:
    named = [
        (int(match[1], 16).to_bytes(4, "little"), data)
        for _, data, remark in dump_lines()
        if (match := re.search(r"0x([0-9a-f]{8})", remark))
    ]
    assert len(named) == 9
    for checksum, data in named:
        assert checksum == data


def test_the_limits_in_the_document_are_those_of_the_program() -> None:
    assert f"| 1..{MAX_SIDE} |" in DOCUMENT
    assert f"| 0..{MAX_QUALITY} |" in DOCUMENT
    assert f"| {MIN_TILE_LOG2}..{MAX_TILE_LOG2}; 1..{MAX_ROUNDS} |" in DOCUMENT
    assert f"| 0..{max(LAYOUTS)}; {MIN_DEPTH - 1}..{MAX_DEPTH - 1} |" in DOCUMENT
    assert f"the number of channels, a varint in 1..{MAX_CHANNELS}," in DOCUMENT
    roles = ", ".join(f"{role.value} {role.word}" for role in Role)
    assert f"its *role*: {roles}." in DOCUMENT
    assert f"| bits per sample | {MIN_DEPTH} | {MAX_DEPTH} |" in DOCUMENT
    assert f"| rounds | 1 | {MAX_ROUNDS} |" in DOCUMENT
    assert f"tile_log2 may be up to {MAX_LOSSLESS_TILE_LOG2}." in DOCUMENT
    assert f"*cells* of {CELL} by {CELL} pixels" in DOCUMENT
    assert f"Writers use {DEFAULT_TILE_LOG2} for tile_log2" in DOCUMENT
    [exponent] = re.findall(r"\| width x height \| 2\^(\d+) pixels,", DOCUMENT)
    assert 1 << int(exponent) == MAX_PIXELS
    [exponent] = re.findall(r"\| ICC .*, each inflated \| 2\^(\d+) bytes \|", DOCUMENT)
    assert 1 << int(exponent) == MAX_METADATA_BYTES


def test_every_chunk_that_the_program_knows_is_in_the_table_of_chunks() -> None:
    listed = dict(re.findall(r"^\| `(\w)` \| (.*?) \| .* \|$", DOCUMENT, flags=re.M))
    refused = {letter for letter in listed if "not read yet" in listed[letter]}
    assert refused == set(NOT_READ)
    for letter in refused:
        assert listed[letter].startswith(NOT_READ[letter])
    assert set(listed) == {*KNOWN, *refused, "A", "T"}
