"""Calls to the file system for each picture that is transcoded, counted by strace.

In: nothing; pieces of a photograph are transcoded, as files and in a tar shard. Out:
`results/file_calls.json`. Nothing that only the first of them needs is counted, as the
model. Linux only.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.script import RESULTS, ROOT, conditions, script_parser
from benchmarks.transcoding import write_pictures
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions

FILES, IN_SHARD = 10, 100
CALLS = "trace=%file,read,write,close,fstat"
WORKER = """
import sys
from pathlib import Path
import transcoding
units = transcoding.units(*map(Path, sys.argv[1:]), 70, "image")
transcoding.transcode(next(units))
for unit in units:
    transcoding.transcode(unit)
"""


@dataclass(frozen=True)
class FileCalls:
    """The result file: calls for a picture, as a file of its own and in a shard.

    Attributes:
        named: calls with a path, of which the server of a network's file system hears.
        opened: reads, writes and others of open files.
    """

    in_shard: int
    named: tuple[float, float]
    opened: tuple[float, float]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "file_calls.json")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pictures(folder / "pictures", FILES + 1)
        write_pictures(folder / "entries", IN_SHARD)
        (folder / "shards").mkdir()
        for shard in range(2):
            with tarfile.open(folder / f"shards/{shard}.tar", "w") as tar:
                tar.add(folder / "entries", arcname=".")
        named, opened = zip(
            *(
                counted(folder / kind, folder / "out" / kind, pictures)
                for kind, pictures in (("pictures", FILES), ("shards", IN_SHARD))
            ),
            strict=True,
        )
    write_json(options.output, FileCalls(IN_SHARD, named, opened, conditions()))
    print(f"named {named}, opened {opened}")
    return 0


def counted(source: Path, target: Path, pictures: int) -> tuple[float, float]:
    """Calls with a path below the folders, and of open files there, for a picture."""
    log = source.parent / "calls"
    strace = ["strace", "-f", "-y", "-e", CALLS, "-o", str(log)]
    worker = [sys.executable, "-c", WORKER, str(source), str(target)]
    subprocess.run([*strace, *worker], check=True, cwd=ROOT / "examples")
    calls = log.read_text("utf-8", "replace").splitlines()
    _, second = sorted(source.iterdir())[:2]
    # It begins when its target is looked for.
    start = next(n for n, call in enumerate(calls) if f"{target / second.name}" in call)
    ours = [
        call for call in calls[start:] if f"{source}" in call or f"{target}" in call
    ]
    named = sum(f'"{source.parent}' in call for call in ours)
    return round(named / pictures, 2), round((len(ours) - named) / pictures, 2)


if __name__ == "__main__":
    sys.exit(main())
