"""Two questions that show, when a model is loaded, that this machine computes exactly.

That float64 sums of integers are exact is proven, but the proof assumes a machine and
a matrix library that keep to IEEE 754. Where they do not, files would be written that
nobody else can read, and nobody would notice. The first question is a product of two
matrices that only exact arithmetic gets right, the second the scale indexes of a small
tile, which the model file carries. Both take less than a millisecond.
See SPEC.md, section 2.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.board import Checkerboard
from vaecodec.models.checkerboard.scale_networks import ScaleNetworks
from vaecodec.models.exact.integer_network import Multiply
from vaecodec.models.exact.known_answer import scattered
from vaecodec.models.sizes import HYPER_STEP

TENSOR = "known_answer"
QUALITY = 50
_MISTAKE = "this machine cannot exchange files with others"


def check_machine(
    networks: ScaleNetworks, tensors: Mapping[str, NDArray[np.generic]]
) -> None:
    """Ask both questions; the second only if the model file has the answer.

    Raises:
        ModelError: This machine gives another answer.
    """
    if not multiplies_exactly(networks.multiply):
        raise ModelError(f"{_MISTAKE}: its float64 matrix products are not exact")
    if TENSOR not in tensors:
        return
    expected = take_tensor(tensors, TENSOR, np.uint8, [4]).tobytes()
    found = known_answer(networks).tobytes()
    if found != expected:
        raise ModelError(
            f"{_MISTAKE}: the CRC-32 of the known answer is {found.hex()}, "
            f"the model says {expected.hex()}"
        )


def multiplies_exactly(multiply: Multiply) -> bool:
    """Whether sums of some 50 bits come out of a matrix product as they should."""
    highest_bits = scattered(64 * 48 + 48 * 32) >> np.uint32(8)
    numbers = highest_bits.astype(np.int64) - (1 << 23)
    left, right = numbers[: 64 * 48].reshape(64, 48), numbers[64 * 48 :].reshape(48, 32)
    found = multiply(left.astype(np.float64), right.astype(np.float64))
    return np.array_equal(found, np.matmul(left, right))


def known_answer(networks: ScaleNetworks) -> NDArray[np.uint8]:
    """CRC-32 of the scale indexes of one small tile, low byte first: uint8 [4]."""
    hyper_symbols = scattered_symbols(networks.hyper_channels, 1, 1)
    symbols = scattered_symbols(networks.latent_channels, HYPER_STEP, HYPER_STEP)
    board = Checkerboard(HYPER_STEP, HYPER_STEP)
    features = networks.features(hyper_symbols, board)
    quality = np.full((1, 1), QUALITY, np.uint8)
    first = board.take(symbols, 0)
    indexes = np.empty(symbols.shape, np.uint8)
    board.put(networks.first_indexes(features, quality), 0, indexes)
    board.put(networks.second_indexes(features, first, quality), 1, indexes)
    checksum = zlib.crc32(indexes.tobytes()).to_bytes(4, "little")
    return np.frombuffer(checksum, np.uint8)


def scattered_symbols(*shape: int) -> NDArray[np.int16]:
    """Symbols -8..7 that are the same everywhere."""
    highest_bits = scattered(int(np.prod(shape))) >> np.uint32(28)
    return (highest_bits.astype(np.int16) - np.int16(8)).reshape(shape)
