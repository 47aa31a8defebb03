"""The networks that choose a frequency table for every latent symbol.

In come the hyper-symbols of a tile and, for the second pass, the symbols of the first
group; out go scale indexes 0..63, rows of the table set. The first pass sees only the
hyper-symbols; the second also the magnitudes of the neighbours already decoded. The
output layers compute only the group that is asked for. Quality enters as an offset of
the output, so one network serves all of 0..100. See SPEC.md, section 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.architecture import QUALITIES, Quality
from vaecodec.models.checkerboard.board import Checkerboard
from vaecodec.models.exact.integer_network import (
    ACTIVATION_LIMIT,
    HIDDEN_SHIFT,
    Dense,
    Depthwise,
    Float,
    Multiply,
    OutputLayer,
    activate,
    shuffle_pixels,
)
from vaecodec.models.quality import at_latents
from vaecodec.models.sizes import HYPER_LIMIT

INPUT_UNIT = 1 << 8  # a hyper-symbol of 1, with the 8 fractional bits of activations
MAGNITUDES = 16  # |symbol| of 15 and more look the same to the second pass

Tensors = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Features:
    """What both passes share: activations [C, h * w] in parity order, and the grid."""

    board: Checkerboard
    shared: Float


class ScaleNetworks:
    """Both passes of a model.

    Attributes:
        latent_channels: M, an even number.
        hyper_channels: Z.
        multiply: computes the matrix products.
    """

    def __init__(self, tensors: Tensors, *, multiply: Multiply = np.matmul) -> None:
        """Read the tensors ``scale.*``; layer widths come from their shapes.

        Raises:
            ModelError: A tensor is missing, does not fit its neighbours, or a layer
                could leave the range in which float64 is exact.
        """
        self.multiply = multiply
        self._magnitudes = take_tensor(
            tensors, "scale.magnitudes", np.int16, [MAGNITUDES]
        ).astype(np.float64)
        self._read_first_pass(tensors)
        self._read_second_pass(tensors)

    def features(
        self, hyper_symbols: NDArray[np.int16], board: Checkerboard
    ) -> Features:
        """Return what ``hyper_symbols`` [Z, ceil(h/4), ceil(w/4)] tell both passes."""
        wide = hyper_symbols.astype(np.float64) * INPUT_UNIT
        wide = shuffle_pixels(_hidden(self._expand1, wide))
        wide = activate(self._spread1.accumulate(wide))
        wide = shuffle_pixels(_hidden(self._expand2, wide))
        wide = activate(self._spread2.accumulate(wide))
        cropped = wide[:, : board.height, : board.width]
        return Features(board, board.to_parity_order(cropped))

    def first_indexes(self, features: Features, quality: Quality) -> NDArray[np.uint8]:
        """Return the scale indexes of the first group, uint8 [M / 2, h * w]."""
        hidden = activate(self._hidden_first.accumulate(features.shared))
        even = features.board.even
        offsets = self._offsets_at(0, quality, features.board)
        return self._output_first.indexes(hidden[:, :even], hidden[:, even:], *offsets)

    def second_indexes(
        self, features: Features, first: NDArray[np.int16], quality: Quality
    ) -> NDArray[np.uint8]:
        """Return the scale indexes of the second group, uint8 [M / 2, h * w].

        ``first`` holds the symbols of the first group, [M / 2, h * w].
        """
        seen = self._gather_neighbours(first, features.board)
        both = np.concatenate([seen, features.shared])
        hidden = activate(self._hidden_second.accumulate(both))
        even = features.board.even
        offsets = self._offsets_at(1, quality, features.board)
        return self._output_second.indexes(hidden[:, even:], hidden[:, :even], *offsets)

    def _gather_neighbours(
        self, first: NDArray[np.int16], board: Checkerboard
    ) -> Float:
        even = board.even
        magnitudes = self._magnitudes.take(np.abs(first), mode="clip")
        sums = np.empty((self._gather_even.bias.size, first.shape[1]))
        self._gather_even.accumulate(magnitudes[:, :even], out=sums[:, :even])
        self._gather_odd.accumulate(magnitudes[:, even:], out=sums[:, even:])
        seen = board.to_raster(activate(sums))
        return board.to_parity_order(activate(self._spread_symbols.accumulate(seen)))

    def _offsets_at(
        self, group: int, quality: Quality, board: Checkerboard
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Offsets of even and of odd channels, [M / 2, 1] or [M / 2, positions]."""
        if quality.size == 1:
            everywhere = self._offsets[group, quality[0, 0]][:, None]  # [M, 1]
            return everywhere[0::2], everywhere[1::2]
        # [rows, columns] of cells -> [h, w] -> [h * w] in parity order
        raster = at_latents(quality)[: board.height, : board.width]
        at = board.to_parity_order(raster[None])[0]
        halves = at[: board.even], at[board.even :]
        for_even, for_odd = halves if group == 0 else halves[::-1]
        return (
            self._offsets[group, for_even, 0::2].T,
            self._offsets[group, for_odd, 1::2].T,
        )

    def _read_first_pass(self, tensors: Tensors) -> None:
        weight, bias = _take_layer(tensors, "expand1", [None, None])
        self.hyper_channels = weight.shape[1]
        limit = HYPER_LIMIT * INPUT_UNIT
        self._expand1 = self._hidden_layer(weight, bias, limit)
        width = _quarter("expand1", len(weight))
        self._spread1 = _read_depthwise(tensors, "spread1", width, kernel=3)
        weight, bias = _take_layer(tensors, "expand2", [None, width])
        self._expand2 = self._hidden_layer(weight, bias)
        width = _quarter("expand2", len(weight))
        self._spread2 = _read_depthwise(tensors, "spread2", width, kernel=3)
        self._shared_width = width
        weight, bias = _take_layer(tensors, "hidden_first", [None, width])
        self._hidden_first = self._hidden_layer(weight, bias)
        weight, bias = _take_layer(tensors, "output_first", [None, len(weight)])
        self.latent_channels = len(weight)
        if self.latent_channels % 2:
            raise ModelError(f"{self.latent_channels} latent channels, expected even")
        self._offsets = cast(
            "NDArray[np.int32]",
            take_tensor(
                tensors, "scale.offsets", np.int32, [2, QUALITIES, len(weight)]
            ),
        )
        self._output_first = OutputLayer(
            weight, bias, self._offsets[0], multiply=self.multiply
        )

    def _read_second_pass(self, tensors: Tensors) -> None:
        channels = self.latent_channels
        weight, bias = _take_layer(tensors, "gather", [None, channels])
        limit = int(np.abs(self._magnitudes).max())
        # In the first group, even channels lie on even positions, odd ones on odd.
        self._gather_even = self._hidden_layer(weight[:, 0::2], bias, limit)
        self._gather_odd = self._hidden_layer(weight[:, 1::2], bias, limit)
        width = len(weight)
        self._spread_symbols = _read_depthwise(
            tensors, "spread_symbols", width, kernel=5
        )
        inputs = width + self._shared_width
        weight, bias = _take_layer(tensors, "hidden_second", [None, inputs])
        self._hidden_second = self._hidden_layer(weight, bias)
        weight, bias = _take_layer(tensors, "output_second", [channels, len(weight)])
        self._output_second = OutputLayer(
            weight, bias, self._offsets[1], multiply=self.multiply
        )

    def _hidden_layer(
        self,
        weight: NDArray[np.generic],
        bias: NDArray[np.generic],
        input_limit: int = ACTIVATION_LIMIT,
    ) -> Dense:
        return Dense(
            weight,
            bias,
            input_limit=input_limit,
            shift=HIDDEN_SHIFT,
            multiply=self.multiply,
        )


def _hidden(layer: Dense, inputs: Float) -> Float:
    """Apply a hidden 1x1 layer to [in, h, w]."""
    channels, height, width = inputs.shape
    sums = layer.accumulate(inputs.reshape(channels, -1))
    return activate(sums).reshape(-1, height, width)


def _take_layer(
    tensors: Tensors, layer: str, shape: list[int | None]
) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    weight = take_tensor(tensors, f"scale.{layer}.weight", np.int16, shape)
    bias = take_tensor(tensors, f"scale.{layer}.bias", np.int32, [len(weight)])
    return weight, bias


def _read_depthwise(
    tensors: Tensors, layer: str, channels: int, *, kernel: int
) -> Depthwise:
    weight, bias = _take_layer(tensors, layer, [channels, kernel, kernel])
    return Depthwise(weight, bias, input_limit=ACTIVATION_LIMIT)


def _quarter(layer: str, channels: int) -> int:
    if channels % 4:
        raise ModelError(f"scale.{layer} has {channels} outputs, expected 4 n")
    return channels // 4
