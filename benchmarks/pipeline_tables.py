"""What `update_scale` says of clusters, loaders and training, as tables.

In: files in `results`, by their JSON, because reading two of the records would need
PyTorch. Out: Markdown; a sentence instead of a table while its file is missing, as
these need two idle cores and minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import fmean
from typing import Any

from benchmarks.markdown import markdown_table
from benchmarks.script import RESULTS
from vaecodec.benchmark.json_files import read_json

Row = tuple[str, ...]
Lines = tuple[Row, Iterator[Row]]  # the head of a table, and its rows


def calls() -> str:
    """Calls to the file system for a picture."""
    return _table("file_calls.json", _calls)


def engines() -> str:
    """Two workers of each engine against two processes."""
    return _table("transcoding.json", _engines)


def loading() -> str:
    """Random crops per second, by the size of the picture."""
    return _table("loading.json", _loading)


def trained() -> str:
    """Accuracies of networks that learned from files of each kind."""
    return _table("training_on_files.json", _trained)


def _table(name: str, lines: Callable[[Any], Lines]) -> str:
    path = RESULTS / name
    if not path.exists():
        return "Not measured yet."
    return markdown_table(*lines(read_json(path)))


def _calls(found: Any) -> Lines:
    kinds = "of its own", f"in a shard of {found['in_shard']}"
    counts = zip(kinds, found["named"], found["opened"], strict=True)
    head = ("a picture", "calls with a path", "calls for open files")
    return head, ((kind, f"{named:g}", f"{opened:g}") for kind, named, opened in counts)


def _engines(found: Any) -> Lines:
    head = ("engine", f"seconds for {found['files']:,}", "for one", "speed")
    return head, (
        (
            name,
            *(f"{s:.1f}" for s in (row["median_seconds"], found["single"][name])),
            f"{100 * row['ratio']:.0f} %",
        )
        for name, row in found["engines"].items()
    )


def _loading(found: Any) -> Lines:
    ways = next(iter(found["rates"].values()))
    rows = (
        (size, *(f"{rates[way]:.3g}" for way in ways))
        for size, rates in found["rates"].items()
    )
    return ("crops per second of pictures of", *ways), rows


def _trained(found: Any) -> Lines:
    head = ("quality", "learned from", "bytes", "right on originals", "on its own kind")
    return head, (
        (
            quality,
            kind,
            f"{row['bytes']:,.0f}",
            *(
                f"{100 * fmean(row[of]):.1f} %"
                for of in ("on_originals", "on_own_kind")
            ),
        )
        for quality, kinds in found["kinds"].items()
        for kind, row in kinds.items()
    )
