"""Finding models: those that come with the package, a path, or by model id.

In: a name, a path, or the ids in the header of an image; out: `ModelFile`. Images name
their model by hashes of the model's content, so a model may be renamed or moved and is
found again. It is searched in the package first and then in the folders of the
environment variable VAECODEC_MODELS. Nothing is ever fetched from a network. Files are
parsed and hashed once per process, and again only when they change.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from vaecodec.errors import ModelError
from vaecodec.models.model_file import ModelFile, parse_model
from vaecodec.models.tensor_file import MAX_FILE_BYTES

SEARCH_PATH_VARIABLE = "VAECODEC_MODELS"
SUFFIX = ".safetensors"
# The shipped models, in the order of search, by what they were trained for.
SHIPPED = {"eye": "standard", "psnr": "psnr"}
STANDARD_TUNE = "eye"

_SHIPPED_FOLDER = Path(__file__).parent


def load_model(name_or_path: str | os.PathLike[str] | None = None) -> ModelFile:
    """Load the standard model, another shipped one by its name, or any model file.

    Args:
        name_or_path: Name of a shipped model ("standard", which is also what None
            means, or "psnr") or the path of a model file.

    Raises:
        ModelError: There is no such model, or its file is damaged or unreadable.
    """
    given = SHIPPED[STANDARD_TUNE] if name_or_path is None else name_or_path
    name = os.fspath(given)
    path = _shipped_models().get(name, Path(name))
    try:
        return _read_model(path, *_stamp(path))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(f"model {name!r} cannot be read: {reason}") from error


def load_tuned_model(
    tune: str | None, name_or_path: str | os.PathLike[str] | None = None
) -> ModelFile:
    """Load the shipped model that was trained for something, or any one by its name.

    Args:
        tune: "eye" or "psnr"; None leaves the choice to `name_or_path`.
        name_or_path: As for `load_model`.

    Raises:
        ModelError: There is no such model, or its file is damaged or unreadable.
        ValueError: There is nothing of this name to tune for, or both are given.
    """
    if tune is None:
        return load_model(name_or_path)
    if name_or_path is not None:
        raise ValueError(
            f"tune {tune!r} and model {os.fspath(name_or_path)!r} cannot both be given"
        )
    if tune not in SHIPPED:
        raise ValueError(f"tune {tune!r}, allowed {', '.join(map(repr, SHIPPED))}")
    return load_model(SHIPPED[tune])


def find_model(stream_id: bytes, painter_id: bytes | None = None) -> ModelFile:
    """Load the first model with these ids: shipped ones, then those of VAECODEC_MODELS.

    Args:
        stream_id: 8 bytes, as in the header of an image.
        painter_id: 4 bytes, as there; None takes any painter.

    Raises:
        ModelError: No readable file has these ids, or the one that has them is damaged.
    """
    others = []
    for name, path in model_paths():
        stream, _, painter = _told_id(path).partition("-")
        if stream == stream_id.hex():
            if painter_id is not None and painter != painter_id.hex():
                others.append(name)
            elif (model := load_model(path)).model_id == _told_id(path):
                return model
    if others:
        raise ModelError(
            f"no model with the painter {(painter_id or b'').hex()}; others can draw "
            f"the same symbols, differently, if asked to: {', '.join(others)}"
        )
    searched = ", ".join(["the package", *map(str, search_folders())])
    raise ModelError(
        f"no model with the id {stream_id.hex()} in {searched} "
        f"(add the folder that holds it to {SEARCH_PATH_VARIABLE})"
    )


def model_paths() -> Iterator[tuple[str, Path]]:
    """Names for `load_model` and paths of all model files, in the order of search."""
    yield from _shipped_models().items()
    for folder in search_folders():
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            # Regular files only: opening a named pipe would wait for ever.
            if path.is_file():
                yield str(path), path


def _shipped_models() -> dict[str, Path]:
    return {name: _SHIPPED_FOLDER / f"{name}{SUFFIX}" for name in SHIPPED.values()}


def search_folders() -> list[Path]:
    """Those of VAECODEC_MODELS."""
    folders = os.environ.get(SEARCH_PATH_VARIABLE, "").split(os.pathsep)
    return [Path(folder) for folder in folders if folder]


def _told_id(path: Path) -> str:
    """That of a model file; nothing where it cannot be read."""
    try:
        return _read_id(path, *_stamp(path))
    except (OSError, ModelError):
        return ""  # One unreadable file must not hide a good one.


def _stamp(path: Path) -> tuple[int, int]:
    # Time and size stand for the content in the caches below.
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=256)
def _read_id(path: Path, modified_ns: int, size: int) -> str:
    return _read_model(path, modified_ns, size).told_id


@lru_cache(maxsize=4)
def _read_model(path: Path, modified_ns: int, size: int) -> ModelFile:
    try:
        return parse_model(_read_bytes(path))
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        # One byte too many is enough for the parser to see that a file is too large.
        return file.read(MAX_FILE_BYTES + 1)
