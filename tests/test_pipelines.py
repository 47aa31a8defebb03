"""Batches: many files at once, each as `decode` gives it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec import FormatError, decode, decode_batch, encode

Samples = NDArray[np.uint8]


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    """Two of the same size, one of another."""
    generator = np.random.default_rng(1)
    shapes = [(70, 90, 3), (70, 90, 3), (50, 30)]
    return [
        encode(generator.integers(0, 255, s, np.uint8), 20, threads=1) for s in shapes
    ]


def test_a_batch_is_what_its_files_decode_to(files: list[bytes]) -> None:
    found = decode_batch(files, threads=2)
    for samples, file in zip(found, files, strict=True):
        assert np.array_equal(samples, decode(file, threads=1))
    assert decode_batch([]) == []


def test_files_may_be_paths_and_previews(files: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.vaec"
    path.write_bytes(files[0])
    [small] = decode_batch([path], preview=8)
    assert np.array_equal(small, decode(files[0], preview=8, threads=1))


def test_an_array_is_filled_channels_first(files: list[bytes]) -> None:
    out = np.zeros((2, 3, 70, 90), np.uint8)
    returned = decode_batch(files[:2], out=out)
    for samples, planes, file in zip(returned, out, files, strict=False):
        assert np.array_equal(planes.transpose(1, 2, 0), decode(file, threads=1))
        assert np.shares_memory(samples, out)
    gray = np.zeros((1, 1, 50, 30), np.uint8)
    decode_batch(files[2:], out=gray)
    assert np.array_equal(gray[0, 0], decode(files[2], threads=1))


def test_each_file_has_its_region(files: list[bytes]) -> None:
    regions = [(3, 4, 20, 10), (50, 1, 20, 10), (0, 0, 20, 10)]
    found = decode_batch(files, regions=regions)
    for samples, file, region in zip(found, files, regions, strict=True):
        assert np.array_equal(samples, decode(file, region=region, threads=1))


def test_the_file_that_fails_is_named_by_its_number(files: list[bytes]) -> None:
    with pytest.raises(FormatError, match=r"^file 1 of the batch: "):
        decode_batch([files[0], files[1][:-1], files[2]])
    with pytest.raises(ValueError, match=r"^file 1 of the batch: region 80,0"):
        decode_batch(files[:2], regions=[(0, 0, 20, 20), (80, 0, 20, 20)])
    with pytest.raises(ValueError, match=r"^file 2 of the batch: out is"):
        decode_batch(files, out=np.zeros((3, 3, 70, 90), np.uint8))


def test_numbers_that_do_not_fit_are_refused(files: list[bytes]) -> None:
    with pytest.raises(ValueError, match="3 files, 1 regions"):
        decode_batch(files, regions=[(0, 0, 1, 1)])
    with pytest.raises(ValueError, match="places for 2"):
        decode_batch(files, out=np.zeros((2, 3, 70, 90), np.uint8))
    with pytest.raises(ValueError, match=r"expected \[N, C, H, W\]"):
        decode_batch(files, out=np.zeros((70, 90, 3), np.uint8))
    with pytest.raises(ValueError, match="0 threads, allowed 1 or more"):
        decode_batch(files, threads=0)
