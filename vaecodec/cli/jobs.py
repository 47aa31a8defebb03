"""Words of the command line -> jobs: what to read, and where the result goes.

In: names of files, folders and patterns, and the word after -o. Out: one job per file,
in a fixed order. A word that leads to no file becomes a job with a problem, so that it
is reported among the others and stops none of them.
"""

from __future__ import annotations

import dataclasses
import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from vaecodec.cli.messages import EXIT_FILE, STREAM, FileFailure, shown

SUFFIX = ".vaec"
SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))  # of folders in a name
Accepts = Callable[[str], bool]  # whether a suffix, in small letters, is wanted


@dataclasses.dataclass(frozen=True)
class Job:
    """One file to work on.

    Attributes:
        source: what to read; None is standard input.
        target: where a result goes; None is standard output.
        inner: name below the folder that was given, which an output folder repeats;
            None if the file itself was given.
        problem: why nothing can be done, where that is known before.
    """

    source: Path | None
    target: Path | None = None
    inner: Path | None = None
    problem: str = ""

    def check(self) -> None:
        """Raise the problem, if there is one."""
        if self.problem:
            raise FileFailure(self.source, self.problem, EXIT_FILE)


def find_jobs(words: Sequence[str], *, accepts: Accepts | None = None) -> list[Job]:
    """Jobs, still without target.

    Args:
        words: names of files and folders, patterns, or `-` alone.
        accepts: which files to take from folders; None takes no folders.

    Raises:
        click.UsageError: Standard input is one of several words.
    """
    if STREAM in words and len(words) > 1:
        raise click.UsageError("- (standard input) cannot be combined with other files")
    return [job for word in words for job in _jobs_of(word, accepts)]


def place_results(
    jobs: Sequence[Job], output: str | None, *, suffix: str, keep_suffix: bool = False
) -> list[Job]:
    """Give every job its target.

    Args:
        jobs: as `find_jobs` returns them.
        output: a file, a folder (one that exists, ends in a separator, or is meant for
            several results), `-`, or None: beside the source.
        suffix: of results that are not named by the user, with the dot.
        keep_suffix: put it behind that of the source, not in its place.

    Raises:
        click.UsageError: One place for several results, or a folder for standard input.
    """
    if output == STREAM and len(jobs) > 1:
        raise click.UsageError("-o - takes only one result")
    in_folder = names_folder(output, jobs)
    if in_folder and any(job.source is None for job in jobs):
        raise click.UsageError("standard input has no name: -o must name a file")

    def named(name: Path) -> Path:
        kept = name.suffix if keep_suffix else ""
        return name.with_suffix(kept + suffix)

    placed = (
        dataclasses.replace(job, target=_target(job, output, named, in_folder))
        for job in jobs
    )
    return list(_without_collisions(placed))


def names_folder(output: str | None, jobs: Sequence[Job]) -> bool:
    """Whether `output` is a folder that takes the results under their own names."""
    if output is None or output == STREAM:
        return False
    several = len(jobs) > 1 or any(job.inner for job in jobs)
    return several or output.endswith(SEPARATORS) or os.path.isdir(output)


def _jobs_of(word: str, accepts: Accepts | None) -> Iterator[Job]:
    path = Path(word)
    matches: list[str] = []
    if glob.has_magic(word) and not os.path.lexists(path):
        # Shells expand patterns themselves, but not all of them do.
        matches = sorted(glob.glob(word, recursive=True))
    if word == STREAM:
        yield Job(None)
    elif matches:
        for match in matches:
            yield from _jobs_of(match, accepts)
    elif os.path.isdir(path):  # `is_dir` raises where it may not look
        refused = Job(path, problem="is a folder (-r takes the files in it)")
        yield from _walk(path, accepts) if accepts else [refused]
    else:
        yield Job(path)


def _walk(folder: Path, accepts: Accepts) -> Iterator[Job]:
    """Files of a folder and those below it, without hidden ones."""
    problems: list[OSError] = []
    found = False
    for place, folders, names in os.walk(folder, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if accepts(path.suffix.lower()) and not name.startswith("."):
                found = True
                yield Job(path, inner=path.relative_to(folder))
    for problem in problems:
        yield Job(Path(problem.filename), problem=problem.strerror or str(problem))
    if not found and not problems:
        yield Job(folder, problem="contains no files of a suitable type")


def _target(
    job: Job, output: str | None, named: Callable[[Path], Path], in_folder: bool
) -> Path | None:
    if job.problem:
        return None
    if in_folder and job.source:
        name = job.inner or Path(job.source.name)
        return Path(output or "", named(name))
    if output is None:
        return job.source and named(job.source)
    return None if output == STREAM else Path(output)


def _without_collisions(jobs: Iterable[Job]) -> Iterator[Job]:
    """A result that another job has already is a problem of the later one."""
    first: dict[str, Job] = {}
    for job in jobs:
        # Links, which are followed, may lead two names to one file.
        place = os.path.realpath(job.target) if job.target else STREAM
        holder = first.setdefault(os.path.normcase(place), job)
        if holder is job or job.problem or job.target is None:
            yield job
        else:
            problem = (
                f"{shown(job.target)} is already the result of {shown(holder.source)}"
            )
            yield dataclasses.replace(job, problem=problem)
