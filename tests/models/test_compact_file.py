from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from tests.reference.coded import read_any_model
from vaecodec.errors import ModelError
from vaecodec.models import coded_part
from vaecodec.models.coded_part import (
    CHECKSUM,
    LAWS,
    LOW_BITS,
    MAX_CODED_NUMBERS,
    OUTSIDE,
    SIDE_COLUMNS,
    SIDE_ROWS,
    checksum,
)
from vaecodec.models.compact_file import RECEIVER, SENDER, pack_compact
from vaecodec.models.model_file import ModelFile, pack_model, parse_model
from vaecodec.models.tensor_file import (
    DTYPES,
    MAX_FILE_BYTES,
    pack_tensors,
    parse_tensors,
)

RNG = np.random.default_rng(5)
QUALITY = np.arange(101)[:, None]


def weights(rows: int, columns: int, dtype: type[Any] = np.int8) -> NDArray[Any]:
    """Whole numbers as weights are: each row and column has a width of its own."""
    widths = np.exp2(RNG.uniform(0, 4, (rows, 1)) + RNG.uniform(-2, 1, columns))
    values = np.rint(RNG.logistic(size=(rows, columns)) * widths)
    return values.clip(-127, 127).astype(dtype)


TENSORS: dict[str, NDArray[Any]] = {
    "program": np.frombuffer(b'{"op": "wide"} ' * 20, np.uint8),
    "layer.weight": weights(64, 96),
    "layer.bias": RNG.normal(0, 1e5, 64).astype(np.int32),
    "pruned.weight": weights(32, 32) * (np.arange(32) % 3 > 0).astype(np.int8),
    "bypass.weight": (weights(48, 64, np.int16) << (np.arange(64) % 4 + 4)).astype(
        np.int16
    ),
    "curves": (QUALITY * np.arange(-20, 20) * 3 + 2000).astype(np.int32),
    "bent": (np.abs(QUALITY - 50) * np.arange(1, 30) * 999).astype(np.int32),
    "wide": np.array([2**31 - 1, -(2**31)] * 50, np.int32),
    "zeros": np.zeros((8, 16), np.int16),
    "one": np.array(3, np.int8),
    "weights.analysis": weights(40, 24, np.float16) * np.float16(2.0**-9),
    "weights.deep": (weights(20, 20, np.float32) / 4096)[:, :, None, None],
    "weights.uneven": RNG.normal(size=(30, 30)).astype(np.float32),
    "weights.signed": np.full((10, 10), -0.0, np.float16),
}
METADATA = {
    "architecture": "toy",
    "stream": "bent curves layer.bias layer.weight",
    "painter": "bypass.weight program pruned.weight wide zeros",
}
DATA = pack_compact(TENSORS, METADATA)


def assert_same(model: ModelFile, tensors: dict[str, NDArray[Any]]) -> None:
    assert model.tensors.keys() == tensors.keys()
    for name, expected in tensors.items():
        np.testing.assert_array_equal(model.tensors[name], expected, strict=True)
        assert model.tensors[name].tobytes() == expected.tobytes(), name


def test_every_tensor_comes_back_bit_for_bit() -> None:
    assert_same(parse_model(DATA), TENSORS)


def test_the_ids_do_not_depend_on_how_tensors_are_stored() -> None:
    plain = parse_model(pack_model(TENSORS, METADATA))
    assert parse_model(DATA).model_id == plain.model_id


def test_a_compact_file_is_smaller() -> None:
    curves = {name: TENSORS[name] for name in ("bent", "curves", "layer.weight")}
    metadata = METADATA | {"stream": "bent curves", "painter": "layer.weight"}
    assert len(pack_compact(curves, metadata)) < len(pack_model(curves, metadata)) / 4


@settings(max_examples=60, deadline=None)
@given(
    values=npst.arrays(
        st.sampled_from(list(DTYPES.values())),
        npst.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=12),
        fill=st.nothing(),
    )
)
def test_whatever_the_numbers_they_come_back(values: NDArray[Any]) -> None:
    tensors = {"a": values, "b": np.repeat(values, 40, axis=0)}
    metadata = METADATA | {"stream": "a", "painter": "b"}
    assert_same(parse_model(pack_compact(tensors, metadata)), tensors)


def test_the_document_says_how_to_read_every_tensor() -> None:
    tables = {
        "tables.limits": np.zeros(64, np.uint16),
        "tables.frequencies": np.full(64, 65535, np.uint16),
    }
    model = read_any_model(pack_compact(TENSORS | tables, METADATA))
    for name, expected in TENSORS.items():
        assert model[name].data == expected.tobytes(), name
    plain = ModelFile(TENSORS | tables, METADATA)
    assert model.stream_id() == plain.stream_id
    assert model.painter_id() == plain.painter_id


def test_tensors_cannot_be_written_to() -> None:
    model = parse_model(DATA)
    for name in TENSORS:
        with pytest.raises(ValueError, match="read-only"):
            model.tensors[name][...] = 1


def test_a_receiver_never_decodes_what_the_sender_alone_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: list[int] = []
    tensor = coded_part.tensor

    def noted(layout: Any, numbers: Any, sides: Any) -> Any:
        decoded.append(layout.size)
        return tensor(layout, numbers, sides)

    monkeypatch.setattr(coded_part, "tensor", noted)
    model = parse_model(DATA)
    assert "weights.analysis" in model.tensors
    assert decoded == []
    assert len(model.model_id) == 25
    assert TENSORS["layer.weight"].size in decoded
    assert TENSORS["weights.analysis"].size not in decoded


def damaged_part(part: str, change: Any) -> bytes:
    """The file with one part changed."""
    tensors, metadata = parse_tensors(DATA)
    changed = change(tensors[part].tobytes())
    return pack_tensors({**tensors, part: np.frombuffer(changed, np.uint8)}, metadata)


def read_all(data: bytes) -> None:
    for tensor in parse_model(data).tensors.values():
        tensor.tobytes()


def flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position] ^= 1 << int(RNG.integers(8))
    return bytes(changed)


def test_every_flipped_bit_of_a_part_is_noticed_before_anything_is_decoded() -> None:
    size = parse_tensors(DATA).tensors[RECEIVER].size
    for position in RNG.integers(size, size=50):
        with pytest.raises(ModelError):
            parse_model(damaged_part(RECEIVER, lambda p, at=position: flipped(p, at)))


def with_payload(change: Any) -> bytes:
    """The file with another payload in its part for receivers, and its checksum."""

    def changed(part: bytes) -> bytes:
        stream = zlib.decompressobj()
        inner = parse_tensors(stream.decompress(part))
        payload = change(stream.unused_data)
        told = inner.metadata | {CHECKSUM: checksum(payload)}
        return zlib.compress(pack_tensors(inner.tensors, told)) + payload

    return damaged_part(RECEIVER, changed)


def test_a_payload_that_lies_with_a_right_checksum_is_refused() -> None:
    assert_same(parse_model(with_payload(bytes)), TENSORS)
    size = len(zlib_tail(parse_tensors(DATA).tensors[RECEIVER].tobytes()))
    for position in RNG.integers(size, size=50):
        with pytest.raises(ModelError, match=r"coded (part|tensor)"):
            read_all(with_payload(lambda p, at=position: flipped(p, at)))


def zlib_tail(part: bytes) -> bytes:
    stream = zlib.decompressobj()
    stream.decompress(part)
    return stream.unused_data


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: b"",
        lambda payload: payload[:-2],
        lambda payload: payload[:-1],
        lambda payload: payload[:10],
        lambda payload: payload + bytes(2),
        lambda payload: payload + bytes(1 << 20),
        lambda payload: bytes(4) + payload[4:],
    ],
)
def test_a_payload_of_another_length_or_state_is_refused(change: Any) -> None:
    with pytest.raises(ModelError, match="coded part"):
        read_all(with_payload(change))


@pytest.mark.parametrize("cut", [0, 1, 2, 5, 100])
def test_a_part_that_ends_early_is_refused(cut: int) -> None:
    with pytest.raises(ModelError):
        read_all(damaged_part(SENDER, lambda part: part[: len(part) // 2 - cut]))
    with pytest.raises(ModelError):
        read_all(damaged_part(RECEIVER, lambda part: part[: -1 - cut]))


def with_inner(change: Any) -> bytes:
    """The file with another inner file in its part for receivers."""

    def changed(part: bytes) -> bytes:
        stream = zlib.decompressobj()
        inner = parse_tensors(stream.decompress(part))
        tensors, metadata = change(dict(inner.tensors), dict(inner.metadata))
        return zlib.compress(pack_tensors(tensors, metadata)) + stream.unused_data

    return damaged_part(RECEIVER, changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I8",
        "X8 64x96 96 0 0",
        "I8 64x96 0 0 0",
        "I8 64x96 95 0 0",
        "I8 64x0 96 0 0",
        "I8 64x96 96 3 0",
        "I8 64x96 96 1 2",
        "I8 64x96 96 0",
        "I8 64x96 96 0 0 ",
        "I8 64x-96 96 0 0",
        "I8 064x96 96 0 0",
        "I8 1x1x1x1x1x1x1x1x1 1 0 0",
        "I8 99999999x99999999 1 0 0",
        "I8 ٣x3 3 0 0",
    ],
)
def test_a_wrong_description_is_refused_before_anything_is_decoded(text: str) -> None:
    with pytest.raises(ModelError, match="described"):
        parse_model(with_inner(lambda t, m: (t, m | {"layer.weight": text})))


@pytest.mark.parametrize("name", [LAWS, SIDE_ROWS, SIDE_COLUMNS, OUTSIDE, LOW_BITS])
def test_what_stands_beside_a_payload_must_fit(name: str) -> None:
    def without(tensors: Any, metadata: Any) -> Any:
        del tensors[name]
        return tensors, metadata

    def other(tensors: Any, metadata: Any) -> Any:
        return tensors | {name: np.repeat(tensors[name], 2, axis=-1)}, metadata

    for change in (without, other):
        with pytest.raises(ModelError):
            read_all(with_inner(change))


def test_laws_that_do_not_sum_up_are_refused() -> None:
    with pytest.raises(ModelError, match="laws"):
        read_all(with_inner(lambda t, m: (t | {LAWS: t[LAWS] + np.uint16(1)}, m)))


def test_units_beyond_those_of_integers_are_refused() -> None:
    def with_unit(unit: int) -> Any:
        def change(tensors: Any, metadata: Any) -> Any:
            rows = tensors[SIDE_ROWS].copy()
            rows[1] = unit
            return tensors | {SIDE_ROWS: rows}, metadata

        return change

    for unit in (-1, 32, 127, -128):
        with pytest.raises(ModelError, match=r"units|range"):
            read_all(with_inner(with_unit(unit)))


def test_more_numbers_than_any_model_has_are_refused() -> None:
    half = f"I8 {MAX_CODED_NUMBERS} 1 0 0"
    with pytest.raises(ModelError, match="coded numbers"):
        parse_model(with_inner(lambda t, m: (t, m | {"a": half})))


def test_a_name_that_appears_twice_is_refused() -> None:
    with pytest.raises(ModelError, match="twice"):
        parse_model(with_inner(lambda t, m: (t, m | {"program": "I8 2 1 0 0"})))
    with pytest.raises(ModelError, match="twice"):
        parse_model(
            with_inner(lambda t, m: (t | {"weights.analysis": t["program"]}, m))
        )


def test_a_stream_that_grows_without_end_is_refused() -> None:
    bomb = zlib.compress(bytes(MAX_FILE_BYTES + 1), 1)
    with pytest.raises(ModelError, match="too long"):
        parse_model(damaged_part(SENDER, lambda _: bomb))


@pytest.mark.parametrize("part", ["", "other", "coded.laws"])
def test_a_part_that_is_not_there_is_refused(part: str) -> None:
    tensors, metadata = parse_tensors(DATA)
    with pytest.raises(ModelError, match="no coded part"):
        parse_model(pack_tensors(tensors, {**metadata, "coded": f"{part} x"}))
