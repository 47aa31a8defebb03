"""Whole files of this architecture: tiles, maps, steps, damage, previews."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.models.quadrants.small_model import small_model, small_tensors
from vaecodec import features, recover, verify
from vaecodec.api import decode, encode
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.geometry import windows
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import decode_with, encode_as, read_tile
from vaecodec.format.container import parse_file
from vaecodec.format.header import ImageHeader

Samples = NDArray[np.uint8]


def psnr(one: Samples, other: Samples) -> float:
    return float(10 * np.log10(255**2 / np.mean((one - other.astype(float)) ** 2)))


def in_small_tiles(path: Path, image: Samples) -> bytes:
    """A file of tiles of 128 x 128 pixels, with a payload for each step."""
    model = model_to_compress(path, threads=1)
    height, width = image.shape[:2]
    ids = model.stream_id, model.painter_id
    header = ImageHeader(width, height, 3, 80, 7, 6, *ids)
    return encode_as(header, model, image)


def test_files_grow_and_errors_shrink_with_quality(
    model_path: Path, coffee: Samples
) -> None:
    sizes, scores = [], []
    for quality in (10, 50, 90):
        data = encode(coffee, quality, model=model_path)
        verify(data)
        sizes.append(len(data))
        scores.append(psnr(decode(data), coffee))
    assert sizes == sorted(sizes)
    assert scores == sorted(scores)
    assert scores[-1] > 18


def test_features_are_the_latents_that_are_painted(
    model_path: Path, coffee: Samples
) -> None:
    data = in_small_tiles(model_path, coffee[:150, :200])
    found, file = features(data), parse_file(data)
    model = model_to_compress(model_path, threads=1)
    for tile in tiles(file.header):
        latent = read_tile(model, file, tile).latents.planes[1]
        rows, columns = (slice(s.start // 16, -(-s.stop // 16)) for s in tile.pixels)
        here = found.latents[:, rows, columns]
        whole = latent[:, : here.shape[1], : here.shape[2]]
        sizes = here[whole != 0] / whole[whole != 0]
        assert np.array_equal(here != 0, whole != 0)
        assert np.all(sizes > 0)
    assert found.scales.shape == found.latents.shape
    assert np.all(found.scales >= 0)


@pytest.mark.parametrize("shape", [(1, 1), (33, 65), (64, 64), (130, 50)])
def test_every_size_and_kind_comes_back(
    model_path: Path, astronaut: Samples, shape: tuple[int, int]
) -> None:
    image = astronaut[: shape[0], : shape[1]]
    for planes in (image[..., 0], image, np.dstack([image, image[..., :1]])):
        data = encode(planes, 90, model=model_path)
        verify(data)
        assert decode(data).shape == planes.shape


@pytest.mark.parametrize("mapped", [False, True])
def test_pixels_do_not_depend_on_windows_or_on_what_else_is_drawn(
    model_path: Path, coffee: Samples, monkeypatch: pytest.MonkeyPatch, mapped: bool
) -> None:
    cells = np.random.default_rng(1).integers(0, 101, (7, 10))
    data = (
        encode(coffee, quality_map=cells, model=model_path)
        if mapped
        else in_small_tiles(model_path, coffee)
    )
    whole = decode(data)
    for side in (64, 192):
        monkeypatch.setattr(windows, "CORE_PIXELS", side)
        np.testing.assert_array_equal(decode(data), whole)
    region = decode(data, region=(70, 33, 301, 123))
    np.testing.assert_array_equal(region, whole[33:156, 70:371])


def test_the_painter_sees_latents_in_all_of_the_last_cells(
    model_path: Path, coffee: Samples
) -> None:
    model = model_to_compress(model_path, threads=1)
    file = parse_file(in_small_tiles(model_path, coffee[:70, :120]))
    [tile] = tiles(file.header)
    latents = read_tile(model, file, tile).latents
    assert [plane.shape for plane in latents] == [(8, 2, 2), (16, 8, 8)]
    beyond = latents.planes[1][:, 5:]
    assert np.count_nonzero(beyond) > beyond.size / 2
    drawn = model.architecture.paint(latents, np.full((1, 1), 80, np.uint8))
    np.testing.assert_array_equal(decode_with(model, file), drawn[:70, :120])


def test_each_step_of_the_latent_adds_to_the_image(
    model_path: Path, coffee: Samples
) -> None:
    data = in_small_tiles(model_path, coffee)
    scores = [psnr(decode(data, steps=steps), coffee) for steps in range(2, 7)]
    assert scores == sorted(scores)
    assert scores[-1] > scores[0] + 3
    np.testing.assert_array_equal(decode(data, steps=6), decode(data))


def test_a_map_of_quality_moves_bits_to_where_it_is_high(
    model_path: Path, coffee: Samples
) -> None:
    cells = np.full((7, 10), 10)
    cells[2:4, 3:6] = 100
    data = encode(coffee, quality_map=cells, model=model_path)
    verify(data)
    low, high = (decode(encode(coffee, q, model=model_path)) for q in (10, 100))
    inside, outside = np.s_[160:224, 256:320], np.s_[:64]
    decoded = decode(data)
    assert psnr(decoded[inside], coffee[inside]) == pytest.approx(
        psnr(high[inside], coffee[inside]), abs=0.5
    )
    assert psnr(decoded[outside], coffee[outside]) == pytest.approx(
        psnr(low[outside], coffee[outside]), abs=0.5
    )


def test_previews_are_close_to_means_of_the_image(
    model_path: Path, coffee: Samples
) -> None:
    data = in_small_tiles(model_path, coffee)
    whole = decode(data).astype(float)
    means = whole.reshape(50, 8, 75, 8, 3).mean(axis=(1, 3))
    assert np.abs(decode(data, preview=8) - means).mean() < 1


def test_damaged_tiles_are_filled_and_cut_off_ones_are_coarse(
    model_path: Path, coffee: Samples
) -> None:
    data = in_small_tiles(model_path, coffee)
    whole = decode(data)
    payloads = parse_file(data).payloads
    first = data.index(payloads[7][0])
    image, [damage] = recover(data[: first + 2] + b"\0" + data[first + 3 :])
    assert (damage.region, damage.steps) == ((256, 128, 128, 128), 0)
    assert psnr(np.asarray(image), whole) > 18
    last = data.index(payloads[7][5])
    image, damages = recover(data[:last])
    assert {damage.steps for damage in damages} == {5}
    assert psnr(np.asarray(image), whole) > 18


def test_the_sender_codes_the_nearest_hyper_latent(
    model_path: Path, coffee: Samples
) -> None:
    model = model_to_compress(model_path, threads=1)
    file = parse_file(encode(coffee[:192, :256], 40, model=model_path))
    [tile] = tiles(file.header)
    values, _ = read_tile(model, file, tile).latents
    hyper, _ = model.architecture.analyze(
        coffee[:192, :256], np.full((1, 1), 40, np.uint8)
    )
    np.testing.assert_array_equal(values, hyper)
    assert np.ptp(values) > 10


def test_a_hyper_latent_without_tables_is_not_coded(
    model_path: Path, coffee: Samples
) -> None:
    offsets = np.zeros((2, 101, 8), np.int32)
    model_path.write_bytes(small_model({**small_tensors(), "hyper.offsets": offsets}))
    data = encode(coffee[:192, :256], 40, model=model_path)
    verify(data)
    model = model_to_compress(model_path, threads=1)
    file = parse_file(data)
    [tile] = tiles(file.header)
    hyper, latent = read_tile(model, file, tile).symbols
    assert not hyper.any()
    assert latent.any()
