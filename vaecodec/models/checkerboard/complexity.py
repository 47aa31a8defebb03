"""How large a model is: its parameters, and what its decoder computes per pixel.

In: a model file. Out: numbers that follow from the shapes of its tensors alone. A
weight of a 1x1 or depthwise layer is multiplied once at every position of its grid, so
all there is to know beside the shapes is how many pixels a position stands for.

What counts is what a receiver runs on a large image: the integer networks, and the
graph "synthesis", which holds the means as well. Additions of biases, gains by quality
and the entropy coder are left out, as in the literature.
"""

from __future__ import annotations

from vaecodec.models.model_file import ModelFile
from vaecodec.models.names import GRAPH, WEIGHT

_SCALE = "scale."  # the integer networks
# Pixels of the image for each product with a weight; the first prefix that fits holds.
# Every second channel of a position belongs to the other group, so that layers which
# read or write one group alone do half of their products.
PIXELS = {
    f"{_SCALE}expand1.": 64**2,
    f"{_SCALE}spread1.": 32**2,
    f"{_SCALE}expand2.": 32**2,
    f"{_SCALE}output_first.": 2 * 16**2,
    f"{_SCALE}gather.": 2 * 16**2,
    f"{_SCALE}output_second.": 2 * 16**2,
    _SCALE: 16**2,
    f"{WEIGHT}hyper_synthesis.layers.0.": 64**2,
    f"{WEIGHT}hyper_synthesis.layers.": 32**2,
    f"{WEIGHT}hyper_synthesis.refine.": 16**2,
    f"{WEIGHT}first_means.": 16**2,
    f"{WEIGHT}context.": 16**2,
    f"{WEIGHT}synthesis.fine.": 8**2,
    f"{WEIGHT}synthesis.leave.": 8**2,
    f"{WEIGHT}synthesis.": 16**2,
}
# Computed once, when training starts.
_NOT_TRAINED = ".spread"


def parameters(file: ModelFile) -> int:
    """How many numbers were trained, for both directions together."""
    return sum(
        tensor.size
        for name, tensor in file.tensors.items()
        if (name.startswith(WEIGHT) and not name.endswith(_NOT_TRAINED))
        or (name.startswith(_SCALE) and name.endswith((".weight", ".bias")))
    )


def decoder_kmac_per_pixel(file: ModelFile) -> float | None:
    """Thousands of multiply-accumulates per pixel of a large image.

    None when the decoder has a layer of which this is not known.
    """
    graph = file.metadata.get(f"{GRAPH}synthesis", "").split()
    integers = [name for name in file.tensors if name.startswith(_SCALE)]
    names = [*(WEIGHT + name for name in graph), *integers]
    try:
        products = [
            file.tensors[name].size / _pixels(name)
            for name in names
            if name.endswith(".weight")
        ]
    except KeyError:
        return None
    return sum(products) / 1000 if graph else None


def _pixels(name: str) -> int:
    """Pixels per product; KeyError for a layer that is not known."""
    for prefix, pixels in PIXELS.items():
        if name.startswith(prefix):
            return pixels
    raise KeyError(name)
