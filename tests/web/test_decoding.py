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
from tests.web.pictures import Samples, as_rgba, coffee, in_tiles
from vaecodec.api import decode, encode
from vaecodec.models.compact_file import pack_compact
from vaecodec.models.receiver_file import receiver_file

KERNELS = ("wasm", "plain")
NAMES = (
    *("fused", "one-pixel", "gray", "gray-alpha", "alpha", "opaque", "small-tiles"),
    *("steps", "map", "edges"),
)
LOSSLESS = tuple(
    f"lossless-{name}"
    for name in (
        *("photo", "hidden", "gray", "gray-alpha", "two-colours", "four-colours"),
        *("sixteen-colours", "more-colours", "noise", "flat", "pixel", "near"),
    )
)
DAMAGED = ("lossless-changed", "cut", "flipped", "other-alpha")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, run_node: RunNode) -> Path:
    """Files of all kinds, and what both kinds of kernels make of them."""
    folder = tmp_path_factory.mktemp("web")
    model = folder / "small.safetensors"
    model.write_bytes(small_model())
    for name, data in files(model):
        (folder / f"{name}.vaec").write_bytes(data)
    receiver = folder / "receiver.bin"
    receiver.write_bytes(receiver_file(small_file()))
    run_node("decode_files.mjs", receiver, folder)
    return folder


def files(model: Path) -> Iterator[tuple[str, bytes]]:
    image = coffee()
    soft = np.indices(image.shape[:2]).sum(0).astype(np.uint8)
    yield "fused", encode(image, 60, model=model, lossless=False)
    yield "one-pixel", encode(image[:1, :1], 60, model=model, lossless=False)
    yield "edges", encode(image[:97, :65], 90, model=model, lossless=False)
    yield "gray", encode(image[:90, :70, 0], 60, model=model, lossless=False)
    yield (
        "gray-alpha",
        encode(np.dstack([image, soft])[..., 2:], 60, model=model, lossless=False),
    )
    yield "alpha", encode(np.dstack([image, soft]), 60, model=model, lossless=False)
    yield (
        "opaque",
        encode(np.dstack([image, soft | 255]), 60, model=model, lossless=False),
    )
    yield from lossless_files(image, soft)
    in_steps = in_tiles(model, image, rounds=6)
    yield "steps", in_steps
    yield "small-tiles", in_tiles(model, image, rounds=1)
    yield "map", in_tiles(model, image, rounds=6, quality_map=uneven(image))
    yield "cut", in_steps[:-1]
    yield "flipped", in_steps[:900] + bytes([in_steps[900] ^ 4]) + in_steps[901:]
    yield (
        "other-alpha",
        with_alpha_of(
            encode(np.dstack([image, soft]), 60, model=model, lossless=False),
            encode(np.dstack([image, ~soft]), 60, model=model, lossless=False),
        ),
    )


def lossless_files(image: Samples, soft: Samples) -> Iterator[tuple[str, bytes]]:
    """Pictures for which WebP has means of its own."""
    few = (image // 64 * 64)[:, :-1]
    drawn = {
        "photo": image,
        "hidden": np.dstack([image, soft // 128 * 255]),
        "gray": soft,
        "gray-alpha": np.dstack([soft, ~soft]),
        "two-colours": (few > 64).all(2).astype(np.uint8) * 200,
        "four-colours": few[..., 0],
        "sixteen-colours": few // 128 * 99,
        "more-colours": few,
        "noise": np.random.default_rng(1).integers(0, 256, (50, 41, 3), np.uint8),
        "flat": np.full((70, 30, 3), 7, np.uint8),
        "pixel": image[:1, :1],
    }
    for name, planes in drawn.items():
        yield f"lossless-{name}", encode(planes, lossless=True)
    yield "lossless-near", encode(np.dstack([image, soft]), max_error=3)
    data = bytearray(encode(image, lossless=True))
    data[-5:-4] = bytes([data[-5] ^ 1])  # the last byte of the samples
    body = bytes(data[:-4])
    chunk = body[body.index(b"L", 27) :]
    yield "lossless-changed", body + zlib.crc32(chunk).to_bytes(4, "little")


def uneven(image: Samples) -> bytes:
    cells = -(-image.shape[0] // 64) * -(-image.shape[1] // 64)
    return bytes(17 * cell % 101 for cell in range(cells))


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
