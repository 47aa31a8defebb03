"""What became of one job, told alike by this process and by others.

In: a job and the work to do on it. Out: an `Outcome`, whatever happened: failures and
warnings are part of it, so that it can travel between processes and into a JSON line.
"""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import vaecodec
from vaecodec.cli.files import Times
from vaecodec.cli.jobs import Job
from vaecodec.cli.messages import EXIT_DATA, FileFailure, failure_of

DONE, UP_TO_DATE, UNDAMAGED = "done", "up to date", "undamaged"
PARTIAL = "partial"
NOT_SMALLER, FAILED = "not smaller", "failed"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one job.

    Attributes:
        job: what was to be done.
        status: one of the words above.
        facts: numbers about the result, as JSON can hold them.
        data: what belongs into the target; None if nothing is to be written.
        times: of the source, for the target.
        notes: warnings.
        seconds: the work took.
        error: which file failed and why, or "".
        exit_code: 0, or that of the failure.
    """

    job: Job
    status: str = DONE
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    data: bytes | None = None
    times: Times | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str = ""
    exit_code: int = 0


Work = Callable[[Job], Outcome]


def attempt(work: Work, job: Job) -> Outcome:
    """Do the work, and return what became of it."""
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            outcome = work(job)
        except Exception as error:
            outcome = failed(job, failure_of(error, job.source))
    notes = tuple(
        str(note.message) for note in caught if issubclass(note.category, UserWarning)
    )
    seconds = time.perf_counter() - start
    return dataclasses.replace(outcome, notes=notes, seconds=seconds)


def sizes(data: bytes, *, input_bytes: int, output_bytes: int) -> dict[str, Any]:
    """Facts of a result, with the `.vaec` file that it came from or is."""
    info = vaecodec.inspect(data)
    return {
        "width": info.width,
        "height": info.height,
        "channels": info.channels,
        "quality": info.quality,
        "lossless": info.lossless,
        "max_error": info.max_error,
        "input_bytes": input_bytes,
        "bytes": output_bytes,
        "bpp": round(info.bits_per_pixel, 5),
    }


def failed(job: Job, failure: FileFailure) -> Outcome:
    """The outcome of a job that cannot be done."""
    return Outcome(job, status=FAILED, error=str(failure), exit_code=failure.exit_code)


def ended_by_force(job: Job, signal_or_code: int | None) -> Outcome:
    """The outcome of a job whose process is gone."""
    reason = (
        f"its worker process was killed ({signal_or_code}), often for lack of memory"
    )
    return failed(job, FileFailure(job.source, reason, EXIT_DATA))


def as_fields(outcome: Outcome) -> dict[str, Any]:
    """An outcome as one JSON object."""
    job = outcome.job
    return {
        "file": str(job.source) if job.source else "-",
        "output": str(job.target) if job.target else None,
        "status": outcome.status,
        **outcome.facts,
        "seconds": round(outcome.seconds, 4),
        "notes": list(outcome.notes),
        "error": outcome.error or None,
        "exit_code": outcome.exit_code,
    }
