"""The decoder in JavaScript and WebAssembly gives the pixels that Python gives."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.golden_check import MODELS
from tests.models.quadrants.small_model import small_file, small_model
from tests.web.conftest import RunNode
from tests.web.pictures import (
    as_rgba,
    coffee,
    in_tiles,
    model_with_budget,
    valid_files,
)
from vaecodec.api import decode, encode
from vaecodec.models.compact_file import pack_compact
from vaecodec.models.receiver_file import receiver_file

KERNELS = ("wasm", "plain")
NAMES = (
    *("fused", "one-pixel", "gray", "gray-alpha", "alpha", "opaque", "small-tiles"),
    *("steps", "map", "edges", "near-gray-alpha", "near-alpha"),
)
LOSSLESS = tuple(
    f"lossless-{name}"
    for name in (
        *("photo", "hidden", "gray", "gray-alpha", "two-colours", "four-colours"),
        *("sixteen-colours", "more-colours", "noise", "flat", "pixel"),
    )
)
DAMAGED = ("lossless-changed", "cut", "flipped", "other-alpha")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, run_node: RunNode) -> Path:
    """Files of all kinds, and what both kinds of kernels make of them."""
    folder = tmp_path_factory.mktemp("web")
    model = folder / "small.safetensors"
    model.write_bytes(small_model())
    for name, data in (*valid_files(model), *damaged_files(model)):
        (folder / f"{name}.vaec").write_bytes(data)
    receiver = folder / "receiver.bin"
    receiver.write_bytes(receiver_file(small_file()))
    run_node("decode_files.mjs", receiver, folder)
    return folder


def damaged_files(model: Path) -> Iterator[tuple[str, bytes]]:
    image = coffee()
    soft = np.indices(image.shape[:2]).sum(0).astype(np.uint8)
    one, other = (
        encode(np.dstack([image, alpha]), 60, model=model, lossless=False)
        for alpha in (soft, ~soft)
    )
    yield "other-alpha", with_alpha_of(one, other)
    data = in_tiles(model, image, rounds=6)
    yield "cut", data[:-1]
    yield "flipped", data[:900] + bytes([data[900] ^ 4]) + data[901:]
    lossless = encode(image, lossless=True, effort=1)
    yield (
        "lossless-changed",
        with_checksum(
            lossless[:-5] + bytes([lossless[-5] ^ 1]), lossless.index(b"L", 27)
        ),
    )


def with_checksum(body: bytes, start: int) -> bytes:
    """A file whose last chunk begins at `start`."""
    return body + zlib.crc32(body[start:]).to_bytes(4, "little")


def with_alpha_of(one: bytes, other: bytes) -> bytes:
    """The payload of one file beside the alpha of another."""
    from vaecodec.format.container import pack_file, parse_file

    file = parse_file(one)
    alphas = parse_file(other).alphas
    return pack_file(file.header, file.payloads, alphas=alphas)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("name", NAMES + LOSSLESS)
def test_pixels_are_those_of_python(
    folder: Path, name: str, kernels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAECODEC_MODELS", str(folder))
    expected = as_rgba(decode(folder / f"{name}.vaec"))
    found = np.fromfile(folder / f"{name}.{kernels}.rgba", np.uint8)
    assert np.array_equal(found.reshape(expected.shape), expected)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_refused(folder: Path, name: str, kernels: str) -> None:
    assert (folder / f"{name}.{kernels}.refused").read_text("utf-8")
    assert not (folder / f"{name}.{kernels}.rgba").exists()


def test_positions_above_the_budget_of_a_painter_are_halved(
    tmp_path: Path, run_node: RunNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = {}
    for budget in (400, 2**20):
        folder = tmp_path / str(budget)
        folder.mkdir()
        model = folder / "model.safetensors"
        model.write_bytes(model_with_budget(budget))
        data = in_tiles(model, coffee(), rounds=6)
        (folder / "picture.vaec").write_bytes(data)
        monkeypatch.setenv("VAECODEC_MODELS", str(folder))
        decoded[budget] = as_rgba(decode(data))
        run_node("decode_files.mjs", model, folder)
        for kernels in KERNELS:
            found = np.fromfile(folder / f"picture.{kernels}.rgba", np.uint8)
            assert np.array_equal(found, decoded[budget].ravel())
    assert not np.array_equal(*decoded.values())


def test_a_model_is_read_in_every_form_and_refused_when_damaged(
    tmp_path: Path, run_node: RunNode
) -> None:
    plain, coded = small_model(), receiver_file(small_file())
    whole = pack_compact(small_file().tensors, small_file().metadata)
    damaged = bytearray(coded)
    damaged[-9] ^= 1
    forms = [plain, coded, whole, bytes(damaged), plain[:-1], MODELS["v2"].read_bytes()]
    paths = [tmp_path / f"{number}.bin" for number in range(len(forms))]
    for path, data in zip(paths, forms, strict=True):
        path.write_bytes(data)
    told = run_node("name_models.mjs", *paths).splitlines()
    assert told[:3] == [small_file().model_id] * 3
    assert "wrong checksum" in told[3]
    assert "tensors end" in told[4]
    assert "'checkerboard'" in told[5]
