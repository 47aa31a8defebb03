"""Draw previews of all `.vaec` files of a folder into one picture.

python contact_sheet.py FOLDER SHEET
"""

import sys
from pathlib import Path

from PIL import Image

import vaecodec

SIDE = 128
COLUMNS = 6


def contact_sheet(folder: Path) -> Image.Image:
    """Draw the previews in rows, each in a square of SIDE pixels."""
    paths = sorted(folder.glob("*.vaec"))
    rows = -(-len(paths) // COLUMNS)
    sheet = Image.new("RGB", (SIDE * min(COLUMNS, len(paths)), SIDE * rows), "white")
    for number, path in enumerate(paths):
        preview = vaecodec.decompress(path, preview=8).convert("RGB")
        preview.thumbnail((SIDE, SIDE))
        row, column = divmod(number, COLUMNS)
        sheet.paste(preview, (SIDE * column, SIDE * row))
    return sheet


if __name__ == "__main__":
    contact_sheet(Path(sys.argv[1])).save(sys.argv[2])
