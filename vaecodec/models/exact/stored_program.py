"""Programs as tensors of a model file, and back.

A program of the name N is stored as the tensors ``N``, a text in JSON (uint8),
``N.OUT.FIELD`` for each array of the operation that makes the tensor OUT, and
``N.known_answer`` (uint8 [4]). The text
leaves out what has its default value.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from reprlib import repr as shown
from typing import Any, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.exact.known_answer import known_answer
from vaecodec.models.exact.operations import Input, Operation
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.reference import run
from vaecodec.models.tensor_file import refuse_repeated_names

MOST_TEXT = 1 << 20  # bytes

_OPERATIONS = {kind.__name__.lower(): kind for kind in get_args(Operation)}
_ARRAYS = {
    *("weight", "bias", "shift", "lift", "table"),
    *("left_shift", "right_shift", "most", "price"),
}
_PARTS = {"inputs", "operations", "outputs"}
_TYPES = {"str": str, "int": int, "bool": bool, "bool | None": bool}

Record = TypeVar("Record")


def answer_name(name: str) -> str:
    """Name of the tensor that holds the known answer of a program."""
    return f"{name}.known_answer"


def pack_program(name: str, program: Program) -> dict[str, NDArray[Any]]:
    """Write a program and its known answer as tensors, by name."""
    text = {
        "inputs": [_plain_fields(given) for given in program.inputs],
        "operations": [
            {"op": type(operation).__name__.lower(), **_plain_fields(operation)}
            for operation in program.operations
        ],
        "outputs": program.outputs,
    }
    data = json.dumps(text, separators=(",", ":")).encode()
    tensors: dict[str, NDArray[Any]] = {
        name: np.frombuffer(data, np.uint8),
        answer_name(name): known_answer(program, functools.partial(run, program)),
    }
    for given in program.inputs:
        tensors |= _arrays_of(f"{name}.{given.name}.", given)
    for operation in program.operations:
        tensors |= _arrays_of(f"{name}.{operation.out}.", operation)
    return tensors


def parse_program(name: str, tensors: Mapping[str, NDArray[Any]]) -> Program:
    """Read a program and prove it.

    Raises:
        ModelError: It is missing or malformed, or does not pass the checks.
    """
    text = _parse_text(name, tensors)
    inputs = [
        _parse_record(
            name, Input, fields, _stored(tensors, name, Input, fields.get("name"))
        )
        for fields in map(_object, text["inputs"])
    ]
    operations = [
        _parse_operation(name, tensors, fields) for fields in text["operations"]
    ]
    outputs = text["outputs"]
    if not all(isinstance(output, str) for output in outputs):
        raise ModelError(f"program {name!r}: outputs that are not names")
    return Program(tuple(inputs), tuple(operations), tuple(outputs))


def _plain_fields(record: Any) -> dict[str, object]:
    return {
        field.name: getattr(record, field.name)
        for field in dataclasses.fields(record)
        if field.name not in _ARRAYS and getattr(record, field.name) != field.default
    }


def _arrays_of(prefix: str, record: Any) -> dict[str, NDArray[Any]]:
    arrays = {
        field.name: getattr(record, field.name) for field in _array_fields(type(record))
    }
    return {prefix + key: array for key, array in arrays.items() if array is not None}


def _array_fields(kind: type[Any]) -> Iterator[dataclasses.Field[Any]]:
    return (field for field in dataclasses.fields(kind) if field.name in _ARRAYS)


def _parse_text(name: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, list[Any]]:
    data = take_tensor(tensors, name, np.uint8, [None])
    if data.size > MOST_TEXT:
        raise ModelError(f"program {name!r}: {data.size} bytes, at most {MOST_TEXT}")
    try:
        text = json.loads(
            data.tobytes().decode(), object_pairs_hook=refuse_repeated_names
        )
    except (ValueError, RecursionError) as error:
        raise ModelError(f"program {name!r} is not JSON: {error}") from error
    if not isinstance(text, dict) or text.keys() != _PARTS:
        raise ModelError(f"program {name!r} is not an object of {sorted(_PARTS)}")
    if not all(isinstance(part, list) for part in text.values()):
        raise ModelError(f"program {name!r}: {sorted(_PARTS)} are not all lists")
    return text


def _parse_operation(
    name: str, tensors: Mapping[str, NDArray[Any]], fields: object
) -> Operation:
    found = _object(fields)
    kind = found.pop("op", None)
    if not isinstance(kind, str) or kind not in _OPERATIONS:
        raise ModelError(f"program {name!r} has an unknown operation {shown(kind)}")
    operation: type[Operation] = _OPERATIONS[kind]
    arrays = _stored(tensors, name, operation, found.get("out"))
    return _parse_record(name, operation, found, arrays)


def _object(fields: object) -> dict[str, Any]:
    """What JSON calls an object, or an empty one."""
    return dict(fields) if isinstance(fields, dict) else {}


def _stored(
    tensors: Mapping[str, NDArray[Any]], name: str, kind: type[Any], tensor: object
) -> dict[str, NDArray[Any]]:
    """The arrays there are for the record of a tensor."""
    names = {
        field.name: f"{name}.{tensor}.{field.name}" for field in _array_fields(kind)
    }
    return {field: tensors[name] for field, name in names.items() if name in tensors}


def _parse_record(
    name: str, kind: type[Record], plain: object, arrays: Mapping[str, NDArray[Any]]
) -> Record:
    """Make a record of plain fields, as JSON has them, and arrays."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    needed = {key for key, field in fields.items() if field.default is MISSING}
    if not isinstance(plain, dict) or not all(
        key in fields and type(value) is _TYPES.get(str(fields[key].type))
        for key, value in plain.items()
    ):
        raise ModelError(
            f"program {name!r}: {shown(plain)} does not describe {kind.__name__}"
        )
    missing = needed - plain.keys() - arrays.keys()
    if missing:
        raise ModelError(
            f"program {name!r}: {shown(plain)} lacks {', '.join(sorted(missing))}"
        )
    return kind(**plain, **arrays)
