"""Lossless files of a VAE whose length is its negative ELBO: bits-back coding.

python -m examples.vae_bits_back

A sender draws latents from the posterior q, then writes them and the pixels given them:
-log2 p(latents) - log2 p(pixels | latents) bits. On average this exceeds the negative
ELBO by the entropy of q. But a draw needs random bits, as many as that entropy, and
these may be a message: here they are the pictures that were coded before. The receiver
knows the pixels by then, computes q and puts those bits back. Only the first picture
has to borrow random words; they are counted.

Townsend et al., "Practical lossless compression with latent variables using bits back
coding" (2019). Both sides must compute the same floats: on one machine, and one picture
at a time. (The codec's networks for this are integers.)
"""

from __future__ import annotations

import numpy as np
import torch
from constriction import stream
from numpy.typing import NDArray
from torch import Tensor

from examples.vae import STEPS, VAE, Cost, fit_vae, mean_cost, pixel_bits
from examples.vae_digits import PIXELS, digits

GRID = 32  # points per unit of the latents; finer only asks for more first words
REACH = 8  # units: where the grid ends
FIRST_WORDS = 4  # of 32 bits
PIXEL_TABLES = stream.model.Categorical(perfect=False)

Words = NDArray[np.uint32]
Parameters = tuple[NDArray[np.float64], NDArray[np.float64]]


class BitsBack:
    """Pictures <-> words: one after the other, on one stack."""

    def __init__(self, model: VAE, grid: int = GRID) -> None:
        self.model, self.grid = model, grid
        self.gaussians = stream.model.QuantizedGaussian(-REACH * grid, REACH * grid)

    def pack(self, pictures: Tensor, words: Words) -> Words:
        """Put pictures [N, 1, 8, 8] on top of random words."""
        coder = stream.stack.AnsCoder(words, seal=True)
        for picture in pictures:
            # Decoding words with the posterior is drawing from it.
            points = coder.decode(self.gaussians, *self._posterior(picture))
            levels = picture.flatten().numpy().astype(np.int32)
            coder.encode_reverse(levels, PIXEL_TABLES, self._pixels(points))
            coder.encode_reverse(points, self.gaussians, *self._prior())
        packed: Words = coder.get_compressed()
        return packed

    def unpack(self, packed: Words, count: int) -> tuple[Tensor, Words]:
        """Take `count` pictures off again, and return the words below them as well."""
        coder, pictures = stream.stack.AnsCoder(packed), torch.zeros(count, 1, 8, 8)
        for number in reversed(range(count)):
            points = coder.decode(self.gaussians, *self._prior())
            levels = coder.decode(PIXEL_TABLES, self._pixels(points))
            pictures[number] = torch.from_numpy(levels).reshape(1, 8, 8)
            posterior = self._posterior(pictures[number])
            coder.encode_reverse(points, self.gaussians, *posterior)
        return pictures, coder.get_compressed(unseal=True)

    @torch.no_grad()
    def _posterior(self, picture: Tensor) -> Parameters:
        """Means and deviations [L], in points of the grid."""
        mean, log_deviation = self.model.posterior(picture[None])
        deviation = log_deviation.exp()
        return _points(mean[0], self.grid), _points(deviation[0], self.grid)

    def _prior(self) -> Parameters:
        count = self.model.latents
        return np.zeros(count), np.full(count, float(self.grid))

    @torch.no_grad()
    def _pixels(self, points: NDArray[np.int32]) -> NDArray[np.float64]:
        """Probabilities [64, 17] of the levels of pixels."""
        latents = torch.from_numpy(points).float() / self.grid
        level_bits = self.model.level_bits(latents[None])
        probabilities = torch.exp2(-level_bits[0].double()).flatten(1)  # [17, 64]
        return np.ascontiguousarray(probabilities.numpy().T)


def first_words(count: int = FIRST_WORDS) -> Words:
    """Random words, for the first draw."""
    return np.random.default_rng(1).integers(2**32, size=count, dtype=np.uint32)


def _points(values: Tensor, grid: int) -> NDArray[np.float64]:
    return values.double().numpy() * grid


@torch.no_grad()
def rounded_cost(model: VAE, pictures: Tensor, grid: float) -> Cost:
    """Bits [N] with latents that are not drawn, but the points nearest to their means.

    Such a posterior has no variance, so there are no bits to get back.
    """
    points = torch.round(model.posterior(pictures)[0] * grid)
    far = points.abs().double()
    normal = torch.special.ndtr
    mass = normal((0.5 - far) / grid) - normal((-0.5 - far) / grid)
    pixels = pixel_bits(model.level_bits(points / grid), pictures)
    return Cost(pixels, -mass.log2().sum(1).float())


def main() -> None:
    """Train, pack, unpack, and compare with latents that are rounded."""
    train, _, test = digits()
    model, pictures = VAE(), test.pictures
    fit_vae(model, train, steps=STEPS)
    print(f"negative ELBO {mean_cost(model, pictures)}")
    coding, below = BitsBack(model), first_words()
    packed = coding.pack(pictures, below)
    again, left = coding.unpack(packed, len(pictures))
    lossless = torch.equal(again, pictures) and np.array_equal(left, below)
    print(f"bits back     {32 * packed.size / pictures.numel():.3f}, {lossless=}")
    for grid in (1, 2, 4, 8, 16, 32):
        rounded = rounded_cost(model, pictures, grid).total.mean() / PIXELS
        print(f"rounded to 1/{grid:<2} {rounded:.3f}")


if __name__ == "__main__":
    main()
