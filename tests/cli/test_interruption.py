"""Runs that are ended from outside: every result is absent or complete.

These start whole processes, which is slow, so each test asks several questions.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.cli.folders import names
from tests.conftest import ROOT
from vaecodec.cli import main
from vaecodec.cli.files import write_file
from vaecodec.cli.interruption import Interrupted, signals_interrupt
from vaecodec.cli.jobs import Job
from vaecodec.cli.outcome import Outcome
from vaecodec.cli.workers import work_on

COUNT = 40

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")


@pytest.fixture
def pictures(
    tmp_path: Path, coffee: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The current folder, holding a folder `in` with many pictures."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for number in range(COUNT):
        Image.fromarray(coffee[number : number + 96, :128]).save(f"in/{number:03}.png")
    return tmp_path


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """^C ends what tests start, even if the tests run where it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def started(*words: str) -> subprocess.Popen[bytes]:
    """A run that has written some of its results, in a process group of its own."""
    run = subprocess.Popen(
        [sys.executable, "-m", "vaecodec", "compress", "-r", "in", "-o", "out", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    until = time.monotonic() + 60
    while len(list(Path("out").glob("*.vaec"))) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    return run


def results() -> set[str]:
    """Names of the results so far, all of which must be complete."""
    done = {path.name for path in Path("out").glob("*.vaec")}
    assert 3 <= len(done) < COUNT
    assert main(["verify", "-r", "out", "--quiet"]) == 0
    return done


def test_a_run_that_is_killed_goes_on_when_it_is_resumed(pictures: Path) -> None:
    run = started("-j", "2")
    run.kill()
    # The workers hold these pipes too: they end when the workers have ended.
    run.communicate(timeout=60)
    done = results()
    inodes = {name: (pictures / "out" / name).stat().st_ino for name in done}

    assert main(["compress", "-r", "in", "-o", "out", "--resume", "--quiet"]) == 0
    assert len(list(Path("out").glob("*.vaec"))) == COUNT
    assert main(["verify", "-r", "out", "--quiet"]) == 0
    for name, inode in inodes.items():
        assert (pictures / "out" / name).stat().st_ino == inode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("words", [["-j", "2"], []], ids=["two processes", "one"])
def test_an_interrupted_run_ends_quickly_and_leaves_nothing_half_written(
    pictures: Path, words: list[str], number: signal.Signals
) -> None:
    run = started(*words, "--quiet")
    os.kill(run.pid, number)
    # The workers hold these pipes too: they end when the workers have ended.
    output, said = run.communicate(timeout=60)
    assert (run.returncode, output) == (128 + number, b"")
    assert said.decode().split() == ["vaecodec:", "interrupted"]
    assert set(names(pictures / "out")) == results()


SLOW_WORK = """
import sys, time
from pathlib import Path
from vaecodec.cli.jobs import Job
from vaecodec.cli.workers import work_on

class Sleeps:
    def __call__(self, job):
        print("at work", flush=True)
        time.sleep(1000)

if __name__ == "__main__":
    list(work_on(iter([Job(Path("one")), Job(Path("two"))]), Sleeps(), processes=2))
"""


def test_workers_end_at_once_when_their_run_is_killed(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW_WORK)
    run = subprocess.Popen(
        [sys.executable, "slow.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.stdout is not None
    assert [run.stdout.readline() for _ in range(2)] == [b"at work\n"] * 2
    run.kill()
    run.communicate(timeout=60)


def test_a_run_that_ignores_the_end_of_its_terminal_is_not_interrupted(
    pictures: Path,
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        run = started("--quiet")
    finally:
        signal.signal(signal.SIGHUP, before)
    os.kill(run.pid, signal.SIGHUP)
    assert run.communicate(timeout=60) == (b"", b"")
    assert run.returncode == 0
    assert len(names(pictures / "out")) == COUNT


def test_a_second_signal_does_not_interrupt_what_clears_away() -> None:
    cleared = []

    def run() -> None:
        with signals_interrupt():
            try:
                os.kill(os.getpid(), signal.SIGHUP)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
                cleared.append(True)

    with pytest.raises(Interrupted) as caught:
        run()
    assert cleared
    assert caught.value.exit_code == 129
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_signal_while_a_part_is_removed_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def interrupted(path: Path, missing_ok: bool = False) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", interrupted)
    with pytest.raises(Interrupted) as caught, signals_interrupt():
        write_file(tmp_path / "result", b"all of it")
    assert caught.value.exit_code == 143
    assert names(tmp_path) == ["result"]


class EndsItself:
    """Work during which the process is killed if the file is named so."""

    def __call__(self, job: Job) -> Outcome:
        if job.source == Path("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        return Outcome(job)


def test_a_worker_that_is_killed_is_reported_and_replaced() -> None:
    jobs: Iterator[Job] = (Job(Path(name)) for name in ("one", "kill", "two", "three"))
    outcomes = {
        str(outcome.job.source): outcome
        for outcome in work_on(jobs, EndsItself(), processes=2)
    }
    assert sorted(outcomes) == ["kill", "one", "three", "two"]
    assert outcomes["kill"].exit_code == 1
    assert outcomes["kill"].error.startswith("kill: its worker process was killed (-9)")
    assert all(outcomes[name].exit_code == 0 for name in ("one", "two", "three"))
    assert multiprocessing.active_children() == []
