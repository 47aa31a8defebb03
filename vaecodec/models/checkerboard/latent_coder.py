"""The symbols of one tile <-> its payload bytes.

In come ``TileSymbols``, out go the bytes of a T chunk, and back, exactly. The order of
coding: hyper-symbols; first group of the latent, with tables that the hyper-symbols
choose; second group, with tables that the first group helps to choose. Encoder and
decoder ask the same integer networks the same questions. See format/FORMAT.md,
section 5.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.ans import (
    Coder,
    CodingTables,
    SectionDecoder,
    SectionEncoder,
    default_coder,
)
from vaecodec.entropy.frequency_tables import ROWS, TableSet
from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import FormatError, ModelError
from vaecodec.models.checkerboard.board import Checkerboard
from vaecodec.models.checkerboard.known_answer import check_machine
from vaecodec.models.checkerboard.scale_networks import (
    QUALITIES,
    Features,
    ScaleNetworks,
)
from vaecodec.models.checkerboard.symbols import HYPER_LIMIT, TileSymbols, hyper_grid
from vaecodec.models.exact.integer_network import Multiply


class LatentCoder:
    """Encoder and decoder of tiles for one model; safe to share between threads.

    Attributes:
        tables: The frequency tables, with the cost of every value.
        hyper_indexes: uint8 [101, Z], the row of every hyper-latent channel by quality.
        latent_channels: M.
        hyper_channels: Z.
    """

    def __init__(
        self,
        tensors: Mapping[str, NDArray[np.generic]],
        *,
        coder: type[Coder] | None = None,
        multiply: Multiply = np.matmul,
    ) -> None:
        """Read the tensors of a model.

        Args:
            tensors: of the model.
            coder: None takes the fastest there is.
            multiply: computes the matrix products of the networks.

        Raises:
            ModelError: The tensors are no model of this kind, or this machine does
                not compute exactly.
        """
        self.tables = TableSet(tensors)
        self._networks = ScaleNetworks(tensors, multiply=multiply)
        check_machine(self._networks, tensors)
        self.latent_channels = self._networks.latent_channels
        self.hyper_channels = self._networks.hyper_channels
        self.hyper_indexes: NDArray[np.uint8] = take_tensor(
            tensors, "hyper.indexes", np.uint8, [QUALITIES, self.hyper_channels]
        ).astype(np.uint8)
        highest = int(self.hyper_indexes.max())
        if highest >= ROWS:
            raise ModelError(f"hyper.indexes reach {highest}, allowed 0..{ROWS - 1}")
        self._coding = CodingTables(self.tables, coder or default_coder())

    def first_indexes(
        self,
        hyper_symbols: NDArray[np.int16],
        shape: tuple[int, int],
        *,
        quality: int,
    ) -> tuple[NDArray[np.uint8], Features]:
        """Return the scale indexes of the first group, and what the second needs.

        Args:
            hyper_symbols: int16 [Z, ceil(h / 4), ceil(w / 4)], each in -31..31.
            shape: (h, w) of the latent grid.
            quality: 0..100.

        Returns:
            uint8 [M, h, w], 0 at positions of the second group, and the features.

        Raises:
            ValueError: The hyper-symbols do not cover the grid, or the quality is out
                of range.
        """
        _check_quality(quality)
        expected = (self.hyper_channels, *hyper_grid(*shape))
        if hyper_symbols.shape != expected:
            raise ValueError(
                f"hyper-symbols of shape {hyper_symbols.shape}, expected {expected}"
            )
        board = Checkerboard(*shape)
        features = self._networks.features(hyper_symbols, board)
        indexes = self._networks.first_indexes(features, quality=quality)
        return board.join(indexes, np.zeros_like(indexes)), features

    def second_indexes(
        self,
        features: Features,
        first_symbols: NDArray[np.int16],
        *,
        quality: int,
    ) -> NDArray[np.uint8]:
        """Return the scale indexes of the second group, given the first one's symbols.

        Args:
            features: As ``first_indexes`` returned them.
            first_symbols: int16 [M, h, w]; those of the second group are not looked at.
            quality: 0..100.

        Returns:
            uint8 [M, h, w], 0 at positions of the first group.

        Raises:
            ValueError: The quality is out of range.
        """
        _check_quality(quality)
        board = features.board
        first, _ = board.split(first_symbols)
        indexes = self._networks.second_indexes(features, first, quality=quality)
        return board.join(np.zeros_like(indexes), indexes)

    def scale_indexes(self, symbols: TileSymbols, *, quality: int) -> NDArray[np.uint8]:
        """Return the scale indexes of both groups, uint8 [M, h, w].

        Raises:
            ValueError: The channels or the quality do not fit.
        """
        self._check_channels(symbols)
        latent = symbols.latent_symbols
        first, features = self.first_indexes(
            symbols.hyper_symbols, latent.shape[1:], quality=quality
        )
        return first + self.second_indexes(features, latent, quality=quality)

    def encode(
        self,
        symbols: TileSymbols,
        *,
        quality: int,
        indexes: NDArray[np.uint8] | None = None,
        bound_to: bytes = b"",
    ) -> bytes:
        """Return the payload of a tile.

        Args:
            symbols: of the tile.
            quality: 0..100.
            indexes: the scale indexes of these symbols, if they are known already.
            bound_to: what ``decode`` must be given as well, or it refuses them.

        Raises:
            ValueError: The channels or the quality do not fit, or a symbol is not 0
                where its table says that it is never coded.
        """
        if indexes is None:
            indexes = self.scale_indexes(symbols, quality=quality)
        hyper, latent = symbols.hyper_symbols, symbols.latent_symbols
        board = Checkerboard(*latent.shape[1:])
        encoder = SectionEncoder(self._coding, bound_to=bound_to)
        encoder.put(hyper.ravel(), self._hyper_rows(hyper.shape[1:], quality))
        for group, rows in zip(board.split(latent), board.split(indexes), strict=True):
            encoder.put(group.ravel(), rows.ravel())
        return encoder.finish()

    def decode(
        self,
        payload: bytes,
        *,
        height: int,
        width: int,
        quality: int,
        bound_to: bytes = b"",
    ) -> TileSymbols:
        """Return the symbols of a tile of ``height`` x ``width`` latent positions.

        Raises:
            FormatError: The payload is damaged, or belongs somewhere else.
            ValueError: The quality is not in 0..100.
        """
        _check_quality(quality)
        grid = hyper_grid(height, width)
        shape = (self.hyper_channels, *grid)
        board = Checkerboard(height, width)
        count = self.latent_channels * height * width + int(np.prod(shape))
        decoder = SectionDecoder(
            payload, self._coding, symbol_count=count, bound_to=bound_to
        )
        hyper = decoder.get(self._hyper_rows(grid, quality)).reshape(shape)
        _refuse_wide(hyper)
        features = self._networks.features(hyper, board)
        indexes = self._networks.first_indexes(features, quality=quality)
        first = decoder.get(indexes.ravel()).reshape(indexes.shape)
        indexes = self._networks.second_indexes(features, first, quality=quality)
        second = decoder.get(indexes.ravel()).reshape(indexes.shape)
        decoder.finish()
        return TileSymbols(hyper, board.join(first, second))

    def _hyper_rows(self, grid: tuple[int, ...], quality: int) -> NDArray[np.uint8]:
        return np.repeat(self.hyper_indexes[quality], int(np.prod(grid)))

    def _check_channels(self, symbols: TileSymbols) -> None:
        found = len(symbols.hyper_symbols), len(symbols.latent_symbols)
        if found != (self.hyper_channels, self.latent_channels):
            raise ValueError(
                f"symbols with {found} channels, the model has "
                f"{(self.hyper_channels, self.latent_channels)}"
            )


def _check_quality(quality: int) -> None:
    if not 0 <= quality < QUALITIES:
        raise ValueError(f"quality {quality}, allowed 0..{QUALITIES - 1}")


def _refuse_wide(hyper_symbols: NDArray[np.int16]) -> None:
    """Refuse what the networks are not proven for, before they see it."""
    reach = int(np.abs(hyper_symbols).max())
    if reach > HYPER_LIMIT:
        raise FormatError(f"a hyper-symbol of magnitude {reach}, allowed {HYPER_LIMIT}")
