"""Tables in Markdown, for the pages that scripts write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaecodec.benchmark.codecs import shipped_models


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A head and rows of as many cells each."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def model_cell(key: str) -> str:
    """The name of the shipped model that a codec of ours uses."""
    return f"`{shipped_models()[key]}`"
