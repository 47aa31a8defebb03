"""Jobs -> outcomes, in several processes at once.

Each worker is a process with one thread and one model, which it loads once. It reads
and computes; writing is left to this process, so a worker can be killed at any moment
and nothing is half-written. Every worker has a pipe of its own: if it dies, it is known
on which file, and another takes its place. If this process dies, the workers end at
once. (`concurrent.futures` can neither name the file nor stop at once.)
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from vaecodec.benchmark.conditions import fix_threads
from vaecodec.cli.jobs import Job
from vaecodec.cli.outcome import Outcome, Work, attempt, ended_by_force

# The only way to start that every system has, and that is safe beside threads.
CONTEXT = multiprocessing.get_context("spawn")


def work_on(
    jobs: Iterator[Job], work: Work, *, processes: int
) -> Generator[Outcome, None, None]:
    """Yield what became of the jobs.

    Args:
        jobs: are taken one at a time, when a process is free.
        work: is sent to the workers, with what it holds.
        processes: how many.
    """
    workers = _Workers(work, processes)
    try:
        yield from workers.outcomes(jobs)
    finally:
        workers.kill()


class _Workers:
    """Processes that are busy, by their connections, and those that are idle."""

    def __init__(self, work: Work, limit: int) -> None:
        self._work, self._limit = work, limit
        self._idle: list[_Worker] = []
        self._busy: dict[Connection, _Worker] = {}

    def outcomes(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        finished: list[Outcome] = []
        while True:
            while len(self._busy) < self._limit and (job := next(jobs, None)):
                worker = self._idle.pop() if self._idle else _Worker(self._work)
                worker.give(job)
                self._busy[worker.connection] = worker
            # Not before the workers have something to do again.
            yield from finished
            if not self._busy:
                return
            finished = [self._take(ready) for ready in wait(list(self._busy))]

    def _take(self, connection: Any) -> Outcome:
        worker = self._busy.pop(connection)
        outcome = worker.take()
        if worker.process.is_alive():
            self._idle.append(worker)
        return outcome

    def kill(self) -> None:
        """End all processes at once; they hold nothing that could be lost."""
        workers = [*self._idle, *self._busy.values()]
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.process.join()


class _Worker:
    """A process, the pipe to it, and the job it works on."""

    def __init__(self, work: Work) -> None:
        self.connection, there = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_serve, args=(there, work), daemon=True)
        with _interrupts_ignored():
            self.process.start()
        there.close()

    def give(self, job: Job) -> None:
        self._job = job
        with contextlib.suppress(BrokenPipeError):  # `take` will find the pipe ended
            self.connection.send(job)

    def take(self) -> Outcome:
        try:
            outcome: Outcome = self.connection.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            return ended_by_force(self._job, self.process.exitcode)
        return outcome


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """A process started here hears no ^C, not even while it is starting."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(connection: Connection, work: Work) -> None:
    """Work until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # not inherited on Windows
    threading.Thread(target=_end_with_parent, daemon=True).start()
    fix_threads(1)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            connection.send(attempt(work, connection.recv()))


def _end_with_parent() -> None:
    """Do not finish a job that nobody waits for."""
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)
