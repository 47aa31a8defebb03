"""The command `vaecodec info`: what files are, from their headers alone."""

from __future__ import annotations

import dataclasses
import json

import click

import vaecodec
from vaecodec.cli.files import read_file
from vaecodec.cli.jobs import SUFFIX, Job, find_jobs
from vaecodec.cli.messages import put_out, say, shown
from vaecodec.cli.options import files_argument, json_option, recursive_option
from vaecodec.cli.outcome import Outcome, attempt


def inspected(job: Job) -> Outcome:
    """The work on one file."""
    job.check()
    data, _ = read_file(job.source)
    return Outcome(job, facts=dataclasses.asdict(vaecodec.inspect(data)))


@click.command("info")
@files_argument
@recursive_option
@json_option
def info_command(files: tuple[str, ...], recursive: bool, as_json: bool) -> int:
    """Say what every FILE is, from its header alone; - is standard input."""
    codes = [0]
    for job in find_jobs(files, accepts=SUFFIX.__eq__ if recursive else None):
        outcome = attempt(inspected, job)
        codes.append(outcome.exit_code)
        if outcome.error:
            say(outcome.error)
        elif as_json:
            put_out(json.dumps({"file": str(job.source or "-"), **outcome.facts}))
        else:
            put_out("\n".join([shown(job.source), *_lines(outcome)]))
    return max(codes)


def _lines(outcome: Outcome) -> list[str]:
    fields = dict(outcome.facts)
    fields["bits_per_pixel"] = f"{fields['bits_per_pixel']:.3f}"
    return [f"  {name.replace('_', ' '):<16}{fields[name]}" for name in fields]
