"""Model files: named arrays and strings, and the ids of what they do.

In: tensors and metadata; out: the bytes of a file, and back. The layout is that of
`tensor_file`; parts of a file may be coded (`coded_part`), and are decoded when one of
their tensors is first asked for. Two ids name what a model does: its stream, which
symbols depend on, and its painter, which pixels depend on. They are hashes of the
tensors, however these are stored. Specification: FORMAT.md, section 6.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError
from vaecodec.format.header import PAINTER_ID_BYTES, STREAM_ID_BYTES
from vaecodec.models.coded_part import CODED, CodedPart, check_total
from vaecodec.models.tensor_file import (
    DTYPE_NAMES,
    TensorFile,
    Tensors,
    pack_tensors,
    parse_tensors,
)

# Names in the metadata: of the architecture, and of the tensors in its two parts.
ARCHITECTURE, STREAM, PAINTER = "architecture", "stream", "painter"
IDS = "ids"  # what a file with coded parts says of itself, so that searches are fast


@dataclass(frozen=True, eq=False)
class ModelFile:
    """The content of a model file.

    Attributes:
        tensors: Read-only arrays by name, with the dtypes of `DTYPES`. Of a file with
            coded parts, looking one up raises ModelError if its part is damaged.
        metadata: Strings by name.
    """

    tensors: Tensors
    metadata: Mapping[str, str]

    @functools.cached_property
    def stream_id(self) -> bytes:
        """Hash of all that the symbols of a file depend on, 8 bytes.

        Raises:
            ModelError: The metadata does not say which tensors these are.
        """
        return self._hash_of(STREAM)[:STREAM_ID_BYTES]

    @functools.cached_property
    def painter_id(self) -> bytes:
        """Hash of all that the pixels depend on besides the symbols, 4 bytes.

        Raises:
            ModelError: The metadata does not say which tensors these are.
        """
        return self._hash_of(PAINTER)[:PAINTER_ID_BYTES]

    @property
    def model_id(self) -> str:
        """Both ids, in hex digits: names what the model does, from end to end."""
        return f"{self.stream_id.hex()}-{self.painter_id.hex()}"

    @property
    def tune(self) -> str | None:
        """What it was trained for: "eye" or "psnr"; None if it does not say."""
        try:
            tune = json.loads(self.metadata.get("configuration", "")).get("tune")
        except (ValueError, AttributeError, RecursionError):
            return None
        return tune if isinstance(tune, str) else None

    @property
    def told_id(self) -> str:
        """`model_id` as far as it is known without decoding: a file may lie.

        Raises:
            ModelError: The metadata does not say which tensors the ids stand for.
        """
        return self.metadata.get(IDS) or self.model_id

    def _hash_of(self, part: str) -> bytes:
        """SHA-256 of the architecture and of the tensors that belong to a part."""
        names = self.metadata.get(part, "").split()
        unknown = [name for name in names if name not in self.tensors]
        if not names or unknown or len(set(names)) < len(names):
            raise ModelError(
                f"the model file does not say which tensors are its {part}"
            )
        digest = hashlib.sha256(f"{self.metadata.get(ARCHITECTURE)}\0".encode())
        for name in names:
            tensor = self.tensors[name]
            tensor = tensor.astype(tensor.dtype.newbyteorder("<"), copy=False)
            shape = "x".join(map(str, tensor.shape))
            digest.update(f"{name}\0{DTYPE_NAMES[tensor.dtype]}\0{shape}\0".encode())
            digest.update(tensor.tobytes())
        return digest.digest()


def pack_model(tensors: Tensors, metadata: Mapping[str, str]) -> bytes:
    """Write a model file in which nothing is coded.

    Args:
        tensors: Arrays with a dtype of `DTYPES`, at most 8 axes, none of length 0.
        metadata: Strings by name.

    Raises:
        ModelError: The reader would refuse the file.
    """
    data = pack_tensors(tensors, metadata)
    parse_model(data)
    return data


def parse_model(data: bytes) -> ModelFile:
    """Read all bytes of a model file.

    Raises:
        ModelError: The file is damaged, or larger than this program reads. Damage of
            a coded part may show only when one of its tensors is looked up.
    """
    file = parse_tensors(data)
    coded = CODED in file.metadata
    tensors = _unfolded(file) if coded else MappingProxyType(file.tensors)
    return ModelFile(tensors=tensors, metadata=MappingProxyType(file.metadata))


def _unfolded(file: TensorFile) -> _PartlyCoded:
    """The tensors of a file with coded parts.

    Raises:
        ModelError: A part is missing or damaged, or they hold a name twice.
    """
    plain = dict(file.tensors)
    parts = []
    for name in file.metadata[CODED].split():
        if name not in plain or plain[name].dtype != np.uint8:
            raise ModelError(f"the model file has no coded part {name!r}")
        parts.append(CodedPart(plain.pop(name).tobytes()))
    check_total(parts)
    names = Counter([*plain, *(name for part in parts for name in part)])
    repeated = [name for name, count in names.items() if count > 1]
    if repeated:
        raise ModelError(f"the model file holds tensor {repeated[0]!r} twice")
    return _PartlyCoded(plain, parts)


class _PartlyCoded(Mapping[str, NDArray[Any]]):
    """Tensors of a file, some of them in parts that are decoded when needed."""

    def __init__(self, plain: dict[str, NDArray[Any]], parts: list[CodedPart]) -> None:
        self._plain = plain
        self._parts = {name: part for part in parts for name in part}

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._parts[name][name] if name in self._parts else self._plain[name]

    def __contains__(self, name: object) -> bool:
        return name in self._parts or name in self._plain  # without decoding

    def __iter__(self) -> Iterator[str]:
        yield from self._plain
        yield from self._parts

    def __len__(self) -> int:
        return len(self._plain) + len(self._parts)
