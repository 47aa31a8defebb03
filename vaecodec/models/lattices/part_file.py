"""Model parts of lattices in files, and finding the one that wrote a picture.

A part is a model file of its own, with the suffix ``.lossless``. Its id begins its
stream id. One comes with the package; others are searched in the folders of
VAECODEC_MODELS. Specification: SPEC.md, section 1.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

from vaecodec.errors import ModelError
from vaecodec.models.lattices.receiver import LatticeReceiver
from vaecodec.models.library import SEARCH_PATH_VARIABLE, load_model, search_folders
from vaecodec.models.model_file import ARCHITECTURE, STREAM, ModelFile, pack_model
from vaecodec.models.tensor_file import Tensors

SUFFIX = ".lossless"
NAME = "lattices"  # of the architecture
ID_BYTES = 4
SHIPPED = Path(__file__).parent / f"standard{SUFFIX}"


def pack_part(tensors: Tensors) -> bytes:
    """The file of a part."""
    return pack_model(tensors, _metadata(tensors))


def part_id(file: ModelFile) -> bytes:
    """What names a part in the tiles that it wrote, 4 bytes.

    Raises:
        ModelError: The file is no part, or lists other tensors than it has.
    """
    expected = _metadata(file.tensors)
    if {name: file.metadata.get(name) for name in expected} != expected:
        raise ModelError("the model file is no part of lattices with all its tensors")
    return file.stream_id[:ID_BYTES]


def shipped_part() -> tuple[bytes, LatticeReceiver]:
    """Id and receiver of the part that comes with the package.

    Raises:
        ModelError: It is missing or damaged.
    """
    file = load_model(SHIPPED)
    return part_id(file), _receiver(file)


def find_receiver(identity: bytes) -> LatticeReceiver:
    """The receiver of the part with this id; may be shared between threads.

    Raises:
        ModelError: There is none, or it is damaged.
    """
    for path in _paths():
        file = _read(path)
        if file is not None and part_id(file) == identity:
            return _receiver(file)
    raise ModelError(
        f"no model for lossless tiles with the id {identity.hex()} in the package or "
        f"{SEARCH_PATH_VARIABLE}"
    )


def _metadata(tensors: Tensors) -> dict[str, str]:
    return {ARCHITECTURE: NAME, STREAM: " ".join(sorted(tensors))}


def _paths() -> Iterator[Path]:
    yield SHIPPED
    for folder in search_folders():
        # Regular files only: opening a named pipe would wait for ever.
        yield from filter(Path.is_file, sorted(folder.glob(f"*{SUFFIX}")))


def _read(path: Path) -> ModelFile | None:
    """A part; nothing if it is none, since a bad file must not hide a good one."""
    try:
        file = load_model(path)
        part_id(file)
    except ModelError:
        return None
    return file


@functools.lru_cache(maxsize=4)
def _receiver(file: ModelFile) -> LatticeReceiver:
    return LatticeReceiver(file.tensors)
