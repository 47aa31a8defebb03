"""The painter in the browser's kernels beside onnxruntime-web, in one run in Node.

`python -m benchmarks.browser_engines MODEL FOLDER`; in the folder, `npm install
onnxruntime-web` was run. Both paint the same latents of 768 x 512 pixels on one thread;
the graphs for ONNX are those of the Python package. Prints processor time and in how
many samples they differ.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vaecodec.models.exact.onnx_float import FloatArithmetic
from vaecodec.models.exact.onnx_graph import write_graph
from vaecodec.models.exact.onnx_int8 import Int8Arithmetic
from vaecodec.models.exact.stored_program import parse_program
from vaecodec.models.library import load_model
from vaecodec.models.receiver_file import receiver_file

SCRIPT = Path(__file__).with_name("browser_engines.mjs")
GRAPHS = {"float": FloatArithmetic, "int8": Int8Arithmetic}


def main(words: Sequence[str]) -> int:
    model, installed = map(Path, words)
    file = load_model(model)
    painter = parse_program("painter", file.tensors)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model").write_bytes(receiver_file(file))
        for kind, arithmetic in GRAPHS.items():
            (folder / f"{kind}.onnx").write_bytes(write_graph(painter, arithmetic))
        modules = (installed / "node_modules").resolve()
        command = ["node", str(SCRIPT), name, str(modules)]
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
