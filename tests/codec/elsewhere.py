"""Settings that a process takes when it starts: code for older processors, threads.

`python -m tests.codec.elsewhere FOLDER RESULTS ENGINE` reads the picture and the files
in FOLDER, decodes the files, compresses the picture, and writes what came out, all
with the shipped model. The environment decides with which instructions. ONNX Runtime
has no such switch: its kernels are those of this processor in every setting.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import decode_with, encode_with, read_tile
from vaecodec.format.container import parse_file
from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
from vaecodec.models.checkerboard.engine import Engine
from vaecodec.models.checkerboard.onnx_engine import OnnxEngine
from vaecodec.models.library import load_model

NO_VECTORS_IN_TORCH = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
}


def wide_vectors() -> str:
    """The instructions beyond its minimum that numpy uses on this processor."""
    core = np._core if hasattr(np, "_core") else np.core  # before numpy 2
    umath = core._multiarray_umath
    features = umath.__cpu_features__
    return " ".join(name for name in umath.__cpu_dispatch__ if features.get(name))


# Name -> engine, environment.
ELSEWHERE: dict[str, tuple[str, dict[str, str]]] = {
    "OpenBLAS, 1 thread": ("onnx", {"OPENBLAS_NUM_THREADS": "1"}),
    "OpenBLAS, 2 threads": ("onnx", {"OPENBLAS_NUM_THREADS": "2"}),
    "OpenBLAS for Haswell (AVX2)": ("onnx", {"OPENBLAS_CORETYPE": "Haswell"}),
    "OpenBLAS for Nehalem (SSE4)": ("onnx", {"OPENBLAS_CORETYPE": "Nehalem"}),
    "OpenBLAS for Prescott (SSE3)": ("onnx", {"OPENBLAS_CORETYPE": "Prescott"}),
    "numpy without wide vectors": (
        "onnx",
        {"NPY_DISABLE_CPU_FEATURES": wide_vectors()},
    ),
    "PyTorch without wide vectors": ("torch", NO_VECTORS_IN_TORCH),
}


def main(folder: Path, results: Path, engine: str) -> None:
    file = load_model()
    architecture = CheckerboardArchitecture(file, engine=_engine(engine))
    model = CodecModel(file, architecture=architecture)
    picture = np.load(folder / "picture.npy")
    for path in sorted(folder.glob("*.vaec")):
        written = encode_with(model, picture, quality=int(path.stem))
        (results / path.name).write_bytes(written)
        parsed = parse_file(path.read_bytes())
        [tile] = tiles(parsed.header)
        hyper, latent = read_tile(model, parsed, tile).symbols
        np.savez(
            results / f"{path.stem}.npz",
            hyper=hyper,
            latent=latent,
            pixels=decode_with(model, parsed),
        )


def _engine(name: str) -> Engine:
    if name == "onnx":
        return OnnxEngine(load_model(), threads=1)
    from vaecodec.models.checkerboard.networks.torch_engine import TorchEngine

    return TorchEngine(load_model())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
