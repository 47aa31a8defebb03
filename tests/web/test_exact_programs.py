"""Programs drawn at random are computed as the reference in Python computes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.exact.random_programs import painter
from tests.models.exact.test_budget import PROGRAM as WITH_BUDGET
from tests.web.conftest import RunNode
from vaecodec.models.exact.extremes import extreme_program
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.stored_program import pack_program
from vaecodec.models.tensor_file import pack_tensors


def test_all_give_their_known_answers(tmp_path: Path, run_node: RunNode) -> None:
    programs = {f"p{seed}": painter(seed, extreme=seed % 2 > 0) for seed in range(12)}
    programs |= {"extreme": extreme_program(), "budget": WITH_BUDGET}
    assert run_node("check_programs.mjs", stored(tmp_path, programs)) == "14\n"


def test_a_wrong_answer_is_refused(tmp_path: Path, run_node: RunNode) -> None:
    path = stored(tmp_path, {"p": painter(1)})
    data = path.read_bytes()
    answer = data.index(pack_program("p", painter(1))["p.known_answer"].tobytes())
    path.write_bytes(data[:answer] + bytes([data[answer] ^ 1]) + data[answer + 1 :])
    with pytest.raises(AssertionError, match="program 'p' is computed wrong"):
        run_node("check_programs.mjs", path)


def stored(folder: Path, programs: dict[str, Program]) -> Path:
    tensors = {}
    for name, program in programs.items():
        tensors |= pack_program(name, program)
    path = folder / "programs.safetensors"
    path.write_bytes(pack_tensors(tensors, {}))
    return path
