"""A second decoder: the prefix codes of a lossless WebP file; see RFC 9649."""

from __future__ import annotations

from tests.reference.model import refuse_unless
from tests.reference.webp_bits import Bits

LENGTH_ORDER = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
MOST_BITS = 15


class PrefixCode:
    """A canonical code; `lengths` gives the bits of each symbol, 0 for none."""

    def __init__(self, lengths: list[int]) -> None:
        used = [symbol for symbol, length in enumerate(lengths) if length]
        self._only = used[0] if len(used) == 1 else None
        self._symbols: dict[tuple[int, int], int] = {}
        code = 0
        for length in range(1, MOST_BITS + 1):
            for symbol in used:
                if lengths[symbol] == length:
                    self._symbols[length, code] = symbol
                    code += 1
            refuse_unless(code <= 1 << length, "too many codes")
            code <<= 1
        whole = len(used) == 1 or code == 1 << MOST_BITS + 1
        refuse_unless(whole, "too few codes")

    def read(self, bits: Bits) -> int:
        """The next symbol; that of a code with only one takes no bits."""
        if self._only is not None:
            return self._only
        code = 0
        for length in range(1, MOST_BITS + 1):
            code = code << 1 | bits.read(1)
            if (length, code) in self._symbols:
                return self._symbols[length, code]
        raise AssertionError("a whole code has a symbol for any bits")


def read_prefix_code(bits: Bits, size: int) -> PrefixCode:
    """A code for symbols below `size`."""
    if not bits.read(1):
        return PrefixCode(_read_lengths(bits, size))
    two = bits.read(1)
    symbols = [bits.read(8 if bits.read(1) else 1)]
    symbols += [bits.read(8)] if two else []
    lengths = [0] * max(size, 256)
    for symbol in symbols:
        lengths[symbol] = 1
    return PrefixCode(lengths)


def _read_lengths(bits: Bits, size: int) -> list[int]:
    """The lengths of a code, themselves coded."""
    of_lengths = [0] * len(LENGTH_ORDER)
    for place in range(bits.read(4) + 4):
        of_lengths[LENGTH_ORDER[place]] = bits.read(3)
    left = size
    if bits.read(1):
        left = 2 + bits.read(2 + 2 * bits.read(3))
        refuse_unless(left <= size, "too many lengths")
    code = PrefixCode(of_lengths)
    lengths: list[int] = []
    last = 8
    while len(lengths) < size and left:
        left -= 1
        symbol = code.read(bits)
        if symbol < 16:
            last = symbol or last
            lengths.append(symbol)
        elif symbol == 16:
            lengths += (3 + bits.read(2)) * [last]
        else:
            zeros = 3 + bits.read(3) if symbol == 17 else 11 + bits.read(7)
            lengths += zeros * [0]
    refuse_unless(len(lengths) <= size, "a length is repeated too often")
    return lengths + [0] * (size - len(lengths))
