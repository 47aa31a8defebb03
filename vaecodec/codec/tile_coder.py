"""The symbols of one tile <-> its payload bytes: a loop over steps, and its mirror.

Encoder and decoder ask the model the same exact questions in the same order; what it
is made of, they do not know. See format/FORMAT.md, section 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vaecodec.entropy.ans import (
    Coder,
    CodingTables,
    SectionDecoder,
    SectionEncoder,
    default_coder,
)
from vaecodec.errors import FormatError
from vaecodec.models.architecture import (
    Architecture,
    Indexes,
    Integers,
    Quality,
    Step,
    Symbols,
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
    """

    symbols: Symbols
    latents: Symbols


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

    def encode(self, sections: Iterable[Section], *, bound_to: bytes = b"") -> bytes:
        """Return the payload of a tile.

        Args:
            sections: one for each step.
            bound_to: what `decode` must be given as well, or it refuses them.

        Raises:
            ValueError: A symbol is not 0 where its table says that it is never coded.
        """
        encoder = SectionEncoder(self._tables, bound_to=bound_to)
        for section in sections:
            encoder.put(section.symbols, section.indexes)
        return encoder.finish()

    def decode(
        self,
        payload: bytes,
        *,
        height: int,
        width: int,
        quality: Quality,
        bound_to: bytes = b"",
    ) -> DecodedTile:
        """Read the payload of a tile of so many pixels; inverse of `encode`.

        Raises:
            FormatError: The payload is damaged, or belongs somewhere else.
        """
        known = no_symbols(self._architecture, height, width)
        predictor = self._architecture.predictor(height, width, quality)
        count = sum(plane.size for plane in known)
        decoder = SectionDecoder(
            payload, self._tables, symbol_count=count, bound_to=bound_to
        )
        for number, step in enumerate(self._architecture.steps):
            symbols = decoder.get(predictor.predict(number, known).indexes)
            _refuse_wide(step, symbols)
            predictor.scatter(number, symbols, known.planes[step.plane])
        decoder.finish()
        return DecodedTile(known, predictor.latents(known))

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


def no_symbols(architecture: Architecture, height: int, width: int) -> Symbols:
    """Zeros for a tile of so many pixels."""
    planes = architecture.grid.planes
    return Symbols(
        tuple(np.zeros(plane.shape(height, width), np.int16) for plane in planes)
    )


def _refuse_wide(step: Step, symbols: Integers) -> None:
    """Refuse what networks are not proven for, before they see it."""
    largest = int(np.abs(symbols.astype(np.int32)).max(initial=0))
    if largest > step.limit:
        raise FormatError(
            f"a symbol of step {step.name!r} of magnitude {largest}, "
            f"allowed {step.limit}"
        )
