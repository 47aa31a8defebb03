from __future__ import annotations

import re
from pathlib import Path

import vaecodec.format
from vaecodec.format import (
    MAX_METADATA_BYTES,
    MAX_PIXELS,
    ImageHeader,
    Metadata,
    pack_file,
    parse_file,
)
from vaecodec.format.chunks import parse_chunk
from vaecodec.format.header import (
    DEFAULT_TILE_LOG2,
    MAX_QUALITY,
    MAX_SIDE,
    MAX_TILE_LOG2,
    MIN_TILE_LOG2,
)

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


def test_the_worked_file_is_what_the_program_writes() -> None:
    values = table_of_values()
    header = ImageHeader(
        width=int(values["width"]),
        height=int(values["height"]),
        channels=int(values["channels"]),
        quality=int(values["quality"]),
        tile_log2=int(values["tile_log2"]),
        model_id=bytes.fromhex(values["model_id"]),
    )
    payloads = tuple(bytes.fromhex(payload) for payload in values["payloads"].split())
    dump = b"".join(data for _, data, _ in dump_lines())
    file = parse_file(dump)
    assert file.metadata == Metadata(exif=bytes.fromhex(values["exif"]))
    assert (file.header, file.payloads) == (header, payloads)
    assert f"The {len(dump)} bytes of the file" in WORKED_FILE
    # How well zlib deflates is not part of the format, so Exif is compared apart.
    exif = parse_chunk(dump, parse_chunk(dump, 8).end)
    rest = dump[: exif.start] + dump[exif.end :]
    assert rest == pack_file(header, payloads, alphas=file.alphas)


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
    assert len(named) == 6
    for checksum, data in named:
        assert checksum == data


def test_the_limits_in_the_document_are_those_of_the_program() -> None:
    assert f"| 1..{MAX_SIDE} |" in DOCUMENT
    assert f"| 0..{MAX_QUALITY} |" in DOCUMENT
    assert f"| {MIN_TILE_LOG2}..{MAX_TILE_LOG2} |" in DOCUMENT
    assert f"writers use {DEFAULT_TILE_LOG2} unless told" in DOCUMENT
    [exponent] = re.findall(r"\| width x height \| 2\^(\d+) pixels,", DOCUMENT)
    assert 1 << int(exponent) == MAX_PIXELS
    [exponent] = re.findall(r"\| ICC .*, each inflated \| 2\^(\d+) bytes \|", DOCUMENT)
    assert 1 << int(exponent) == MAX_METADATA_BYTES
