"""Which tensors of a model decide over symbols, which over pixels, which nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.models.checkerboard.networks.conftest import lively_model
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.library import load_model
from vaecodec.models.model_file import ModelFile, parse_model
from vaecodec.models.networks.table_fitting import no_counts
from vaecodec.models.registry import build

Changed = Callable[..., ModelFile]


def part_of(name: str) -> str:
    """What a tensor belongs to, by its name."""
    if name.startswith(("hyper.", "scale.", "tables.")):
        return "stream"
    seen = ("weights.synthesis.", "weights.hyper_synthesis.", "graph.synthesis")
    return "painter" if name.startswith(seen) else ""


@pytest.fixture(scope="session")
def model() -> ModelFile:
    """A small model without two equal tensors, which graphs would hold once."""
    made = to_file(lively_model(), counts=no_counts(), training_images=0)
    return parse_model(made)


def test_a_tensor_changes_the_id_of_its_part_and_no_other(model: ModelFile) -> None:
    found: dict[str, set[str]] = {"stream": set(), "painter": set(), "": set()}
    for name, tensor in model.tensors.items():
        other = tensor.copy()
        other.flat[-1] += 1
        after = replace(model, tensors={**model.tensors, name: other})
        stream = after.stream_id != model.stream_id
        painter = after.painter_id != model.painter_id
        assert not (stream and painter)
        found["stream" if stream else "painter" if painter else ""].add(name)
    for name in model.tensors:
        if part := part_of(name):
            assert name in found[part]
    # Only senders have these, or they say nothing that the others do not.
    assert {"graph.analysis", "graph.means", "quantizer.error_weights"} < found[""]
    assert any(name.startswith("weights.analysis.") for name in found[""])
    # What graphs of means read is read by the painter as well.
    means = {f"weights.{name}" for name in model.metadata["graph.means"].split()}
    assert means <= found["painter"]


@pytest.mark.parametrize("part", ["stream", "painter"])
def test_a_file_that_lists_other_tensors_is_refused(
    part: str, model: ModelFile, changed: Changed
) -> None:
    build(model)
    first, *others = model.metadata[part].split()
    for names in (
        others,
        [*others, first],
        [first, *others, "quantizer.error_weights"],
        [first, first, *others],
    ):
        wrong = changed(metadata={part: " ".join(names)})
        with pytest.raises(ModelError, match=f"lists other tensors as its {part}"):
            build(wrong)
    with pytest.raises(ModelError, match=f"lists other tensors as its {part}"):
        build(changed(metadata={part: None}))


def test_a_file_with_one_more_exact_tensor_is_refused(changed: Changed) -> None:
    more = changed({"scale.more": np.zeros(3, np.int16)})
    with pytest.raises(ModelError, match="lists other tensors as its stream"):
        build(more)


def test_the_shipped_models_have_symbols_of_their_own() -> None:
    standard, psnr = (load_model(name) for name in ("standard", "psnr"))
    assert standard.stream_id != psnr.stream_id
    assert standard.painter_id != psnr.painter_id
