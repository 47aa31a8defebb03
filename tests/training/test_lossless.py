from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from vaecodec.errors import ModelError
from vaecodec.models.lattices.receiver import LatticeReceiver
from vaecodec.models.tensor_file import parse_tensors
from vaecodec.training.lossless import train_lossless

BATCHES = 6


@pytest.fixture(scope="module")
def pictures(tmp_path_factory, photograph):
    folder = tmp_path_factory.mktemp("pictures")
    image = photograph("chelsea")
    for number in range(3):
        box = (30 * number, 20 * number, 30 * number + 300, 20 * number + 200)
        image.crop(box).save(folder / f"{number}.png")
    return folder


def test_training_gives_a_part_that_codes(pictures, tmp_path, chelsea):
    output = tmp_path / "part.safetensors"
    bits = train_lossless([pictures], BATCHES, output=output)
    assert 5 < bits < 16
    receiver = LatticeReceiver(parse_tensors(output.read_bytes()).tensors)
    picture = chelsea[:64, :64]
    data = receiver.encode(picture)
    assert np.array_equal(receiver.decode(data, (64, 64, 3)), picture)
    assert len(data) < picture.nbytes * 0.7


def test_training_goes_on_from_its_state(pictures, tmp_path):
    output = tmp_path / "part.safetensors"
    before = train_lossless([pictures], BATCHES, output=output)
    state = tmp_path / "part.pt"
    after = train_lossless([pictures], 1, output=output, start=state)
    assert after == pytest.approx(before, rel=0.05)


def test_another_file_is_no_state(pictures, tmp_path):
    other = tmp_path / "other.pt"
    Image.new("RGB", (3, 3)).save(other, "PNG")
    with pytest.raises(ModelError, match=r"other.pt is no state"):
        train_lossless([pictures], 1, output=tmp_path / "part", start=other)
