"""A model made ready for work: its architecture, its entropy coder, and threads.

In: a model file, or the id of one; out: one object that both directions use. Loading
takes some ten milliseconds and is done once per model and number of threads.
"""

from __future__ import annotations

import copy
import functools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.search.quantization import COST_CAP, quantize
from vaecodec.codec.side_by_side import side_by_side
from vaecodec.codec.tile_coder import TileCoder
from vaecodec.entropy.coder import Coder
from vaecodec.errors import ModelError
from vaecodec.format.header import ImageHeader
from vaecodec.models.architecture import Architecture, Floats, Integers, Prediction
from vaecodec.models.library import find_model, load_model, load_tuned_model
from vaecodec.models.model_file import ModelFile
from vaecodec.models.registry import build

Item = TypeVar("Item")
Result = TypeVar("Result")


class CodecModel:
    """What compressing and decompressing need of one model.

    Attributes:
        stream_id: 8 bytes, as in the header of a file.
        painter_id: 4 bytes, as there.
        architecture: its steps and its painter.
        coder: the entropy coder of tiles.
        error_factor: how many times as much as usual errors are worth to the sender.
    """

    def __init__(
        self,
        model: ModelFile,
        *,
        architecture: Architecture | None = None,
        coder: type[Coder] | None = None,
        threads: int | None = 1,
    ) -> None:
        """Make a model ready; `threads` are for tiles, None takes all cores."""
        self.stream_id, self.painter_id = model.stream_id, model.painter_id
        self._threads = threads
        self.architecture = architecture or build(model, threads=threads)
        self.coder = TileCoder(self.architecture, coder=coder)
        self.error_factor = np.float32(1)

    def quantize(
        self, latents: Floats, prediction: Prediction, weights: Floats, *, limit: int
    ) -> Integers:
        """Symbols [n] for latents in steps [n]; see `quantization`."""
        residual = latents
        if prediction.means is not None:
            residual = latents - prediction.means().astype(np.float32)
        return quantize(
            residual,
            prediction.indexes,
            costs=self.costs,
            error_weight=weights * self.error_factor,
            limit=limit,
        )

    def weighing_errors(self, factor: float) -> CodecModel:
        """The same model for a sender to whom errors are worth `factor` times as much.

        A smaller factor makes smaller files of the same quality step; any model reads
        them.
        """
        twin = copy.copy(self)
        twin.error_factor = np.float32(factor)
        return twin

    def side_by_side(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[Result]:
        """Results of work on tiles, in their order, done in the model's threads."""
        return side_by_side(work, items, threads=self._threads)

    @functools.cached_property
    def costs(self) -> NDArray[np.float32]:
        """Bits of the values -255..255 per row of the tables [64, 511]."""
        return self.architecture.tables.cost_bits(cap=COST_CAP)


def model_to_compress(
    model: str | os.PathLike[str] | None,
    *,
    tune: str | None = None,
    threads: int | None,
) -> CodecModel:
    """The model of this name or path, or the one tuned for this; see the library.

    Raises:
        ModelError: There is none, or it is damaged.
        ValueError: Both are given, or `tune` is unknown.
    """
    return _ready(load_tuned_model(tune, model), threads)


def model_to_decompress(
    header: ImageHeader,
    painter: str | os.PathLike[str] | None = None,
    *,
    threads: int | None,
) -> CodecModel:
    """The model that a file names, searched for, or another one with the same stream.

    Raises:
        ModelError: There is none, it is damaged, or the given one reads other streams;
            or the file is lossless.
    """
    if header.is_lossless:
        raise ModelError("a lossless file names no model, and has no latents")
    if painter is None:
        return _ready(find_model(header.stream_id, header.painter_id), threads)
    given = load_model(painter)
    if given.stream_id != header.stream_id:
        raise ModelError(
            f"the file was made with model {header.stream_id.hex()}, "
            f"{os.fspath(painter)!r} is model {given.stream_id.hex()}"
        )
    return _ready(given, threads)


def model_to_verify(
    header: ImageHeader, model: str | os.PathLike[str] | None
) -> CodecModel:
    """A model that reads the symbols of a file, whatever its painter.

    Raises:
        ModelError: As `model_to_decompress`.
    """
    if model is None:
        return _ready(find_model(header.stream_id), 1)
    return model_to_decompress(header, model, threads=1)


@functools.lru_cache(maxsize=4)
def _ready(model: ModelFile, threads: int | None) -> CodecModel:
    return CodecModel(model, threads=threads)
