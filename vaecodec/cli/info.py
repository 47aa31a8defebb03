"""The command `vaecodec info`: what files are, without decoding anything."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import click

from vaecodec.cli.error_mark import errors_marked
from vaecodec.cli.files import read_file
from vaecodec.cli.jobs import SUFFIX, Job, find_jobs
from vaecodec.cli.messages import put_out, say, shown
from vaecodec.cli.options import files_argument, json_option, recursive_option
from vaecodec.cli.outcome import Outcome, attempt
from vaecodec.format import parse_beginning
from vaecodec.format.file_bytes import Bytes, opened
from vaecodec.format.lossless_kinds import count_kinds
from vaecodec.format.metadata import FIELDS, NAMES
from vaecodec.inspection import described

BYTES = "_bytes"  # ends the names of the facts about these parts of a file
CODE_POINTS = "P"
EARLIER_ERRORS = "earlier_errors"  # of the image file, as its XMP tells
PARTS = {"quality_map": "quality map"} | {
    field: NAMES[key] for key, field in FIELDS.items() if key != CODE_POINTS
}


def inspected(job: Job) -> Outcome:
    """The work on one file."""
    job.check()
    if job.source is None:
        return Outcome(job, facts=_facts(read_file(None)[0]))
    with job.source.open("rb") as file, opened(file) as data:
        return Outcome(job, facts=_facts(data))


@click.command("info")
@files_argument
@recursive_option
@json_option
def info_command(files: tuple[str, ...], recursive: bool, as_json: bool) -> int:
    """Describe each FILE and its metadata, without decoding it.

    FILE is a file, a folder (with -r), a pattern such as 'photos/*.vaec', or - for
    standard input.
    """
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


def _facts(data: Bytes) -> dict[str, Any]:
    beginning = parse_beginning(data)
    parts = {"quality_map": beginning.quality_map, **vars(beginning.metadata)}
    lengths = {name + BYTES: len(parts[name] or b"") for name in PARTS}
    points = beginning.metadata.code_points
    colours = {FIELDS[CODE_POINTS]: None if points is None else list(points)}
    earlier = {EARLIER_ERRORS: errors_marked(beginning.metadata)}
    kinds = {"lossless_tiles": dict(count_kinds(data)) or None}
    said = dataclasses.asdict(described(data))
    return said | kinds | earlier | colours | lengths


def _lines(outcome: Outcome) -> list[str]:
    fields = dict(outcome.facts)
    kinds = fields.pop("lossless_tiles") or {}
    if kinds:
        fields["lossless_tiles"] = ", ".join(f"{n} {name}" for name, n in kinds.items())
    fields["bits_per_pixel"] = f"{fields['bits_per_pixel']:.3f}"
    fields[EARLIER_ERRORS] = ", ".join(fields[EARLIER_ERRORS]) or "none"
    points = fields[FIELDS[CODE_POINTS]]
    fields[FIELDS[CODE_POINTS]] = "/".join(map(str, points)) if points else "none"
    fields["roles"] = ", ".join(fields["roles"])
    for name, label in PARTS.items():
        length = fields.pop(name + BYTES)
        fields[label] = f"{length} bytes" if length else "none"
    return [f"  {name.replace('_', ' '):<16}{fields[name]}" for name in fields]
