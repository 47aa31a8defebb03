"""The command `vaecodec verify`: whether files are undamaged."""

from __future__ import annotations

from typing import Any

import click

import vaecodec
from vaecodec.cli.batch import Batch, run_batch
from vaecodec.cli.files import read_file
from vaecodec.cli.jobs import SUFFIX, Job, find_jobs
from vaecodec.cli.options import (
    files_argument,
    json_option,
    processes_option,
    quiet_option,
    recursive_option,
)
from vaecodec.cli.outcome import UNDAMAGED, Outcome


def verified(job: Job) -> Outcome:
    """The work on one file."""
    data, _ = read_file(job.source)
    vaecodec.verify(data)
    return Outcome(job, status=UNDAMAGED)


@click.command("verify")
@files_argument
@recursive_option
@processes_option
@json_option
@quiet_option
def verify_command(files: tuple[str, ...], **batch: Any) -> int:
    """Check the structure, checksums and symbols of each FILE.

    FILE is a file, a folder (with -r), a pattern such as 'photos/*.vaec', or - for
    standard input.
    """
    how = Batch(**batch)
    jobs = find_jobs(files, accepts=SUFFIX.__eq__ if how.recursive else None)
    return run_batch(jobs, verified, batch=how, writes=False)
