"""Check the golden files on any machine with Python: `python -m tests.golden_check`.

In: names of folders of files, or none for all of them and for those that are refused.

The reference decoder reads all of them, and refuses the lies. Where numpy is installed,
symbols, and pixels that are exact, are decoded by the package as well, with its integer
networks; neither pytest nor Pillow nor an engine is needed. See tests/golden/README.md.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from tests.reference import decoder as reference_decoder
from tests.reference.decoder import read_model
from tests.reference.lattices import Part, read_part
from tests.reference.lossless import decode_lossless
from tests.reference.model import Model, Refused

if TYPE_CHECKING:
    from vaecodec.codec.codec_model import CodecModel
    from vaecodec.codec.geometry.tiling import Tile
    from vaecodec.codec.tile_coder import DecodedTile
    from vaecodec.format.container import ImageFile
    from vaecodec.models.architecture import Architecture, Symbols
    from vaecodec.models.model_file import ModelFile

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "golden"
SHIPPED = {
    name: ROOT / "vaecodec" / "models" / f"{name}.safetensors"
    for name in ("standard", "psnr")
}
EXACT = {"quadrants": FOLDER / "quadrants.safetensors"}  # with pixels that are exact
GOLDEN = FOLDER / "model.safetensors"
LATTICES = FOLDER / "small.lossless"
MODELS = {"v2": GOLDEN, "deep": GOLDEN, **EXACT, **SHIPPED}


def main(folders: Sequence[str]) -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}, {sys.byteorder}")
    wrong = [name for folder in folders or MODELS for name in wrong_in(folder)]
    wrong += [] if folders else [*wrong_lossless(), *not_refused()]
    sys.exit(f"wrong: {', '.join(wrong)}" if wrong else 0)


def not_refused() -> list[str]:
    model, lies = read_model(MODELS["v2"].read_bytes()), manifest("refused")
    print(f"refused: {len(lies)} files, by the reference decoder")
    return [name for name in lies if not is_refused(read("refused", name), model)]


def wrong_in(folder: str) -> list[str]:
    """Decode the valid files of a folder; return those that come out otherwise."""
    files, model = manifest(folder)["files"], read_model(MODELS[folder].read_bytes())
    wrong = [n for n in files if by_reference(read(folder, n), model) != files[n]]
    by = ["the reference decoder"]
    for name, found in found_in_all_ways(folder) if find_spec("numpy") else ():
        by.append(name)
        wrong += [n for n in files if not found[n].items() <= files[n].items()]
    print(f"{folder}: {len(files)} files decoded by {', '.join(by)}", flush=True)
    return wrong


def wrong_lossless() -> list[str]:
    """The same for the lossless files, by the reference decoder."""
    wrong = []
    for folder in ("lossless", "channels"):
        files = manifest(folder)
        for name, facts in files.items():
            tiles = decode_lossless(read(folder, name), lattices())
            wrong += [name] if sha256(b"".join(tiles)) != facts["tiles"] else []
        print(f"{folder}: {len(files)} files decoded by the reference decoder")
    return wrong


@functools.cache
def lattices() -> Part:
    """The small model that some of the lossless files need."""
    return read_part(LATTICES.read_bytes())


def found_in_all_ways(folder: str) -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """What the package finds with numpy, and in each arithmetic that works here."""
    if folder not in EXACT:
        yield "the package", found_by_package(folder)
        return
    from vaecodec.models.exact import engine
    from vaecodec.models.library import load_model

    tried = {}
    for name in (*engine.ARITHMETICS, engine.REFERENCE):
        kept = {key: how for key, how in engine.ARITHMETICS.items() if key == name}
        with mock.patch.object(engine, "ARITHMETICS", kept):
            tensors = load_model(EXACT[folder]).tensors
            used = engine.ExactEngine.from_tensors("painter", tensors).arithmetic
            if used not in tried:
                tried[used] = found_by_package(folder)
    for used, found in tried.items():
        yield f"the package ({used})", found


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
    del header["stream_id"], header["painter_id"], header["roles"]
    quality_map = decoded.quality_map
    tiles = (struct.pack(f"<{len(tile)}h", *tile) for tile in decoded.symbols)
    exact = {} if decoded.pixels is None else {"pixels": sha256(decoded.pixels)}
    return {
        "file": sha256(data),
        "header": header,
        "quality_map": None if quality_map is None else quality_map.hex(),
        "metadata": {name: sha256(value) for name, value in decoded.metadata.items()},
        "alpha": sha256(b"".join(decoded.alphas)) if decoded.alphas else None,
        "symbols": sha256(b"".join(tiles)),
        **exact,
    }


def is_refused(data: bytes, model: Model) -> bool:
    """Whether a file is none of this model, and no lossless one."""
    return refuses(partial(reference_decoder.decode, data, model)) and refuses(
        partial(decode_lossless, data, lattices())
    )


def refuses(decode: Callable[[], object]) -> bool:
    try:
        decode()
    except Refused:
        return True
    return False


def found_by_package(folder: str) -> dict[str, dict[str, str]]:
    """SHA-256 of symbols, and of pixels that are exact, for each file."""
    # Late, since these need numpy.
    from vaecodec.codec.codec_model import CodecModel
    from vaecodec.models.library import load_model

    file = load_model(MODELS[folder])
    assert file.model_id == manifest(folder)["model"]
    model = CodecModel(file, architecture=without_engine(file, folder))
    return {
        name: found_in(read(folder, name), model, draw=folder in EXACT)
        for name in manifest(folder)["files"]
    }


def without_engine(file: ModelFile, folder: str) -> Architecture:
    """The architecture of a model, for machines that may have numpy only."""
    import numpy as np

    from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
    from vaecodec.models.registry import build

    if folder in EXACT:
        return build(file)
    return CheckerboardArchitecture(file, product=np.matmul)


def found_in(data: bytes, model: CodecModel, *, draw: bool) -> dict[str, str]:
    from vaecodec.codec.geometry.tiling import tiles
    from vaecodec.format.container import parse_file

    file = parse_file(data)
    decoded = {
        tile.number: decoded_tile(file, tile, model) for tile in tiles(file.header)
    }
    sections = [
        in_steps(model.architecture, decoded[tile.number].symbols, tile.shape)
        for tile in tiles(file.header)
    ]
    found = {"symbols": sha256(b"".join(sections))}
    return found | ({"pixels": painted(file, decoded, model)} if draw else {})


def decoded_tile(file: ImageFile, tile: Tile, model: CodecModel) -> DecodedTile:
    from vaecodec.codec.geometry.quality_map import QualityMap
    from vaecodec.format.container import binding

    header, quality_map = file.header, file.quality_map
    cell = model.architecture.grid.cell
    alpha = file.alphas[tile.number] if file.alphas else b""
    return model.coder.decode(
        file.payloads[tile.number],
        fused=header.rounds == 1,
        height=tile.shape[0],
        width=tile.shape[1],
        quality=QualityMap(header, quality_map, cell=cell).read(tile.pixels),
        bound_to=binding(header, quality_map, tile.number, alpha),
    )


def painted(file: ImageFile, tiles: dict[int, DecodedTile], model: CodecModel) -> str:
    """SHA-256 of the samples without alpha, row after row."""
    import numpy as np

    from vaecodec.codec.geometry.areas import area_of
    from vaecodec.codec.synthesis import synthesize
    from vaecodec.models.depth import dtype_of

    header = file.header
    dtype = np.dtype(dtype_of(header.depth))
    image = np.empty((header.height, header.width, 3), dtype)
    parts = synthesize(
        lambda tile: tiles[tile.number].latents,
        area_of(None, image.shape[:2]),
        header,
        model,
        quality_map=file.quality_map,
    )
    for place, pixels in parts:
        image[place] = pixels
    if header.channels < 3:
        image = ((image.astype(np.uint32).sum(axis=2) + 1) // 3).astype(dtype)
    return sha256(image.astype(dtype.newbyteorder("<")).tobytes())


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
    main(sys.argv[1:])
