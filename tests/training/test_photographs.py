from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from vaecodec.errors import ImageError
from vaecodec.training.photographs import TILE, draw_batch, load_tiles, split_files


def write_plain(path, level, size=(8, 8)):
    Image.new("RGB", size, (level, level, level)).save(path)


def levels(tiles):
    return {int(tile[0, 0, 0]) for tile in tiles}


def ramp():
    """One tile that rises by one level every two columns."""
    row = (torch.arange(TILE) // 2).to(torch.uint8)
    return row.expand(1, 3, TILE, TILE).contiguous()


def draw(seed, tiles, *, count=5, side=96):
    generator = torch.Generator().manual_seed(seed)
    return draw_batch(tiles, count=count, side=side, generator=generator)


def test_all_files_of_a_photograph_stay_on_one_side(tmp_path):
    lines = ["file,photo_id"]
    for photo in range(40):
        for part in range(3):
            name = f"{part}-of-{photo}.png"
            write_plain(tmp_path / name, 4 * photo)
            lines.append(f"{name},photo {photo}")
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    training, validation = load_tiles([tmp_path])
    assert not levels(training) & levels(validation)
    assert len(levels(training) | levels(validation)) == 40
    assert len(training) + len(validation) == 120
    assert len(validation) > 0


def test_without_a_manifest_every_file_is_its_own_photograph(tmp_path):
    folder = tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)
    for number in range(40):
        write_plain(folder / f"{number}.png", number)
    (folder / "notes.txt").write_text("not a picture")
    training, validation = load_tiles([tmp_path])
    assert len(training) + len(validation) == 40
    again = load_tiles([tmp_path])
    assert torch.equal(again[0], training)
    assert torch.equal(again[1], validation)


@pytest.mark.parametrize("count", [2, 3, 50])
def test_every_folder_has_a_picture_to_validate_with(tmp_path, count):
    for number in range(count):
        write_plain(tmp_path / f"{number:03}.png", number)
    training, validation = load_tiles([tmp_path])
    assert len(training) >= count - 3
    assert 1 <= len(validation) <= 3


def test_the_files_of_the_split_are_those_of_the_tiles(tmp_path):
    for number in range(30):
        write_plain(tmp_path / f"{number:03}.png", 4 * number)
    for files, tiles in zip(
        split_files([tmp_path]), load_tiles([tmp_path]), strict=True
    ):
        assert {4 * int(file.stem) for file in files} == levels(tiles)


def test_too_few_pictures_are_explained(tmp_path):
    write_plain(tmp_path / "only.png", 7)
    with pytest.raises(ImageError, match=r"too few pictures.* from 1 files"):
        load_tiles([tmp_path])


def test_large_pictures_are_cut_and_small_ones_mirrored(tmp_path, chelsea):
    Image.fromarray(chelsea).save(tmp_path / "small.png")
    write_plain(tmp_path / "large.png", 9, size=(2 * TILE + 30, TILE + 5))
    training, validation = load_tiles([tmp_path])
    tiles = torch.cat([training, validation])
    assert sum(int(tile[0, 0, 0]) == 9 for tile in tiles) == 2
    (small,) = (tile for tile in tiles if tile.float().std() > 10)
    height, width = chelsea.shape[:2]
    planes = torch.from_numpy(chelsea).permute(2, 0, 1)
    assert torch.equal(small[:, :height, :width], planes)
    below = small[:, height : height + 50, :width]
    assert torch.equal(below, planes[:, -50:].flip(1))


def test_a_batch_holds_samples_in_the_unit_range():
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (2, 3, TILE, TILE), np.uint8)
    for seed in range(4):
        batch = draw(seed, torch.from_numpy(noise), side=300)
        assert batch.shape == (5, 3, 300, 300)
        assert batch.dtype == torch.float32
        assert batch.min() >= 0
        assert batch.max() <= 1
        assert batch.std() > 0.1


def test_the_generator_alone_decides_what_is_drawn():
    tiles = ramp()
    assert torch.equal(draw(5, tiles), draw(5, tiles))
    assert not torch.equal(draw(5, tiles), draw(6, tiles))


def test_crops_are_flipped_transposed_and_reduced_up_to_twice():
    slopes = []
    for seed in range(60):
        for image in draw(seed, ramp()) * 255:
            inner = image[0, 8:-8, 8:-8]
            down, right = (inner.diff(dim=axis).mean().item() for axis in (0, 1))
            assert min(abs(down), abs(right)) < 1e-3
            slopes.append((2 * down, 2 * right))
    for axis in (0, 1):
        found = np.array([slope[axis] for slope in slopes])
        steep = np.abs(found[np.abs(found) > 0.1])
        assert steep.min() > 0.95
        assert 1.7 < steep.max() < 2.05
        assert 0.1 < np.mean(np.abs(steep - 1) < 0.02) < 0.6
        assert found.min() < 0 < found.max()
