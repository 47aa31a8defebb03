"""The codecs that are measured: one module each, found by itself.

In: a key. Out: a `Codec`: uint8 [H, W, 3] and a quality on the codec's own scale to the
bytes of a complete file, and back from nothing but these bytes.

To add one, put a module with `ENTRIES` here (see `entry`); nothing else changes. Its
name is what `--against` knows it by. Libraries are imported when a codec is made, so
that those that are missing only make it absent. Each codec runs through its own encoder
with settings that cost nothing but time, on one thread, and writes no metadata. A codec
that shall not live here is "module:Class" with `compress` and `decompress`; `name`,
`settings` and `qualities` are welcome.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaecodec.benchmark.entry import Codec, Entry

# The module of our own codecs, which are always measured.
OURS = "vaecodec"


def families() -> tuple[str, ...]:
    """Names of the modules with codecs of others; imports none of them."""
    names = sorted(module.name for module in iter_modules(__path__))
    return tuple(name for name in names if name != OURS)


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """All codecs by key, in the order of tables."""
    found = [e for name in (OURS, *families()) for e in entries_of(name)]
    return {entry.key: entry for entry in sorted(found, key=lambda e: e.order)}


def entries_of(family: str) -> tuple[Entry, ...]:
    """The codecs of one module."""
    made: tuple[Entry, ...] = import_module(f"{__name__}.{family}").ENTRIES
    return made


def shipped_models() -> dict[str, str]:
    """The names of the shipped models by the keys of the codecs that use them."""
    return {key: entry.model for key, entry in entries().items() if entry.model}


def make_codec(key: str, *, model: str | None = None) -> Codec:
    """The codec of that key, or of "module:Class" for one of a user.

    `model` is a file to use instead of the shipped model, if the codec is ours.

    Raises:
        ImportError: what it needs is not installed.
        ValueError: no codec has that key, or the class is not a codec.
    """
    if ":" in key:
        from vaecodec.benchmark.user_codec import make_user_codec

        return make_user_codec(key)
    if key not in entries():
        raise ValueError(f"codec {key!r} is not one of {', '.join(entries())}")
    entry = entries()[key]
    return entry.make(model or entry.model) if entry.model else entry.make()


def is_own(key: str) -> bool:
    """Whether this is a codec that readers ask about: vaecodec, or one of a user."""
    return key in shipped_models() or ":" in key


def is_hidden(key: str) -> bool:
    """Whether its curve is not drawn at first; codecs of users always are."""
    return key in entries() and entries()[key].hidden
