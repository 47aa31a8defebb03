"""What transcode_dask.py and transcode_ray.py share: a folder -> the same with `.vaec`.

A unit of work is a file of the source folder: a picture, a tar shard (as of WebDataset)
or a Parquet file with a column of image bytes. Each becomes one file of the target
folder, which gets its name when it is complete. So a unit whose target exists is done,
and a worker that is killed costs only the unit that it works on, which begins anew.
Workers take pictures in batches, of which the finished ones are kept.

A picture that cannot be compressed stops nothing. In shards and columns it stays as it
is. TARGET/transcoding.jsonl has a line for each unit with the pictures that failed.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import vaecodec

PICTURES = {".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
LOG = "transcoding.jsonl"
MOST_PICTURES = 32  # in a batch
BATCHES_LEFT = 3  # of pictures for each worker, at least, until they have one picture


@dataclass(frozen=True)
class Unit:
    """A file to make, and how."""

    source: str
    target: str
    quality: int
    column: str


@dataclass
class Record:
    """What became of a unit: its pictures, and those that failed with the reason."""

    source: str
    pictures: int = 0
    failures: dict[str, str] = field(default_factory=dict)

    def compressed(self, name: str, data: bytes, quality: int) -> bytes | None:
        """A picture as a `.vaec` file; None if that fails, which is recorded."""
        self.pictures += 1
        try:
            return vaecodec.compress(data, quality, threads=1)
        except vaecodec.VaecodecError as error:
            self.failures[name] = str(error)
            return None


# Runs `transcode_batch` with so many workers, in a cluster at an address or in one on
# this machine; yields records in any order.
Engine = Callable[[Iterable[list[Unit]], int, str | None], Iterator[Record]]


def main(engine: Engine) -> None:
    """The command line of both programs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--address", help="of a cluster; its workers see both folders")
    parser.add_argument("--quality", type=int, default=70)
    parser.add_argument("--column", default="image", help="of Parquet files")
    words = parser.parse_args()
    todo = list(units(words.source, words.target, words.quality, words.column))
    lost = {unit.source for unit in todo}
    words.target.mkdir(parents=True, exist_ok=True)
    with (words.target / LOG).open("a", encoding="utf-8") as log:
        # What ends every worker takes its batch along; alone, it takes no other.
        for most in (MOST_PICTURES, 1):
            left = [unit for unit in todo if unit.source in lost]
            work = batches(left, words.workers, most)
            for record in engine(work, words.workers, words.address) if left else ():
                lost.discard(record.source)
                print(json.dumps(asdict(record)), file=log, flush=True)
        for source in sorted(lost):
            record = Record(source, failures={source: "lost with its worker"})
            print(json.dumps(asdict(record)), file=log)
    print(f"{len(todo)} units, {len(lost)} of them lost; see {words.target / LOG}")


def units(source: Path, target: Path, quality: int, column: str) -> Iterator[Unit]:
    """What is still to be done in a folder and those below it, in their order."""
    # Workers of a cluster have other current folders.
    source, target = source.absolute(), target.absolute()
    for place, folders, names in os.walk(source):
        folders.sort()
        for path in (Path(place, name) for name in sorted(names)):
            kind = path.suffix.lower()
            suffix = ".vaec" if kind in PICTURES else ""
            made = target / path.relative_to(source).with_name(path.name + suffix)
            if kind in {*PICTURES, ".tar", ".parquet"} and not made.exists():
                yield Unit(str(path), str(made), quality, column)


def batches(todo: list[Unit], workers: int, most: int) -> Iterator[list[Unit]]:
    """What a worker takes at a time: one shard, or up to so many pictures.

    Handing out pictures one by one would take longer than compressing small ones.
    Batches become smaller towards the end, so that no worker waits long for another.
    """
    pictures = []
    for unit in todo:
        if Path(unit.source).suffix.lower() in PICTURES:
            pictures.append(unit)
        else:
            yield [unit]
    start = 0
    while left := len(pictures) - start:
        size = max(1, min(most, left // (BATCHES_LEFT * workers)))
        yield pictures[start : start + size]
        start += size


def transcode_batch(batch: list[Unit]) -> list[Record]:
    """Make the targets of units; a worker calls this and nothing else."""
    return [transcode(unit) for unit in batch]


def transcode(unit: Unit) -> Record:
    """Make the target of a unit."""
    target = Path(unit.target)
    record, part = Record(unit.source), target.with_name(target.name + ".part")
    if target.exists():  # a unit whose record was lost with a worker
        return record
    target.parent.mkdir(parents=True, exist_ok=True)
    work = {".tar": _tar, ".parquet": _parquet}.get(target.suffix.lower(), _picture)
    try:
        work(unit, part, record)
        if not (record.failures and work is _picture):
            shutil.copystat(unit.source, part)
            part.replace(target)
    except Exception as error:  # of a shard; one that is damaged stops no other
        record.failures[unit.source] = f"{type(error).__name__}: {error}"
        part.unlink(missing_ok=True)
    return record


def _picture(unit: Unit, part: Path, record: Record) -> None:
    data = Path(unit.source).read_bytes()
    if made := record.compressed(unit.source, data, unit.quality):
        part.write_bytes(made)


def _tar(unit: Unit, part: Path, record: Record) -> None:
    """Entries in their order, with all that a tar file says of them."""
    with tarfile.open(unit.source, "r:") as old, tarfile.open(part, "w") as new:
        for entry in old:
            content = old.extractfile(entry) if entry.isfile() else None
            data = content.read() if content else b""
            is_picture = content and Path(entry.name).suffix.lower() in PICTURES
            made = is_picture and record.compressed(entry.name, data, unit.quality)
            if made:
                data, entry.size = made, len(made)
                entry.name += ".vaec"
                entry.pax_headers.pop("path", None)  # a long name, as it was
            new.addfile(entry, io.BytesIO(data) if content else None)


def _parquet(unit: Unit, part: Path, record: Record) -> None:
    """Row groups in their order, with all other columns and the metadata."""
    import pyarrow
    from pyarrow import parquet

    def compressed(row: int, value: Any) -> Any:
        """Image bytes; as a field of a struct in tables of Hugging Face datasets."""
        if isinstance(value, dict):
            return {**value, "bytes": compressed(row, value["bytes"])}
        if value is None:
            return None
        name = f"{unit.source}, row {row}"
        return record.compressed(name, value, unit.quality) or value

    old, start = parquet.ParquetFile(unit.source), 0
    place = old.schema_arrow.get_field_index(unit.column)
    if place < 0:
        raise ValueError(f"no column {unit.column!r} in {old.schema_arrow.names}")
    kind = old.schema_arrow.field(place)
    with old, parquet.ParquetWriter(part, old.schema_arrow) as new:
        for number in range(old.num_row_groups):
            table = old.read_row_group(number)
            values = table[unit.column].to_pylist()
            made = [compressed(start + row, value) for row, value in enumerate(values)]
            column = pyarrow.array(made, kind.type)
            new.write_table(table.set_column(place, kind, column))
            start += len(made)
