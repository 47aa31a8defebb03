"""What people and programs are told while files are worked on.

In: outcomes, one after the other. Out: a line for each on stderr, or a JSON line on
stdout; on a terminal a progress bar under them, or the name of the only file while it
is worked on; a summary if there were several; and the exit code.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections import Counter
from types import TracebackType

import click

from vaecodec.cli.jobs import Job
from vaecodec.cli.messages import FileFailure, put_out, say, shown, shown_size, tell
from vaecodec.cli.outcome import DONE, FAILED, NOT_SMALLER, Outcome, as_fields

CLEAR_LINE = "\r\x1b[K"


class Report:
    """Tells of outcomes as they come; a context, at whose end the summary is said."""

    def __init__(self, total: int, *, quiet: bool, as_json: bool) -> None:
        self._total, self._quiet, self._as_json = total, quiet, as_json
        self._seen: Counter[str] = Counter()
        self._bytes = [0, 0]
        self._deaf = False  # whether standard output has failed
        self.exit_code = 0
        self._start = time.perf_counter()
        # There may be no standard error at all.
        terminal = sys.stderr and sys.stderr.isatty()
        wanted = terminal and not os.environ.get("NO_COLOR")
        plain = quiet or as_json
        self._alone = bool(wanted) and not plain and total == 1
        self._bar = (
            click.progressbar(length=total, show_pos=True, file=sys.stderr)
            if wanted and not plain and total > 1
            else None
        )
        self._context = contextlib.ExitStack()

    def __enter__(self) -> Report:
        if self._bar:
            self._context.enter_context(self._bar)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._context.close()
        if self._total > 1 and not self._quiet and not self._as_json:
            tell(self._summary())

    def begin(self, job: Job) -> None:
        """Show on a terminal what is worked on, until its outcome takes the place."""
        if self._alone:
            tell(f"{shown(job.source)} ...", end="")

    def add(self, outcome: Outcome) -> None:
        """Tell of one outcome."""
        self.exit_code = max(self.exit_code, outcome.exit_code)
        self._seen[outcome.status] += 1
        if outcome.status == DONE:
            self._bytes[0] += outcome.facts["input_bytes"]
            self._bytes[1] += outcome.facts["bytes"]
        if self._bar or self._alone:
            tell(CLEAR_LINE, end="")
        self._tell(outcome)
        if self._bar:
            self._bar.update(1)

    def _tell(self, outcome: Outcome) -> None:
        name = shown(outcome.job.source)
        if self._as_json:
            self._put_out(json.dumps(as_fields(outcome)))
        elif not self._quiet:
            for note in outcome.notes:
                say(f"{name}: note: {note}")
        if outcome.error:
            say(outcome.error)
        elif not self._quiet and not self._as_json:
            tell(f"{name}: {_line(outcome)}")

    def _put_out(self, line: str) -> None:
        """Results that nobody can be told of are written all the same."""
        if self._deaf:
            return
        try:
            put_out(line)
        except FileFailure as failure:
            self._deaf = True
            self.exit_code = max(self.exit_code, failure.exit_code)
            say(str(failure))

    def _summary(self) -> str:
        # A failure, if there was one, is said last.
        words = sorted(self._seen, key=FAILED.__eq__)
        counts = ", ".join(f"{self._seen[word]} {word}" for word in words)
        before, after = map(shown_size, self._bytes)
        sizes = f"; {before} -> {after}" if any(self._bytes) else ""
        seconds = time.perf_counter() - self._start
        return f"{self._total} files: {counts}{sizes} in {seconds:.2f} s"


def _line(outcome: Outcome) -> str:
    """As in 768x512, 733 kB -> 24.1 kB (0.502 bpp, 30.4x) in 0.31 s.

    Or as in (lossless, which is smaller, 0.502 bpp, 30.4x).
    """
    facts = outcome.facts
    if not facts:
        return outcome.status
    before, after = facts["input_bytes"], facts["bytes"]
    larger = " larger" if after > before else ""
    remarks = [
        *(["lossless"] if facts["lossless"] else []),
        *([f"largest error {facts['max_error']}"] if facts["max_error"] else []),
        *(["which is smaller"] if facts.get("instead_of_lossy") else []),
        f"{facts['bpp']:.3f} bpp",
        f"{max(before, after) / min(before, after):.1f}x{larger}",
        *([f"{facts['psnr']:.2f} dB"] if "psnr" in facts else []),
    ]
    not_written = "; not smaller, not written" if outcome.status == NOT_SMALLER else ""
    return (
        f"{facts['width']}x{facts['height']}, "
        f"{shown_size(before)} -> {shown_size(after)} ({', '.join(remarks)}) "
        f"in {outcome.seconds:.2f} s{not_written}"
    )
