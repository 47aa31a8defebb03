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
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context

from vaecodec.benchmark.images import BenchmarkImage
from vaecodec.benchmark.metrics import Judge, Pixels, Scores

# Of decoded images that wait, before the next one has to.
MOST_WAITING = 2**28
BESIDE = "in a second process, beside the timed one"
BETWEEN = "in the same process, between the timings"

_judges: dict[str, Judge] = {}  # the one of the current image, by its digest


class Task:
    """Scores that are wanted; `pixels` is None as soon as they are there."""

    def __init__(self, image: BenchmarkImage, digest: str, pixels: Pixels) -> None:
        self.image, self.digest = image, digest
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
        return _score(self.image, self.digest, pixels)


class Scorer:
    """Takes decoded versions of one image after the other."""

    def __init__(self, executor: Executor | None) -> None:
        self._executor = executor
        self._waiting: list[Task] = []

    def give(self, image: BenchmarkImage, digest: str, decoded: Pixels) -> Task:
        """Have `decoded` scored; it is copied, its codec may use the memory again."""
        task = Task(image, digest, pixels := decoded.copy())
        if self._executor:
            with suppress(BrokenExecutor):
                task.future = self._executor.submit(_score, image, digest, pixels)
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
def scoring() -> Iterator[Scorer]:
    """A scorer, with a process beside this one where there is a core for it."""
    if where() == BETWEEN:
        yield Scorer(None)
        return
    # The only way to start a process that is safe beside threads.
    executor = ProcessPoolExecutor(1, get_context("spawn"), initializer=_stay_calm)
    try:
        yield Scorer(executor)
    finally:
        executor.shutdown(cancel_futures=True)


def where() -> str:
    """What runs beside the timings on this machine, in words."""
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    return BESIDE if cores > 1 else BETWEEN


def _size(task: Task) -> int:
    return 0 if task.pixels is None else task.pixels.nbytes


def _score(image: BenchmarkImage, digest: str, decoded: Pixels) -> Scores:
    if digest not in _judges:
        _judges.clear()
        _judges[digest] = Judge(image.pixels)
    return _judges[digest].scores(decoded)


def _stay_calm() -> None:
    # A ^C goes to the whole group of processes; the first one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
