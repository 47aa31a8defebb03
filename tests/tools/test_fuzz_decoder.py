from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tools import fuzz_decoder, fuzz_judges
from tools.fuzz_chunks import sealed, split
from tools.fuzz_files import mutated
from tools.fuzz_judges import GOLDEN, SAME, FileJudge, golden_files
from tools.fuzz_processes import answers
from tools.fuzz_verdicts import Verdict
from vaecodec.errors import FormatError

posix = pytest.mark.skipif(os.name != "posix", reason="ends processes by signals")
FILES = golden_files(GOLDEN)


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> FileJudge:
    monkeypatch.setenv("VAECODEC_MODELS", "put back after the test")
    return FileJudge(GOLDEN, seed=1)


@posix
def test_300_mutated_files_do_nothing_that_they_must_not(tmp_path: Path) -> None:
    path = tmp_path / "fuzz.json"
    assert fuzz_decoder.main(["--count", "300", "--json", str(path)]) == 0
    fields = json.loads(path.read_text("utf-8"))
    assert (fields["files"], fields["failures"], fields["failed"]) == (300, 0, {})
    # All kinds of mutation, and both kinds of outcome, or the test is worth little.
    assert len(fields["mutations"]) > 25
    counts = fields["outcomes"]["decompress"]
    assert counts["refused: FormatError"] > 200
    assert counts[SAME] > 5


def test_the_same_number_is_the_same_file_and_another_is_another() -> None:
    made = [mutated(FILES, seed=3, number=number) for number in range(50)]
    again = [mutated(FILES, seed=3, number=number) for number in range(50)]
    assert made == again
    assert len({data for _, data in made}) > 45
    assert mutated(FILES, seed=4, number=0) != made[0]


def test_a_file_taken_apart_and_put_together_is_the_same() -> None:
    for file in FILES:
        assert sealed(split(file)) == file


def test_every_golden_file_is_judged_to_be_one(judge: FileJudge) -> None:
    for file in FILES:
        verdict = judge.judge(file)
        assert verdict.outcomes["decompress"] == SAME
        assert verdict.outcomes["all agree"] == "yes"
        assert verdict.peak_bytes > 0 or sys.platform != "linux"


def test_another_image_is_a_failure(
    judge: FileJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    decompress = fuzz_judges.vaecodec.decompress

    def dark(data: bytes, **options: object) -> object:
        return decompress(data, **options).point(lambda value: value // 2)

    monkeypatch.setattr(fuzz_judges.vaecodec, "decompress", dark)
    assert failures_of(without_memory(judge.judge(FILES[0]))) == {
        "decompress: FAILED: another image",
        "region: FAILED: another image",
        "first step: FAILED: another image",
    }


@pytest.mark.parametrize(
    "error", [ValueError("lies"), MemoryError(), KeyboardInterrupt()]
)
def test_any_other_error_is_a_failure(
    judge: FileJudge, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(fuzz_judges.vaecodec, "verify", partial(throw, error))
    wrong = failures_of(without_memory(judge.judge(FILES[0])))
    assert f"verify: FAILED: {type(error).__name__}: {error}" in wrong


def test_parts_of_the_package_that_disagree_are_a_failure(
    judge: FileJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz_judges.vaecodec, "verify", partial(throw, FormatError("")))
    [wrong] = failures_of(without_memory(judge.judge(FILES[0])))
    assert wrong.startswith("all agree: FAILED")


def test_time_and_memory_beyond_the_limits_are_failures() -> None:
    verdict = Verdict("", seconds={"verify": 2.5}, peak_bytes=400 << 20)
    assert failures_of(verdict) == {"verify: 2.50 s", "400 MiB"}


@posix
def test_a_process_that_ends_or_hangs_is_named_and_replaced() -> None:
    found = dict(answers(range(6), partial(Trouble), processes=2))
    assert found == {0: 0, 1: "SIGKILL", 2: 4, 3: 9, 4: "SIGALRM", 5: 25}


@posix
def test_the_command_writes_counts_and_keeps_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz_decoder, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(fuzz_decoder, "answers", all_hang)
    path = tmp_path / "fuzz.json"
    words = ["--first", "7", "--count", "2", "--json", str(path)]
    assert fuzz_decoder.main(words) == 1
    fields = json.loads(path.read_text("utf-8"))
    assert (fields["files"], fields["failures"], fields["seed"]) == (2, 2, 1)
    assert fields["failed"] == {"7": ["SIGALRM"], "8": ["SIGALRM"]}
    _, data = mutated(FILES, seed=1, number=7)
    assert (tmp_path / "kept" / "7.vaec").read_bytes() == data


class Trouble:
    """Squares numbers, and does not survive two of them."""

    def __call__(self, number: int) -> int:
        ends = {1: signal.SIGKILL, 4: signal.SIGALRM}
        if number in ends:
            os.kill(os.getpid(), ends[number])
        return number**2


def all_hang(
    numbers: range, _: Callable[[], object], *, processes: int
) -> list[tuple[int, str]]:
    return [(number, "SIGALRM") for number in numbers]


def throw(error: BaseException, *_: object, **__: object) -> None:
    raise error


def failures_of(verdict: Verdict) -> set[str]:
    report = fuzz_decoder.Report()
    report.add(0, verdict)
    return set(report.failures.get(0, []))


def without_memory(verdict: Verdict) -> Verdict:
    """The process of the tests holds much more than the codec."""
    return replace(verdict, peak_bytes=0)
