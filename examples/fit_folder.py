"""Compress the PNG images of a folder so that all fit into a number of bytes.

python fit_folder.py FOLDER BYTES TARGET
"""

import sys
from pathlib import Path

from PIL import Image

import vaecodec


def fit_folder(folder: Path, size: int, target: Path) -> None:
    """Give each image a share of the bytes that is that of its pixels."""
    target.mkdir(exist_ok=True)
    pixels = {}
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            pixels[path] = image.width * image.height
    for path, count in pixels.items():
        share = size * count // sum(pixels.values())
        data = vaecodec.compress(path, target_size=share)
        (target / path.name).with_suffix(".vaec").write_bytes(data)


if __name__ == "__main__":
    fit_folder(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
