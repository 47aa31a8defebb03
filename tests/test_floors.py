"""The package is a house of floors: every import points down, never up or sideways."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "vaecodec"
LINES_CEILING = 350
ANY = "*"


class Room(NamedTuple):
    rooms: set[str]
    libraries: set[str]


# What each room may import besides itself and the standard library. Only training and
# the networks of architectures know PyTorch; nothing that compresses imports them.
BELOW_CODEC = {"errors", "format", "entropy", "models"}
MAY_IMPORT = {
    "errors": Room(set(), set()),
    "format": Room({"errors"}, set()),
    "entropy": Room({"errors"}, {"numpy", "constriction"}),
    "models": Room({"errors", "format", "entropy"}, {"numpy", "onnxruntime"}),
    "networks": Room(BELOW_CODEC, {"numpy", "torch", "onnx"}),
    "codec": Room(BELOW_CODEC, {"numpy", "PIL", "pyvips"}),
    "api": Room({*BELOW_CODEC, "codec"}, {"numpy", "PIL"}),
    "benchmark": Room(
        {*BELOW_CODEC, "codec", "api", "codecs"},
        {"numpy", "PIL", "scipy", "bjontegaard", "matplotlib"},
    ),
    # A codec that is measured brings its own libraries, which it imports when made.
    "codecs": Room({*BELOW_CODEC, "codec", "api", "benchmark"}, {ANY}),
    "front": Room(
        {*BELOW_CODEC, "codec", "api", "benchmark", "codecs", "plugins"},
        {"numpy", "PIL", "pyvips", "click"},
    ),
    "plugins": Room(
        {*BELOW_CODEC, "codec", "api"}, {"numpy", "PIL", "numcodecs", "zarr", "torch"}
    ),
    "training": Room(
        {*BELOW_CODEC, "networks", "codec", "benchmark", "codecs", "front"},
        {"numpy", "PIL", "torch", "click"},
    ),
}
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(module: str) -> str:
    """Return the room of a dotted name; modules at the top are the front doors."""
    parts = module.split(".")
    if "networks" in parts:
        return "networks"
    if parts[1:3] == ["benchmark", "codecs"]:
        return "codecs"
    return parts[1] if len(parts) > 1 and parts[1] in MAY_IMPORT else "front"


def imported_modules(source: str, package: str) -> Iterator[str]:
    """Yield every dotted name that the source imports, at any depth."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level]
            base = (
                [*above, *filter(None, [node.module])] if node.level else [node.module]
            )
            yield from (".".join([*map(str, base), alias.name]) for alias in node.names)


def forbidden_imports(source: str, package: str, room: str) -> list[str]:
    """Return the imports of the source that this room may not have."""
    found = []
    for module in imported_modules(source, package):
        top = module.partition(".")[0]
        if top == "vaecodec":
            allowed = room_of(module) in MAY_IMPORT[room].rooms | {room}
        else:
            libraries = MAY_IMPORT[room].libraries | sys.stdlib_module_names
            allowed = bool(libraries & {top, ANY})
        found += [] if allowed else [module]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_point_downwards(path: Path) -> None:
    package = ".".join(path.parent.relative_to(ROOT).parts)
    module = ".".join(path.with_suffix("").relative_to(ROOT).parts)
    assert forbidden_imports(path.read_text("utf-8"), package, room_of(module)) == []


@pytest.mark.parametrize(
    ("source", "room"),
    [
        ("import numpy", "format"),
        ("from PIL import Image", "entropy"),
        ("def late():\n    import torch", "codec"),
        ("from vaecodec.codec import recovery", "models"),
        ("from vaecodec import training", "codec"),
        ("from vaecodec import training", "front"),
        ("from vaecodec import compress", "codec"),
        ("from vaecodec.models.checkerboard import networks", "models"),
        ("from vaecodec.benchmark import runner", "codec"),
        ("import click", "benchmark"),
        ("from ..models import library", "entropy"),
        ("import vaecodec.models.networks.layers", "front"),
    ],
)
def test_an_import_of_a_higher_floor_is_noticed(source: str, room: str) -> None:
    assert len(forbidden_imports(source, f"vaecodec.{room}", room)) == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LINES_CEILING
