"""Many files, one after the other or side by side: the walk of every command.

In: words of the command line and the work to do on each file. Out: files, a report, an
exit code. What can be refused is refused before the work; a failure is reported and
the next file is taken.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Collection, Generator, Iterator, Sequence
from pathlib import Path

import click

from vaecodec.cli.files import check_target, write_file, write_standard_output
from vaecodec.cli.jobs import (
    SEPARATORS,
    SUFFIX,
    Accepts,
    Job,
    find_jobs,
    names_folder,
    place_results,
)
from vaecodec.cli.messages import STREAM, FileFailure, failure_of, shown
from vaecodec.cli.outcome import UP_TO_DATE, Outcome, Work, attempt, failed
from vaecodec.cli.report import Report

# File systems of memory cards keep times in steps of two seconds.
TIME_STEP = 2


@dataclasses.dataclass(frozen=True)
class Batch:
    """What the options of several commands ask for.

    Attributes:
        recursive: take the files in folders.
        processes: files to work on at once.
        as_json: report in JSON lines.
        quiet: report failures only.
        force: replace existing files.
        resume: leave out files whose result is there, complete and not older.
        make_folders: make the folders of the results.
    """

    recursive: bool
    processes: int
    as_json: bool
    quiet: bool
    force: bool = False
    resume: bool = False
    make_folders: bool = False

    def threads(self, asked: int | None) -> int | None:
        """Threads for each file: several processes share the cores as they are."""
        return asked or (1 if self.processes > 1 else None)


def write_results(
    files: Sequence[str],
    output: str | None,
    work: Work,
    *,
    suffix: str,
    accepts: Accepts,
    batch: Batch,
    allowed: Collection[str] = (),
    keep_suffix: bool = False,
) -> int:
    """Work on the files, write what results, and return the highest exit code met.

    Args:
        files: names, folders, patterns, or `-`.
        output: the word after -o.
        work: its outcomes hold the data to write.
        suffix: of results that are not named by the user.
        accepts: which suffixes to take from folders.
        batch: further options.
        allowed: suffixes that a result named by the user may have; empty for any.
        keep_suffix: put the suffix of results behind that of the source.

    Raises:
        click.UsageError: The words contradict each other.
    """
    found = find_jobs(files, accepts=accepts if batch.recursive else None)
    jobs = place_results(found, output, suffix=suffix, keep_suffix=keep_suffix)
    if batch.as_json and any(not job.target and not job.problem for job in jobs):
        raise click.UsageError(
            "--json and the result cannot both go to standard output"
        )
    in_folder = names_folder(output, found)
    if output and in_folder:
        _check_folder(
            output, accepts=lambda suffix: suffix in allowed or accepts(suffix)
        )
    elif allowed and output and output != STREAM:
        _check_suffix(output, allowed)
    return run_batch(
        jobs, work, batch=dataclasses.replace(batch, make_folders=in_folder)
    )


def _check_suffix(output: str, allowed: Collection[str]) -> None:
    if Path(output).suffix.lower() not in allowed:
        names = [suffix for suffix in allowed if suffix]
        choice = f"one of {' '.join(names)}" if len(names) > 1 else names[0]
        raise click.UsageError(f"the suffix of {shown(Path(output))} must be {choice}")


def _check_folder(output: str, accepts: Accepts) -> None:
    """Make no folder that is called like a file, unless it is clearly meant."""
    suffix = Path(output).suffix.lower()
    clear = output.endswith(SEPARATORS) or os.path.isdir(output)
    if suffix and accepts(suffix) and not clear:
        raise click.UsageError(
            f"-o {shown(Path(output))} looks like a file, but several results need a "
            f"folder; use {shown(Path(output))}{os.sep} for a folder of that name"
        )


def run_batch(
    jobs: Sequence[Job], work: Work, *, batch: Batch, writes: bool = True
) -> int:
    """Work on all jobs and return the highest exit code met.

    Args:
        jobs: with their targets.
        work: what to do with each.
        batch: how.
        writes: whether the work has results to write.
    """
    report = Report(len(jobs), quiet=batch.quiet, as_json=batch.as_json)

    def admitted() -> Iterator[Job]:
        for job in jobs:
            early = _without_work(job, batch, writes=writes)
            if early:
                report.add(early)
            else:
                report.begin(job)
                yield job

    outcomes = _outcomes(admitted(), work, processes=min(batch.processes, len(jobs)))
    with report, contextlib.closing(outcomes):
        for outcome in outcomes:
            report.add(_stored(outcome, replace=batch.force))
    return report.exit_code


def _outcomes(
    jobs: Iterator[Job], work: Work, *, processes: int
) -> Generator[Outcome, None, None]:
    """What becomes of the jobs; in their order if this process does the work."""
    if processes > 1:
        # Loaded late: most commands are for one file.
        from vaecodec.cli.workers import work_on

        yield from work_on(jobs, work, processes=processes)
        return
    for job in jobs:
        yield attempt(work, job)


def _without_work(job: Job, batch: Batch, *, writes: bool) -> Outcome | None:
    """The outcome of a job that cannot be done or is done already; else None."""
    try:
        job.check()
        if job.source:
            job.source.stat()
        if batch.resume and _is_up_to_date(job):
            return Outcome(job, status=UP_TO_DATE)
        if batch.make_folders and job.target:
            job.target.parent.mkdir(parents=True, exist_ok=True)
        if writes:
            check_target(job.target, source=job.source, force=batch.force)
    except (OSError, FileFailure) as error:
        return failed(job, failure_of(error, job.source))
    return None


def _is_up_to_date(job: Job) -> bool:
    """Whether the result is there, complete, and not older than the source."""
    if job.source is None or job.target is None or not job.target.is_file():
        return False
    source, target = job.source.stat(), job.target.stat()
    return target.st_mtime >= source.st_mtime - TIME_STEP and _is_complete(job.target)


def _is_complete(target: Path) -> bool:
    """Whether the file is whole, as far as is quickly seen."""
    if target.suffix != SUFFIX:
        return target.stat().st_size > 0
    from vaecodec.errors import FormatError
    from vaecodec.format.container import parse_file

    try:
        parse_file(target.read_bytes())
    except FormatError:
        return False
    return True


def _stored(outcome: Outcome, *, replace: bool) -> Outcome:
    """Write what there is to write."""
    job = outcome.job
    if outcome.data is None:
        return outcome
    try:
        if job.target is None:
            write_standard_output(outcome.data)
        else:
            write_file(job.target, outcome.data, times=outcome.times, replace=replace)
    except (OSError, FileFailure) as error:
        return failed(job, failure_of(error, job.target))
    return dataclasses.replace(outcome, data=None)
