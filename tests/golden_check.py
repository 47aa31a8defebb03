"""Check the golden files on any machine with Python: `python -m tests.golden_check`.

The reference decoder reads all of them, and refuses the lies. Where numpy is installed,
the symbols are decoded by the package as well, with its integer networks; neither
pytest nor Pillow nor an engine is needed. See tests/golden/README.md.
"""

from __future__ import annotations

import hashlib
import json
import platform
import struct
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.reference import decoder as reference_decoder
from tests.reference.decoder import read_model
from tests.reference.model import Model, Refused

if TYPE_CHECKING:
    from vaecodec.models.architecture import Architecture, Symbols

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "golden"
SHIPPED = {
    name: ROOT / "vaecodec" / "models" / f"{name}.safetensors"
    for name in ("standard", "psnr")
}
MODELS = {"v2": FOLDER / "model.safetensors", **SHIPPED}


def main() -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}, {sys.byteorder}")
    wrong = [name for folder in MODELS for name in wrong_in(folder)]
    model = read_model(MODELS["v2"].read_bytes())
    lies = manifest("refused")
    wrong += [name for name in lies if not is_refused(read("refused", name), model)]
    print(f"refused: {len(lies)} files, by the reference decoder")
    sys.exit(f"wrong: {', '.join(wrong)}" if wrong else 0)


def wrong_in(folder: str) -> list[str]:
    """Decode the valid files of a folder; return those that come out otherwise."""
    files, model = manifest(folder)["files"], read_model(MODELS[folder].read_bytes())
    by = "by the reference decoder"
    wrong = [n for n in files if by_reference(read(folder, n), model) != files[n]]
    if find_spec("numpy"):
        by += " and, with numpy, by the package"
        symbols = symbols_by_package(folder)
        wrong += [name for name in files if symbols[name] != files[name]["symbols"]]
    print(f"{folder}: {len(files)} files decoded {by}")
    return wrong


def manifest(folder: str) -> dict[str, Any]:
    text = (FOLDER / folder / "manifest.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


def read(folder: str, name: str) -> bytes:
    return (FOLDER / folder / f"{name}.vaec").read_bytes()


def by_reference(data: bytes, model: Model) -> dict[str, Any]:
    """What a manifest says of a valid file."""
    decoded = reference_decoder.decode(data, model)
    header = decoded.header._asdict()
    del header["stream_id"], header["painter_id"]
    quality_map = decoded.quality_map
    tiles = (struct.pack(f"<{len(tile)}h", *tile) for tile in decoded.symbols)
    return {
        "file": sha256(data),
        "header": header,
        "quality_map": None if quality_map is None else quality_map.hex(),
        "metadata": {name: sha256(value) for name, value in decoded.metadata.items()},
        "alpha": sha256(b"".join(decoded.alphas)) if decoded.alphas else None,
        "symbols": sha256(b"".join(tiles)),
    }


def is_refused(data: bytes, model: Model) -> bool:
    try:
        reference_decoder.decode(data, model)
    except Refused:
        return True
    return False


def symbols_by_package(folder: str) -> dict[str, str]:
    """SHA-256 of the symbols of each file, decoded by the package."""
    # Late, since these need numpy.
    import numpy as np

    from vaecodec.codec.geometry.quality_map import QualityMap
    from vaecodec.codec.geometry.tiling import tiles
    from vaecodec.codec.tile_coder import TileCoder
    from vaecodec.format.container import binding, parse_file
    from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
    from vaecodec.models.library import load_model

    model = load_model(MODELS[folder])
    assert model.model_id == manifest(folder)["model"]
    architecture = CheckerboardArchitecture(model, product=np.matmul)
    coder, cell = TileCoder(architecture), architecture.grid.cell
    found = {}
    for name in manifest(folder)["files"]:
        file = parse_file(read(folder, name))
        header, quality_map = file.header, file.quality_map
        decoded = []
        for tile in tiles(header):
            alpha = file.alphas[tile.number] if file.alphas else b""
            symbols = coder.decode(
                file.payloads[tile.number],
                fused=header.rounds == 1,
                height=tile.shape[0],
                width=tile.shape[1],
                quality=QualityMap(header, quality_map, cell=cell).read(tile.pixels),
                bound_to=binding(header, quality_map, tile.number, alpha),
            ).symbols
            decoded.append(in_steps(architecture, symbols, tile.shape))
        found[name] = sha256(b"".join(decoded))
    return found


def in_steps(
    architecture: Architecture, symbols: Symbols, shape: tuple[int, int]
) -> bytes:
    """Symbols of a tile, step after step, each two bytes, low byte first."""
    import numpy as np

    predictor = architecture.predictor(*shape, np.zeros((1, 1), np.uint8))
    sections = (
        predictor.gather(number, symbols.planes[step.plane])
        for number, step in enumerate(architecture.steps)
    )
    return b"".join(section.astype("<i2").tobytes() for section in sections)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
