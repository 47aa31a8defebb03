"""What a judge says that no model was trained on: Butteraugli.

In: folders of images. Out: `results/referee.json`: the mean score of each codec at each
quality and BD-rates by this score. It was chosen before any model was trained for the
eye, so that a gain in the measure that is trained on can be told from a gain.

Scores come from the program `butteraugli_main` of libjxl (Debian: `libjxl-devtools`),
whose 3-norm is 0 for equal images; `score` is its negative logarithm to the base of 2,
since it falls with the rate about as a step size does. Nothing else needs the program.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from math import log2
from pathlib import Path

from PIL import Image

from benchmarks.image_sets import compare_codecs, lines, measure_files
from benchmarks.script import RESULTS, script_parser
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.entry import Pixels
from vaecodec.benchmark.images import list_images
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Scores

PROGRAM = "butteraugli_main"
METRIC = "Butteraugli, 3-norm"
QUALITIES = {
    "vaecodec": (25, 40, 55, 70, 82, 92),
    "vaecodec-psnr": (20, 35, 50, 65, 80, 95),
    "avif-444": (15, 30, 45, 60, 75, 90),
    "jxl": (15, 35, 55, 75, 85, 94),
}


class Butteraugli:
    """Scores decoded versions of one original by the program."""

    def __init__(self, original: Pixels) -> None:
        self._original = original

    def scores(self, decoded: Pixels) -> Scores:
        """Higher is better, like all scores."""
        return {METRIC: -log2(three_norm(self._original, decoded))}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "referee.json")
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    options = parser.parse_args(arguments)
    if shutil.which(PROGRAM) is None:
        parser.error(f"{PROGRAM} is not installed (Debian: libjxl-devtools)")
    paths = [path for folder in options.folders for path in list_images(folder)]
    codecs = {key: make_codec(key) for key in QUALITIES}
    measured = measure_files(paths, codecs, QUALITIES, judge=Butteraugli)
    result = compare_codecs("referee", measured, codecs, [METRIC])
    write_json(options.output, result)
    print("\n".join(lines(result)))
    return 0


def three_norm(original: Pixels, decoded: Pixels) -> float:
    """Butteraugli's distance of two images uint8 [H, W, 3], pooled by the 3-norm."""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}.png" for name in ("original", "decoded")]
        for file, samples in zip(files, (original, decoded), strict=True):
            Image.fromarray(samples).save(file, compress_level=0)
        run = subprocess.run(
            [PROGRAM, *files], capture_output=True, text=True, check=True
        )
    found = re.search(r"3-norm: ([\d.]+)", run.stdout)
    if found is None:
        raise ValueError(f"{PROGRAM} named no 3-norm: {run.stdout[:200]!r}")
    return float(found[1])


if __name__ == "__main__":
    sys.exit(main())
