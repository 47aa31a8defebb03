"""A second decoder: the architecture `quadrants`, down to pixels.

Written from vaecodec/models/quadrants/SPEC.md alone, with the standard library.
"""

from __future__ import annotations

from itertools import product

from tests.reference.exact import clamp, each_value, read_program, rne, run
from tests.reference.layers import Grid, Planes
from tests.reference.model import Model, refuse_unless

STEPS = 6
ORDER = 0, 3, 1, 2
Place = tuple[int, int, int]  # channel, row and column


class TileSteps:
    """The steps of one tile.

    Args:
        model: of this architecture.
        height, width: of the tile, in pixels.
        qualities: of each of its cells.
    """

    limits = 31, 62, 32767, 32767, 32767, 32767

    def __init__(self, model: Model, height: int, width: int, qualities: Grid) -> None:
        self._model, self._qualities = model, qualities
        rows, columns = -(-height // 64), -(-width // 64)
        hyper = len(model["hyper.mean_shifts"].values())
        self._quarter = len(model["latent.limits"].values()) // 4
        self._values = zeros(hyper, rows, columns)
        self._latents = zeros(4 * self._quarter, 4 * rows, 4 * columns)
        every = list(product(range(rows), range(columns), range(hyper)))
        self._places = [
            [(z, y, x) for y, x, z in every if (z + y + x) % 2 == half]
            for half in (0, 1)
        ]
        inside = -(-height // 16), -(-width // 16)
        for k in range(4):
            places = [channel_of(k, place) for place in self._squares()]
            places = [p for p in places if p[1] < inside[0] and p[2] < inside[1]]
            self._places.append(places)
        self._sums: Planes = []
        self._base: Planes = []
        self._context: Planes = []
        self._known: Planes = []

    def table_rows(self, number: int, before: list[int]) -> list[int]:
        """The row of every symbol of a step; `before` are those of the step before."""
        if number:
            self._settle(number - 1, before)
        if number == 1:
            self._sums = self._run("hyper", first=self._values)["both"]
        elif number > 1:
            self._predict(number - 2)
        return [self._row(number, place) for place in self._places[number]]

    def latents(self, decoded: int, last: list[int]) -> dict[str, Planes]:
        """What the painter is given, when so many steps are, with `last` the symbols.

        Of whole cells.
        """
        for number in range(decoded, STEPS):
            last = [0] * len(self.table_rows(number, last))
        self._settle(STEPS - 1, last)
        return {"latent": self._latents, "hyper": self._values}

    def _settle(self, number: int, symbols: list[int]) -> None:
        """Keep what the symbols of a step stand for."""
        if number > 1:
            self._settle_latents(number - 2, symbols)
            return
        shifts = self._model["hyper.mean_shifts"].values()
        for (z, y, x), symbol in zip(self._places[number], symbols, strict=True):
            mean = 0
            if number == 1:
                mean = clamp(rne(self._sums[z][y][x], shifts[z]), -31, 31)
            self._values[z][y][x] = clamp(mean + symbol, -31, 31)

    def _settle_latents(self, k: int, symbols: list[int]) -> None:
        model, quarter = self._model, self._quarter
        coded = dict(zip(self._places[k + 2], symbols, strict=True))
        shifts = model["latent.mean_shifts"].values()[4 * quarter * k :]
        limits, widths = model["latent.limits"].values(), model["latent.widths"].rows()
        normal = model["latent.normal_shifts"].values()
        magnitudes = model["latent.magnitudes"].values()
        rows, columns = len(self._latents[0]) // 2, len(self._latents[0][0]) // 2
        self._known = zeros(8 * quarter, rows, columns)
        for square in self._squares():
            p, j, row, column = square
            c, y, x = place = channel_of(k, square)
            symbol = coded.get(place, 0)
            mean = rne(self._sum(square, 0), shifts[p * quarter + j])
            mean = clamp(mean, -limits[c], limits[c])
            step = rne(symbol * widths[self._quality(y, x, 4)][c], 9)
            latent = clamp(mean + step, -limits[c], limits[c])
            self._latents[c][y][x] = latent
            about = clamp(rne(latent, normal[c]), -128, 127)
            self._known[2 * p * quarter + j][row][column] = about
            magnitude = magnitudes[min(abs(symbol), 15)]
            self._known[(2 * p + 1) * quarter + j][row][column] = magnitude

    def _predict(self, k: int) -> None:
        if k == 0:
            found = self._run("step0", hyper=self._values)
            self._base = found["base"]
        else:
            low, high = read_program(self._model, f"step{k}").takes("features")
            features = each_value(self._context, lambda v, _: clamp(v, low, high))
            feeds = {"base": self._base, "features": features, "known": self._known}
            found = self._run(f"step{k}", **feeds)
        self._sums, self._context = found["both"], found["context"]

    def _run(self, name: str, **feeds: Planes) -> dict[str, Planes]:
        return run(read_program(self._model, name), feeds, self._qualities)

    def _row(self, number: int, place: Place) -> int:
        c, y, x = place
        if number < 2:
            offsets = self._model["hyper.offsets"].rows()[number]
            offset = offsets[self._quality(y, x, 1) * len(self._values) + c]
            log_scale = self._sums[len(self._values) + c][y][x] if number else 0
        else:
            k, count = number - 2, 4 * self._quarter
            offsets = self._model["latent.offsets"].rows()[k]
            offset = offsets[self._quality(y, x, 4) * count + c]
            p = 2 * (y % 2) + x % 2
            log_scale = self._sum((p, c // 4, y // 2, x // 2), 1)
        return clamp((log_scale + offset) // 2**9, 0, 63)

    def _sum(self, square: tuple[int, int, int, int], part: int) -> int:
        """For the mean (0) or the log scale (1) of a place."""
        p, j, row, column = square
        return self._sums[(2 * p + part) * self._quarter + j][row][column]

    def _squares(self) -> list[tuple[int, int, int, int]]:
        """Place, number of the channel, row and column of squares, in coding order."""
        rows, columns = len(self._latents[0]) // 2, len(self._latents[0][0]) // 2
        every = product(range(rows), range(columns), range(4), range(self._quarter))
        return [(p, j, row, column) for row, column, p, j in every]

    def _quality(self, y: int, x: int, each: int) -> int:
        """At a position of which a cell has so many along its side."""
        return self._qualities[y // each][x // each]


def channel_of(k: int, square: tuple[int, int, int, int]) -> Place:
    p, j, row, column = square
    return 4 * j + (p ^ ORDER[k]), 2 * row + p // 2, 2 * column + p % 2


def zeros(channels: int, rows: int, columns: int) -> Planes:
    return [[[0] * columns for _ in range(rows)] for _ in range(channels)]


def check_model(model: Model) -> None:
    """Refuse a model whose ids name other tensors."""
    heads = {"hyper", "step0", "step1", "step2", "step3", "latent", "tables"}
    for part, names in (("stream", heads), ("painter", {"painter"})):
        found = sorted(name for name in model if name.partition(".")[0] in names)
        refuse_unless(model.metadata[part] == " ".join(found), f"list of the {part}")
