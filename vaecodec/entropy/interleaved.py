"""Many small symbols at once: an asymmetric numeral system in lanes side by side.

In: symbols and the law of each; out: bytes, and back. Symbol k belongs to lane k mod L.
All lanes take a step together, and those that run low take a word of 16 bits each from
one list, so numpy does the work for thousands of symbols in each call (Giesen,
"Interleaved entropy coders", 2014). The weights of models are stored in this way: they
must be read at every start. Specification: format/FORMAT.md, section 6.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import FormatError

SYMBOLS = 256  # of a law: -128..127
LEAST = -SYMBOLS // 2
PRECISION = 12  # the frequencies of a law sum to 2**12
MOST_STEPS = 1024

_TOTAL = 1 << PRECISION
_LOWEST = 1 << 16  # state of a lane
_WORD_BITS = 16
# What a slot stands for, in 32 bits: the symbol in 8, the place of the slot among those
# of the symbol in 12, and the frequency less 1 in 12.
_SHIFT, _SLOT, _WORD = np.uint32(PRECISION), np.uint32(_TOTAL - 1), np.uint32(16)
_PLACE_AT, _FREQUENCY_AT = np.uint32(8), np.uint32(20)
_STATE_BYTES, _WORD_BYTES = 4, 2


class Laws:
    """Frequencies of the symbols -128..127 under each of some laws.

    Args:
        frequencies: uint16 [laws, 256].

    Raises:
        FormatError: A law does not sum to 4096.
    """

    def __init__(self, frequencies: NDArray[np.uint16]) -> None:
        counts = frequencies.astype(np.uint32)
        sums = counts.sum(axis=1)
        if counts.shape[1:] != (SYMBOLS,) or np.any(sums != _TOTAL):
            raise FormatError(f"laws that sum to {sums.tolist()}, expected {_TOTAL}")
        self.counts = counts.ravel()
        self.starts = (np.cumsum(counts, axis=1, dtype=np.uint32) - counts).ravel()
        self.slots = self._slots()

    def entries(
        self, symbols: NDArray[np.int8], rows: NDArray[np.uint8]
    ) -> NDArray[np.int64]:
        """Where in `counts` symbols of these laws are."""
        return rows.astype(np.int64) * SYMBOLS + symbols - LEAST

    def _slots(self) -> NDArray[np.uint32]:
        """What the slots 0..4095 of each law stand for, one law after the other."""
        symbols = np.arange(LEAST, -LEAST, dtype=np.int8).view(np.uint8)
        entries = (self.counts - np.uint32(1)) << _FREQUENCY_AT
        entries |= np.resize(symbols, entries.size)
        entries -= self.starts << _PLACE_AT  # modulo 2**32, until slots are added
        slots = np.repeat(entries, self.counts).reshape(-1, _TOTAL)
        slots += np.arange(_TOTAL, dtype=np.uint32) << _PLACE_AT
        return slots.ravel()


def lanes(count: int) -> int:
    """Number of lanes for so many symbols: a power of two, for 1024 steps at most."""
    return 1 << max(-(-count // MOST_STEPS) - 1, 0).bit_length()


def encode(symbols: NDArray[np.int8], laws: Laws, rows: NDArray[np.uint8]) -> bytes:
    """Write symbols int8 [n], each under the law of a row, uint8 [n].

    Every symbol must have a frequency in its law.
    """
    count = lanes(symbols.size)
    states = np.full(count, _LOWEST, np.uint64)
    entries = laws.entries(symbols, rows)
    words: list[NDArray[Any]] = []
    for start in reversed(range(0, symbols.size, count)):
        step = entries[start : start + count]
        part = states[: step.size]
        each = laws.counts.take(step).astype(np.uint64)
        full = part >= each << np.uint64(32 - PRECISION)
        words.append(part[full].astype("<u2"))
        part[full] >>= np.uint64(_WORD_BITS)
        rounds, rest = np.divmod(part, each)
        part[:] = (rounds << np.uint64(PRECISION)) + rest + laws.starts.take(step)
    return b"".join([states.astype("<u4").tobytes(), *map(bytes, reversed(words))])


def decode(payload: bytes, laws: Laws, rows: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Read symbols int8 [n], each under the law of a row, uint8 [n].

    Raises:
        FormatError: The payload does not end with the last symbol.
    """
    states, words = _split(payload, rows.size)
    symbols = np.empty(rows.size, np.uint8)
    taken = 0
    for start in range(0, rows.size, states.size):
        step = slice(start, start + states.size)
        part = states[: rows[step].size]
        slots = np.left_shift(rows[step], PRECISION, dtype=np.uint32)
        slots |= part & _SLOT
        found = laws.slots.take(slots)
        symbols[step] = found  # the lowest 8 bits
        _advance(part, found)
        [low] = (part < _LOWEST).nonzero()
        given = words[taken : taken + low.size]
        taken += low.size
        if given.size < low.size:
            raise FormatError("a coded part ends too early")
        part[low] = part.take(low) << _WORD | given
    if taken < words.size or np.any(states != _LOWEST):
        raise FormatError("a coded part does not end where its symbols do")
    return symbols.view(np.int8)


def _split(payload: bytes, count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """States of the lanes, and words, each uint32."""
    head = _STATE_BYTES * lanes(count)
    most = head + _WORD_BYTES * count
    if not head <= len(payload) <= most or len(payload) % _WORD_BYTES:
        raise FormatError(
            f"a coded part with a payload of {len(payload)} bytes, expected an even "
            f"number from {head} to {most}"
        )
    states = np.frombuffer(payload[:head], "<u4").astype(np.uint32)
    if states.min() < _LOWEST:
        raise FormatError(f"a coded part with the state {states.min()}")
    return states, np.frombuffer(payload[head:], "<u2").astype(np.uint32)


def _advance(states: NDArray[np.uint32], found: NDArray[np.uint32]) -> None:
    """Take a symbol out of each state, in place."""
    states >>= _SHIFT
    found >>= _PLACE_AT
    places = found & _SLOT
    places += states
    found >>= _SHIFT  # frequencies less 1
    states *= found
    states += places
