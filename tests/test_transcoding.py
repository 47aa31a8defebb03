"""Examples that transcode folders, tar shards and Parquet files on many workers."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import vaecodec

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
Transcode = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def transcode(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Transcode:
    """Run `main` from `source` to `target` in this process; returns what was logged."""
    monkeypatch.syspath_prepend(EXAMPLES)
    import transcoding

    def engine(
        batches: Iterator[Any], workers: int, address: str | None
    ) -> Iterator[Any]:
        for batch in batches:
            if not any(unit.source.endswith("fatal.png") for unit in batch):
                yield from transcoding.transcode_batch(batch)

    def run(*words: str) -> list[dict[str, Any]]:
        folders = str(tmp_path / "source"), str(tmp_path / "target")
        monkeypatch.setattr(sys, "argv", ["transcoding", *folders, *words])
        log = tmp_path / "target" / transcoding.LOG
        before = len(log.read_text().splitlines()) if log.exists() else 0
        transcoding.main(engine)
        return [json.loads(line) for line in log.read_text().splitlines()[before:]]

    return run


@pytest.fixture
def source(tmp_path: Path, photograph: Callable[[str], Image.Image]) -> Path:
    """Pictures in folders, one of which is none."""
    folder = tmp_path / "source"
    (folder / "inner").mkdir(parents=True)
    for number, kind in enumerate(("png", "jpg", "webp")):
        part = photograph("coffee").crop((60 * number, 0, 60 * number + 48, 40))
        part.save(folder / "inner" / f"{number}.{kind}")
        os.utime(folder / "inner" / f"{number}.{kind}", (10**9, 10**9))
    (folder / "bad.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture either")
    return folder


def picture(source: Path) -> bytes:
    return (source / "inner" / "1.jpg").read_bytes()


def made(target: Path) -> list[str]:
    files = [path for path in target.rglob("*") if path.is_file()]
    return sorted(path.relative_to(target).as_posix() for path in files)


def test_a_folder_becomes_one_of_vaec_files_and_bad_ones_are_named(
    transcode: Transcode, source: Path, tmp_path: Path
) -> None:
    records = transcode("--quality", "40")
    target = tmp_path / "target"
    names = ["inner/0.png.vaec", "inner/1.jpg.vaec", "inner/2.webp.vaec"]
    assert made(target) == [*names, "transcoding.jsonl"]
    assert [record["pictures"] for record in records] == [1] * 4
    [bad] = [record for record in records if record["failures"]]
    assert list(bad["failures"]) == [bad["source"]] == [str(source / "bad.png")]
    info = vaecodec.inspect(target / names[1])
    assert (info.width, info.height, info.quality) == (48, 40, 40)
    assert (target / names[1]).stat().st_mtime == 10**9


def test_a_second_run_does_only_what_is_not_done(
    transcode: Transcode, source: Path, tmp_path: Path
) -> None:
    transcode()
    (source / "bad.png").unlink()
    target = tmp_path / "target"
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*.vaec")}
    assert transcode() == []
    # As if a worker had been killed.
    gone = target / "inner" / "0.png.vaec"
    gone.rename(gone.with_name(gone.name + ".part"))
    [record] = transcode()
    assert record["source"] == str(source / "inner" / "0.png")
    after = {path: path.stat().st_mtime_ns for path in target.rglob("*.vaec")}
    assert {path for path in after if after[path] != before[path]} <= {gone}
    assert not list(target.rglob("*.part"))


def test_a_tar_shard_keeps_its_order_and_what_it_says_of_entries(
    transcode: Transcode, source: Path, tmp_path: Path
) -> None:
    contents = {
        "a.jpg": picture(source),
        "a.json": b'{"label": 3}',
        "b.png": b"no picture",
        "c" * 150 + ".jpg": picture(source),
    }
    with tarfile.open(source / "0.tar", "w") as shard:
        for number, (name, data) in enumerate(contents.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.uname = len(data), number, "somebody"
            shard.addfile(entry, io.BytesIO(data))
    records = transcode()
    [record] = [each for each in records if each["source"].endswith("0.tar")]
    assert (record["pictures"], list(record["failures"])) == (3, ["b.png"])
    with tarfile.open(tmp_path / "target" / "0.tar") as shard:
        entries = shard.getmembers()
        names = ["a.jpg.vaec", "a.json", "b.png", "c" * 150 + ".jpg.vaec"]
        assert [entry.name for entry in entries] == names
        assert [entry.mtime for entry in entries] == [0, 1, 2, 3]
        assert {entry.uname for entry in entries} == {"somebody"}
        found = [shard.extractfile(entry).read() for entry in entries]
    assert found[1:3] == [contents["a.json"], contents["b.png"]]
    assert all(vaecodec.inspect(found[place]).width == 48 for place in (0, 3))


@pytest.mark.parametrize("in_struct", [False, True])
def test_a_column_of_a_parquet_file_keeps_its_rows_and_the_others(
    in_struct: bool, transcode: Transcode, source: Path, tmp_path: Path
) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    values: list[Any] = [picture(source), b"no picture", None, picture(source)]
    if in_struct:
        values = [{"bytes": value, "path": "x.jpg"} for value in values]
    table = pyarrow.table({"label": [4, 3, 2, 1], "photo": values})
    table = table.replace_schema_metadata({"whose": "mine"})
    parquet.write_table(table, source / "0.parquet", row_group_size=3)
    records = transcode("--column", "photo")
    [record] = [each for each in records if each["source"].endswith("0.parquet")]
    name = f"{source / '0.parquet'}, row 1"
    assert (record["pictures"], list(record["failures"])) == (3, [name])
    file = parquet.ParquetFile(tmp_path / "target" / "0.parquet")
    found = file.read()
    file.close()
    assert (found.schema, found.schema.metadata) == (table.schema, {b"whose": b"mine"})
    assert (file.num_row_groups, found["label"].to_pylist()) == (2, [4, 3, 2, 1])
    cells = found["photo"].to_pylist()
    if in_struct:
        assert {cell["path"] for cell in cells} == {"x.jpg"}
        cells = [cell["bytes"] for cell in cells]
    assert cells[1:3] == [b"no picture", None]
    assert all(vaecodec.inspect(cells[place]).width == 48 for place in (0, 3))


def test_a_damaged_shard_stops_no_other(
    transcode: Transcode, source: Path, tmp_path: Path
) -> None:
    (source / "bad.tar").write_bytes(picture(source))
    records = transcode()
    [record] = [each for each in records if each["source"].endswith("bad.tar")]
    assert "ReadError" in record["failures"][record["source"]]
    assert len(made(tmp_path / "target")) == 4


def test_what_ends_its_worker_takes_no_other_picture_along(
    transcode: Transcode, source: Path, tmp_path: Path
) -> None:
    for name in (*map(str, range(20)), "fatal"):
        (source / f"{name}.png").write_bytes(picture(source))
    words = "--workers", "2"
    records = transcode(*words)
    assert records[-1]["failures"] == {
        str(source / "fatal.png"): "lost with its worker"
    }
    assert len(list((tmp_path / "target").rglob("*.vaec"))) == 23


def test_batches_are_large_at_first_and_shards_come_alone(
    transcode: Transcode,
) -> None:
    import transcoding

    names = [*(f"{number}.jpg" for number in range(100)), "a.tar", "b.parquet"]
    todo = [transcoding.Unit(name, name, 70, "image") for name in names]
    found = list(transcoding.batches(todo, 2, 8))
    assert [len(batch) for batch in found[:4]] == [1, 1, 8, 8]
    assert [len(batch) for batch in found[-6:]] == [1] * 6
    assert [unit for batch in found for unit in batch] == todo[100:] + todo[:100]


# Stands for `transcoding` in all processes; ends one of them once, in its work.
KILLED = """
from pathlib import Path
import os, signal
exec(Path({module!r}).read_text("utf-8"))
work = transcode

def transcode(unit):
    if unit.source.endswith("01.png") and not Path("killed").exists():
        Path("killed").touch()
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    record = work(unit)
    with open("journal", "a") as journal:
        journal.write("-" * record.pictures)
    return record
"""


@pytest.mark.parametrize(
    ("program", "library"),
    [("transcode_dask.py", "distributed"), ("transcode_ray.py", "ray")],
)
def test_a_killed_worker_costs_only_its_unfinished_pictures(
    program: str,
    library: str,
    source: Path,
    tmp_path: Path,
    run_python: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not find_spec(library):
        pytest.skip(f"{library} is not installed")
    monkeypatch.chdir(tmp_path)
    killed = KILLED.format(module=str(EXAMPLES / "transcoding.py"))
    (tmp_path / "transcoding.py").write_text(killed, "utf-8")
    shutil.copy(EXAMPLES / program, tmp_path)
    generator = np.random.default_rng(1)
    for number in range(20):
        samples = generator.integers(0, 255, (20, 30, 3), np.uint8)
        Image.fromarray(samples).save(source / f"{number:02}.png")
    words = "source", "target", "--workers", "2"
    done = run_python(program, *words)
    assert done.returncode == 0, done.stderr
    assert "24 units, 0 of them lost" in done.stdout
    assert (tmp_path / "killed").exists()
    assert len(list((tmp_path / "target").rglob("*.vaec"))) == 23
    assert len((tmp_path / "journal").read_text()) == 24
    log = (tmp_path / "target" / "transcoding.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in log]
    assert [record["source"] for record in records if record["failures"]] == [
        str(source / "bad.png")
    ]
    # 00.png was finished by the worker that was killed.
    assert {record["source"] for record in records if not record["pictures"]} == {
        str(source / "00.png")
    }
    (source / "bad.png").unlink()
    done = run_python(str(EXAMPLES / program), *words)
    assert "0 units, 0 of them lost" in done.stdout, done.stderr
