"""Compress a folder of pictures, tar shards or Parquet files with Ray Data.

python transcode_ray.py SOURCE TARGET [--workers N] [--address HOST:PORT]
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ray
import transcoding
from ray.data import DataContext, TaskPoolStrategy, from_items

MOST_UNITS = 8  # in a block, which is what a worker takes at a time
LEAST_BLOCKS = 4  # for each worker, if there are as many units


def run(
    units: Iterable[transcoding.Unit], workers: int, address: str | None
) -> Iterator[transcoding.Record]:
    """Let Ray hand out blocks of units."""
    if address:
        folder = str(Path(transcoding.__file__).parent)
        ray.init(address, runtime_env={"working_dir": folder})
    else:
        ray.init(num_cpus=workers, include_dashboard=False, logging_level="warning")
    context = DataContext.get_current()
    context.max_errored_blocks = -1  # others go on
    context.enable_progress_bars = False
    rows = [asdict(unit) for unit in units]
    blocks = max(len(rows) // MOST_UNITS, min(len(rows), LEAST_BLOCKS * workers))
    data = from_items(rows, override_num_blocks=blocks)
    records = data.map(_transcode, compute=TaskPoolStrategy(size=workers))
    for row in records.iter_rows():
        yield transcoding.Record(**json.loads(row["record"]))
    ray.shutdown()


def _transcode(row: dict[str, Any]) -> dict[str, Any]:
    record = transcoding.transcode(transcoding.Unit(**row))
    return {"record": json.dumps(asdict(record))}  # a table has no dictionaries


if __name__ == "__main__":
    transcoding.main(run)
