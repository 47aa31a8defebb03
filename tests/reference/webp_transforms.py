"""A second decoder: the transforms of a lossless WebP file; see RFC 9649."""

from __future__ import annotations

from collections.abc import Callable

from tests.reference.model import refuse_unless

Pixel = tuple[int, int, int, int]  # green, red, blue, alpha
Pixels = list[Pixel]

BLACK = (0, 0, 0, 255)


def subsampled(size: int, block_bits: int) -> int:
    """How many blocks of so many bits cover a side."""
    return -(-size // (1 << block_bits))


class Transform:
    """One transform of an image `width` wide; `data` is its image of parameters."""

    def __init__(self, kind: int, width: int, block: int, data: Pixels) -> None:
        self.kind, self._width, self._block, self._data = kind, width, block, data
        few = len(data) if kind == 3 else 256
        self._packed_bits = 3 if few <= 2 else 2 if few <= 4 else 1 if few <= 16 else 0

    @property
    def coded_width(self) -> int:
        """Width of the image before the transform is undone."""
        return subsampled(self._width, self._packed_bits)

    def undo(self, pixels: Pixels) -> Pixels:
        """The image as it was."""
        undone = self._undo_prediction, self._undo_colour, self._add_green
        return [*undone, self._look_up][self.kind](pixels)

    def _parameters(self, place: int) -> Pixel:
        y, x = divmod(place, self._width)
        columns = subsampled(self._width, self._block)
        return self._data[(y >> self._block) * columns + (x >> self._block)]

    def _add_green(self, pixels: Pixels) -> Pixels:
        return [(g, r + g & 255, b + g & 255, a) for g, r, b, a in pixels]

    def _undo_colour(self, pixels: Pixels) -> Pixels:
        found = []
        for place, (green, red, blue, alpha) in enumerate(pixels):
            # Factors from green to blue, from red to blue, from green to red.
            to_blue, red_to_blue, to_red, _ = self._parameters(place)
            red = red + _delta(to_red, green) & 255
            blue = blue + _delta(to_blue, green) + _delta(red_to_blue, red) & 255
            found.append((green, red, blue, alpha))
        return found

    def _undo_prediction(self, pixels: Pixels) -> Pixels:
        found: Pixels = []
        for place, rest in enumerate(pixels):
            predicted = self._predicted(found, place)
            found.append(_each(lambda a, b: a + b & 255, rest, predicted))
        return found

    def _predicted(self, found: Pixels, place: int) -> Pixel:
        y, x = divmod(place, self._width)
        if place == 0:
            return BLACK
        if y == 0:
            return found[place - 1]
        above = found[place - self._width]
        if x == 0:
            return above
        # At the right edge, the pixel above to the right is the first of this row.
        corner = found[place - self._width - 1], found[place - self._width + 1]
        mode = self._parameters(place)[0]
        return _prediction(mode, found[place - 1], above, *corner)

    def _look_up(self, pixels: Pixels) -> Pixels:
        """Green is a place in the palette, or several of a few bits each."""
        colours: Pixels = []
        for colour in self._data:
            last = colours[-1] if colours else (0, 0, 0, 0)
            colours.append(_each(lambda a, b: a + b & 255, colour, last))
        count, bits = 1 << self._packed_bits, 8 >> self._packed_bits
        found: Pixels = []
        for start in range(0, len(pixels), self.coded_width):
            row = [
                pixel[0] >> bits * place & (1 << bits) - 1
                for pixel in pixels[start : start + self.coded_width]
                for place in range(count)
            ]
            found += [
                colours[place] if place < len(colours) else (0, 0, 0, 0)
                for place in row[: self._width]
            ]
        return found


def _each(combine: Callable[..., int], *pixels: Pixel) -> Pixel:
    green, red, blue, alpha = (combine(*parts) for parts in zip(*pixels, strict=True))
    return green, red, blue, alpha


def _delta(factor: int, colour: int) -> int:
    return _signed(factor) * _signed(colour) >> 5


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _mean(one: Pixel, other: Pixel) -> Pixel:
    return _each(lambda a, b: (a + b) // 2, one, other)


def _prediction(
    mode: int, left: Pixel, above: Pixel, above_left: Pixel, above_right: Pixel
) -> Pixel:
    refuse_unless(mode < 16, "a predictor beyond the last")
    simple = [BLACK, left, above, above_right, above_left]
    if mode < len(simple):
        return simple[mode]
    means = {
        5: lambda: _mean(_mean(left, above_right), above),
        6: lambda: _mean(left, above_left),
        7: lambda: _mean(left, above),
        8: lambda: _mean(above_left, above),
        9: lambda: _mean(above, above_right),
        10: lambda: _mean(_mean(left, above_left), _mean(above, above_right)),
        11: lambda: _nearer(left, above, above_left),
        12: lambda: _each(lambda a, b, c: _clamp(a + b - c), left, above, above_left),
        13: lambda: _each(_half_step, _mean(left, above), above_left),
    }
    return means[mode]() if mode in means else BLACK


def _nearer(left: Pixel, above: Pixel, above_left: Pixel) -> Pixel:
    to_left = sum(abs(a - c) for a, c in zip(above, above_left, strict=True))
    to_above = sum(abs(b - c) for b, c in zip(left, above_left, strict=True))
    return left if to_left < to_above else above


def _half_step(mean: int, corner: int) -> int:
    # Division rounds towards zero here, as in C.
    return _clamp(mean + int((mean - corner) / 2))


def _clamp(value: int) -> int:
    return min(max(value, 0), 255)
