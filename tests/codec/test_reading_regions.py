"""A part of an image is decoded from little of its file, and only that is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.counted_file import CountedFile
from vaecodec.api import decode, decompress, verify
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.geometry.areas import Region
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import encode_with, read_tile
from vaecodec.errors import FormatError
from vaecodec.format.container import binding, pack_file, parse_file
from vaecodec.format.metadata import Metadata

# The tiles of the regions below and of the margins around them.
DECODED = {0, 1, 21, 22, 31, 32, 33, 34, 35, 41, 42, 43, 44, 45, 54, 55, 99}


@pytest.fixture(scope="module")
def large_file(
    photograph: Callable[[str], Image.Image],
) -> bytes:
    """One tile of 1024 pixels square, a hundred times: 104.9 megapixels."""
    astronaut = np.asarray(photograph("astronaut"))
    image = np.concatenate([astronaut, astronaut[:, ::-1]], axis=1)
    image = np.concatenate([image, image[::-1]])
    shipped = model_to_compress(None, threads=1)
    file = parse_file(encode_with(shipped, image, quality=50))
    [tile] = tiles(file.header)
    sections = shipped.coder.sections(
        read_tile(shipped, file, tile).symbols,
        height=tile.shape[0],
        width=tile.shape[1],
        quality=QualityMap(file.header, None, cell=64).read(tile.pixels),
    )
    header = replace(file.header, width=10240, height=10240)
    # A payload is valid in its place only, which matters to tiles that will be decoded.
    payloads = [
        shipped.coder.encode(
            sections, fused=False, bound_to=binding(header, None, tile.number, b"")
        )
        if tile.number in DECODED
        else file.payloads[0]
        for tile in tiles(header)
    ]
    return pack_file(header, payloads, metadata=Metadata(exif=bytes(99)))


# In one window; over the borders of four windows and of four tiles; at the corner.
@pytest.mark.parametrize(
    "region",
    [(2300, 3300, 300, 200), (4900, 5000, 500, 300), (9728, 9728, 512, 512)],
)
def test_of_100_megapixels_a_region_reads_less_than_a_tenth(
    region: Region, large_file: bytes
) -> None:
    file = CountedFile(large_file)
    image = decompress(file, region=region, threads=1)
    assert file.count < 0.1 * len(large_file)
    assert (image.size, image.info["exif"]) == (region[2:], bytes(99))


def test_the_beginning_the_path_and_the_open_file_give_the_same(
    large_file: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "large.vaec"
    path.write_bytes(large_file)
    region = 64, 0, 100, 30
    expected = decode(large_file, region=region, threads=1)
    with path.open("rb") as file:
        for data in (path, str(path), file):
            part = decode(data, region=region, threads=1)
            np.testing.assert_array_equal(part, expected)
        assert not file.closed


def test_damage_is_noticed_where_it_would_be_seen(large_file: bytes) -> None:
    payload = parse_file(large_file).payloads[0][0]
    place = large_file.index(payload) + 5
    damaged = bytearray(large_file)
    damaged[place] ^= 1
    decode(bytes(damaged), region=(1280, 0, 64, 64), threads=1)
    with pytest.raises(FormatError, match="'T' is damaged"):
        decode(bytes(damaged), region=(1279, 0, 64, 64), threads=1)
    with pytest.raises(FormatError, match="'T' is damaged"):
        verify(bytes(damaged))


@pytest.mark.parametrize(
    "region",
    [
        (-1, 0, 10, 10),
        (0, -1, 10, 10),
        (10240, 0, 1, 1),
        (10000, 0, 241, 1),
        (0, 10239, 1, 2),
        (0, 0, 0, 10),
        (0, 0, 10, -1),
    ],
)
def test_a_region_must_lie_in_the_image(region: Region, large_file: bytes) -> None:
    shown = ",".join(map(str, region))
    with pytest.raises(ValueError, match=f"region {shown} .*inside 0,0,10240,10240"):
        decode(large_file, region=region)


def test_a_region_is_counted_in_whole_pixels(large_file: bytes) -> None:
    with pytest.raises(TypeError):
        decode(large_file, region=(0, 0, 1.5, 1))  # type: ignore[arg-type]
