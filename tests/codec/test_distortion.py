from __future__ import annotations

import numpy as np
import pytest

from vaecodec.codec.search.distortion import mse_255, psnr_db


def test_an_error_of_one_level_everywhere_is_48_decibels() -> None:
    original = np.full((4, 5, 3), 100, np.uint8)
    assert psnr_db(original, original + np.uint8(1)) == pytest.approx(48.1308, abs=1e-4)
    assert psnr_db(original, original - np.uint8(1)) == pytest.approx(48.1308, abs=1e-4)


def test_black_against_white_is_zero_decibels() -> None:
    black = np.zeros((2, 2, 3), np.uint8)
    assert psnr_db(black, ~black) == 0


def test_one_wrong_channel_counts_a_third() -> None:
    original = np.zeros((8, 8, 3), np.uint8)
    decoded = original.copy()
    decoded[:, :, 1] = 6
    assert mse_255(original, decoded) == 12


def test_where_there_is_nothing_there_is_no_error() -> None:
    nothing = np.zeros((0, 3), np.uint8)
    assert mse_255(nothing, nothing) == 0


def test_equal_images_have_a_finite_value() -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    assert psnr_db(image, image.copy()) == 100


def test_another_shape_or_type_is_refused() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="shapes differ"):
        psnr_db(image, image[:, :, :1])
    with pytest.raises(ValueError, match="expected uint8"):
        psnr_db(image, image.astype(np.float32))


def test_a_tall_image_is_measured_to_its_last_row() -> None:
    original = np.zeros((1000, 2), np.uint8)
    decoded = original.copy()
    decoded[-1] = 10
    assert mse_255(original, decoded) == 100 / 1000
