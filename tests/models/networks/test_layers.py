from __future__ import annotations

import pytest
import torch

from vaecodec.models.networks.layers import (
    KNOTS,
    DepthwiseConvolution,
    QualityCurve,
    ResidualBlock,
    enlarged,
    pixel_unshuffle,
)


def random_curve(channels):
    curve = QualityCurve(torch.zeros(channels))
    torch.manual_seed(3)
    with torch.no_grad():
        curve.knots.normal_()
    return curve


def test_a_curve_passes_through_its_knots():
    curve = random_curve(5)
    quality = torch.linspace(0, 100, KNOTS)
    assert curve(quality).shape == (KNOTS, 5, 1, 1)
    assert torch.allclose(curve(quality).flatten(1), curve.knots, atol=1e-5)


def test_a_curve_is_linear_between_its_knots():
    curve = random_curve(5)
    share = 0.3
    for knot in range(KNOTS - 1):
        quality = torch.tensor([(knot + share) * 100 / (KNOTS - 1)])
        expected = torch.lerp(curve.knots[knot], curve.knots[knot + 1], share)
        assert torch.allclose(curve(quality).flatten(), expected, atol=1e-5)


def test_every_image_of_a_batch_has_its_own_quality():
    curve = random_curve(4)
    together = curve(torch.tensor([10.0, 70.0]))
    assert torch.equal(together[:1], curve(torch.tensor([10.0])))
    assert not torch.allclose(together[0], together[1])


def test_a_block_sees_a_window_as_it_sees_the_whole_image():
    torch.manual_seed(4)
    block = ResidualBlock(6)
    image = torch.randn(1, 6, 24, 20)
    whole = block(image)
    window = block(image[:, :, 4:18, 3:17])
    assert whole.shape == image.shape
    reach = 2
    inner = window[:, :, reach:-reach, reach:-reach]
    assert torch.allclose(inner, whole[:, :, 6:16, 5:15], atol=1e-5)
    assert not torch.allclose(window, whole[:, :, 4:18, 3:17], atol=1e-5)


@pytest.mark.parametrize("factor", [2, 8, 16])
def test_unshuffling_pixels_gives_what_the_function_of_torch_gives(factor):
    torch.manual_seed(5)
    image = torch.randn(2, 3, 32, 48)
    expected = torch.nn.functional.pixel_unshuffle(image, factor)
    assert torch.equal(pixel_unshuffle(image, factor), expected)


def test_an_enlarged_gain_map_holds_each_value_in_a_square_of_four():
    gain = torch.randn(2, 3, 4, 8)
    expected = gain.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.equal(enlarged(gain), expected)


def test_a_gain_that_is_the_same_everywhere_is_not_enlarged():
    gain = torch.randn(2, 3, 1, 1)
    assert torch.equal(enlarged(gain), gain)


@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_the_fast_gradients_of_a_depthwise_convolution_are_its_gradients(kernel):
    torch.manual_seed(3)
    layer = DepthwiseConvolution(6, kernel)
    values = torch.randn(2, 6, 11, 8, requires_grad=True)
    weight = torch.randn(2, 6, 11, 8)
    gradients = []
    for mode in (True, False):
        layer.train(mode)
        result = layer(values)
        wanted = (values, layer.weight, layer.bias)
        gradients.append((result, *torch.autograd.grad(result, wanted, weight)))
    for fast, plain in zip(*gradients, strict=True):
        torch.testing.assert_close(fast, plain, atol=1e-4, rtol=1e-4)


def test_training_in_bfloat16_stays_close_to_the_exact_block():
    torch.manual_seed(4)
    block = ResidualBlock(16)
    values = torch.randn(1, 16, 9, 9)
    trained, exact = block.train()(values), block.eval()(values)
    assert trained.dtype == torch.float32
    assert (trained - exact).abs().max() < 0.02 * (exact - values).abs().max()
