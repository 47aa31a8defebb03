"""Processes in which anything may happen: each question is asked in one of them.

In: numbers, and how to make what answers them. Out: each number with its answer, or
with the signal that ended the process that worked on it. A process that ends or hangs
is replaced, and its other numbers are taken up again. POSIX only.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

HANGS_AFTER = 10  # seconds of processor time for one question,
SLEEPS_AFTER = 600  # or of any time: a busy machine may let a process wait for long
ADDRESS_SPACE = 8 << 30  # a guard for the machine; what is used is measured elsewhere

Answer = Callable[[int], Any]
_CONTEXT = multiprocessing.get_context("spawn")


def answers(
    numbers: Sequence[int], make_answer: Callable[[], Answer], *, processes: int
) -> Iterator[tuple[int, Any]]:
    """Yield each number and its answer, or the name of a signal, in any order.

    Args:
        numbers: what to ask.
        make_answer: is called once in each process; must be picklable.
        processes: how many to use.
    """
    workers = {}
    for share in (list(numbers[first::processes]) for first in range(processes)):
        worker = _Worker(share, make_answer)
        workers[worker.connection] = worker
    while workers:
        for connection in wait(list(workers)):
            worker = workers.pop(connection)  # type: ignore[call-overload]
            yield from worker.received()
            if worker.numbers:
                workers[worker.connection] = worker


class _Worker:
    """A process and the numbers that it has not answered."""

    def __init__(self, numbers: list[int], make_answer: Callable[[], Answer]) -> None:
        self.numbers = numbers
        self._make_answer = make_answer
        self._start()

    def received(self) -> Iterator[tuple[int, Any]]:
        """What there is: an answer, or news of the end of the process."""
        number = self.numbers.pop(0)
        try:
            yield number, self.connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            code = self._process.exitcode or 0
            if code >= 0:
                raise RuntimeError(f"the question itself failed: {number}") from None
            yield number, signal.Signals(-code).name
            if self.numbers:
                self._start()

    def _start(self) -> None:
        self.connection, theirs = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(
            target=_work, args=(theirs, self.numbers, self._make_answer), daemon=True
        )
        self._process.start()
        theirs.close()  # else the end of the process would not close it


def _work(
    connection: Connection[Any, Any],
    numbers: Sequence[int],
    make_answer: Callable[[], Answer],
) -> None:
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    answer = make_answer()
    for number in numbers:
        # Nobody handles these signals, so they end the process, whatever it is doing.
        signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)
        signal.alarm(SLEEPS_AFTER)
        connection.send(answer(number))
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.alarm(0)
