"""Compress a folder of pictures, tar shards or Parquet files on a Dask cluster.

python transcode_dask.py SOURCE TARGET [--workers N] [--address HOST:PORT]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import dask
import transcoding
from dask.distributed import Client, LocalCluster, as_completed

AHEAD = 3  # batches for each worker at the scheduler
# Workers run their tasks beside the main thread, where glibc would return the memory of
# each picture to the system: a sixth of the time would go into getting it again.
KEEP_MEMORY = {
    "MALLOC_ARENA_MAX": 1,
    "MALLOC_TRIM_THRESHOLD_": 2**29,
    "MALLOC_MMAP_THRESHOLD_": 2**25,
}


def run(
    batches: Iterable[list[transcoding.Unit]], workers: int, address: str | None
) -> Iterator[transcoding.Record]:
    """Keep the workers busy without naming all batches to the scheduler at once."""
    for name, value in KEEP_MEMORY.items():
        dask.config.set({f"distributed.nanny.pre-spawn-environ.{name}": value})
    cluster = address or LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None
    )
    waiting = iter(batches)
    with Client(cluster) as client:
        if address:
            client.upload_file(transcoding.__file__)

        def submit(count: int) -> list[object]:
            some = list(islice(waiting, count))
            return client.map(transcoding.transcode_batch, some, pure=False)

        running = as_completed(submit(AHEAD * workers), raise_errors=False)
        for future in running:
            running.update(submit(1))
            if future.status == "finished":  # others are lost with their workers
                yield from future.result()
    if not address:
        cluster.close()


if __name__ == "__main__":
    transcoding.main(run)
