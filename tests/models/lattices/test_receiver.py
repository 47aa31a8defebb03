from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.models.lattices.small_model import small_tensors, soft_picture
from vaecodec.codec.lossless.near import to_multiples
from vaecodec.entropy.ans_constriction import ConstrictionCoder
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.errors import FormatError, ModelError
from vaecodec.models.lattices.receiver import LatticeReceiver


@pytest.fixture(scope="module")
def receiver():
    return LatticeReceiver(small_tensors())


@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (1, 40), (3, 2), (2, 65), (31, 33), (32, 32), (50, 70), (97, 64)],
)
def test_every_sample_of_any_size_comes_back(receiver, height, width):
    picture = soft_picture(height, width)
    data = receiver.encode(picture)
    assert np.array_equal(receiver.decode(data, (height, width, 3)), picture)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.integers(0, 256, (40, 40, 3)),
        lambda rng: rng.integers(0, 2, (40, 40, 3)) * 255,
        lambda rng: np.full((40, 40, 3), 255),
        lambda rng: np.mgrid[:40, :40][0][..., None] * [0, 1, 6],
    ],
    ids=["noise", "black and white", "white", "ramps"],
)
def test_pictures_that_no_model_expects_come_back(receiver, draw):
    picture = draw(np.random.default_rng(0)).astype(np.uint8)
    data = receiver.encode(picture)
    assert np.array_equal(receiver.decode(data, (40, 40, 3)), picture)


@pytest.mark.parametrize("error", [1, 2, 4, 127])
@pytest.mark.parametrize("gray", [False, True])
def test_all_numbers_within_a_largest_error_come_back(receiver, error, gray):
    picture = soft_picture(40, 50)
    picture[:2, :2], picture[5:9, 5:9] = 255, 0
    numbers = to_multiples(picture[..., 0] if gray else picture, error, None)
    data = receiver.encode(numbers, largest_error=error)
    found = receiver.decode(data, numbers.shape, largest_error=error)
    assert np.array_equal(found, numbers)


def test_a_larger_error_takes_fewer_bytes(receiver):
    sizes = [
        len(
            receiver.encode(
                to_multiples(soft_picture(64, 64), n, None), largest_error=n
            )
        )
        for n in (0, 1, 2, 4)
    ]
    assert all(more < 0.85 * before for before, more in pairwise(sizes))


def test_gray_comes_back_and_takes_less_than_colours(receiver, camera):
    picture = camera[:80, :90]
    data = receiver.encode(picture)
    assert np.array_equal(receiver.decode(data, (80, 90)), picture)
    assert len(data) < 0.98 * len(receiver.encode(np.dstack([picture] * 3)))


def test_numbers_that_stand_for_nothing_are_refused(receiver):
    data = receiver.encode(soft_picture(40, 50))
    with pytest.raises(FormatError, match=r"not in 0\.\.28"):
        receiver.decode(data, (40, 50, 3), largest_error=4)


def test_a_photograph_comes_back(receiver, chelsea):
    picture = chelsea[100:200, 100:230]
    data = receiver.encode(picture)
    assert np.array_equal(receiver.decode(data, (100, 130, 3)), picture)


def test_both_coders_write_the_same_bytes(receiver):
    picture = soft_picture(40, 50)
    plain = LatticeReceiver(small_tensors(), coder=PythonCoder)
    fast = LatticeReceiver(small_tensors(), coder=ConstrictionCoder)
    data = plain.encode(picture)
    assert data == fast.encode(picture)
    assert np.array_equal(plain.decode(data, (40, 50, 3)), picture)


def test_damage_is_an_error_or_another_picture_but_nothing_else(receiver):
    picture = soft_picture(40, 50)
    data = bytearray(receiver.encode(picture))
    rng = np.random.default_rng(0)
    noticed = 0
    for place in rng.integers(0, len(data), 15).tolist():
        damaged = data.copy()
        damaged[place] ^= 1 << int(rng.integers(8))
        try:
            assert not np.array_equal(receiver.decode(damaged, (40, 50, 3)), picture)
        except FormatError:
            noticed += 1
    assert noticed > 10


def test_data_that_is_cut_or_goes_on_is_refused(receiver):
    data = receiver.encode(soft_picture(40, 50))
    for other in (b"", data[:5], data[:-1], data[: len(data) // 2], data + b"\1"):
        with pytest.raises(FormatError):
            receiver.decode(other, (40, 50, 3))
    with pytest.raises(FormatError, match="zero byte"):
        receiver.decode(data + b"\0", (40, 50, 3))


def test_data_of_another_size_is_refused(receiver):
    data = receiver.encode(soft_picture(40, 50))
    with pytest.raises(FormatError):
        receiver.decode(data, (50, 40, 3))


@pytest.mark.parametrize("name", ["laws.half", "laws.inverse", "level1.step2"])
def test_a_model_part_without_a_tensor_is_refused(name):
    tensors = {key: value for key, value in small_tensors().items() if key != name}
    with pytest.raises(ModelError, match=name):
        LatticeReceiver(tensors)


@pytest.mark.parametrize(("name", "number"), [("half", 32769), ("inverse", 0)])
def test_a_model_part_with_impossible_laws_is_refused(name, number):
    tensors = dict(small_tensors())
    tensors[f"laws.{name}"] = np.full_like(tensors[f"laws.{name}"], number)
    with pytest.raises(ModelError, match=str(number)):
        LatticeReceiver(tensors)


def test_a_model_part_with_the_program_of_another_step_is_refused():
    tensors = {
        name.replace("level0.step0", "level0.step2"): value
        for name, value in small_tensors().items()
        if not name.startswith("level0.step2")
    }
    tensors |= small_tensors() | {
        name: value for name, value in tensors.items() if "step2" in name
    }
    with pytest.raises(ModelError, match=r"level0.step2.*48 channels"):
        LatticeReceiver(tensors)
