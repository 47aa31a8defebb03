"""A hierarchical VAE with four latent steps, whose receiver is exact.

Two planes of latents: the hyper-latent, one position per 64 x 64 pixels, is coded in
two halves, the second predicted from the first; the latent, one position per 16 x 16
pixels, in four steps, each of which has a quarter of the channels of every position.

    image -> analysis -> latent -> hyper-analysis -> hyper-latent
    image <- painter <- latent <- means and scales, step by step <- hyper-latent

All that a receiver computes are exact programs and a little integer arithmetic:
symbols, latents and pixels are the same on every machine. Specification: SPEC.md in
this folder.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from vaecodec.entropy.frequency_tables import TableSet
from vaecodec.format.header import MAX_DEPTH
from vaecodec.models.architecture import (
    QUALITIES,
    Floats,
    Grid,
    Pixels,
    Plane,
    Quality,
    Symbols,
)
from vaecodec.models.depth import SHALLOW, levels_of
from vaecodec.models.engines.deep_graphs import ANALYSIS, DEEP_ANALYSIS, given_levels
from vaecodec.models.engines.graph_runner import GraphRunner
from vaecodec.models.exact.budget import within_budget
from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.exact.facts import Kind
from vaecodec.models.exact.interfaces import check_program, check_takes
from vaecodec.models.exact.measures import reach
from vaecodec.models.exact.operations import Input
from vaecodec.models.model_file import ModelFile
from vaecodec.models.parts import check_listed
from vaecodec.models.quadrants.deep_painter import DeepPainter, ending
from vaecodec.models.quadrants.latent_step import latent_limits, latent_widths
from vaecodec.models.quadrants.parts import PAINTER, parts
from vaecodec.models.quadrants.preview import LinearPart
from vaecodec.models.quadrants.prior import Prior, sender_curve
from vaecodec.models.quadrants.tile_predictor import HYPER, QuadrantPredictor, steps
from vaecodec.models.quality import at_latents, for_graphs
from vaecodec.models.reach import analysis_reach
from vaecodec.models.sizes import CELL, HYPER_LIMIT, HYPER_STEP, PATCH

# Any other integer than the nearest would cost far more than bits: the hyper-latent
# says what the latent is like.
HYPER_WORTH = np.float32(2**20)


class QuadrantArchitecture:
    """One model of this architecture; see `Architecture`.

    Args:
        file: of the model.
        threads: of all engines; None takes all cores.

    Raises:
        ModelError: The tensors are no model of this kind.
    """

    def __init__(self, file: ModelFile, *, threads: int | None = 1) -> None:
        check_listed(file, parts(file.tensors))
        self._tensors = tensors = file.tensors
        self.tables = TableSet(tensors)
        self._prior = prior = Prior(tensors, threads=threads)
        self._painter = ExactEngine.from_tensors(PAINTER, tensors, threads=threads)
        program = self._painter.program
        check_program(
            PAINTER,
            program,
            inputs={
                "latent": (prior.channels, PATCH, Kind.WIDE),
                "hyper": (prior.hyper.channels, CELL, Kind.SIGNED),
            },
            outputs={"image": (3, 1, Kind.UNSIGNED)},
        )
        check_takes(PAINTER, program, "hyper", -HYPER_LIMIT, HYPER_LIMIT)
        limits = latent_limits(tensors).astype(np.int32)
        check_takes(PAINTER, program, "latent", -limits, limits)
        twins = {DEEP_ANALYSIS: (ANALYSIS, given_levels)}
        self._graphs = GraphRunner(file, threads=threads, twins=twins)
        self.channels = 3
        self.most_bits = MAX_DEPTH if ending(program) else SHALLOW
        self.masking = file.tune == "eye"
        self.steps = steps()
        self.grid = Grid(
            cell=CELL,
            planes=(
                Plane(prior.hyper.channels, CELL, channels_last=True),
                Plane(prior.channels, PATCH, channels_last=True),
            ),
            analysis_reach=analysis_reach(tensors),
            painter_reach=reach(program),
            preview_reach=0,
        )

    def predictor(self, height: int, width: int, quality: Quality) -> QuadrantPredictor:
        """Begin a tile of so many pixels."""
        shape = -(-height // PATCH), -(-width // PATCH)
        return QuadrantPredictor(self._prior, shape, quality)

    def analyze(
        self, image: Pixels, quality: Quality, *, depth: int = SHALLOW
    ) -> Sequence[Floats]:
        """Image -> hyper-latent, which is rounded already, and latent."""
        rows, columns = (side // CELL for side in image.shape[:2])
        hyper, latent = self.grid.planes
        shape = latent.channels, rows * HYPER_STEP, columns * HYPER_STEP
        shallow = image.dtype == np.uint8
        seen = image if shallow else levels_of(image, depth)
        steps, hyper_latent = self._graphs.run(
            ANALYSIS if shallow else DEEP_ANALYSIS,
            {"image": seen, "quality": for_graphs(quality)},
            (np.float32, shape),
            (np.float32, (hyper.channels, rows, columns)),
        )
        nearest = np.floor(hyper_latent + np.float32(0.5))
        return nearest.clip(-HYPER_LIMIT, HYPER_LIMIT), steps

    def means(self, step: int, known: Symbols, quality: Quality) -> Floats:
        """Never asked for: predictions hold the means."""
        raise NotImplementedError

    def error_weights(self, step: int, quality: Quality) -> Floats:
        """[1, 1, 1] of the hyper-latent; [M, 1, 1], or [M, h, w] of whole cells."""
        if self.steps[step].plane == HYPER:
            return np.full((1, 1, 1), HYPER_WORTH)
        weights: Floats = self._error_weights[at_latents(quality)]  # [r, c, M]
        return weights.transpose(2, 0, 1)

    def paint(
        self, latents: Symbols, quality: Quality, *, depth: int = SHALLOW
    ) -> Pixels:
        """Latents and values of the hyper-latent -> image."""
        hyper, latent = latents
        feeds = {"latent": within_budget(self._latent_input, latent), "hyper": hyper}
        if depth > SHALLOW:
            return self._deep_painter.draw(feeds, quality, depth)
        image = self._painter.run(feeds, quality)["image"]
        return image.transpose(1, 2, 0)

    def preview(
        self, latents: Symbols, quality: Quality, *, depth: int = SHALLOW
    ) -> Pixels:
        """The linear part of the painter alone."""
        _, latent = latents
        return self._linear_part.draw(latent, depth)

    def dequantize(self, latents: Symbols, quality: Quality) -> Floats:
        """The latent, which counts the same at every quality already."""
        _, latent = latents
        values: Floats = latent * self._linear_part.lengths[:, None, None]
        return values

    def step_sizes(self, quality: Quality) -> Floats:
        """[M, 1, 1], or [M, h, w] of whole cells."""
        widths = self._widths[at_latents(quality)]  # [r, c, M]
        sizes: Floats = widths * self._linear_part.lengths
        return sizes.transpose(2, 0, 1)

    @functools.cached_property
    def _latent_input(self) -> Input:
        inputs = self._painter.program.inputs
        return next(given for given in inputs if given.name == "latent")

    @functools.cached_property
    def _error_weights(self) -> Floats:
        """[101, M], which receivers do without."""
        shape = [QUALITIES, self._prior.channels]
        return sender_curve(self._tensors, "error_weights", shape)

    @functools.cached_property
    def _widths(self) -> Floats:
        """[101, M]."""
        return latent_widths(self._tensors, self._prior.channels)

    @functools.cached_property
    def _deep_painter(self) -> DeepPainter:
        return DeepPainter(self._painter)

    @functools.cached_property
    def _linear_part(self) -> LinearPart:
        return LinearPart(self._painter.program)
