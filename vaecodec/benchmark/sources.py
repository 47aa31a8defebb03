"""What a measurement of a codec depends on beside versions: its code, and its model.

In: a codec. Out: a hash of its Python files, and the id of its model if it has one.
"""

from __future__ import annotations

import hashlib
import inspect
from pathlib import Path
from typing import Protocol, runtime_checkable

from vaecodec.benchmark.entry import Codec


@runtime_checkable
class HasSources(Protocol):
    """A codec that knows the files it is made of; none where versions say it all."""

    def sources(self) -> list[Path]:
        """Python files."""


@runtime_checkable
class HasModel(Protocol):
    """A codec that uses a model of ours."""

    def model_id(self) -> str:
        """As files name it."""


def code_digest(codec: Codec) -> str | None:
    """First 16 hex digits of a hash of the code; None where versions say it all."""
    if isinstance(codec, HasSources):
        sources = codec.sources()
    else:
        sources = [Path(inspect.getfile(type(codec)))]
    if not sources:
        return None
    content = b"".join(path.read_bytes() for path in sorted(sources))
    return hashlib.sha256(content).hexdigest()[:16]


def model_id(codec: Codec) -> str | None:
    """The id of its model; None of a codec without one."""
    return codec.model_id() if isinstance(codec, HasModel) else None
