"""Model files of this architecture that code real images, without any training.

The analysis is a cosine transform, the painter its inverse; the prior is drawn at
random.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.entropy.conftest import laplacian_rows
from tests.models.quadrants.drawn_programs import (
    PATCH,
    SMALL,
    Sizes,
    cosines,
    drawn_programs,
)
from vaecodec.entropy.frequency_tables import quantize_frequencies
from vaecodec.models.engines.onnx_messages import GraphWriter, element_type
from vaecodec.models.exact.stored_program import pack_program
from vaecodec.models.model_file import ModelFile, pack_model, parse_model
from vaecodec.models.quadrants.parts import parts
from vaecodec.models.quadrants.prior import OCTAVE

QUALITIES = np.arange(101)
UNITS = 512  # of latents for the whole range of a sample
FALLING = 14.0  # qualities for half the width of a step
LOG_UNIT = 2.0**-12  # nats
ROW = 512  # of these
LEAST_ROW = 6  # that can be coded, with some room


def small_tensors(sizes: Sizes = SMALL, seed: int = 1) -> dict[str, NDArray[Any]]:
    """All tensors of a model."""
    spread = spreads(sizes.latent)
    limits = np.minimum(6 * spread * UNITS, 7100).astype(np.int16)
    tensors: dict[str, NDArray[Any]] = {}
    for name, program in drawn_programs(sizes, limits, seed).items():
        tensors |= pack_program(name, program)
    frequencies = quantize_frequencies(laplacian_rows())
    tensors["tables.limits"], tensors["tables.frequencies"] = frequencies
    width = 0.5 * 2 ** (-QUALITIES / FALLING)  # of a step, for samples 0..1
    rows = 8 * np.log(spread / width[:, None] / 0.08)  # [101, M]
    offsets = np.rint(rows * ROW).astype(np.int32).clip(LEAST_ROW * ROW)
    tensors |= {
        "hyper.mean_shifts": np.full(sizes.hyper, 10, np.int8),
        "hyper.offsets": np.full((2, 101, sizes.hyper), 40 * ROW, np.int32),
        "latent.mean_shifts": np.full((4, 4, sizes.latent // 4), 9, np.int8),
        "latent.offsets": np.stack([offsets] * 4),
        "latent.widths": np.repeat(
            np.rint(width * UNITS * 512).astype(np.int32)[:, None], sizes.latent, 1
        ),
        "latent.limits": limits,
        "latent.normal_shifts": np.full(sizes.latent, 5, np.int8),
        "latent.magnitudes": np.rint(32 * np.log2(1 + np.arange(16)))
        .clip(max=127)
        .astype(np.int8),
        "quantizer.log_gains": np.repeat(
            np.rint(-np.log2(width * UNITS) / OCTAVE).astype(np.int32)[:, None],
            sizes.latent,
            1,
        ),
        "quantizer.log_error_weights": np.full(
            (101, sizes.latent), round(2 / OCTAVE), np.int32
        ),
        "graph.analysis": np.frombuffer(_analysis(sizes), np.uint8),
    }
    return tensors


def small_model(tensors: dict[str, NDArray[Any]] | None = None) -> bytes:
    """A model file of these tensors, or of the usual ones."""
    tensors = _usual_tensors() if tensors is None else tensors
    return pack_model(tensors, {"graph.analysis": ""} | parts(tensors))


def small_file(tensors: dict[str, NDArray[Any]] | None = None) -> ModelFile:
    """The same, read."""
    return parse_model(small_model(tensors))


def spreads(channels: int) -> NDArray[np.float64]:
    """How large latents are, for samples 0..1: [M]."""
    return 2.5 / (1 + np.arange(channels)) ** 0.7


@functools.cache
def _usual_tensors() -> dict[str, NDArray[Any]]:
    return small_tensors()


def _analysis(sizes: Sizes) -> bytes:
    """Image, quality -> latent in steps, means of some of its channels."""
    graph = GraphWriter()
    node, constant = graph.node, graph.constant
    image = graph.input("image", np.uint8, rank=3)
    quality = graph.input("quality", np.float32, rank=2)
    floats = node("Cast", image, to=element_type(np.float32))
    samples = node("Div", node("Sub", floats, _float(graph, 127.5)), _float(graph, 256))
    planes = node("Unsqueeze", node("Transpose", samples, perm=(2, 0, 1)), _axis(graph))
    basis = constant(cosines(sizes.latent).astype(np.float32))
    latent = node("Conv", planes, basis, strides=(PATCH, PATCH))
    doublings = node("Div", quality, _float(graph, FALLING))
    gain = node("Mul", node("Pow", _float(graph, 2), doublings), _float(graph, 2))
    steps = node("Mul", latent, gain)
    node("Squeeze", steps, _axis(graph), out="latent_steps")
    means = np.zeros((sizes.hyper, sizes.latent, 4, 4), np.float32)
    channels = np.arange(sizes.hyper)
    means[channels, channels % sizes.latent] = 1
    hyper = node("Conv", latent, constant(means), strides=(4, 4))
    node("Squeeze", hyper, _axis(graph), out="hyper_latent")
    graph.output("latent_steps", np.float32, rank=3)
    graph.output("hyper_latent", np.float32, rank=3)
    return graph.model()


def _float(graph: GraphWriter, value: float) -> str:
    return graph.constant(np.float32(value))


def _axis(graph: GraphWriter) -> str:
    return graph.constant(np.array([0], np.int64))
