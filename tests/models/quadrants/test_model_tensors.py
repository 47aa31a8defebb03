"""What a model of this kind is refused for, and what its ids stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.models.quadrants.conftest import everywhere
from tests.models.quadrants.drawn_programs import SMALL, drawn_programs
from tests.models.quadrants.small_model import small_tensors
from vaecodec.errors import ModelError
from vaecodec.models.architecture import Symbols
from vaecodec.models.exact.operations import Narrow, Shuffle
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.stored_program import pack_program
from vaecodec.models.model_file import ModelFile
from vaecodec.models.quadrants.architecture import QuadrantArchitecture
from vaecodec.models.quadrants.parts import parts
from vaecodec.models.quadrants.prior import sender_curve
from vaecodec.models.registry import build, complexity

PROGRAMS = drawn_programs(SMALL, np.full(16, 900, np.int16))
ONE = np.ones(1, np.int8)


def with_last(name: str, operation: Any) -> Program:
    """A program with another last operation."""
    program = PROGRAMS[name]
    operations = *program.operations[:-1], operation
    return Program(program.inputs, operations, program.outputs)


def changed(file: ModelFile, tensors: dict[str, NDArray[Any] | None]) -> ModelFile:
    """The file with other tensors, or without them, listed as they should be."""
    merged = {**file.tensors, **tensors}
    kept = {name: one for name, one in merged.items() if one is not None}
    return replace(file, tensors=kept, metadata={**file.metadata, **parts(kept)})


def without(file: ModelFile, program: str) -> dict[str, NDArray[Any] | None]:
    """Tensors to drop before a program is stored anew."""
    fields = ("known_answer", "weight", "bias", "shift", "lift", "table", "most")
    return {
        name: None
        for name in file.tensors
        if name == program or (name.startswith(f"{program}.") and name.endswith(fields))
    }


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("latent.limits", np.ones(14, np.int16), "multiple of 4"),
        ("latent.limits", np.full(16, -1, np.int16), r"-1\.\.-1, allowed 0\.\."),
        ("latent.limits", np.full(16, 2**14, np.int16), "does not take all values"),
        ("latent.limits", np.full(16, 2**14 + 1, np.int16), r"allowed 0\.\.16384"),
        ("latent.limits", np.full(12, 9, np.int16), "has shape"),
        ("latent.widths", np.full((101, 16), -5, np.int32), "allowed 0"),
        ("latent.offsets", np.full((4, 101, 16), 2**24 + 1, np.int32), "allowed"),
        ("latent.mean_shifts", np.full((4, 4, 4), 65, np.int8), r"allowed -64\.\.64"),
        ("latent.magnitudes", np.zeros(15, np.int8), "has shape"),
        ("latent.normal_shifts", None, "no tensor"),
        ("hyper.mean_shifts", np.zeros(9, np.int8), "has shape"),
        ("hyper.mean_shifts", np.full(8, -128, np.int8), r"allowed -64\.\.64"),
        ("hyper.offsets", np.zeros((2, 101, 8), np.int16), "is int16"),
        ("tables.limits", None, "no tensor"),
        ("painter", None, "no tensor"),
        ("step2", None, "no tensor"),
        ("step3.known_answer", None, "no tensor"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(
    file: ModelFile, name: str, value: NDArray[Any] | None, reason: str
) -> None:
    with pytest.raises(ModelError, match=reason):
        build(changed(file, {name: value}))


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("hyper", PROGRAMS["step1"]),
        ("step0", PROGRAMS["step1"]),
        ("step1", PROGRAMS["step0"]),
        ("painter", PROGRAMS["hyper"]),
        ("step2", drawn_programs(replace(SMALL, prior=12), np.ones(16, "i2"))["step2"]),
        ("step0", drawn_programs(replace(SMALL, hyper=4), np.ones(16, "i2"))["step0"]),
        ("hyper", drawn_programs(replace(SMALL, hyper=4), np.ones(16, "i2"))["hyper"]),
        (
            "painter",
            drawn_programs(replace(SMALL, latent=20), np.ones(20, "i2"))["painter"],
        ),
        ("painter", PROGRAMS["painter"]),  # which takes smaller latents
        ("painter", with_last("painter", Shuffle("levels", "image", 4))),
        ("painter", with_last("painter", Shuffle("squares", "image", 8))),
        ("step3", with_last("step3", Narrow("from_base", "both", ONE, True))),
    ],
)
def test_programs_of_another_kind_are_refused(
    file: ModelFile, name: str, program: Program
) -> None:
    tensors = {**without(file, name), **pack_program(name, program)}
    with pytest.raises(ModelError, match=name if name != "step2" else "features"):
        build(changed(file, tensors))


def test_a_painter_without_a_linear_part_draws_images_but_no_previews(
    file: ModelFile,
) -> None:
    painter = drawn_programs(SMALL, file.tensors["latent.limits"])["painter"]
    renamed = tuple(
        replace(one, out="lights")
        if isinstance(one, Narrow) and one.out == "levels"
        else replace(one, source="lights")
        if isinstance(one, Shuffle) and one.out == "image"
        else one
        for one in painter.operations
    )
    tensors = pack_program("painter", replace_operations(painter, renamed))
    model = build(changed(file, {**without(file, "painter"), **tensors}))
    latents = Symbols((np.zeros((8, 1, 1), np.int16), np.zeros((16, 4, 4), np.int16)))
    assert model.paint(latents, everywhere(50)).shape == (64, 64, 3)
    with pytest.raises(ModelError, match="no narrow 'levels'"):
        model.preview(latents, everywhere(50))


def replace_operations(program: Program, operations: tuple[Any, ...]) -> Program:
    return Program(program.inputs, operations, program.outputs)


@pytest.mark.parametrize("value", [2**22 + 1, -(2**22) - 1])
def test_logarithms_of_a_sender_beyond_the_range_of_floats_are_refused(
    value: int,
) -> None:
    tensors = {"quantizer.log_gains": np.full((101, 16), value, np.int32)}
    with pytest.raises(ModelError, match="log_gains reaches"):
        sender_curve(tensors, "gains", [101, 16])


def test_only_senders_need_what_senders_know(file: ModelFile) -> None:
    bare = {
        "quantizer.log_gains": None,
        "quantizer.log_error_weights": None,
        "graph.analysis": None,
    }
    model = build(changed(file, bare))
    predictor = model.predictor(64, 64, everywhere(50))
    known = Symbols((np.zeros((8, 1, 1), np.int16), np.zeros((16, 4, 4), np.int16)))
    for number in range(6):
        prediction = predictor.predict(number, known)
    model.paint(predictor.latents(known), everywhere(50))
    assert prediction.means is not None
    with pytest.raises(ModelError, match="no tensor 'quantizer"):
        prediction.means()
    with pytest.raises(ModelError, match="no tensor 'quantizer"):
        model.error_weights(3, everywhere(50))
    with pytest.raises(ModelError, match="no tensor 'graph"):
        model.analyze(np.zeros((64, 64, 3), np.uint8), everywhere(50))


def test_a_tensor_changes_the_id_of_its_part_and_no_other(file: ModelFile) -> None:
    found: dict[str, set[str]] = {"stream": set(), "painter": set(), "": set()}
    for name, tensor in file.tensors.items():
        other = tensor.copy()
        other.reshape(-1)[-1:].view(np.uint8)[0] ^= 1
        after = replace(file, tensors={**file.tensors, name: other})
        stream = after.stream_id != file.stream_id
        painter = after.painter_id != file.painter_id
        assert not (stream and painter)
        found["stream" if stream else "painter" if painter else ""].add(name)
    assert found[""] == {
        "graph.analysis",
        "quantizer.log_gains",
        "quantizer.log_error_weights",
    }
    assert {name.partition(".")[0] for name in found["painter"]} == {"painter"}
    heads = {name.partition(".")[0] for name in found["stream"]}
    assert heads == {"hyper", *(f"step{k}" for k in range(4)), "latent", "tables"}


def test_a_file_that_lists_other_tensors_is_refused(file: ModelFile) -> None:
    for part in ("stream", "painter"):
        _, *others = file.metadata[part].split()
        metadata = {**file.metadata, part: " ".join(others)}
        with pytest.raises(ModelError, match=f"other tensors as its {part}"):
            build(replace(file, metadata=metadata))


def test_the_complexity_of_a_model_follows_from_its_programs(
    file: ModelFile, architecture: QuadrantArchitecture
) -> None:
    trained, thousands = complexity(file)
    # The linear part of the painter alone: 768 rows of 16 for each 16 x 16 pixels.
    assert thousands is not None
    assert 48 < 1000 * thousands < 120
    assert trained == sum(
        tensor.size
        for name, tensor in small_tensors().items()
        if name.endswith((".weight", ".bias"))
    )
    assert architecture.grid.painter_reach == 64
