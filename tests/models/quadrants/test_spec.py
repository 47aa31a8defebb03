"""SPEC.md describes the steps, tensors and programs that are really there."""

from __future__ import annotations

import re
from pathlib import Path

import vaecodec.models.quadrants
from vaecodec.models.exact.stored_program import parse_program
from vaecodec.models.model_file import STREAM, ModelFile
from vaecodec.models.quadrants.architecture import QuadrantArchitecture
from vaecodec.models.quadrants.complexity import PROGRAMS

SPEC = Path(vaecodec.models.quadrants.__file__).with_name("SPEC.md").read_text("utf-8")


def test_the_document_lists_the_steps(architecture: QuadrantArchitecture) -> None:
    listed = re.findall(r"^\| (\d) \| (.*?) \| (\d+) \|$", SPEC, flags=re.M)
    assert [(int(number), int(limit)) for number, _, limit in listed] == [
        (number, step.limit) for number, step in enumerate(architecture.steps)
    ]
    for (_, positions, _), step in zip(listed, architecture.steps, strict=True):
        assert step.name.removeprefix("hyper, ") in positions


def test_the_document_names_all_tensors_and_metadata_beside_the_programs(
    file: ModelFile,
) -> None:
    for name in file.tensors:
        if name.partition(".")[0] in ("latent", "quantizer"):
            assert f"`{name}`" in SPEC
    for name in ("hyper.mean_shifts", "hyper.offsets"):
        assert name in file.tensors
        assert f"`{name}`" in SPEC


def test_the_document_names_all_inputs_and_outputs(file: ModelFile) -> None:
    for name in PROGRAMS:
        program = parse_program(name, file.tensors)
        for tensor in (*(given.name for given in program.inputs), *program.outputs):
            assert f"`{tensor}`" in SPEC


def test_the_document_says_which_tensors_belong_to_the_stream(file: ModelFile) -> None:
    [text] = re.findall(r"^\* `stream`: (.*?),\n?\s+up to", SPEC, flags=re.M | re.S)
    heads = set(re.findall(r"`(\w+)`", text))
    named = [name for name in file.tensors if name.partition(".")[0] in heads]
    assert sorted(named) == file.metadata[STREAM].split()
