"""A second decoder: lattices, learned coding without loss.

Written from vaecodec/models/lattices/SPEC.md, with the standard library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

from tests.reference.exact import Program, clamp, read_program, run
from tests.reference.layers import Grid, Planes
from tests.reference.model import Model, Tensor, read_safetensors, refuse_unless
from tests.reference.payload import CLASSES, Stack

Colour = list[int]  # red, green, blue
Picture = list[list[Colour]]
Place = tuple[int, int]
Weigh = Callable[[int], int]

PLACES = ((1, 1), (0, 1), (1, 0))
OFFSETS = (
    ((1, 1), (1, 3), (3, 1), (3, 3)),
    ((0, 1), (1, 0), (1, 2), (2, 1), (0, 3), (3, 0)),
    ((0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (0, 3), (3, 0)),
)
ORDER = (1, 0, 2)
LIMITS = [2**20] * 3 + [2**16] * 3 + [2**14] * 5
LAST_ROWS = {16: 32, 24: 36, 32: 40, 48: 44, 64: 48, 96: 52, 128: 56, 256: 79}


class Part(Model):
    """A model part, which has no frequency tables."""

    def __init__(self, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
        self._tensors, self.metadata = tensors, metadata


def read_part(data: bytes) -> Part:
    """Read the file of a part."""
    part = Part(*read_safetensors(data))
    refuse_unless(part.metadata["architecture"] == "lattices", "no part")
    return part


class Law(NamedTuple):
    place: int  # of the value among those of the step
    mean: int
    row: int
    window: int

    @property
    def first(self) -> int:
        return (self.mean >> 8) - self.window // 2 + 1


def decode(
    data: bytes, model: Model, height: int, width: int, *, gray: bool, error: int
) -> Picture:
    """The numbers of a picture; of a gray one they stand three times."""
    picture = [[[0] * 3 for _ in range(width)] for _ in range(height)]
    coarsest = [pixel for row in picture[::32] for pixel in row[::32]]
    colours = 1 if gray else 3
    for number, pixel in enumerate(coarsest):
        pixel[:] = [*data[colours * number :][:colours]] * (4 - colours)
        check_numbers(pixel, error)
    stack, seen = Stack(data[colours * len(coarsest) :]), [*coarsest]
    features: Planes = []
    for level in (4, 3, 2, 1, 0):
        lattice = [row[:: 2**level] for row in picture[:: 2**level]]
        rows, columns = (len(lattice) + 1) // 2, (len(lattice[0]) + 1) // 2
        features = grown(features, rows, columns)
        for step, (down, right) in enumerate(PLACES):
            pixels = [pixel for row in lattice[down::2] for pixel in row[right::2]]
            if pixels:
                around = surroundings(lattice, step, 2 * error + 1)
                program = read_program(model, f"level{min(level, 2)}.step{step}")
                head, features = predict(program, around, features)
                there = [
                    row * columns + column
                    for row in range(len(lattice[down::2]))
                    for column in range(len(lattice[0][right::2]))
                ]
                numbers = [[plane[place] for plane in head] for place in there]
                sums = [
                    total(around[place // columns][place % columns]) for place in there
                ]
                order = ORDER[:colours]
                read_pixels(stack, model, pixels, numbers, sums, seen, order, error)
                if gray:
                    for pixel in pixels:
                        pixel[:] = pixel[1], pixel[1], pixel[1]
                seen += pixels
    refuse_unless(stack.ends_with(1), "the end of the values")
    return picture


def check_numbers(numbers: list[int], error: int) -> None:
    most = (255 + error) // (2 * error + 1)
    refuse_unless(len(numbers) == 3 and min(numbers) >= 0, "a number")
    refuse_unless(max(numbers) <= most, "a number")


def level(number: int, step: int) -> int:
    return clamp(number * step, 0, 255)


def grown(features: Planes, rows: int, columns: int) -> Planes:
    if not features:
        return [[[0] * columns for _ in range(rows)] for _ in range(24)]
    return [
        [[plane[y // 2][x // 2] for x in range(columns)] for y in range(rows)]
        for plane in features
    ]


def mirrored(offset: Place) -> list[Place]:
    down, right = offset
    return [(y, x) for y in sorted({-down, down}) for x in sorted({-right, right})]


def surroundings(lattice: Picture, step: int, apart: int) -> list[list[list[Colour]]]:
    """For each cell the neighbours of its pixel, as levels that are so far apart."""
    rows, columns = (len(lattice) + 1) // 2, (len(lattice[0]) + 1) // 2
    offsets = [place for offset in OFFSETS[step] for place in mirrored(offset)]
    down, right = PLACES[step]
    return [
        [
            [
                [level(number, apart) for number in pixel]
                for below, beside in offsets
                for pixel in [
                    known(lattice, 2 * y + down + below, 2 * x + right + beside)
                ]
            ]
            for x in range(columns)
        ]
        for y in range(rows)
    ]


def known(lattice: Picture, row: int, column: int) -> Colour:
    """The pixel of a part there, or the nearest of that part."""
    part = [line[column % 2 :: 2] for line in lattice[row % 2 :: 2]]
    if not part or not part[0]:
        part = [line[::2] for line in lattice[::2]]
    line = part[clamp(row // 2, 0, len(part) - 1)]
    return line[clamp(column // 2, 0, len(line) - 1)]


def total(around: list[Colour]) -> Colour:
    """Sums of the nearest four."""
    return [sum(pixel[colour] for pixel in around[:4]) for colour in range(3)]


def predict(
    program: Program, around: list[list[list[Colour]]], features: Planes
) -> tuple[Grid, Planes]:
    """The numbers of the head for all cells in a row, and what was seen."""
    differences: Planes = [
        [
            [clamp(cell[i][c] - ((total(cell)[c] + 2) >> 2), -127, 127) for cell in row]
            for row in around
        ]
        for i in range(len(around[0][0]))
        for c in range(3)
    ]
    found = run(program, {"differences": differences, "features": features}, [])
    head = [
        [clamp(value, -limit, limit) >> 4 for row in plane for value in row]
        for plane, limit in zip(found["head"], LIMITS, strict=True)
    ]
    return head, found["seen"]


def read_pixels(
    stack: Stack,
    model: Model,
    pixels: list[Colour],
    heads: list[list[int]],
    sums: list[Colour],
    seen: list[Colour],
    order: tuple[int, ...],
    error: int,
) -> None:
    apart, errors = 2 * error + 1, [[] for _ in pixels]
    pairs = Counter((red - green, blue - green) for red, green, blue in seen)
    for p, colour in enumerate(order):
        laws, means = [], []
        for place, (head, four, before) in enumerate(
            zip(heads, sums, errors, strict=True)
        ):
            mean, scale = mean_and_scale(p, head, 64 * four[colour], before)
            if error:
                scale = max(scale - logarithm(512 * error), -512)
            row = clamp((scale + 1040) >> 5, 0, 79)
            window = next(size for size, last in LAST_ROWS.items() if row <= last)
            laws.append(Law(place, mean // apart, row, window))
            means.append(mean)
        for size in LAST_ROWS:
            kind = [law for law in laws if law.window == size]
            for start in range(0, len(kind), 2**17 // size):
                batch = kind[start : start + 2**17 // size]
                read_batch(stack, model, batch, pixels, colour, pairs, error)
        for pixel, before, mean in zip(pixels, errors, means, strict=True):
            before.append(256 * level(pixel[colour], apart) - mean)


def mean_and_scale(
    p: int, head: list[int], base: int, errors: list[int]
) -> tuple[int, int]:
    mean, scale = base + head[p], head[3 + p]
    slopes = {0: [], 1: head[6:7], 2: head[7:9]}[p]
    mean += sum(slope * error >> 8 for slope, error in zip(slopes, errors, strict=True))
    if p:
        scale += head[8 + p] * logarithm(sum(map(abs, errors))) >> 8
    return clamp(mean, 0, 65535), scale


def logarithm(size: int) -> int:
    v = 256 + min(size, 65279)
    k = v.bit_length() - 1
    return 256 * (k - 8) + ((256 * v) >> k) - 256


def read_batch(
    stack: Stack,
    model: Model,
    batch: list[Law],
    pixels: list[Colour],
    colour: int,
    pairs: Counter[Place],
    error: int,
) -> None:
    outermost = []
    for law in batch:
        weigh = weigher(colour, pixels[law.place], pairs, error)
        shares = shares_of(law, model, weigh)
        entry = stack.take_entry([*accumulate([0, 1, *shares, 1])], 1)
        pixels[law.place][colour] = law.first + entry - 1
        if entry in (0, 1, law.window, law.window + 1):
            outermost.append((law, -1 if entry < 2 else 1))
    classes = [stack.take_entry(CLASSES) for _ in outermost]
    for (law, sign), bits in zip(outermost, classes, strict=True):
        beyond = 2**bits - 1 + (stack.take_bits(bits) if bits else 0)
        pixels[law.place][colour] += sign * beyond
    for law in batch:
        check_numbers([pixels[law.place][colour]] * 3, error)


def weigher(colour: int, pixel: Colour, pairs: Counter[Place], error: int) -> Weigh:
    red, green, _ = pixel

    def of_red(value: int) -> int:
        around = [
            sum(count for (first, _), count in pairs.items() if first == each)
            for each in range(value - green - 3, value - green + 4)
        ]
        if abs(value - green) > 255:
            return 256
        return max(1, 1792 * (around[3] + 5) // (sum(around) + 35))

    def of_blue(value: int) -> int:
        pair = (red - green, value - green)
        around = sum(
            count
            for (first, second), count in pairs.items()
            if abs(first - pair[0]) <= 3 and abs(second - pair[1]) <= 3
        )
        if abs(pair[1]) > 255:
            return 256
        return max(1, 12544 * (pairs[pair] + 5) // (around + 245))

    def of_green(value: int) -> int:
        return 256 if 0 <= value <= (255 + error) // (2 * error + 1) else 0

    return of_green if error else (of_red, of_green, of_blue)[colour]


def shares_of(law: Law, model: Model, weigh: Weigh) -> list[int]:
    half = model["laws.half"].values()
    inverse = model["laws.inverse"].values()[law.row]
    phase, window = (law.mean >> 5) % 8, law.window

    def below(j: int) -> int:
        if j in (0, window):
            return 2**16 if j else 0
        t = 16 * (j - window // 2 + 1) - 8 - (2 * phase + 1)
        step = half[min(1024, (abs(t) * inverse) >> 14)]
        return 2**15 + (step if t > 0 else -step)

    products = [(below(j + 1) - below(j)) * weigh(law.first + j) for j in range(window)]
    free = 2**24 - window - 2
    quotient = free * 2**28 // sum(products)
    shares = [(quotient * product >> 28) + 1 for product in products]
    shares[window // 2 - 1] += 2**24 - 2 - sum(shares)
    return shares
