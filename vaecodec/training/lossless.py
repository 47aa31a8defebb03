"""Train a model of lattices, for coding without loss.

In: folders of pictures that no lossy coder has been at, or that were reduced since;
out: a model part, and the state of the training, to go on from. For two thirds of the
batches the networks are as they are, then they learn with everything rounded as
receivers round it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vaecodec.errors import ModelError
from vaecodec.models.lattices.networks.calibration import calibrate
from vaecodec.models.lattices.networks.lattice_model import LatticeModel
from vaecodec.models.lattices.networks.stored import receiver_tensors
from vaecodec.models.lattices.part_file import pack_part
from vaecodec.models.networks.exact_layers import set_exact
from vaecodec.training.photographs import load_tiles, spread

CROP, BATCH = 128, 2
SMOOTH_SHARE = 0.67
RATE, EXACT_RATE = 3e-3, 1e-3
WARM_UP = 50  # batches
MOMENTA = 0.9, 0.98
MOST_GRADIENT = 2.0
CALIBRATION_CROPS, VALIDATION_TILES = 32, 16


def train_lossless(
    folders: Sequence[Path],
    batches: int,
    *,
    output: Path,
    start: Path | None = None,
    seed: int = 1,
) -> float:
    """Train, and write the part to `output` and the state beside it, as ``.pt``.

    Returns:
        Bits per pixel of pictures that were held back.

    Raises:
        ImageError: There are too few pictures, or one is damaged.
        ModelError: `start` is no state of such a training.
        OSError: A file cannot be read or written.
    """
    torch.manual_seed(seed)
    tiles, held = load_tiles(folders)
    model = LatticeModel().eval()  # in training mode, layers would take bfloat16
    if start is not None:
        _load(model, start)
    crops = _crops(tiles)
    smooth = round(batches * SMOOTH_SHARE)
    _train(model, crops, smooth, RATE)
    some = [next(crops) for _ in range(CALIBRATION_CROPS // BATCH)]
    calibrate(model, torch.cat(some))
    set_exact(model, True)
    _train(model, crops, batches - smooth, EXACT_RATE)
    torch.save(model.state_dict(), output.with_suffix(".pt"))
    output.write_bytes(pack_part(receiver_tensors(model)))
    return bits_per_pixel(model, spread(held, VALIDATION_TILES))


@torch.no_grad()
def bits_per_pixel(model: LatticeModel, tiles: Tensor) -> float:
    """Mean over tiles, uint8 [N, 3, H, W], sides multiples of 32.

    Without the coarsest lattice, and what the colours of a picture tell.
    """
    total = sum(_bits(model, tile[None].float()) for tile in tiles)
    return float(total) / tiles[:, 0].numel()


def _bits(model: LatticeModel, images: Tensor) -> Tensor:
    return torch.stack([bits.sum() for bits in model(images)]).sum()


def _train(
    model: LatticeModel, crops: Iterator[Tensor], batches: int, rate: float
) -> None:
    """Train on so many batches, with a rate that falls to nearly nothing."""
    optimizer = torch.optim.Adam(model.parameters(), betas=MOMENTA)
    for number in range(batches):
        warmth = min(1.0, (number + 1) / WARM_UP)
        cosine = 0.5 * (1 + math.cos(math.pi * number / batches)) + 0.01
        for group in optimizer.param_groups:
            group["lr"] = rate * warmth * cosine
        images = next(crops)
        loss = _bits(model, images) / images[:, 0].numel()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), MOST_GRADIENT)
        optimizer.step()


def _crops(tiles: Tensor) -> Iterator[Tensor]:
    """Random crops, flipped and transposed: float32 [B, 3, 128, 128], whole levels."""
    while True:
        crops = []
        for tile in tiles[torch.randint(len(tiles), (BATCH,))]:
            top, left = torch.randint(tile.shape[1] - CROP + 1, (2,)).tolist()
            crop = tile[:, top : top + CROP, left : left + CROP]
            flips = [axis + 1 for axis in range(2) if torch.rand(()) < 0.5]
            crops.append(crop.flip(flips))
        images = torch.stack(crops).float()
        yield images.transpose(2, 3) if torch.rand(()) < 0.5 else images


def _load(model: LatticeModel, file: Path) -> None:
    try:
        state: dict[str, Any] = torch.load(file, weights_only=True)
        model.load_state_dict(state)
    except OSError:
        raise
    except Exception as error:  # torch raises whatever it stumbles over
        raise ModelError(f"{file} is no state of such a training: {error}") from error
