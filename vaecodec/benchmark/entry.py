"""What the module of a codec says of it: how to make it, and how pages show it.

Each module in `codecs/` has `ENTRIES`, a tuple of `Entry`, and nothing else has to
mention the codec: command line, tables, plot, report and README read it from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
THREADS = 1
LAST = 1000


class Codec(Protocol):
    """What is measured; `qualities` rise from the smallest file to the largest."""

    @property
    def name(self) -> str:
        """What tables call it."""

    @property
    def settings(self) -> str:
        """What a reader needs to repeat it."""

    @property
    def qualities(self) -> Sequence[float]:
        """On a scale of its own."""

    def compress(self, image: Pixels, quality: Any) -> bytes:
        """Return a complete file of an image uint8 [H, W, 3]."""

    def decompress(self, data: bytes) -> Pixels:
        """Return the image of a file, in the shape it had."""


@dataclass(frozen=True)
class Library:
    """What a codec runs in; its version is one of the conditions of a run.

    Attributes:
        name: in result files; of a Python package, its name.
        feature: what Pillow calls a library that it contains.
    """

    name: str
    feature: str = ""

    def version(self) -> str | None:
        """None when it is not installed."""
        if not self.feature:
            return package_version(self.name)
        from PIL import features

        return features.version(self.feature)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A codec before anything that it needs is imported.

    Attributes:
        key: names its result file, and is what results are found by.
        make: a `Codec`; ImportError when a library is missing. That of a shipped
            model takes the model, a name or a file.
        colour: of its curves, on a light and on a dark ground; without one it gets
            the next that is free.
        order: in tables, from the weakest codec to the strongest, ours first.
        model: for ours, the shipped model that it uses.
        hidden: whether its curve is one click away in the report, and not in the plot.
        in_readme: whether it stands in the table of the README, and, if it is not
            hidden, on the cards and contact sheets of the report.
        note: how it was set, for the README.
        library: what it runs in.
        held_out_qualities: if any, it is measured on other pictures than Kodak too.
        reproduces: the published curve that was made with the same settings.
    """

    key: str
    make: Callable[..., Codec]
    colour: tuple[str, str] | None = None
    order: int = LAST
    model: str | None = None
    hidden: bool = False
    in_readme: bool = False
    note: str = ""
    library: Library | None = None
    held_out_qualities: tuple[float, ...] = ()
    reproduces: str | None = None

    @property
    def prominent(self) -> bool:
        """Whether it is what readers want to see first."""
        return self.in_readme and not self.hidden


def package_version(package: str) -> str | None:
    """Version of an installed Python package; None when it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
