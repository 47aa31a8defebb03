"""Scores of decoded images, computed by a second process while codecs are timed here.

In: an original and what codecs made of it. Out: a `Task` for each, which has the scores
sooner or later.

Scoring takes as long as all the codecs together. The second process has a core of its
own; where there is only one core, everything is scored here, between the timings. When
scores are asked for, nothing is timed any more, and this process helps.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from typing import Protocol, TypeAlias

from vaecodec.benchmark.images import BenchmarkImage
from vaecodec.benchmark.metrics import Judge, Pixels
from vaecodec.benchmark.records import Scores

# Of decoded images that wait, before the next one has to.
MOST_WAITING = 2**28
BESIDE = "in a second process, beside the timed one"
BETWEEN = "in the same process, between the timings"


class JudgeOfOne(Protocol):
    """Scores decoded versions of one original."""

    def scores(self, decoded: Pixels) -> Scores:
        """By metric."""


# From an original; to be called in another process, so a class or a function.
MakeJudge: TypeAlias = Callable[[Pixels], JudgeOfOne]

_judges: dict[tuple[MakeJudge, str], JudgeOfOne] = {}  # the one of the current image


class Task:
    """Scores that are wanted; `pixels` is None as soon as they are there."""

    def __init__(self, judge: MakeJudge, image: BenchmarkImage, pixels: Pixels) -> None:
        self.image, self.judge = image, judge
        self.pixels: Pixels | None = pixels
        self.future: Future[Scores] | None = None
        self._scores: Scores = {}

    def scores(self) -> Scores:
        """Each metric; computed here unless the other process has begun."""
        if self.pixels is not None:
            self._scores, self.pixels = self._found(self.pixels), None
        return self._scores

    def _found(self, pixels: Pixels) -> Scores:
        if self.future and not self.future.cancel():
            with suppress(BrokenExecutor):  # That process was ended by force.
                return self.future.result()
        return _score(self.judge, self.image, pixels)


class Scorer:
    """Takes decoded versions of one image after the other."""

    def __init__(self, executor: Executor | None, judge: MakeJudge = Judge) -> None:
        self._executor, self._judge = executor, judge
        self._waiting: list[Task] = []

    def give(self, image: BenchmarkImage, decoded: Pixels) -> Task:
        """Have `decoded` scored; it is copied, its codec may use the memory again."""
        task = Task(self._judge, image, pixels := decoded.copy())
        if self._executor:
            with suppress(BrokenExecutor):
                task.future = self._executor.submit(_score, self._judge, image, pixels)
        self._waiting.append(task)
        self._make_room()
        return task

    def _make_room(self) -> None:
        for task in self._waiting:
            too_many = sum(_size(t) for t in self._waiting) > MOST_WAITING
            if too_many or task.future is None or task.future.done():
                task.scores()
        self._waiting = [task for task in self._waiting if task.pixels is not None]


@contextmanager
def scoring(judge: MakeJudge = Judge) -> Iterator[Scorer]:
    """A scorer, with a process beside this one where there is a core for it."""
    if where() == BETWEEN:
        yield Scorer(None, judge)
        return
    # The only way to start a process that is safe beside threads.
    executor = ProcessPoolExecutor(1, get_context("spawn"), initializer=_stay_calm)
    try:
        yield Scorer(executor, judge)
    finally:
        executor.shutdown(cancel_futures=True)


def where() -> str:
    """What runs beside the timings on this machine, in words."""
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    return BESIDE if cores > 1 else BETWEEN


def _size(task: Task) -> int:
    return 0 if task.pixels is None else task.pixels.nbytes


def _score(judge: MakeJudge, image: BenchmarkImage, decoded: Pixels) -> Scores:
    key = judge, image.digest
    if key not in _judges:
        _judges.clear()
        _judges[key] = judge(image.pixels)
    return _judges[key].scores(decoded)


def _stay_calm() -> None:
    # A ^C goes to the whole group of processes; the first one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
