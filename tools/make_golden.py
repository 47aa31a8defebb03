"""Make what is missing of tests/golden: `python -m tools.make_golden`.

The small model, the files of version 1 and the damaged ones are made once and kept:
what exists is never overwritten, since the test is that later programs still read it.
The files of a shipped model are made again whenever the model has changed, until
release 1.0. What the files are for: tests/golden/README.md.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from skimage import data as photographs

from tests.golden_check import FOLDER, SHIPPED, in_sections, sha256
from tools.golden_lies import lies
from vaecodec.codec.codec_model import CodecModel, model_to_compress
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import binding, tiles
from vaecodec.codec.image_coding import decode_with, encode_as, read_alpha, read_tile
from vaecodec.codec.tile_coder import no_symbols
from vaecodec.entropy.frequency_tables import VALUE_LIMIT
from vaecodec.format.chunks import pack_chunk, parse_chunk
from vaecodec.format.container import pack_file, parse_file
from vaecodec.format.header import ImageHeader
from vaecodec.format.metadata import FIELDS, NO_METADATA, Metadata
from vaecodec.models.architecture import Architecture, Quality, Symbols
from vaecodec.models.checkerboard.sizes import HYPER_LIMIT
from vaecodec.models.library import load_model

Samples = NDArray[np.uint8]

MODEL = FOLDER / "model.safetensors"
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>caf\xc3\xa9</x:xmpmeta>"


@dataclasses.dataclass(frozen=True)
class Case:
    """An image to compress; `channels` as in a header."""

    height: int
    width: int
    channels: int
    quality: int
    tile_log2: int = 10
    opaque: bool = False
    metadata: Metadata = NO_METADATA


CASES = {
    "gray-1x1": Case(1, 1, 1, 50, metadata=Metadata(xmp=b"")),
    "rgba-1x1": Case(1, 1, 4, 100),
    "rgb-17x5": Case(5, 17, 3, 0),
    "gray-alpha-64x64": Case(64, 64, 2, 50),
    "rgb-64x64": Case(64, 64, 3, 100),
    "rgb-130x70-tiles-64": Case(70, 130, 3, 100, 6),
    "rgba-200x150-tiles-64": Case(150, 200, 4, 50, 6),
    "rgb-150x200-tiles-128": Case(200, 150, 3, 0, 7),
    "gray-200x150": Case(150, 200, 1, 100),
    "gray-alpha-opaque-65x64": Case(64, 65, 2, 0, 6, opaque=True),
    "rgb-metadata-40x40": Case(40, 40, 3, 50, metadata=Metadata(ICC, EXIF, XMP)),
}
SHIPPED_CASES = {
    "rgb-100x75-q10": Case(75, 100, 3, 10),
    "rgba-100x75-q60": Case(75, 100, 4, 60, 6),
    "gray-100x75-q100": Case(75, 100, 1, 100),
}


def main() -> None:
    if not MODEL.exists():
        _make_model()
    model = model_to_compress(MODEL, threads=1)
    if not (FOLDER / "v1").exists():
        files = {name: compress(model, case) for name, case in CASES.items()}
        files["rgba-unknown-chunk-1x1"] = _with_unknown_chunk(files["rgba-1x1"])
        files["rgb-extreme-symbols-80x48"] = _extreme_symbols(model)
        write(FOLDER / "v1", model, files)
    if not (FOLDER / "refused").exists():
        write_lies(FOLDER / "refused", model)
    for name in SHIPPED:
        if not is_current(FOLDER / name, load_model(name).model_id.hex()):
            model = model_to_compress(name, threads=1)
            files = {key: compress(model, case) for key, case in SHIPPED_CASES.items()}
            write(FOLDER / name, model, files)


def is_current(folder: Path, model_id: str) -> bool:
    """Whether the files of a folder are there and were made with this model."""
    manifest = folder / "manifest.json"
    return manifest.exists() and json.loads(manifest.read_text())["model"] == model_id


def describe(data: bytes, model: CodecModel) -> dict[str, Any]:
    """What a manifest says of a file: SHA-256 of all that a decoder finds in it.

    Symbols are int16, low byte first, tile after tile, each the hyper-symbols, the
    first and the second group. Alpha is uint8, tile after tile.
    """
    file = parse_file(data)
    header = file.header
    symbols = [in_sections(read_tile(model, file, t).symbols) for t in tiles(header)]
    alphas = [read_alpha(file, t).tobytes() for t in tiles(header) if header.has_alpha]
    return {
        "file": sha256(data),
        "header": {
            name: value
            for name, value in dataclasses.asdict(header).items()
            if name != "model_id"
        },
        "metadata": {
            name: sha256(getattr(file.metadata, name))
            for name in FIELDS.values()
            if getattr(file.metadata, name) is not None
        },
        "alpha": sha256(b"".join(alphas)) if alphas else None,
        "symbols": sha256(b"".join(symbols)),
    }


def compress(model: CodecModel, case: Case) -> bytes:
    """Compress a part of a photograph."""
    header = ImageHeader(
        case.width,
        case.height,
        case.channels,
        case.quality,
        case.tile_log2,
        model.model_id,
    )
    planes = _photograph(header)
    if header.has_alpha:
        alpha = np.full((case.height, case.width), 255, np.uint8)
        if not case.opaque:
            alpha[:64, :64] = _soft_disc()[: case.height, : case.width]
        planes = np.dstack([planes, alpha])
    return encode_as(header, model, planes, metadata=case.metadata)


def write(folder: Path, model: CodecModel, files: dict[str, bytes]) -> None:
    """Write files, their pixels beside them, and the manifest of all."""
    manifest: dict[str, Any] = {"model": model.model_id.hex(), "files": {}}
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        manifest["files"][name] = describe(data, model)
        (folder / f"{name}.vaec").write_bytes(data)
        image = Image.fromarray(decode_with(model, parse_file(data)))
        image.save(folder / f"{name}.png", optimize=True)
    _write_manifest(folder, manifest)


def write_lies(folder: Path, model: CodecModel) -> None:
    """Write the damaged files, and what a program says of each."""
    manifest = {}
    folder.mkdir()
    for name, (data, message) in lies(model).items():
        manifest[name] = {"file": sha256(data), "message": message}
        (folder / f"{name}.vaec").write_bytes(data)
    _write_manifest(folder, manifest)


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _make_model() -> None:
    # Late, since only this needs PyTorch.
    from tools.golden_model import golden_model

    names = ("astronaut", "coffee", "chelsea")
    MODEL.write_bytes(golden_model([_load(name) for name in names]))


def _photograph(header: ImageHeader) -> Samples:
    """A part of a photograph with the colours of a header, [H, W, 3] or [H, W]."""
    samples = _load("camera" if header.colour_channels == 1 else "astronaut")
    return samples[30 : 30 + header.height, 150 : 150 + header.width]


def _load(name: str) -> Samples:
    return np.array(getattr(photographs, name)())


def _soft_disc() -> Samples:
    """Alpha with all values and a hard edge, [64, 64]."""
    y, x = np.mgrid[:64, :64]
    return np.clip(8 * (np.hypot(y - 30, x - 40) - 4), 0, 254).astype(np.uint8)


def _with_unknown_chunk(data: bytes) -> bytes:
    """Put a chunk that may be skipped before the others of a file, but the header."""
    end = parse_chunk(data, 8).end
    return data[:end] + pack_chunk("z", b"of a later version") + data[end:]


def _extreme_symbols(model: CodecModel) -> bytes:
    """Symbols from end to end of their range, in all rows that are coded."""
    header = ImageHeader(80, 48, 3, 70, 6, model.model_id)
    rng = np.random.default_rng(1)
    payloads = []
    for tile in tiles(header):
        quality = QualityMap(header).read(tile.pixels)
        symbols = draw_symbols(model.architecture, rng, tile.shape, quality)
        height, width = tile.shape
        sections = model.coder.sections(
            symbols, height=height, width=width, quality=quality
        )
        bound_to = binding(header, tile, ())
        payloads.append(model.coder.encode(sections, bound_to=bound_to))
    return pack_file(header, payloads)


def draw_symbols(
    architecture: Architecture,
    rng: np.random.Generator,
    shape: tuple[int, int],
    quality: Quality,
) -> Symbols:
    """Symbols of every magnitude for so many pixels, but 0 where nothing is coded."""
    symbols = no_symbols(architecture, *shape)
    hyper, latent = symbols
    hyper[:] = rng.integers(-HYPER_LIMIT, HYPER_LIMIT + 1, hyper.shape)
    signs = rng.choice([-1, 1], latent.shape)
    sizes = (2.0 ** rng.uniform(-1, 15, signs.shape)).astype(np.int64)
    latent[:] = signs * sizes.clip(max=VALUE_LIMIT)
    latent.flat[:2] = VALUE_LIMIT, -VALUE_LIMIT
    predictor = architecture.predictor(*shape, quality)
    for number, step in enumerate(architecture.steps):
        rows = predictor.predict(number, symbols).indexes
        plane = symbols.planes[step.plane]
        coded = predictor.gather(number, plane) * architecture.tables.is_coded[rows]
        predictor.scatter(number, coded, plane)
    return symbols


if __name__ == "__main__":
    main()
