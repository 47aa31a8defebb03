"""What is said of a mutated file, and how it is asked for.

In: questions about a file. Out: a `Verdict`: what became of each of them, and what they
took. Errors of the documented kind are refusals; all others are failures.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import vaecodec

FAILED = "FAILED"
REFUSED = "refused"


@dataclass
class Verdict:
    """What became of one mutated file.

    Attributes:
        mutation: what was done to it.
        outcomes: of each entry point, one of the judge's words, or a refusal's error.
        seconds: of processor time, by entry point.
        peak_bytes: of resident memory while it was worked on, all of the process.
    """

    mutation: str
    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_bytes: int = 0

    def wrong_outcomes(self) -> list[str]:
        """What came out that must not, each with its entry point."""
        return [
            f"{name}: {outcome}"
            for name, outcome in self.outcomes.items()
            if outcome.startswith(FAILED)
        ]


class Judge:
    """Asks questions about one mutation after the other."""

    suffix: str  # of a mutated file

    def file(self, number: int) -> tuple[str, bytes]:
        """The name of a mutation, and the file."""
        raise NotImplementedError

    def judge(self, data: bytes, mutation: str = "") -> Verdict:
        """Ask about these bytes."""
        raise NotImplementedError

    def __call__(self, number: int) -> Verdict:
        """Judge one mutation."""
        mutation, data = self.file(number)
        return self.judge(data, mutation)

    def verdict(self, mutation: str, asks: Mapping[str, Callable[[], str]]) -> Verdict:
        """Ask all questions, and measure what they take."""
        verdict = Verdict(mutation)
        _forget_peak()
        for name, ask in asks.items():
            start = time.process_time()
            verdict.outcomes[name] = _outcome(ask)
            verdict.seconds[name] = time.process_time() - start
        verdict.peak_bytes = peak_bytes()
        return verdict


def peak_bytes() -> int:
    """Most resident memory of this process since `_forget_peak`; 0 where unknown."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return 1024 * int(line.split()[1])


def _forget_peak() -> None:
    # Linux only; elsewhere the peak is that of all files.
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


@contextlib.contextmanager
def in_8_bits() -> Iterator[None]:
    """Compare images of more bits as Pillow holds them; the warnings are known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _outcome(ask: Callable[[], str]) -> str:
    try:
        with in_8_bits():
            return ask()
    except vaecodec.VaecodecError as error:
        return f"{REFUSED}: {type(error).__name__}"
    except BaseException as error:  # constriction panics with one that is no Exception
        reason = " ".join(str(error).split())[:200]
        return f"{FAILED}: {type(error).__name__}: {reason}"
