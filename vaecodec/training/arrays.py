"""Arrays of any number of channels -> tiles to train on.

In: folders with .npy, TIFF and Zarr arrays of uint8 or uint16. Out: tiles as those of
pictures, but float32 in levels 0..255 if there are more than 8 bits, none of which is
lost. The last axis of an array holds the channels; each [H, W, C] of its other axes is
an image. Tiles of one array may lie on both sides of the split between training and
validation: many collections are a single array.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vaecodec.errors import ImageError
from vaecodec.models.depth import SHALLOW, dtype_of, greatest, levels_of
from vaecodec.models.networks.trainable import Kind
from vaecodec.training.photographs import TILE, cut, load_tiles, sides_of, stacked

Read = Callable[[Path, int], Any]  # file, channels -> what is cut like an array


def load_samples(folders: Sequence[Path], kind: Kind) -> tuple[Tensor, Tensor]:
    """Tiles to train on and to validate with, [N, C, 512, 512].

    Those of 8 bits are uint8, others float32 in levels. For pictures see `load_tiles`.

    Raises:
        ImageError: There is too little, or a file is damaged or of another kind.
        OSError: A folder cannot be read.
    """
    if kind.is_pictures:
        return load_tiles(folders)
    tiles: list[Tensor] = []
    names: list[str] = []
    files = list(_files(folders))
    for file in files:
        found = list(_tiles_of(file, kind))
        names += [f"{file.name} {number}" for number in range(len(found))]
        tiles += found
    sides = sides_of(tiles, names)
    enough = f"40 tiles of {TILE} x {TILE}"
    return stacked(sides, what="arrays", files=len(files), enough=enough)


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    """What can be read below folders; a Zarr array is itself a folder."""
    for folder in folders:
        os.scandir(folder).close()  # or a missing folder would look like an empty one
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() in _READERS:
                yield file


def _tiles_of(file: Path, kind: Kind) -> Iterator[Tensor]:
    try:
        array = _READERS[file.suffix.lower()](file, kind.channels)
        for image in _images(array, kind):
            samples = _checked(image, kind)
            shallow = kind.depth == SHALLOW
            yield from cut(samples if shallow else levels_of(samples, kind.depth))
    except ImageError as error:
        raise ImageError(f"{file}: {error}") from error
    except (OSError, ValueError, KeyError) as error:
        raise ImageError(f"{file}: no readable array: {error}") from error


def _images(array: Any, kind: Kind) -> Iterator[NDArray[Any]]:
    """Each image [H, W, C] of an array [..., H, W, C]; of one channel, of [..., H, W].

    An axis of one channel may be there, and nothing is read before it is asked for.
    """
    shape, channels = tuple(array.shape), kind.channels
    if channels == 1 and shape[-1:] != (1,):
        shape = (*shape, 1)
    if len(shape) < 3 or shape[-1] != channels or 0 in shape:
        expected = "[..., H, W]" if channels == 1 else f"[..., H, W, {channels}]"
        raise ImageError(f"an array {list(array.shape)}, expected {expected}")
    for place in np.ndindex(*shape[:-3]):
        yield np.asarray(array[place]).reshape(shape[-3:])


def _checked(image: NDArray[Any], kind: Kind) -> NDArray[Any]:
    dtype = np.dtype(dtype_of(kind.depth))
    if image.dtype.newbyteorder("=") != dtype:
        raise ImageError(f"samples are {image.dtype}, {kind.depth} bits need {dtype}")
    if (found := int(image.max())) > (most := greatest(kind.depth)):
        raise ImageError(f"a sample of {found}, at most {most} with {kind.depth} bits")
    return image.astype(dtype, copy=False)


def _read_npy(file: Path, _: int) -> Any:
    return np.load(file, mmap_mode="r", allow_pickle=False)


def _read_tiff(file: Path, channels: int) -> Any:
    """[images, H, W, C]; gray pages are the channels, as many as belong together."""
    pyvips = _library("pyvips", "the extra 'deep' (pip install 'vaecodec[deep]')")
    try:
        image = pyvips.Image.new_from_file(os.fspath(file), n=-1)
        pages = image.numpy()
    except pyvips.Error as error:
        raise ImageError(str(error).strip().splitlines()[-1]) from error
    height, bands = image.get_page_height(), image.bands
    pages = pages.reshape(-1, height, image.width, bands)
    if bands == 1 and len(pages) % channels == 0:
        pages = pages.reshape(-1, channels, height, image.width)
        return pages.transpose(0, 2, 3, 1)  # [images, C, H, W] -> [images, H, W, C]
    return pages


def _read_zarr(file: Path, _: int) -> Any:
    return _library("zarr", "zarr (pip install zarr)").open_array(file, mode="r")


def _library(name: str, source: str) -> Any:
    if find_spec(name) is None:
        raise ImageError(f"reading this needs {source}")
    return import_module(name)


_READERS: dict[str, Read] = {
    ".npy": _read_npy,
    ".tif": _read_tiff,
    ".tiff": _read_tiff,
    ".zarr": _read_zarr,
}
