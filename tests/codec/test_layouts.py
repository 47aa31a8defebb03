"""Arrays may lie in memory as they like: the same samples give the same bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

import vaecodec

Samples = NDArray[np.uint8]


def fortran(image: Samples) -> Samples:
    return np.asfortranarray(image)


def planes_first(image: Samples) -> Samples:
    return np.ascontiguousarray(image.transpose(2, 0, 1)).transpose(1, 2, 0)


def backwards(image: Samples) -> Samples:
    return np.ascontiguousarray(image[::-1, ::-1, ::-1])[::-1, ::-1, ::-1]


def with_gaps(image: Samples) -> Samples:
    return image.repeat(2, axis=0).repeat(3, axis=1)[::2, ::3]


def read_only(image: Samples) -> Samples:
    copy = image.copy()
    copy.flags.writeable = False
    return copy


LAYOUTS = [fortran, planes_first, backwards, with_gaps]


class OfAnotherLibrary:
    """An array that is none of numpy's."""

    def __init__(self, image: Samples) -> None:
        self._image = image

    def __array__(self, dtype: object = None, copy: object = None) -> Samples:
        return self._image


@pytest.fixture
def image(coffee: Samples) -> Samples:
    return np.ascontiguousarray(coffee[100:170, 200:290])


@pytest.mark.parametrize("layout", [*LAYOUTS, read_only, OfAnotherLibrary])
def test_an_array_of_any_layout_is_compressed(
    layout: Callable[[Samples], Samples], image: Samples
) -> None:
    expected = vaecodec.encode(image, threads=1)
    assert vaecodec.encode(layout(image)) == expected
    assert vaecodec.compress(layout(image)) == expected


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_array_of_any_layout_is_filled(
    layout: Callable[[Samples], Samples], image: Samples
) -> None:
    data = vaecodec.encode(image, threads=1)
    out = layout(np.zeros_like(image))
    assert vaecodec.decode(data, out=out) is out
    np.testing.assert_array_equal(out, vaecodec.decode(data))


def test_an_array_whose_elements_share_memory_is_not_filled(image: Samples) -> None:
    out = as_strided(np.zeros(300, np.uint8), image.shape, (0, 3, 1))
    with pytest.raises(ValueError, match="expected a writable uint8"):
        vaecodec.decode(vaecodec.encode(image, threads=1), out=out)


@pytest.mark.parametrize(
    "out", [bytearray(70 * 90 * 3), [0]], ids=["bytearray", "list"]
)
def test_only_an_array_is_filled(out: object, image: Samples) -> None:
    with pytest.raises(TypeError, match=r"^out is \w+, expected a numpy array$"):
        vaecodec.decode(vaecodec.encode(image, threads=1), out=out)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [">u4", "i1", "?", ">f4"])
def test_samples_of_another_type_are_refused_by_its_name(
    kind: str, image: Samples
) -> None:
    for compress in (vaecodec.encode, vaecodec.compress):
        with pytest.raises(vaecodec.ImageError, match="only uint8 and uint16 are"):
            compress(image.astype(kind))
