from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import vaecodec
from tests.codec.lossless.test_estimate import drawing
from tests.codec.lossless.test_webp import SHAPES
from vaecodec.codec.lossless.near import from_multiples, to_multiples
from vaecodec.errors import FormatError
from vaecodec.format.header import most_error
from vaecodec.models.depth import Samples, dtype_of, greatest


def errors(one: Samples, other: Samples) -> Samples:
    return np.maximum(one, other) - np.minimum(one, other)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data(), st.integers(8, 16))
def test_no_sample_of_any_depth_is_further_off_than_allowed(
    data: st.DataObject, depth: int
) -> None:
    values = st.integers(0, greatest(depth))
    samples = data.draw(arrays.arrays(dtype_of(depth), SHAPES, elements=values))
    error = data.draw(st.integers(0, most_error(depth)))
    alpha = None if samples.ndim == 2 else data.draw(st.sampled_from([None, 0, -1]))
    numbers = to_multiples(samples, error, alpha)
    again = from_multiples(numbers, error, alpha, depth=depth)
    assert errors(samples, again).max() <= error
    assert np.array_equal(to_multiples(again, error, alpha), numbers)
    if alpha is not None:
        assert np.array_equal(samples[:, :, alpha], again[:, :, alpha])


@pytest.mark.parametrize("error", [1, 3, 10, 127])
@pytest.mark.parametrize("kind", ["noise", "text", "photograph"])
def test_the_bound_holds_and_saves_bytes(
    astronaut: Samples, kind: str, error: int
) -> None:
    samples = {
        "noise": np.random.default_rng(1).integers(0, 256, (60, 70, 4), dtype=np.uint8),
        "text": np.asarray(drawing(200, 150)),
        "photograph": astronaut[100:250, 200:350],
    }[kind]
    data = vaecodec.encode(samples, max_error=error, effort=1)
    again = vaecodec.decode(data)
    assert errors(samples, again).max() <= error
    assert len(data) < len(vaecodec.encode(samples, lossless=True, effort=1))
    info = vaecodec.inspect(data)
    assert (info.lossless, info.max_error) == (False, error)
    vaecodec.verify(data)


def test_the_mark_stays_when_such_a_file_is_all_that_is_left(camera: Samples) -> None:
    data = vaecodec.encode(camera, max_error=2, effort=1)
    forged = bytearray(data)
    place = data.index(bytes([2, 0, 0, 0]), 8)
    forged[place] = 0
    with pytest.raises(FormatError):
        vaecodec.decode(bytes(forged))


def test_an_error_of_0_is_lossless(camera: Samples) -> None:
    data = vaecodec.encode(camera, max_error=0, effort=1)
    assert data == vaecodec.encode(camera, lossless=True, effort=1)
    assert vaecodec.inspect(data).max_error == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_error": 128}, r"max_error 128, allowed 0\.\.127"),
        ({"max_error": -1}, "max_error -1, allowed 0 or more"),
        ({"max_error": 1, "lossless": True}, "cannot both be given"),
        ({"max_error": 1, "tune": "eye"}, "have no quality map, target, tune or model"),
    ],
)
def test_an_error_out_of_range_and_options_for_lossy_files_are_refused(
    camera: Samples, options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        vaecodec.encode(camera, **options)  # type: ignore[arg-type]


def test_a_number_that_stands_for_no_sample_is_refused() -> None:
    numbers = np.array([[86]], np.uint8)
    assert from_multiples(numbers - 1, 1, None, depth=8) == 255
    with pytest.raises(FormatError, match="a sample of 258, at most 255"):
        from_multiples(numbers, 1, None, depth=8)
