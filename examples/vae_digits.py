"""The pictures of the VAE examples: handwritten digits, which scikit-learn ships."""

from __future__ import annotations

from typing import NamedTuple

import torch
from sklearn.datasets import load_digits
from torch import Tensor

LEVELS, PIXELS, CLASSES = 17, 64, 10


class Digits(NamedTuple):
    """Pictures float32 [N, 1, 8, 8] of levels 0..16, and what they show, int64 [N]."""

    pictures: Tensor
    labels: Tensor


def digits() -> tuple[Digits, Digits, Digits]:
    """1097 pictures to train on, 200 to choose settings with, 500 to report on."""
    data = load_digits()
    pictures = torch.tensor(data.images, dtype=torch.float32)[:, None]
    labels = torch.tensor(data.target)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    parts = order.split([1097, 200, 500])
    train, choice, test = (Digits(pictures[part], labels[part]) for part in parts)
    return train, choice, test


def few_labels(train: Digits, per_class: int = 10) -> Tensor:
    """Numbers of the first pictures of each class: all whose labels are told."""
    places = [
        (train.labels == label).nonzero()[:per_class, 0] for label in range(CLASSES)
    ]
    return torch.cat(places)
