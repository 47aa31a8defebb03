"""A hierarchical VAE with checkerboard context: the architecture of the shipped models.

Two planes of latents: the hyper-latent, one position per 64 x 64 pixels, says how large
the latents are around it; the latent, one position per 16 x 16 pixels, is coded in two
groups that lie like the colours of a chessboard, the second predicted from the first
(He et al., "Checkerboard Context Model for Efficient Learned Image Compression", 2021).

    image -> analysis transform -> latent -> hyper-analysis transform -> hyper-latent
    image <- synthesis transform <- latent <- scale networks (exact), means (float)

Tables are exact, means and pixels are not. Specification: SPEC.md in this folder.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from vaecodec.entropy.frequency_tables import ROWS, TableSet
from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.format.header import MAX_DEPTH
from vaecodec.models.architecture import (
    QUALITIES,
    Floats,
    Grid,
    Indexes,
    Pixels,
    Plane,
    Quality,
    Symbols,
)
from vaecodec.models.checkerboard.dequantizer import Dequantizer
from vaecodec.models.checkerboard.engine import Engine
from vaecodec.models.checkerboard.known_answer import check_machine
from vaecodec.models.checkerboard.ladder import ladder, lmbda
from vaecodec.models.checkerboard.onnx_engine import OnnxEngine
from vaecodec.models.checkerboard.painting import (
    CheckerboardPainting,
    PaintingNetworks,
)
from vaecodec.models.checkerboard.parts import check_parts
from vaecodec.models.checkerboard.preview import LinearPart, image_channels
from vaecodec.models.checkerboard.reach import Reach
from vaecodec.models.checkerboard.scale_networks import ScaleNetworks
from vaecodec.models.checkerboard.tile_predictor import CheckerboardPredictor, steps
from vaecodec.models.depth import SHALLOW, levels_of, samples_of
from vaecodec.models.engines.matrix_product import multiply
from vaecodec.models.exact.integer_network import Multiply
from vaecodec.models.model_file import ModelFile
from vaecodec.models.quality import at_latents
from vaecodec.models.sizes import CELL, PATCH


class CheckerboardArchitecture:
    """One model of this architecture; see `Architecture`.

    Args:
        file: of the model.
        engine: runs the float networks; None takes ONNX Runtime.
        threads: of that engine; None takes all cores.
        product: computes the matrix products of the exact networks.

    Raises:
        ModelError: The tensors are no model of this kind, or this machine does not
            compute exactly.
    """

    def __init__(
        self,
        file: ModelFile,
        *,
        engine: Engine | None = None,
        threads: int | None = 1,
        product: Multiply = multiply,
    ) -> None:
        check_parts(file)
        tensors = file.tensors
        self._tensors, self._metadata = tensors, file.metadata
        self._threads = threads
        self.tables = TableSet(tensors)
        self._networks = ScaleNetworks(tensors, multiply=product)
        check_machine(self._networks, tensors)
        self.engine = engine or OnnxEngine(file, threads=threads)
        hyper, latent = self._networks.hyper_channels, self._networks.latent_channels
        self._hyper_indexes = _hyper_indexes(file, hyper)
        reach = Reach.of(tensors)
        self.most_bits = MAX_DEPTH
        self.masking = file.tune == "eye"
        self.steps = steps(reach.means)
        self.grid = Grid(
            cell=CELL,
            planes=(Plane(hyper, CELL), Plane(latent, PATCH)),
            analysis_reach=reach.analysis,
            painter_reach=reach.painter,
            preview_reach=reach.means,
        )

    @functools.cached_property
    def channels(self) -> int:
        """Those of the image that the synthesis transform puts out."""
        return image_channels(self._tensors)

    def predictor(
        self, height: int, width: int, quality: Quality
    ) -> CheckerboardPredictor:
        """Begin a tile of so many pixels."""
        shape = -(-height // PATCH), -(-width // PATCH)
        return CheckerboardPredictor(
            self._networks, self._hyper_indexes, shape, quality
        )

    def analyze(
        self, image: Pixels, quality: Quality, *, depth: int = SHALLOW
    ) -> Sequence[Floats]:
        """Image -> hyper-latent, which is rounded already, and latent."""
        seen = image if image.dtype == np.uint8 else levels_of(image, depth)
        steps, hyper_symbols = self.engine.analyze(seen, quality=quality)
        return hyper_symbols.astype(np.float32), steps

    def means(self, step: int, known: Symbols, quality: Quality) -> Floats:
        """Means of the latent; of the first group they depend on `HYPER` alone."""
        return self.engine.means(*known, quality=quality)

    def error_weights(self, step: int, quality: Quality) -> Floats:
        """[M, 1, 1], or [M, h, w] of whole cells."""
        weights: Floats = self._error_weights[at_latents(quality)]  # [r, c, M]
        return weights.transpose(2, 0, 1)

    def paint(
        self, latents: Symbols, quality: Quality, *, depth: int = SHALLOW
    ) -> Pixels:
        """Hyper-symbols and latent symbols -> image."""
        if depth == SHALLOW:
            return self.engine.synthesize(*latents, quality=quality)
        return samples_of(self.engine.levels(*latents, quality=quality), depth)

    def preview(
        self, latents: Symbols, quality: Quality, *, depth: int = SHALLOW
    ) -> Pixels:
        """Means and the linear part of the synthesis transform alone."""
        levels = self._linear_part.draw(self.dequantize(latents, quality))
        return samples_of(levels, depth)

    def dequantize(self, latents: Symbols, quality: Quality) -> Floats:
        """The latent, with its means."""
        means = self.engine.means(*latents, quality=quality)
        _, latent = latents
        return self._dequantizer.latents(latent, means, quality)

    def step_sizes(self, quality: Quality) -> Floats:
        """[M, 1, 1], or [M, h, w] of whole cells."""
        return self._dequantizer.step_sizes(quality)

    def painting(self, known: Symbols, quality: Quality) -> CheckerboardPainting:
        """The painter, there and back; see `Differentiable`."""
        hyper, _ = known
        return CheckerboardPainting(self._painting_networks, hyper, quality)

    def lmbda(self, quality: int) -> float:
        """Bits per pixel that a squared error of 1 in all levels is worth."""
        return lmbda(self._metadata, quality)

    @functools.cached_property
    def _painting_networks(self) -> PaintingNetworks:
        rungs = ladder(self._metadata)
        return PaintingNetworks(self._tensors, ladder=rungs, threads=self._threads)

    @functools.cached_property
    def _error_weights(self) -> Floats:
        """[101, M], which receivers do without."""
        shape = [QUALITIES, self.grid.planes[1].channels]
        return take_tensor(
            self._tensors, "quantizer.error_weights", np.float32, shape
        ).astype(np.float32)

    @functools.cached_property
    def _linear_part(self) -> LinearPart:
        return LinearPart(self._tensors, latent_channels=self.grid.planes[1].channels)

    @functools.cached_property
    def _dequantizer(self) -> Dequantizer:
        channels = self.grid.planes[1].channels
        return Dequantizer(
            self._tensors, latent_channels=channels, ladder=ladder(self._metadata)
        )


def _hyper_indexes(file: ModelFile, channels: int) -> Indexes:
    indexes = take_tensor(
        file.tensors, "hyper.indexes", np.uint8, [QUALITIES, channels]
    ).astype(np.uint8)
    if (highest := int(indexes.max())) >= ROWS:
        raise ModelError(f"hyper.indexes reach {highest}, allowed 0..{ROWS - 1}")
    return indexes
