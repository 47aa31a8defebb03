from __future__ import annotations

import functools

import numpy as np
import pytest

from tests.models.exact.random_programs import feeds_of, painter
from vaecodec.errors import ModelError
from vaecodec.models.exact import engine as engine_module
from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.exact.extremes import EXTREME_ANSWER, extreme_program
from vaecodec.models.exact.known_answer import known_answer
from vaecodec.models.exact.onnx_float import FloatArithmetic
from vaecodec.models.exact.onnx_int8 import Int8Arithmetic
from vaecodec.models.exact.reference import run
from vaecodec.models.exact.stored_program import (
    answer_name,
    pack_program,
    parse_program,
)

QUALITY = np.array([[10, 90]], np.uint8)
PROGRAM = painter(2)
TENSORS = pack_program("painter", PROGRAM)
FEEDS = feeds_of(PROGRAM, 2, (64, 128))


class WrongFloat(FloatArithmetic):
    def scale(self, wide, shift, out=None):
        return super().scale(wide, shift + 1, out)


class WrongInt8(Int8Arithmetic):
    """Signed tensors are off by one, as a kernel that saturates would have them."""

    def _zero(self, kind):
        return self.graph.constant(np.uint8(127))


class UnknownInt8(Int8Arithmetic):
    def depthwise(self, layer, kind):
        return self.graph.node("Nonexistent", layer.source, out=layer.out)


class SaturatingInt8(Int8Arithmetic):
    """Sums stop at a limit that the sums of the small model do not reach."""

    def products(self, layer, kind, out):
        sums = super().products(layer, kind, None)
        return self.graph.node("Min", sums, self.floats(2**18), out=out)


@pytest.mark.parametrize(
    ("arithmetics", "chosen"),
    [
        ({"int8": Int8Arithmetic, "float": FloatArithmetic}, "int8"),
        ({"int8": WrongInt8, "float": FloatArithmetic}, "float"),
        ({"int8": UnknownInt8, "float": FloatArithmetic}, "float"),
        ({"int8": SaturatingInt8, "float": FloatArithmetic}, "float"),
        ({"int8": WrongInt8, "float": WrongFloat}, "numpy"),
    ],
)
def test_the_known_answer_decides_which_arithmetic_runs(
    monkeypatch, arithmetics, chosen
):
    monkeypatch.setattr(engine_module, "ARITHMETICS", arithmetics)
    engine = ExactEngine.from_tensors("painter", TENSORS, threads=1)
    assert engine.arithmetic == chosen
    expected = run(PROGRAM, FEEDS, QUALITY)
    for name, values in engine.run(FEEDS, QUALITY).items():
        np.testing.assert_array_equal(values, expected[name])


@pytest.mark.parametrize("only", ["int8", "float", "numpy"])
def test_outputs_have_the_dtype_of_their_kind(monkeypatch, only):
    kept = {k: v for k, v in engine_module.ARITHMETICS.items() if k == only}
    monkeypatch.setattr(engine_module, "ARITHMETICS", kept)
    engine = ExactEngine.from_tensors("painter", TENSORS, threads=1)
    outputs = engine.run(FEEDS, QUALITY)
    assert engine.arithmetic == only
    assert [v.dtype for v in outputs.values()] == [np.uint8, np.float32, np.uint8]
    assert outputs["image"].transpose(1, 2, 0).flags.c_contiguous


def test_a_wrong_known_answer_is_refused():
    tensors = {**TENSORS, answer_name("painter"): np.array([1, 2, 3, 4], np.uint8)}
    engine = ExactEngine.from_tensors("painter", tensors, threads=1)
    with pytest.raises(ModelError, match="known answer"):
        engine.run(FEEDS, QUALITY)


def test_the_answer_at_the_limits_is_that_of_the_reference():
    program = extreme_program()
    answer = known_answer(program, functools.partial(run, program))
    np.testing.assert_array_equal(EXTREME_ANSWER, answer)


def test_every_layer_of_a_program_counts_in_its_known_answer():
    for name, array in TENSORS.items():
        if array.dtype == np.int8 and not name.endswith(("shift", "lift")):
            changed = array.copy()
            changed[0] = -changed[0]
            tensors = {**TENSORS, name: changed}
            again = pack_program("painter", parse_program("painter", tensors))
            answer = answer_name("painter")
            assert not np.array_equal(again[answer], TENSORS[answer]), name


@pytest.mark.parametrize(
    ("feeds", "quality", "reason"),
    [
        ({}, QUALITY, "not the inputs"),
        ({"y": FEEDS["y"], "z": FEEDS["y"]}, QUALITY, "not the inputs"),
        ({"y": FEEDS["y"][:6]}, QUALITY, r"expected \[7, h, w\]"),
        ({"y": FEEDS["y"][0]}, QUALITY, r"expected \[7, h, w\]"),
        ({"y": FEEDS["y"][:, :0]}, QUALITY, r"expected \[7, h, w\]"),
        (FEEDS, None, "asks for a quality"),
        (FEEDS, QUALITY.T, "qualities of"),
        (FEEDS, QUALITY + np.uint8(11), r"allowed 0\.\.100"),
    ],
)
def test_feeds_that_are_not_the_inputs_are_refused(feeds, quality, reason):
    engine = ExactEngine.from_tensors("painter", TENSORS, threads=1)
    with pytest.raises(ValueError, match=reason):
        engine.run(feeds, quality)


def test_values_beyond_the_range_of_an_input_are_refused_by_the_reference():
    with pytest.raises(ValueError, match=r"channel . .* allowed -300\.\.300"):
        run(PROGRAM, {"y": FEEDS["y"] * 9}, QUALITY)
