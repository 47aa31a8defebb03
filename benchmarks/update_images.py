"""Write how large lossless files are into docs/images.md, or check that it is there.

In: `results/lossless/*.json`. Out: the text between pairs of markers.
`--check` (a test runs it) writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

from benchmarks.lossless_sizes import OUTPUT, FolderSizes, PictureSizes
from benchmarks.markdown import markdown_table
from benchmarks.script import ROOT
from benchmarks.update_readme import update_page
from vaecodec.benchmark.json_files import read_record
from vaecodec.models.depth import SHALLOW

PAGE = ROOT / "docs" / "images.md"
NAMES = {
    "kodak": "photographs (Kodak)",
    "screens": "screenshots and drawings",
    "odd": "odd files",
}


def main(arguments: Sequence[str] | None = None) -> int:
    return update_page(
        PAGE,
        BLOCKS,
        description=__doc__,
        command="python -m benchmarks.update_images",
        arguments=arguments,
    )


def lossless_sizes() -> str:
    rows: list[Sequence[str]] = []
    for folder, name in NAMES.items():
        every = list(results(folder).pictures.values())
        for deep in (False, True):
            rows += _row(name, [p for p in every if _is_deep(p) == deep])
    head = ("pictures", "bits", "lossless, kB", "WebP, kB", "in all", "at most, bytes")
    return markdown_table(head, rows)


def lossless_screens() -> str:
    screens = results("screens").pictures.values()
    lossy = [1 - p.chosen / p.webp for p in screens if p.webp and not p.exact]
    return (
        f"Of these {len(screens)} screenshots and drawings, `compress` without options "
        f"makes {len(screens) - len(lossy)} lossless. The files of the other "
        f"{len(lossy)} are {100 * min(lossy):.0f} to {100 * max(lossy):.0f} % smaller "
        "than lossless WebP, and lossy: text in them is not exact."
    )


def results(folder: str) -> FolderSizes:
    return read_record(FolderSizes, OUTPUT / f"{folder}.json")


def _row(name: str, pictures: Sequence[PictureSizes]) -> Iterable[Sequence[str]]:
    """One row, or none for no pictures."""
    if not pictures:
        return
    kept = sum(picture.lossless for picture in pictures)
    count = f"{len(pictures)} {name}"
    if _is_deep(pictures[0]):
        yield count, "9 to 16", f"{kept / 1e3:,.0f}", "", "", ""
        return
    webp = sum(picture.webp or 0 for picture in pictures)
    most = max(picture.lossless - (picture.webp or 0) for picture in pictures)
    cells = f"{kept / 1e3:,.0f}", f"{webp / 1e3:,.0f}"
    yield count, "8", *cells, f"{100 * (kept / webp - 1):+.2f} %", f"{most:+d}"


def _is_deep(picture: PictureSizes) -> bool:
    return picture.depth > SHALLOW


BLOCKS: dict[str, Callable[[], str]] = {
    "lossless-sizes": lossless_sizes,
    "lossless-screens": lossless_screens,
}

if __name__ == "__main__":
    sys.exit(main())
