"""Make the demonstration for browsers: `python -m tools.make_demo FOLDER`.

In: a model of an architecture whose receiver is exact, and pictures. Out: a folder
that any static server serves: the decoder, what it needs of the model, and each picture
as `.vaec` and in other formats at about the same number of bytes. Open it at `demo/`,
for example with `python -m http.server --directory FOLDER`.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

import vaecodec
from vaecodec.models.library import load_model
from vaecodec.models.receiver_file import receiver_file

WEB = Path(__file__).parent.parent / "web"
RIVALS = {"AVIF": "avif", "WebP": "webp", "JPEG": "jpg"}
FORMATS = {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG"}
QUALITIES = range(1, 96)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.make_demo",
        description="Make the demonstration for browsers.",
    )
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--quality", type=int, default=50, help="50 if not given")
    options = parser.parse_args(words)
    make(options.folder, options.pictures, options.model, quality=options.quality)
    return 0


def make(folder: Path, pictures: Sequence[Path], model: Path, *, quality: int) -> None:
    """Write the folder; it must not exist."""
    shutil.copytree(WEB, folder, ignore=shutil.ignore_patterns("*.c", "*.h", "*.sh"))
    demo = folder / "demo"
    (demo / "models").mkdir()
    file = load_model(model)
    receiver = demo / "models" / f"{file.model_id}.safetensors"
    receiver.write_bytes(receiver_file(file))
    samples = [_sample(demo, path, model, quality) for path in pictures]
    (demo / "samples.json").write_text(json.dumps(samples, indent=1) + "\n", "utf-8")


def _sample(demo: Path, path: Path, model: Path, quality: int) -> dict[str, object]:
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    data = vaecodec.compress(image, quality, model=model, lossless=False)
    ours = demo / f"{path.stem}.vaec"
    ours.write_bytes(data)
    rivals = []
    for name, suffix in RIVALS.items():
        other = demo / f"{path.stem}.{suffix}"
        other.write_bytes(at_most(image, FORMATS[suffix], len(data)))
        size = other.stat().st_size
        rivals.append({"name": name, "file": other.name, "bytes": size})
    named = {"name": path.stem, "file": ours.name, "bytes": len(data)}
    return {**named, "rivals": rivals}


def at_most(image: Image.Image, kind: str, size: int) -> bytes:
    """The largest file of a kind that has no more bytes; else the smallest there is."""
    low, high = QUALITIES.start, QUALITIES.stop
    best = _written(image, kind, low)
    while high - low > 1:
        middle = (low + high) // 2
        data = _written(image, kind, middle)
        if len(data) <= size:
            low, best = middle, data
        else:
            high = middle
    return best


def _written(image: Image.Image, kind: str, quality: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, quality=quality)
    return stream.getvalue()


if __name__ == "__main__":
    sys.exit(main())
