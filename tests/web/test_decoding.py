"""The decoder in JavaScript and WebAssembly gives the pixels that Python gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conftest import photograph_path
from tests.models.quadrants.small_model import small_model
from tests.web.conftest import RunNode
from vaecodec.api import decode, encode
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.image_coding import encode_as
from vaecodec.format.header import ImageHeader
from vaecodec.models.compact_file import pack_compact
from vaecodec.models.model_file import parse_model

Samples = NDArray[np.uint8]
KERNELS = ("wasm", "plain")
NAMES = (
    *("fused", "one-pixel", "gray", "gray-alpha", "alpha", "opaque", "small-tiles"),
    *("steps", "map", "edges"),
)
DAMAGED = ("cut", "flipped", "other-alpha")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, run_node: RunNode) -> Path:
    """Files of all kinds, and what both kinds of kernels make of them."""
    folder = tmp_path_factory.mktemp("web")
    model = folder / "small.safetensors"
    model.write_bytes(small_model())
    for name, data in files(model):
        (folder / f"{name}.vaec").write_bytes(data)
    run_node("decode_files.mjs", model, folder)
    return folder


def files(model: Path) -> Iterator[tuple[str, bytes]]:
    image = coffee()
    soft = np.indices(image.shape[:2]).sum(0).astype(np.uint8)
    yield "fused", encode(image, 60, model=model)
    yield "one-pixel", encode(image[:1, :1], 60, model=model)
    yield "edges", encode(image[:97, :65], 90, model=model)
    yield "gray", encode(image[:90, :70, 0], 60, model=model)
    yield "gray-alpha", encode(np.dstack([image, soft])[..., 2:], 60, model=model)
    yield "alpha", encode(np.dstack([image, soft]), 60, model=model)
    yield "opaque", encode(np.dstack([image, soft | 255]), 60, model=model)
    in_steps = in_tiles(model, image, rounds=6)
    yield "steps", in_steps
    yield "small-tiles", in_tiles(model, image, rounds=1)
    yield "map", in_tiles(model, image, rounds=6, quality_map=uneven(image))
    yield "cut", in_steps[:-1]
    yield "flipped", in_steps[:900] + bytes([in_steps[900] ^ 4]) + in_steps[901:]
    yield (
        "other-alpha",
        with_alpha_of(
            encode(np.dstack([image, soft]), 60, model=model),
            encode(np.dstack([image, ~soft]), 60, model=model),
        ),
    )


def coffee() -> Samples:
    from PIL import Image

    return np.array(Image.open(photograph_path("coffee")))[100:230, 200:340]


def uneven(image: Samples) -> bytes:
    cells = -(-image.shape[0] // 64) * -(-image.shape[1] // 64)
    return bytes(17 * cell % 101 for cell in range(cells))


def in_tiles(
    path: Path, image: Samples, *, rounds: int, quality_map: bytes | None = None
) -> bytes:
    model = model_to_compress(path, threads=1)
    height, width = image.shape[:2]
    ids = model.stream_id, model.painter_id
    header = ImageHeader(width, height, 3, 60, 6, rounds, *ids)
    return encode_as(header, model, image, quality_map=quality_map)


def with_alpha_of(one: bytes, other: bytes) -> bytes:
    """The payload of one file beside the alpha of another."""
    from vaecodec.format.container import pack_file, parse_file

    file = parse_file(one)
    alphas = parse_file(other).alphas
    return pack_file(file.header, file.payloads, alphas=alphas)


def as_rgba(planes: Samples) -> Samples:
    planes = planes if planes.ndim == 3 else planes[..., None]
    colours = planes.shape[2] - (planes.shape[2] % 2 == 0)
    alpha = (
        planes[..., -1:]
        if planes.shape[2] > colours
        else np.full_like(planes[..., :1], 255)
    )
    return np.concatenate(
        [np.broadcast_to(planes[..., :colours], (*planes.shape[:2], 3)), alpha], 2
    )


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("name", NAMES)
def test_pixels_are_those_of_python(
    folder: Path, name: str, kernels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAECODEC_MODELS", str(folder))
    expected = as_rgba(decode(folder / f"{name}.vaec"))
    found = np.fromfile(folder / f"{name}.{kernels}.rgba", np.uint8)
    assert np.array_equal(found.reshape(expected.shape), expected)


def test_coded_model_files_are_read_like_plain_ones(
    folder: Path, tmp_path: Path, run_node: RunNode
) -> None:
    plain = parse_model(small_model())
    path = tmp_path / "coded.safetensors"
    path.write_bytes(pack_compact(plain.tensors, plain.metadata))
    assert path.stat().st_size < len(small_model()) / 2
    (tmp_path / "fused.vaec").write_bytes((folder / "fused.vaec").read_bytes())
    run_node("decode_files.mjs", path, tmp_path)
    for kernels in KERNELS:
        found = (tmp_path / f"fused.{kernels}.rgba").read_bytes()
        assert found == (folder / f"fused.{kernels}.rgba").read_bytes()


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_refused(folder: Path, name: str, kernels: str) -> None:
    assert (folder / f"{name}.{kernels}.refused").read_text("utf-8")
    assert not (folder / f"{name}.{kernels}.rgba").exists()
