"""The border between records and JSON files: the one place that reads and writes them.

In: frozen dataclasses, and whatever they contain. Out: the same as JSON, and back, with
the type of every value checked.

A field that is None by default is left out of the file while it is None. Metadata of a
field may give it another key in the file, or have a mapping stand there without a level
of its own: `named` and `FLAT`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
# Metadata of a mapping whose items stand beside the other fields of the record.
FLAT = {"flat": True}


def named(key: str) -> dict[str, str]:
    """Metadata of a field that has another name in files."""
    return {"key": key}


def write_text(path: Path, text: str) -> None:
    """Write `text` beside `path`, then rename: no reader ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def write_json(path: Path, content: Any) -> None:
    """Write a record or anything `json` can hold; ValueError for infinities and NaN."""
    plain = to_plain(content)
    text = json.dumps(plain, indent=1, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def read_json(path: Path) -> Any:
    """Parse a file that no record describes."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_record(kind: type[T], path: Path) -> T:
    """Read a file of `write_json`; ValueError when it is not of that kind."""
    record: T = from_plain(kind, read_json(path))
    return record


def to_line(record: Any) -> str:
    """A record as one line, for another process."""
    return json.dumps(to_plain(record))


def from_line(kind: type[T], text: str) -> T:
    """The record of a line; ValueError when it is not of that kind."""
    record: T = from_plain(kind, json.loads(text))
    return record


def to_plain(content: Any) -> Any:
    """Records as dictionaries, tuples as lists."""
    if is_dataclass(content) and not isinstance(content, type):
        return _plain_record(content)
    if isinstance(content, Mapping):
        return {key: to_plain(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [to_plain(value) for value in content]
    return content


def from_plain(kind: Any, content: Any) -> Any:
    """What `to_plain` was given.

    Keys that the record does not have are skipped: a newer program wrote them.

    Raises:
        ValueError: a value is missing or of another type.
    """
    if is_dataclass(kind):
        return _record(kind, content)
    if kind is Any:
        return content
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return tuple(from_plain(inner[0], value) for value in _is(list, content))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        items = _is(dict, content).items()
        return {key: from_plain(inner[1], value) for key, value in items}
    if inner:  # a union
        return _one_of(inner, content)
    return _is((int, float) if kind is float else kind, content)


def _plain_record(record: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for one in fields(record):
        value = to_plain(getattr(record, one.name))
        if one.metadata.get("flat"):
            plain |= value
        elif value is not None or one.default is not None:
            plain[_key(one)] = value
    return plain


def _record(kind: Any, content: Any) -> Any:
    hints, rest = _hints(kind), dict(_is(dict, content))
    values = {}
    for one in fields(kind):
        if _key(one) in rest:
            values[one.name] = from_plain(hints[one.name], rest.pop(_key(one)))
    for one in fields(kind):
        if one.metadata.get("flat"):
            values[one.name] = from_plain(hints[one.name], rest)
    needed = (one for one in fields(kind) if one.default is MISSING)
    if missing := [_key(one) for one in needed if one.name not in values]:
        raise ValueError(f"{kind.__name__} without {', '.join(missing)}")
    return kind(**values)


def _one_of(kinds: tuple[Any, ...], content: Any) -> Any:
    """The first kind that fits."""
    reasons = []
    for kind in kinds:
        try:
            return from_plain(kind, content)
        except ValueError as error:
            reasons.append(str(error))
    raise ValueError("; ".join(reasons))


def _is(kind: Any, content: Any) -> Any:
    if not isinstance(content, kind):
        raise ValueError(f"{content!r:.40} is not {kind}")
    return content


def _key(one: Field[Any]) -> str:
    key: str = one.metadata.get("key", one.name)
    return key


@lru_cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
