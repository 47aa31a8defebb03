"""What alpha hides costs nothing, is not seen, and comes back as a smooth surface."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import vaecodec
from vaecodec.codec.hidden_colours import COARSE, FilledColours, visible_colours
from vaecodec.codec.pictures.picture import Picture
from vaecodec.codec.search.targets import colour_psnr

Samples = NDArray[np.uint8]
EVERYTHING = slice(0, 1 << 20), slice(0, 1 << 20)


@pytest.fixture
def cutout(astronaut: Samples) -> Samples:
    """RGB and alpha, uint8 [150, 170, 4]: a disc of a photograph, alpha 0 around it."""
    rows, columns = np.indices((150, 170))
    seen = np.hypot(rows - 75, columns - 85) < 60
    return np.dstack([astronaut[:150, 150:320], np.where(seen, 255, 0).astype("u1")])


def with_hidden(image: Samples, colours: Samples | int) -> Samples:
    """The same image, with other colours where it is invisible."""
    hidden = image[:, :, -1:] == 0
    hidden = hidden & (np.arange(image.shape[2]) < image.shape[2] - 1)
    return np.where(hidden, colours, image).astype(np.uint8)


def noise(shape: tuple[int, ...]) -> Samples:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("channels", [2, 4])
def test_what_is_hidden_changes_no_byte_of_the_file(
    cutout: Samples, channels: int
) -> None:
    image = cutout[:, :, 4 - channels :]
    hidden = (image, with_hidden(image, 0), with_hidden(image, noise(image.shape)))
    assert len({vaecodec.encode(one) for one in hidden}) == 1


@pytest.mark.parametrize("quality", [20, 50, 90])
def test_hidden_noise_makes_a_cutout_no_larger_than_the_picture_it_was_cut_from(
    cutout: Samples, quality: int
) -> None:
    noisy = with_hidden(cutout, noise(cutout.shape))
    opaque, alpha_alone, both = (
        vaecodec.encode(image, quality=quality, lossless=False)
        for image in (cutout[:, :, :3], cutout[:, :, [3, 3]], noisy)
    )
    assert len(both) < len(opaque) + len(alpha_alone)


@pytest.mark.parametrize("level", [20, 220])
@pytest.mark.parametrize("hidden", [0, 255])
def test_what_is_hidden_does_not_bleed_into_what_is_seen(
    level: int, hidden: int
) -> None:
    image = np.full((90, 100, 4), level, np.uint8)
    image[:, :50, 3], image[:, 50:, 3] = 0, 255
    again = vaecodec.decode(vaecodec.encode(with_hidden(image, hidden), quality=30))
    seen = again[:, 50:, :3].astype(int)
    assert np.abs(seen - level).max() <= 6
    np.testing.assert_array_equal(again[:, :, 3], image[:, :, 3])


def test_a_cutout_is_seen_nearly_as_well_as_in_the_whole_picture(
    cutout: Samples,
) -> None:
    again = vaecodec.decode(vaecodec.encode(with_hidden(cutout, 0)))
    opaque = vaecodec.decode(vaecodec.encode(cutout[:, :, :3]))
    whole = np.dstack([opaque, cutout[:, :, 3]])
    assert (
        colour_psnr(Picture(cutout), again) > colour_psnr(Picture(cutout), whole) - 0.5
    )


def test_the_psnr_does_not_count_what_is_hidden(cutout: Samples) -> None:
    other = with_hidden(cutout, noise(cutout.shape))
    assert colour_psnr(Picture(cutout), other) == 100
    invisible = cutout * np.array([1, 1, 1, 0], np.uint8)
    assert colour_psnr(Picture(invisible), ~invisible) == 100


def test_a_target_is_met_whatever_is_hidden(cutout: Samples) -> None:
    noisy = with_hidden(cutout, noise(cutout.shape))
    data = vaecodec.compress(noisy, target_psnr=34)
    assert 34 <= colour_psnr(Picture(noisy), vaecodec.decode(data)) <= 1.02 * 34


def test_an_image_of_which_nothing_is_seen_is_tiny() -> None:
    image = noise((200, 300, 4))
    image[:, :, 3] = 0
    assert len(vaecodec.encode(image, quality=100)) < 1500 < image.size / 100


def test_seen_colours_stay_and_hidden_ones_lie_between_them(cutout: Samples) -> None:
    colours, alpha = with_hidden(cutout, 0)[:, :, :3], cutout[:, :, 3]
    filled = visible_colours(colours, alpha)[EVERYTHING]
    seen = alpha > 0
    np.testing.assert_array_equal(filled[seen], colours[seen])
    for channel in range(3):
        found, given = filled[~seen][:, channel], colours[seen][:, channel]
        assert given.min() <= found.min() <= found.max() <= given.max()


def test_a_linear_ramp_is_continued_without_a_step() -> None:
    ramp = np.broadcast_to(np.arange(60, 180, dtype=np.uint8), (80, 120))
    alpha = np.full(ramp.shape, 255, np.uint8)
    alpha[20:60, 40:80] = 0
    filled = visible_colours(ramp * (alpha > 0), alpha)[EVERYTHING]
    assert np.abs(np.diff(filled.astype(int), axis=1)).max() <= 8
    assert np.abs(filled.astype(int) - ramp).max() <= 24


def test_areas_that_overlap_agree(astronaut: Samples) -> None:
    alpha = np.full((512, 512), 255, np.uint8)
    alpha[50:300, 100:411] = 0
    filled = FilledColours(astronaut, alpha)
    whole = filled[EVERYTHING]
    inner = slice(COARSE, -COARSE), slice(COARSE, -COARSE)
    for top, left in ((0, 0), (128, 64), (192, 320)):
        area = slice(top, top + 192), slice(left, left + 192)
        np.testing.assert_array_equal(filled[area][inner], whole[area][inner])


def test_an_image_of_which_all_is_seen_is_not_touched(cutout: Samples) -> None:
    colours = cutout[:, :, :3]
    assert visible_colours(colours, np.maximum(cutout[:, :, 3], 1)) is colours
