"""Plugins write and read files whose tiles have a payload for each coding step."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import vaecodec
from vaecodec.codec import image_coding
from vaecodec.plugins.numcodecs import VaecodecCodec

Samples = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _never_fused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_coding, "FUSED_BELOW", 0)


@pytest.fixture
def image(astronaut: Samples) -> Samples:
    """RGB, uint8 [64, 80, 3]."""
    return np.ascontiguousarray(astronaut[:64, 180:260])


def through_pillow(image: Samples) -> tuple[bytes, Samples]:
    vaecodec.register_pillow_plugin()
    file = io.BytesIO()
    Image.fromarray(image).save(file, format="VAEC", quality=80)
    return file.getvalue(), np.asarray(Image.open(file))


def through_numcodecs(image: Samples) -> tuple[bytes, Samples]:
    codec = VaecodecCodec(quality=80)
    data = codec.encode(image)
    return data, codec.decode(data)


def through_zarr(image: Samples) -> tuple[bytes, Samples]:
    zarr = pytest.importorskip("zarr", minversion="3")
    from vaecodec.plugins.zarr import VaecodecSerializer

    store: dict[str, Any] = {}
    options = {"shape": image.shape, "chunks": image.shape, "dtype": "uint8"}
    serializer = VaecodecSerializer(quality=80)
    array = zarr.create_array(store, **options, serializer=serializer, compressors=None)
    array[...] = image
    [chunk] = (store[key] for key in store if key.startswith("c/"))
    return chunk.to_bytes(), array[...]


@pytest.mark.parametrize("through", [through_pillow, through_numcodecs, through_zarr])
def test_a_file_with_a_payload_for_each_step_goes_through(
    image: Samples, through: Callable[[Samples], tuple[bytes, Samples]]
) -> None:
    data, samples = through(image)
    assert vaecodec.inspect(data).rounds > 1
    np.testing.assert_array_equal(samples, vaecodec.decode(data))
    assert np.abs(samples.astype(int) - image).mean() < 4
