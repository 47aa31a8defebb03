from __future__ import annotations

import json

import numpy as np
import pytest

from tests.models.exact.random_programs import feeds_of, painter
from vaecodec.errors import ModelError
from vaecodec.models.exact.reference import run
from vaecodec.models.exact.stored_program import (
    answer_name,
    pack_program,
    parse_program,
)
from vaecodec.models.model_file import pack_model, parse_model

QUALITY = np.array([[60]], np.uint8)


def _changed(change):
    """Tensors of a program, of which a function has changed the JSON."""
    tensors = pack_program("painter", painter(3))
    text = json.loads(tensors["painter"].tobytes())
    text = change(text) or text
    tensors["painter"] = np.frombuffer(json.dumps(text).encode(), np.uint8)
    return tensors


def test_a_program_survives_a_model_file():
    program = painter(3)
    stored = parse_model(pack_model(pack_program("painter", program), {}))
    read = parse_program("painter", stored.tensors)
    feeds = feeds_of(program, 3, (64, 64))
    found, expected = run(read, feeds, QUALITY), run(program, feeds, QUALITY)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)
    assert pack_program("painter", read).keys() == stored.tensors.keys()


def _set(key, value, part="operations", number=3):
    return lambda text: text[part][number].__setitem__(key, value)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: [text],
        lambda text: text.pop("outputs"),
        lambda text: text.update(more=[]),
        lambda text: text.update(inputs={}),
        lambda text: text.update(outputs=[["image"]]),
        lambda text: text["operations"].append("narrow"),
        lambda text: text["operations"].append({"op": "narrow", "source": "y"}),
        lambda text: text["operations"].extend(text["operations"][:1] * 1000),
        lambda text: text["inputs"][0].pop("low"),
        lambda text: text["operations"][3].pop("source"),
        _set("op", "conv"),
        _set("op", ["narrow"]),
        _set("op", "gain"),
        _set("signed", 1),
        _set("groups", True),
        _set("groups", 1.0),
        _set("weight", "n"),
        _set("source", 3),
        _set("out", None),
        _set("out", "elsewhere"),
        _set("low", "0", "inputs", 0),
        _set("low", 10**400, "inputs", 0),
        _set("facts", 0, "inputs", 0),
    ],
)
def test_a_malformed_text_is_refused(change):
    with pytest.raises(ModelError):
        parse_program("painter", _changed(change))


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b'{"inputs":[],"inputs":[],"operations":[],"outputs":[]}',
        b"\xff",
        b"[" * 100_000,
        b"9" * 5000,
        b" " * (1 << 20) + b"{}",
    ],
)
def test_what_is_no_json_of_a_program_is_refused(data):
    with pytest.raises(ModelError, match="program 'painter'"):
        parse_program("painter", {"painter": np.frombuffer(data, np.uint8)})


def test_a_missing_or_mistyped_array_is_refused():
    tensors = pack_program("painter", painter(3))
    for name in tensors.keys() - {answer_name("painter")}:
        rest = {other: array for other, array in tensors.items() if other != name}
        if not name.endswith(".lift"):  # layers may do without
            with pytest.raises(ModelError):
                parse_program("painter", rest)
        with pytest.raises(ModelError):
            parse_program("painter", {**rest, name: tensors[name].astype(np.float32)})
        with pytest.raises(ModelError):
            parse_program("painter", {**rest, name: tensors[name][..., None]})
