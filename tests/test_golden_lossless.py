"""Lossless files made once come back sample for sample, for ever, by two decoders.

What the files are: tests/golden/README.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from unittest import mock

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.golden_check import FOLDER, lattices, manifest, read, sha256
from tests.reference.lossless import decode_lossless
from tests.reference.model import Refused
from tools.fuzz_files import mutated
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.format import parse_file
from vaecodec.models.library import SEARCH_PATH_VARIABLE

PICTURES, LISTS = manifest("lossless"), manifest("channels")
FILES = PICTURES | LISTS
SHALLOW = [name for name in PICTURES if "deep-" not in name and "-16-" not in name]


@pytest.fixture(autouse=True, scope="module")
def small_model() -> Iterator[None]:
    """Learned tiles of the golden files need the model beside them."""
    with mock.patch.dict(os.environ, {SEARCH_PATH_VARIABLE: str(FOLDER)}):
        yield


files = pytest.mark.parametrize("name", FILES)


def test_no_file_is_missing_and_none_is_additional() -> None:
    images = {f"{name}.png" for name in SHALLOW}
    for folder, names, others in (
        ("lossless", PICTURES, images),
        ("channels", LISTS, set()),
    ):
        expected = {f"{name}.vaec" for name in names} | others
        found = {path.name for path in (FOLDER / folder).iterdir()}
        assert found == expected | {"manifest.json"}


@files
def test_the_package_finds_every_sample(name: str) -> None:
    data = of(name)
    assert sha256(data) == FILES[name]["file"]
    assert sha256(by_package(data)) == FILES[name]["tiles"]
    if name in SHALLOW:
        with Image.open(FOLDER / "lossless" / f"{name}.png") as image:
            assert np.array_equal(vaecodec.decode(data), np.asarray(image))


@files
def test_the_reference_decoder_finds_the_same(name: str) -> None:
    assert sha256(by_reference(of(name))) == FILES[name]["tiles"]


def test_both_decoders_judge_200_random_damages_alike() -> None:
    files = [of(name) for name in FILES]
    valid = [data for data in files if len(data) < 5000]
    accepted = 0
    for number in range(200):
        _, damaged = mutated(valid, seed=7, number=number)
        one, other = (
            found_or_none(find, damaged) for find in (by_package, by_reference)
        )
        assert one == other
        accepted += one is not None
    assert 0 < accepted < 60


def of(name: str) -> bytes:
    return read("channels" if name in LISTS else "lossless", name)


def by_package(data: bytes) -> bytes:
    """The samples tile after tile, low bytes first."""
    samples = vaecodec.decode(data)
    ordered = samples.astype(samples.dtype.newbyteorder("<"))
    every = tiles(parse_file(data).header)
    return b"".join(ordered[tile.pixels].tobytes() for tile in every)


def by_reference(data: bytes) -> bytes:
    return b"".join(decode_lossless(data, lattices()))


def found_or_none(find: Callable[[bytes], bytes], data: bytes) -> bytes | None:
    try:
        return find(data)
    except (vaecodec.VaecodecError, Refused):
        return None
