"""What training asks of an architecture.

Trainer, exporter and sampler know networks by this contract alone. A new architecture
has these two classes in its folder, and a line in `vaecodec.training.architectures`.

    pictures   -> new       -+
    model file -> from_file -+-> a model -> forward -> rates, decoded images
    checkpoint -> empty     -+      |
                                    +-> to_file -> model file

Letters in shapes: B images of a batch, C their channels, H and W their height and
width, multiples of 64.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from torch import Tensor, nn

from vaecodec.models.depth import SHALLOW
from vaecodec.models.model_file import ModelFile
from vaecodec.models.networks.table_fitting import Counts


@dataclass(frozen=True)
class Coded:
    """A batch of images after one pass.

    Attributes:
        rates: bits per pixel [B] of each term of the rate, by its name.
        decoded: the images that come back [B, C, H, W], not clamped.
    """

    rates: dict[str, Tensor]
    decoded: Tensor


@dataclass(frozen=True)
class Roundable:
    """A convolution whose weights may be stored more coarsely than they were learnt.

    It is a 1x1 layer, of groups or not, or a depthwise one.

    Attributes:
        layer: its `weight` is [groups x outputs, inputs, ...].
        groups: of channels that do not see each other.
        unit: powers of two that its weights are multiples of, [groups x outputs, 1] or
            one for each weight; None for the sender's, which are floats.
        limit: largest multiple.
    """

    layer: nn.Module
    groups: int
    unit: Tensor | None = None
    limit: float = math.inf


@dataclass(frozen=True)
class Kind:
    """What a model is for.

    Attributes:
        tune: what its distortion is, "eye" or "psnr".
        channels: of its images, 1..16.
        depth: bits of their samples.

    Raises:
        ValueError: Only pictures can look good.
    """

    tune: str
    channels: int = 3
    depth: int = SHALLOW

    def __post_init__(self) -> None:
        if self.tune == "eye" and not self.is_pictures:
            raise ValueError(
                f"tune 'eye' for {self.channels} channels of {self.depth} bits, it is "
                "for pictures (3 channels of 8 bits)"
            )

    @property
    def is_pictures(self) -> bool:
        """Whether it is for pictures as most people have them."""
        return (self.channels, self.depth) == (3, SHALLOW)


class TrainableModel(nn.Module, ABC):
    """A model for all qualities 0..100, with its weights.

    Attributes:
        architecture: name of its architecture.
    """

    architecture: ClassVar[str]

    @property
    @abstractmethod
    def kind(self) -> Kind:
        """What it is for."""

    @property
    def tune(self) -> str:
        """What its distortion is, "eye" or "psnr"."""
        return self.kind.tune

    @abstractmethod
    def forward(self, image: Tensor, quality: Tensor, *, hard: bool = False) -> Coded:
        """Image [B, C, H, W] in 0..1, quality [B] -> what comes back, at which rate.

        A `hard` pass is what the codec does: symbols are whole numbers, chosen as the
        sender chooses them.
        """

    @abstractmethod
    def lmbda(self, quality: Tensor) -> Tensor:
        """Weight of the distortion (in units of MSE of 8-bit samples) [B]."""

    @abstractmethod
    def sender_parts(self) -> Iterable[nn.Module]:
        """What stands still when the receiver learns from the symbols of files."""

    @abstractmethod
    def learning_rate_factor(self, parameter: str) -> float:
        """How fast a parameter, by its name, learns against the others."""

    def become_exact(self, images: Tensor) -> None:
        """From now on round as the receiver does, at what images [N, 3, H, W] need.

        Nothing changes in a model that has no exact receiver, or rounds already.
        """

    @abstractmethod
    def to_json(self) -> str:
        """All that the model is besides its weights, in one line of JSON."""

    @abstractmethod
    def lay_ladder(self, ladder: tuple[float, ...]) -> None:
        """Take these rungs, 0..100, for the qualities 0, 10 ... 100 of users."""


Model = TypeVar("Model", bound=TrainableModel)


class TrainableArchitecture(ABC, Generic[Model]):
    """Where models of one architecture come from, and how they are stored.

    Attributes:
        name: as in model files.
        networks: names for users of its networks, the smallest first.
    """

    name: ClassVar[str]
    networks: ClassVar[tuple[str, ...]]

    @abstractmethod
    def new(self, network: str, kind: Kind, pictures: Sequence[Tensor]) -> Model:
        """A model that is to learn from pictures, at its first step.

        Args:
            network: one of `networks`.
            kind: what the model is to be for.
            pictures: levels 0..255, [C, H, W].

        Raises:
            ValueError: The network is not for images of this kind.
        """

    @abstractmethod
    def changed(
        self, model: TrainableModel, network: str | None, *, tune: str
    ) -> Model:
        """A trained model in a larger network, or tuned otherwise; None: in its own.

        The model may be of another architecture that this one knows how to go on from.

        Raises:
            ValueError: What it has learned has no place in that network.
        """

    @abstractmethod
    def empty(self, configuration: str) -> Model:
        """A model of the `configuration` of another one, with weights of its own."""

    @abstractmethod
    def from_file(self, file: ModelFile) -> Model:
        """The model in a file.

        Raises:
            ModelError: It is damaged.
        """

    def roundable(self, model: Model) -> dict[str, Roundable]:
        """The layers of a trained model that may be rounded, by their names."""
        return {}

    @abstractmethod
    def to_file(self, model: Model, *, counts: Counts, training_images: int) -> bytes:
        """The bytes of a model file, with frequency tables fitted to `counts`.

        A file that names no architecture is of the first one there was.

        Args:
            model: to store.
            counts: of coded symbols, by rows of the tables.
            training_images: crops that the model has seen.

        Raises:
            ModelError: A weight cannot be stored.
        """
