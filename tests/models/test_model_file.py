from __future__ import annotations

import hashlib
import itertools
import json
import re
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

import vaecodec.format
from tests.models.small_model import (
    METADATA,
    MODEL,
    TENSORS,
    entry,
    file_with_table,
)
from vaecodec.errors import ModelError
from vaecodec.models.library import load_model
from vaecodec.models.model_file import ModelFile, pack_model, parse_model
from vaecodec.models.tensor_file import (
    DTYPES,
    MAX_DIMENSIONS,
    MAX_FILE_BYTES,
    MAX_TABLE_BYTES,
)


def test_tensors_come_back_with_dtype_shape_and_values() -> None:
    model = parse_model(MODEL)
    assert dict(model.metadata) == METADATA
    assert model.tensors.keys() == TENSORS.keys()
    for name, expected in TENSORS.items():
        assert model.tensors[name].dtype == expected.dtype
        np.testing.assert_array_equal(model.tensors[name], expected, strict=True)


@given(
    tensors=st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=10),
        npst.arrays(
            st.sampled_from(list(DTYPES.values())),
            npst.array_shapes(min_dims=0, max_dims=4, max_side=4),
        ),
        max_size=6,
    ),
    metadata=st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=5),
        st.text(st.characters(codec="utf-8"), max_size=20),
        max_size=3,
    ),
)
def test_every_model_comes_back_and_all_its_numbers_are_aligned(
    tensors: dict[str, NDArray[Any]], metadata: dict[str, str]
) -> None:
    model = parse_model(pack_model(tensors, metadata))
    assert dict(model.metadata) == metadata
    assert model.tensors.keys() == tensors.keys()
    for name, expected in tensors.items():
        np.testing.assert_array_equal(model.tensors[name], expected, strict=True)
        assert model.tensors[name].flags.aligned


def test_the_ids_are_the_beginnings_of_hashes_of_what_is_listed() -> None:
    parts = {
        "stream": b"scale.hidden.bias\0I32\x003\0"
        + struct.pack("<3i", 2**31 - 1, -(2**31), 0)
        + b"scale.hidden.weight\0I16\x003x4\0"
        + struct.pack("<12h", *range(-6, 6))
        + b"tables.limits\0U16\x003\0"
        + struct.pack("<3H", 1, 0, 65535),
        "painter": b"gain\0F32\0\0"
        + struct.pack("<f", 1.5)
        + b"graph\0U8\x0011\0odd length!"
        + b"half\0F16\x002\0"
        + struct.pack("<2e", 0.5, -2.0),
    }
    stream, painter = (
        hashlib.sha256(b"small\0" + part).digest() for part in parts.values()
    )
    model = parse_model(MODEL)
    assert (model.stream_id, model.painter_id) == (stream[:8], painter[:4])
    assert model.model_id == f"{stream[:8].hex()}-{painter[:4].hex()}"


@pytest.mark.parametrize("part", ["stream", "painter"])
@pytest.mark.parametrize("names", [None, "", "steps absent", "steps half steps"])
def test_a_file_that_does_not_say_what_its_ids_are_made_of_has_none(
    part: str, names: str | None
) -> None:
    metadata = {name: text for name, text in METADATA.items() if name != part}
    if names is not None:
        metadata[part] = names
    model = parse_model(pack_model(TENSORS, metadata))
    reason = f"does not say which tensors are its {part}"
    with pytest.raises(ModelError, match=reason):
        _ = model.model_id


@pytest.mark.parametrize(
    "table",
    [
        {"\ud800": entry("U8", [1], 0, 1)},
        {"__metadata__": {"architecture": "\udfff"}, "a": entry("U8", [1], 0, 1)},
    ],
)
def test_text_that_is_no_unicode_is_refused(table: object) -> None:
    with pytest.raises(ModelError, match="surrogates not allowed"):
        parse_model(file_with_table(table, b"x"))


def test_text_written_with_escapes_is_read() -> None:
    table = {"__metadata__": {"note": "\N{CAMERA}"}, "a": entry("U8", [1], 0, 1)}
    assert parse_model(file_with_table(table, b"x")).metadata == {"note": "\N{CAMERA}"}


def test_the_order_of_the_tensors_does_not_change_the_file() -> None:
    tensors = dict(reversed(TENSORS.items()))
    metadata = dict(reversed(METADATA.items()))
    assert pack_model(tensors, metadata) == MODEL


def test_an_array_that_is_a_turned_view_is_stored_as_it_reads() -> None:
    turned = np.arange(12, dtype=np.int16).reshape(3, 4).T[::2]
    model = parse_model(pack_model({"turned": turned}, {}))
    np.testing.assert_array_equal(model.tensors["turned"], turned, strict=True)


def test_the_file_has_the_layout_of_safetensors() -> None:
    [length] = struct.unpack("<Q", MODEL[:8])
    assert length % 8 == 0
    text = MODEL[8 : 8 + length].decode()
    assert text.rstrip(" ").endswith("}")
    table = json.loads(text)
    assert table.pop("__metadata__") == METADATA
    start, end = table["scale.hidden.weight"]["data_offsets"]
    values = struct.unpack("<12h", MODEL[8 + length + start : 8 + length + end])
    assert values == tuple(range(-6, 6))
    assert table["scale.hidden.weight"]["dtype"] == "I16"
    assert table["scale.hidden.weight"]["shape"] == [3, 4]


def test_tensors_cannot_be_written_to() -> None:
    model = parse_model(MODEL)
    with pytest.raises(ValueError, match="read-only"):
        model.tensors["steps"][0, 0] = 1
    with pytest.raises(TypeError):
        model.tensors["steps"] = TENSORS["steps"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("wide", np.zeros(3, np.int64)),
        ("double", np.zeros(3, np.float64)),
        ("flags", np.zeros(3, np.bool_)),
        ("foreign", np.zeros(3, ">i2")),
        ("__metadata__", np.zeros(3, np.uint8)),
        ("empty", np.zeros((2, 0), np.uint8)),
        ("deep", np.zeros((1,) * 9, np.uint8)),
    ],
)
def test_a_tensor_that_could_not_be_read_is_not_written(
    name: str, tensor: NDArray[Any]
) -> None:
    with pytest.raises(ModelError, match=f"tensor '{name}'"):
        pack_model({name: tensor}, {})


def test_every_truncation_and_every_additional_byte_is_refused() -> None:
    for length in range(len(MODEL)):
        with pytest.raises(ModelError):
            parse_model(MODEL[:length])
    with pytest.raises(ModelError, match="tensors end at"):
        parse_model(MODEL + b"\x00")


def listed(model: ModelFile) -> list[object]:
    """All that the ids stand for."""
    names = [model.metadata[part].split() for part in ("stream", "painter")]
    found: list[object] = [model.metadata.get("architecture"), names]
    for name in itertools.chain(*names):
        tensor = model.tensors[name]
        found.append((tensor.dtype, tensor.shape, tensor.tobytes()))
    return found


def test_every_change_of_what_is_listed_is_refused_or_changes_an_id() -> None:
    original, unlisted = parse_model(MODEL), 0
    for position in range(len(MODEL)):
        for flip in (0x01, 0x20, 0x80):
            damaged = bytearray(MODEL)
            damaged[position] ^= flip
            try:
                model = parse_model(bytes(damaged))
                model_id = model.model_id
            except ModelError:
                continue
            same = listed(model) == listed(original)
            assert (model_id == original.model_id) == same
            unlisted += same
    # Of the tensor "steps" and of the note.
    assert unlisted < 100


@given(garbage=st.binary(max_size=200))
def test_garbage_ends_in_a_model_error(garbage: bytes) -> None:
    for data in (garbage, len(garbage).to_bytes(8, "little") + garbage):
        with pytest.raises(ModelError):
            parse_model(data)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["dtype", "shape", "data_offsets", "__metadata__", "I8"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(
    dtype=st.sampled_from(list(DTYPES)) | JSON_VALUES,
    shape=st.lists(st.integers(-1, 5), max_size=2) | JSON_VALUES,
    offsets=st.lists(st.integers(-1, 9), min_size=2, max_size=2) | JSON_VALUES,
    data=st.binary(max_size=8),
)
def test_a_nonsensical_entry_means_no_other_error(
    dtype: object, shape: object, offsets: object, data: bytes
) -> None:
    table = {"a": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}
    try:
        model = parse_model(file_with_table(table, data))
    except ModelError:
        return
    assert model.tensors["a"].tobytes() == data


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("{}x", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"a": ' + "9" * 5000 + "}", "not JSON|not described"),
        ('{"a": 1, "a": 1}', "appears twice"),
        ('{"__metadata__": {"a": "1", "a": "2"}}', "appears twice"),
        ('{"__metadata__": {"a": 1}}', "__metadata__ is not an object of strings"),
        ('{"__metadata__": ["a"]}', "__metadata__ is not an object of strings"),
        ({"a": 1}, "tensor 'a' is not described"),
        ({"a": {"dtype": "U8", "shape": [1]}}, "tensor 'a' is not described"),
        ({"a": {**entry("U8", [1], 0, 1), "more": 1}}, "tensor 'a' is not described"),
    ],
)
def test_a_wrong_table_is_refused(table: object, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse_model(file_with_table(table, b"\x00"))


@pytest.mark.parametrize(
    ("described", "message"),
    [
        (entry("F64", [1], 0, 8), "dtype"),
        (entry("u8", [8], 0, 8), "dtype"),
        (entry(["U8"], [8], 0, 8), "dtype"),
        (entry("U8", 8, 0, 8), "shape"),
        (entry("U8", [8.0], 0, 8), "shape"),
        (entry("U8", [True, 8], 0, 8), "shape"),
        (entry("U8", [-8, -1], 0, 8), "shape"),
        (entry("U8", [0, 8], 0, 0), "shape"),
        (entry("U8", [1] * 8 + [8], 0, 8), "shape"),
        (entry("U8", [1 << 62, 1 << 62], 0, 8), "shape"),
        (entry("U8", [8], 0), "data_offsets"),
        (entry("U8", [8], 0, 4, 8), "data_offsets"),
        (entry("U8", [8], -8, 0), "data_offsets"),
        (entry("U8", [8], 0, "8"), "data_offsets"),
        (entry("U8", [8], 0, 7), "data_offsets"),
        (entry("U16", [8], 0, 8), "data_offsets"),
        (entry("U8", [8], 8, 0), "data_offsets"),
        (entry("U8", [MAX_FILE_BYTES], 0, MAX_FILE_BYTES), "tensors end at"),
        (entry("U8", [4], 0, 4), "tensors end at 4 of 8 bytes"),
    ],
)
def test_a_wrong_entry_is_refused(described: object, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse_model(file_with_table({"a": described}, bytes(8)))


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ((0, 4), (3, 8), "'b' begins at 3, the one before it ends at 4"),
        ((0, 8), (0, 8), "'b' begins at 0, the one before it ends at 8"),
        ((0, 3), (4, 8), "'b' begins at 4, the one before it ends at 3"),
        ((1, 4), (4, 8), "'a' begins at 1, the one before it ends at 0"),
    ],
)
def test_overlaps_and_holes_are_refused(
    first: tuple[int, int], second: tuple[int, int], message: str
) -> None:
    table = {
        name: entry("U8", [end - start], start, end)
        for name, (start, end) in {"a": first, "b": second}.items()
    }
    with pytest.raises(ModelError, match=message):
        parse_model(file_with_table(table, bytes(8)))


def test_tensors_may_lie_in_another_order_than_they_are_named() -> None:
    table = {"a": entry("U8", [2], 2, 4), "b": entry("U8", [2], 0, 2)}
    model = parse_model(file_with_table(table, b"bbaa"))
    assert model.tensors["a"].tobytes() == b"aa"


@pytest.mark.parametrize("length", [MAX_TABLE_BYTES + 1, 1 << 40, (1 << 64) - 1])
def test_a_huge_table_is_refused_without_reserving_memory(length: int) -> None:
    data = length.to_bytes(8, "little") + b"{}"
    tracemalloc.start()
    try:
        with pytest.raises(ModelError, match=f"said to have {length} bytes"):
            parse_model(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000


def test_a_table_over_its_limit_is_refused_although_it_is_there() -> None:
    good = "{}" + " " * (MAX_TABLE_BYTES - 2)
    assert dict(parse_model(file_with_table(good)).tensors) == {}
    with pytest.raises(ModelError, match=f"at most {MAX_TABLE_BYTES}"):
        parse_model(file_with_table(good + " "))


def test_a_file_over_its_limit_is_refused() -> None:
    table = file_with_table({"a": entry("U8", [MAX_FILE_BYTES], 0, MAX_FILE_BYTES)})
    with pytest.raises(ModelError, match=f"more than {MAX_FILE_BYTES} bytes"):
        parse_model(table + bytes(MAX_FILE_BYTES))


def test_the_limits_in_the_document_are_those_of_the_program() -> None:
    document = Path(vaecodec.format.__file__).with_name("FORMAT.md").read_text("utf-8")
    assert f"| model file | {MAX_FILE_BYTES >> 20} MiB |" in document
    assert f"| table of a model file | {MAX_TABLE_BYTES >> 20} MiB |" in document
    assert f"a list of at most {MAX_DIMENSIONS} integers" in document
    [line] = [line for line in document.splitlines() if "`dtype`: one of" in line]
    assert set(re.findall(r"`([UIF]\d+)`", line)) == set(DTYPES)


def test_the_ids_are_the_same_on_a_machine_with_the_other_byte_order() -> None:
    tensors, metadata = load_model().tensors, load_model().metadata
    swapped = {
        name: tensor.astype(tensor.dtype.newbyteorder(">"))
        for name, tensor in tensors.items()
    }
    assert ModelFile(swapped, metadata).model_id == load_model().model_id
