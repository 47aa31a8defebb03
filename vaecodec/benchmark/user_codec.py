"""Codecs of users: classes in modules of their own, "module:Class".

In: such a name. Out: a `Codec`, completed by what the class does not say of itself.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from vaecodec.benchmark.entry import Codec

DEFAULT_QUALITIES = (10, 30, 50, 70, 90)


def make_user_codec(key: str) -> Codec:
    """The codec; its module may lie in the current folder.

    Raises:
        ImportError: there is no such module.
        AttributeError: the module has no such class.
        ValueError: the class is not a codec, or cannot be made.
    """
    module, _, name = key.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    made = getattr(import_module(module), name)
    try:
        codec: Any = made()
    except Exception as error:  # It is somebody else's.
        raise ValueError(f"{key}: {type(error).__name__}: {error}") from error
    missing = [verb for verb in ("compress", "decompress") if not hasattr(codec, verb)]
    if missing:
        raise ValueError(f"{key} has no {' and no '.join(missing)}")
    defaults = {"name": name, "settings": key, "qualities": DEFAULT_QUALITIES}
    for attribute, default in defaults.items():
        if not hasattr(codec, attribute):
            setattr(codec, attribute, default)
    complete: Codec = codec
    return complete
