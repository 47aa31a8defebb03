"""Work on several tiles at a time.

In: a function and what it is to be called with; out: its results, in their order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from vaecodec.models.engines.sessions import check_threads

# Threads that work on tiles, at most: each takes some 40 MiB, and the compiled part of
# the entropy coder lets only one run at a time.
MOST_WORKERS = 4

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], *, threads: int | None
) -> Iterator[Result]:
    """Results of work on tiles, done in several threads; None takes all cores.

    What is raised comes in the place of its result; other work goes on until then.

    Raises:
        ValueError: `threads` is less than 1, or more than `MOST_THREADS`.
    """
    check_threads(threads)
    workers = min(threads or os.cpu_count() or 1, MOST_WORKERS, len(items))
    if workers < 2:
        yield from map(work, items)
        return
    from concurrent.futures import ThreadPoolExecutor  # takes a while to load

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, items)
