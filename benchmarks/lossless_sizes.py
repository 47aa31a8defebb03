"""Lossless files of pictures of all kinds against lossless WebP: sizes, no times.

In: folders of image files. Out: `results/lossless/FOLDER.json`. Every sample is
compared with what it was. WebP is that of Pillow with method 4, of 8 bits only.
Metadata is left out of both. What `compress` makes by default of the same picture is
beside them. Files that are refused, such as those of several frames, are named.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import vaecodec
from benchmarks.script import RESULTS, conditions, script_parser
from vaecodec.api import compress_picture
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions
from vaecodec.codec.options import EncodeOptions
from vaecodec.codec.pictures.picture import Picture, read_picture
from vaecodec.models.depth import SHALLOW

OUTPUT = RESULTS / "lossless"
NOT_IMAGES = {".csv", ".md"}
WEBP = {"lossless": True, "exact": True, "method": 4}


@dataclass(frozen=True, kw_only=True)
class PictureSizes:
    """Bytes of one picture; `webp` only if it has 8 bits.

    `chosen` is what `compress` makes of it by default, `exact` whether it is lossless.
    """

    width: int
    height: int
    channels: int
    depth: int
    lossless: int
    chosen: int
    exact: bool
    webp: int | None = None


@dataclass(frozen=True)
class FolderSizes:
    """A result file: pictures by name, and the reasons why others were refused."""

    pictures: Mapping[str, PictureSizes]
    refused: Mapping[str, str]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=OUTPUT)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    for folder in options.folders:
        write_json(options.output / f"{folder.name}.json", _measured(folder))
    return 0


def sizes_of(picture: Picture) -> PictureSizes:
    """The sizes of a picture; ValueError if a sample does not come back."""
    kept = vaecodec.compress(picture, lossless=True, threads=1)
    if not np.array_equal(vaecodec.decode(kept, threads=1), picture.samples):
        raise ValueError("a lossless file does not give the samples back")
    chosen = compress_picture(picture, EncodeOptions(threads=1))
    height, width, channels = np.atleast_3d(picture.samples).shape
    return PictureSizes(
        width=width,
        height=height,
        channels=channels,
        depth=picture.depth,
        lossless=len(kept),
        chosen=len(chosen),
        exact=vaecodec.inspect(chosen).lossless,
        webp=_webp_size(picture) if picture.depth == SHALLOW else None,
    )


def _measured(folder: Path) -> FolderSizes:
    pictures, refused = {}, {}
    for path in _files(folder):
        try:
            picture = read_picture(path, metadata=False)
        except vaecodec.ImageError as error:
            refused[path.name] = str(error)
            continue
        pictures[path.name] = row = sizes_of(picture)
        line = f"{path.name:40} {row.lossless:9} {row.webp or 0:9} {row.chosen:9}"
        print(line, flush=True)
    return FolderSizes(pictures, refused, conditions(threads=1))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.suffix not in NOT_IMAGES:
            yield path


def _webp_size(picture: Picture) -> int:
    stream = io.BytesIO()
    Image.fromarray(picture.samples).save(stream, "WEBP", **WEBP)
    return len(stream.getvalue())


if __name__ == "__main__":
    sys.exit(main())
