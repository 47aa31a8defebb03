"""The symbols of one tile <-> its payloads: a loop over steps, and its mirror.

Encoder and decoder ask the model the same exact questions in the same order; what it
is made of, they do not know. See format/FORMAT.md, section 5.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vaecodec.entropy.ans import CodingTables, SectionDecoder, SectionEncoder
from vaecodec.entropy.coder import Coder, default_coder
from vaecodec.errors import FormatError
from vaecodec.models.architecture import (
    Architecture,
    Indexes,
    Integers,
    Quality,
    Step,
    Symbols,
    TilePredictor,
)


@dataclass(frozen=True, eq=False)
class Section:
    """What one step adds to a tile, in the order of coding.

    Attributes:
        symbols: int16 [n].
        indexes: uint8 [n], the row of the table set of each.
    """

    symbols: Integers
    indexes: Indexes


@dataclass(frozen=True, eq=False)
class DecodedTile:
    """What a payload holds.

    Attributes:
        symbols: of all planes.
        latents: what the painter is given.
        indexes: the row of the table set of each symbol, for each step.
    """

    symbols: Symbols
    latents: Symbols
    indexes: tuple[Indexes, ...]


class TileCoder:
    """Encoder and decoder of tiles for one model; safe to share between threads.

    Args:
        architecture: of the model.
        coder: None takes the fastest there is.
    """

    def __init__(
        self, architecture: Architecture, *, coder: type[Coder] | None = None
    ) -> None:
        self._architecture = architecture
        self._tables = CodingTables(architecture.tables, coder or default_coder())

    def encode(
        self, sections: Sequence[Section], *, fused: bool, bound_to: bytes = b""
    ) -> list[bytes]:
        """Return the payloads of a tile.

        Args:
            sections: one for each step.
            fused: put all of them into one payload, not each into its own.
            bound_to: what `decode` must be given as well, or it refuses them.

        Raises:
            ValueError: A symbol is not 0 where its table says that it is never coded.
        """
        payloads, checksum = [], zlib.crc32(bound_to)
        for together in [sections] if fused else [[section] for section in sections]:
            encoder = SectionEncoder(self._tables, checksum=checksum)
            for section in together:
                encoder.put(section.symbols, section.indexes)
            payloads.append(encoder.finish())
            checksum = encoder.checksum
        return payloads

    def decode(
        self,
        payloads: Sequence[bytes],
        *,
        fused: bool,
        height: int,
        width: int,
        quality: Quality,
        steps: int | None = None,
        bound_to: bytes = b"",
    ) -> DecodedTile:
        """Read the payloads of a tile of so many pixels; inverse of `encode`.

        The last ones may be missing, or be left out by `steps`: then the symbols of
        these steps are taken for 0, as if each had its mean.

        Raises:
            FormatError: A payload is damaged, or belongs somewhere else.
        """
        known = no_symbols(self._architecture, height, width)
        predictor = self._architecture.predictor(height, width, quality)
        count = sum(plane.size for plane in known) if fused else None
        reader = _Reader(
            payloads if fused else payloads[:steps],
            self._tables,
            count=count,
            checksum=zlib.crc32(bound_to),
        )
        indexes: list[Indexes] = []
        for number, step in enumerate(self._architecture.steps):
            indexes.append(predictor.predict(number, known).indexes)
            symbols = reader.read(indexes[-1])
            if symbols is not None:
                _refuse_wide(step, symbols)
                predictor.scatter(number, symbols, known.planes[step.plane])
        reader.finish()
        if fused and steps is not None:  # all had to be read to be checked
            predictor = self._architecture.predictor(height, width, quality)
            known = self._first_steps(known, predictor, steps)
        return DecodedTile(known, predictor.latents(known), tuple(indexes))

    def _first_steps(
        self, symbols: Symbols, predictor: TilePredictor, steps: int
    ) -> Symbols:
        """The same symbols, but 0 after so many steps, all of which are predicted."""
        known = Symbols(tuple(np.zeros_like(plane) for plane in symbols))
        for number, step in enumerate(self._architecture.steps):
            predictor.predict(number, known)
            if number < steps:
                found = predictor.gather(number, symbols.planes[step.plane])
                predictor.scatter(number, found, known.planes[step.plane])
        return known

    def sections(
        self, symbols: Symbols, *, height: int, width: int, quality: Quality
    ) -> list[Section]:
        """The sections of symbols that are known already.

        Raises:
            ValueError: Their shapes are not those of a tile of so many pixels.
        """
        planes = self._architecture.grid.planes
        expected = [plane.shape(height, width) for plane in planes]
        found = [plane.shape for plane in symbols]
        if found != expected:
            raise ValueError(f"symbols of shapes {found}, expected {expected}")
        predictor = self._architecture.predictor(height, width, quality)
        return [
            Section(
                predictor.gather(number, symbols.planes[step.plane]),
                predictor.predict(number, symbols).indexes,
            )
            for number, step in enumerate(self._architecture.steps)
        ]


class _Reader:
    """The sections of a tile, from one payload or from one payload for each.

    Args:
        payloads: of the tile.
        tables: of the model.
        count: symbols of the tile, when all of them are in one payload; else None.
        checksum: CRC-32 of what the payloads are bound to.
    """

    def __init__(
        self,
        payloads: Sequence[bytes],
        tables: CodingTables,
        *,
        count: int | None,
        checksum: int,
    ) -> None:
        self._payloads = deque(payloads)
        self._tables, self._count, self._checksum = tables, count, checksum
        self._decoder: SectionDecoder | None = None

    def read(self, indexes: Indexes) -> Integers | None:
        """The symbols [n] with these rows; None if there is no payload for them."""
        if self._decoder is None:
            if not self._payloads:
                return None
            self._decoder = SectionDecoder(
                self._payloads.popleft(),
                self._tables,
                symbol_count=self._count or indexes.size,
                checksum=self._checksum,
            )
        symbols = self._decoder.get(indexes)
        if self._count is None:
            self.finish()
        return symbols

    def finish(self) -> None:
        """Check the payload that was read last; see `SectionDecoder.finish`."""
        if self._decoder is not None:
            self._decoder.finish()
            self._checksum = self._decoder.checksum
            self._decoder = None


def no_symbols(architecture: Architecture, height: int, width: int) -> Symbols:
    """Zeros for a tile of so many pixels."""
    planes = architecture.grid.planes
    return Symbols(
        tuple(plane.zeros(plane.shape(height, width), np.int16) for plane in planes)
    )


def _refuse_wide(step: Step, symbols: Integers) -> None:
    """Refuse what networks are not proven for, before they see it."""
    # No symbol is -2**15, which has no magnitude in 16 bits.
    largest = int(np.abs(symbols).max(initial=0))
    if largest > step.limit:
        raise FormatError(
            f"a symbol of step {step.name!r} of magnitude {largest}, "
            f"allowed {step.limit}"
        )
