from __future__ import annotations

import numpy as np
import pytest
import torch

from vaecodec.errors import ModelError
from vaecodec.models.exact.operations import Input, Pointwise
from vaecodec.models.exact.operations import Narrow as NarrowOperation
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.reference import run
from vaecodec.models.networks.exact_layers import (
    ExactBlock,
    ExactDepthwise,
    ExactPointwise,
    Narrow,
    set_exact,
)
from vaecodec.models.networks.exact_rounding import (
    FINEST,
    SIGNED,
    Rows,
    integers,
    rounded,
)

SCALAR = (1, 1, 1)


def at(exponent: float, *shape: int) -> torch.Tensor:
    return torch.full(shape or SCALAR, exponent)


def test_narrow_values_are_multiples_within_eight_bits():
    narrow = Narrow(exponent=-2.0)
    narrow.exact = True
    found = narrow(torch.tensor([0.1, 0.2, 0.375, -0.125, 40.0, -99.0])[None, :, None])
    expected = [0.0, 0.25, 0.5, 0.0, 127 / 4, -32.0]  # halves go to the even one
    assert found.flatten().tolist() == expected


def test_unsigned_narrow_values_are_rectified_exact_or_not():
    values = torch.tensor([-3.0, 0.6, 300.0])[None, :, None, None]
    narrow = Narrow(signed=False)
    assert narrow(values).flatten().tolist() == pytest.approx([0, 0.6, 300])
    narrow.exact = True
    assert narrow(values).flatten().tolist() == [0, 1, 255]


def test_gradients_pass_where_nothing_is_cut_off():
    values = torch.tensor([0.3, 126.7, 140.0, -500.0], requires_grad=True)
    rounded(values, *SIGNED).sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [1, 1, 0, 0]


def test_what_was_observed_is_wanted_just_in_range():
    narrow = Narrow(2)
    narrow.observing = True
    narrow(torch.tensor([[[[1.0, -3.0]], [[0.0, 0.5]]]]))
    narrow(torch.tensor([[[[2.0, 0.0]], [[0.0, 0.0]]]]))
    assert narrow.largest.flatten().tolist() == [3.0, 0.5]
    assert torch.exp2(narrow.wanted).flatten().tolist() == pytest.approx(
        [3 / 127, 0.5 / 127]
    )


def test_weights_are_multiples_of_a_power_of_two_for_each_row():
    torch.manual_seed(0)
    layer = ExactPointwise(24, 10)
    layer.weight.data *= torch.logspace(-2, 1, 10)[:, None]
    found = layer.integers(at(-3.0), Rows(at(-100.0), at(100.0)))
    assert found.weight.abs().max() <= 63
    assert torch.all(found.weight.abs().amax(1) > 31)  # no bit is wasted
    restored = found.weight * torch.exp2(found.exponents + 3)[:, None]
    assert torch.all(
        (restored - layer.weight).abs() <= torch.exp2(found.exponents + 2)[:, None]
    )


def test_rows_keep_between_the_exponents_they_are_given():
    layer = ExactPointwise(4, 3)
    layer.weight.data = torch.tensor([[1e-9], [1.0], [1e6]]).repeat(1, 4)
    found = layer.integers(at(0.0), Rows(at(-14.0), at(0.0)))
    assert found.exponents.tolist() == [-14, -5, 0]
    assert found.weight[2].tolist() == [63] * 4  # as large as it can be


def test_an_exact_layer_computes_what_the_program_computes():
    torch.manual_seed(1)
    layer, place = ExactPointwise(6, 4).eval(), Narrow(4, exponent=-1.0)
    layer.bias.data += torch.randn(4)
    exponents = torch.tensor([-3.0, -4, -5, -3, -2, -6])[:, None, None]
    integers = np.random.default_rng(0).integers(-128, 128, (6, 5, 7))
    values = torch.from_numpy(integers).float() * torch.exp2(exponents)
    for part in (layer, place):
        part.exact = True
    found = place(layer(values[None], exponents, place.rows))[0] * 2
    whole = layer.integers(exponents, place.rows)
    shift = (place.exponent.flatten() - whole.exponents).numpy().astype(np.int8)
    assert 0 <= shift.min() <= shift.max() <= FINEST
    program = Program(
        (Input("x", 6, -128, 127, pixels=8, narrow=True),),
        (
            Pointwise(
                "x",
                "y",
                whole.weight.numpy().astype(np.int8),
                whole.bias.numpy().astype(np.int32),
                shift=shift,
                signed=True,
            ),
        ),
        ("y",),
    )
    expected = run(program, {"x": integers})["y"]
    assert np.array_equal(found.detach().numpy(), expected)
    assert len(np.unique(expected)) > 20


def test_each_group_has_its_own_layer():
    torch.manual_seed(2)
    together = ExactPointwise(3, 2, groups=4).eval()
    values = torch.randn(1, 12, 2, 2)
    rows = Rows(at(-50.0), at(50.0))
    found = together(values, at(0.0), rows)
    for group in range(4):
        alone = ExactPointwise(3, 2).eval()
        alone.weight.data = together.weight.data[2 * group : 2 * group + 2]
        part = alone(values[:, 3 * group : 3 * group + 3], at(0.0), rows)
        assert torch.allclose(part, found[:, 2 * group : 2 * group + 2], atol=1e-6)


def test_an_exact_depthwise_layer_rounds_its_weights_only():
    torch.manual_seed(3)
    layer = ExactDepthwise(5, 3).eval()
    values = torch.round(10 * torch.randn(1, 5, 6, 6))
    rows = Rows(at(-100.0, 5, 1, 1), at(100.0, 5, 1, 1))
    plain = layer(values, at(0.0, 5, 1, 1), rows)
    layer.exact = True
    exact = layer(values, at(0.0, 5, 1, 1), rows)
    unit = torch.exp2(layer.integers(at(0.0, 5, 1, 1), rows).exponents)
    assert torch.equal(
        torch.round(exact / unit[:, None, None]), exact / unit[:, None, None]
    )
    assert 0 < (plain - exact).abs().max() < 9 * 40 * unit.max()


def test_an_exact_block_learns():
    torch.manual_seed(4)
    block = ExactBlock(8)
    for place in (block.seen, block.mixed, block.hidden):
        place.exponent.fill_(-5.0)
    block.stream.fill_(-12.0)
    set_exact(block, True)
    values = torch.randn(2, 8, 6, 6)
    block(values).square().mean().backward()
    for name, parameter in block.named_parameters():
        assert parameter.grad is not None
        assert parameter.grad.abs().sum() > 0, name


def test_narrowing_a_stream_is_one_operation():
    place = Narrow(2, exponent=-1.0)
    place.exact = True
    stream = np.array([[[5, -7, 2**14]], [[6, 2, -1]]])
    found = place(torch.from_numpy(stream).float()[None] / 8)[0] * 2
    program = Program(
        (Input("x", 2, -(2**15), 2**15, pixels=8),),
        (NarrowOperation("x", "y", np.array([2], np.int8), signed=True),),
        ("y",),
    )
    assert np.array_equal(found.numpy(), run(program, {"x": stream})["y"])


@pytest.mark.parametrize("values", [[200.0], [0.5]])
def test_numbers_that_a_type_cannot_hold_are_refused(values):
    with pytest.raises(ModelError, match="int8"):
        integers(torch.tensor(values), np.int8)
