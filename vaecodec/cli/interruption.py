"""Signals that end a run: each stops it in the same orderly way, as ^C does.

In: SIGINT, SIGTERM or SIGHUP. Out: an `Interrupted` where the program is at that
moment, so that half-written files and other processes are cleared away, and 128 plus
the number of the signal as exit code.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

# There is no SIGHUP on Windows.
NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
DEFAULTS = (signal.SIG_DFL, signal.default_int_handler)
# A terminal that is closed sends SIGHUP more than once; what clears away must not be
# interrupted by the second.
PAUSE = 1.0  # seconds


class Interrupted(KeyboardInterrupt):
    """A signal asked the program to end.

    Attributes:
        exit_code: what shells say of a program that it ended.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextlib.contextmanager
def signals_interrupt() -> Iterator[None]:
    """Raise `Interrupted` on these signals, unless they are ignored, as under nohup."""
    handler = _Handler()
    before = {}
    if threading.current_thread() is threading.main_thread():
        signals = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
        before = {one: signal.getsignal(one) for one in signals}
        before = {one: old for one, old in before.items() if old in DEFAULTS}
    try:
        for one in before:
            signal.signal(one, handler)
        yield
    finally:
        for one, old in before.items():
            signal.signal(one, old)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Put off an `Interrupted` until steps that belong together are done."""
    _held.clear()
    _holding.append(True)
    try:
        yield
    finally:
        _holding.clear()
        if _held:
            raise Interrupted(_held.pop())


_holding: list[bool] = []  # not empty while an interruption is put off
_held: list[int] = []  # the number of the signal that was put off


class _Handler:
    def __init__(self) -> None:
        self._last = -PAUSE

    def __call__(self, number: int, _: FrameType | None) -> None:
        before, self._last = self._last, time.monotonic()
        if self._last - before <= PAUSE:
            return
        if _holding:
            _held.append(number)
        else:
            raise Interrupted(number)
