"""A file -> one that costs less, found by a search for better symbols.

In: the file that the usual choice of symbols made, its samples and its model; out: a
file of the same kind. What a file costs is its bits, and its distortion in bits, by the
objective and the lambda that the model was trained with. The found file is decoded and
measured, and kept only if it costs less than the usual one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.analysis import seen_pixels
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.colours import seen_colours
from vaecodec.codec.geometry.areas import (
    Area,
    common,
    covering,
    scaled,
    widened,
    within,
)
from vaecodec.codec.geometry.planes import Planes, on_plane
from vaecodec.codec.geometry.tiling import Tile, tiles
from vaecodec.codec.geometry.windows import Window, whole_cells
from vaecodec.codec.hidden_colours import FilledColours
from vaecodec.codec.image_coding import decode_with, read_tile
from vaecodec.codec.masking import Image
from vaecodec.codec.search.objective import EyeMeasure, Objective, SquaredError
from vaecodec.codec.search.refinement import TileSearch, View
from vaecodec.errors import ModelError
from vaecodec.format.container import ImageFile, binding, pack_file, parse_file
from vaecodec.models.architecture import Floats, Symbols
from vaecodec.models.depth import Samples, levels_of
from vaecodec.models.differentiable import Differentiable

FASTEST, USUAL, MOST = 1, 2, 3  # efforts
MARGIN = 64  # pixels around a tile that are looked at as well
# What the search takes errors to be worth, of what they are: so that a file of the same
# quality has about as many bytes as without it, and a better image.
THRIFT = 0.75


def with_effort(effort: int, data: bytes, planes: Samples, model: CodecModel) -> bytes:
    """The file itself at the usual effort, an `improved` one above it."""
    return improved(data, planes, model) if effort > USUAL else data


def improved(data: bytes, planes: Samples, model: CodecModel) -> bytes:
    """A file that costs no more than this one.

    Args:
        data: a lossy file with one quality everywhere.
        planes: its samples.
        model: that made it.

    Raises:
        ModelError: The painter of the model cannot be followed backwards.
    """
    search = _FileSearch(parse_file(data), planes, model)
    found = search.run()
    return min((data, found), key=search.cost)


class _FileSearch:
    def __init__(self, file: ImageFile, planes: Samples, model: CodecModel) -> None:
        architecture = model.architecture
        if not isinstance(architecture, Differentiable):
            raise ModelError(
                "an effort above 2 needs a model whose painter can be followed "
                "backwards; the architecture of this one cannot"
            )
        self._file, self._model, self._header = file, model, file.header
        self._architecture, self._differentiable = architecture, architecture
        self._image = seen_colours(planes, file.header)
        quality = file.header.quality
        self._quality = np.full((1, 1), quality, np.uint8)
        self._lmbda = architecture.lmbda(quality) * float(model.error_factor)
        self._size = whole_cells(file.header, model.architecture.grid.cell)
        self._symbols = self._read()

    def run(self) -> bytes:
        """The file with the symbols that were found."""
        payloads = [self._encode(tile, self._improve(tile)) for tile in self._tiles()]
        file = self._file
        return pack_file(
            file.header, payloads, alphas=file.alphas, metadata=file.metadata
        )

    def cost(self, data: bytes) -> float:
        """Bits of a file, and its distortion in bits."""
        decoded = decode_with(self._model, parse_file(data))
        colours = seen_colours(decoded, self._header)
        total = 8.0 * len(data)
        for tile in self._tiles():
            window = Window(tile.pixels, self._in_cells(tile.pixels))
            original, counted = self._original(window)
            levels = _levels(self._pixels(colours, window), self._header.depth)
            shown = np.where(counted, levels, original)
            value, _ = self._objective(original)(shown)
            total += value * self._lmbda * counted.size
        return total

    def _tiles(self) -> list[Tile]:
        return list(tiles(self._header))

    def _read(self) -> Planes:
        """The symbols of all tiles side by side."""
        grid = self._model.architecture.grid
        planes = Planes(grid, self._size, dtype=np.int16, along=0)
        planes.extend(self._size[0])
        for tile in self._tiles():
            found = read_tile(self._model, self._file, tile).symbols
            for number, values in enumerate(found):
                planes.write(number, tile.pixels, values)
        return planes

    def _improve(self, tile: Tile) -> Symbols:
        symbols = Symbols(self._symbols.read_all(tile.pixels))
        search = TileSearch(
            self._model,
            self._view(tile),
            shape=tile.shape,
            quality=self._quality,
            seed=tile.number,
        )
        found = search.improve(symbols)
        for number, values in enumerate(found):
            self._symbols.write(number, tile.pixels, values)
        return found

    def _view(self, tile: Tile) -> View:
        cells = self._in_cells(tile.pixels)
        around = self._in_cells(common(widened(cells, MARGIN), self._whole))
        window = Window(cells, around)
        original, counted = self._original(window)
        known = Symbols(self._symbols.read_all(around))
        last = self._model.architecture.grid.planes[-1]
        rows, columns = within(on_plane(last, tile.pixels), on_plane(last, around))
        return View(
            painting=self._differentiable.painting(known, self._quality),
            objective=self._objective(original),
            latents=known.planes[-1],
            rows=rows,
            columns=columns,
            counted=counted,
            original=original,
            worth=THRIFT * self._lmbda * counted.size,
        )

    def _objective(self, original: Floats) -> Objective:
        if self._model.architecture.masking:
            return EyeMeasure(original, lmbda=self._lmbda)
        return SquaredError(original)

    def _original(self, window: Window) -> tuple[Floats, NDArray[np.bool_]]:
        """Levels of a window [C, H, W], and where they count [H, W]."""
        pixels = self._pixels(self._image, window)
        inside = common(window.seen, self._in_image)
        counted = np.zeros(pixels.shape[:2], np.bool_)
        counted[within(inside, window.seen)] = (
            self._image.shows(inside, 1)
            if isinstance(self._image, FilledColours)
            else True
        )
        return _levels(pixels, self._header.depth), counted

    def _pixels(self, image: Image, window: Window) -> Samples:
        return seen_pixels(image, window, self._model.architecture.channels)

    def _encode(self, tile: Tile, symbols: Symbols) -> list[bytes]:
        coder, file = self._model.coder, self._file
        height, width = tile.shape
        sections = coder.sections(
            symbols, height=height, width=width, quality=self._quality
        )
        alpha = file.alphas[tile.number] if file.header.has_alpha else b""
        bound_to = binding(file.header, None, tile.number, alpha)
        return coder.encode(sections, fused=file.header.rounds == 1, bound_to=bound_to)

    def _in_cells(self, area: Area) -> Area:
        cell = self._model.architecture.grid.cell
        return scaled(covering(area, cell), cell)

    @property
    def _whole(self) -> Area:
        height, width = self._size
        return slice(0, height), slice(0, width)

    @property
    def _in_image(self) -> Area:
        return slice(0, self._header.height), slice(0, self._header.width)


def _levels(pixels: Samples, depth: int) -> Floats:
    """[H, W, C] -> levels [C, H, W]."""
    levels: Floats = levels_of(pixels, depth).transpose(2, 0, 1)
    return np.ascontiguousarray(levels)
