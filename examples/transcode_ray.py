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


def run(
    batches: Iterable[list[transcoding.Unit]], workers: int, address: str | None
) -> Iterator[transcoding.Record]:
    """Let Ray hand out blocks of one batch each."""
    if address:
        folder = str(Path(transcoding.__file__).parent)
        ray.init(address, runtime_env={"working_dir": folder})
    else:
        ray.init(num_cpus=workers, include_dashboard=False, logging_level="warning")
    context = DataContext.get_current()
    context.max_errored_blocks = -1  # others go on
    context.enable_progress_bars = False
    # A table has no dictionaries.
    rows = [{"batch": json.dumps([asdict(unit) for unit in each])} for each in batches]
    data = from_items(rows, override_num_blocks=len(rows))
    records = data.flat_map(_transcode, compute=TaskPoolStrategy(size=workers))
    for row in records.iter_rows():
        yield transcoding.Record(**json.loads(row["record"]))
    ray.shutdown()


def _transcode(row: dict[str, Any]) -> list[dict[str, Any]]:
    batch = [transcoding.Unit(**unit) for unit in json.loads(row["batch"])]
    records = transcoding.transcode_batch(batch)
    return [{"record": json.dumps(asdict(record))} for record in records]


if __name__ == "__main__":
    transcoding.main(run)
