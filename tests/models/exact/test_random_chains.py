"""Operations in any order, whatever fits, computed by all engines."""

from __future__ import annotations

import functools
import random

import pytest

from tests.models.exact.random_programs import Draw
from vaecodec.errors import ModelError
from vaecodec.models.exact import reference
from vaecodec.models.exact.engine import ARITHMETICS
from vaecodec.models.exact.facts import Kind
from vaecodec.models.exact.known_answer import known_answer
from vaecodec.models.exact.onnx_program import OnnxProgram
from vaecodec.models.exact.operations import (
    Add,
    Input,
    Narrow,
    Quarters,
    Shuffle,
    Unquarters,
    Widen,
)
from vaecodec.models.exact.program import Program

INPUTS = (
    Input("wide", 16, -8191, 8191, 16),
    Input("signed", 16, -128, 127, 16, narrow=True),
    Input("bytes", 16, 0, 255, 16, narrow=True),
)


def _choices(program: Program, draw: Draw, rng: random.Random, out: str):
    """One operation of each kind on tensors of the program; not all of them fit."""
    source = rng.choice(list(program.facts)[-4:])
    facts = program.facts[source]
    channels = rng.choice([1, facts.channels])
    partners = [n for n, f in program.facts.items() if f.channels == facts.channels]
    groups, wide = rng.choice([1, 1, 2, 4]), facts.kind is Kind.WIDE
    layer = draw.wide_pointwise if wide else draw.pointwise
    sizes = (facts.channels, groups * rng.choice([1, 4, 16]))
    narrowing = {"shift": draw.shift(6, 14, sizes[1]), "signed": rng.random() < 0.5}
    return [
        lambda: Narrow(source, out, draw.shift(5, 12, channels), rng.random() < 0.5),
        lambda: Widen(source, out, draw.shift(0, 5, channels)),
        lambda: layer(source, out, sizes, groups=groups, lift=draw.shift(0, 2)),
        lambda: layer(source, out, sizes, groups=groups, **narrowing),
        lambda: draw.depthwise(source, out, facts.channels, rng.choice([1, 3, 5])),
        lambda: Add(source, rng.choice(partners), out, *draw.shift(0, 3, 2)[:, None]),
        lambda: draw.gain(source, out, facts.channels),
        lambda: Shuffle(source, out, rng.choice([2, 4])),
        lambda: Quarters(source, out),
        lambda: Unquarters(source, out),
    ]


def _chain(seed: int) -> Program:
    rng, draw = random.Random(seed), Draw(seed, extreme=seed % 3 == 0)
    program = Program(INPUTS, (), ("wide",))
    while len(program.operations) < 10:
        out = f"t{len(program.operations)}"
        operation = rng.choice(_choices(program, draw, rng, out))()
        try:
            program = Program(INPUTS, (*program.operations, operation), (out,))
        except ModelError:
            continue
    outputs = {operation.out for operation in program.operations[-3:]}
    return Program(INPUTS, program.operations, tuple(outputs))


@pytest.mark.parametrize("seed", range(30))
def test_all_engines_compute_any_chain_of_operations_alike(seed):
    program = _chain(seed)
    expected = known_answer(program, functools.partial(reference.run, program))
    for arithmetic in ARITHMETICS.values():
        found = known_answer(program, OnnxProgram(program, arithmetic, threads=1).run)
        assert found.tolist() == expected.tolist()
