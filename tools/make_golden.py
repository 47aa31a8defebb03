"""Make what is missing of tests/golden: `python -m tools.make_golden`.

The small models, their files and the damaged ones are made once and kept: what exists
is never overwritten, since the test is that later programs still read it. The files of
a shipped model are made again whenever the model has changed, until release 1.0. What
the files are for: tests/golden/README.md.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.golden_check import EXACT, FOLDER, LATTICES, SHIPPED, in_steps, sha256
from tests.models.lattices.small_model import small_tensors
from tests.models.quadrants.small_model import small_model
from tools.golden_images import (
    CASES,
    DEEP_CASES,
    EXACT_CASES,
    SHIPPED_CASES,
    Case,
    load,
    picture,
)
from tools.golden_lies import Lies, lies
from tools.golden_lists import files_of_lists, lies_about_lists
from tools.golden_lossless import lossless_files, lossless_lies
from tools.golden_symbols import extreme_symbols
from vaecodec.cli.image_formats import pack_image
from vaecodec.codec.codec_model import CodecModel, model_to_compress
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import decode_with, encode_as, read_alpha, read_tile
from vaecodec.codec.pictures.picture import Picture
from vaecodec.format.chunks import pack_chunk, parse_chunk
from vaecodec.format.container import ImageFile, parse_file
from vaecodec.format.header import ImageHeader
from vaecodec.format.metadata import FIELDS
from vaecodec.models.compact_file import pack_compact
from vaecodec.models.depth import Samples
from vaecodec.models.lattices.part_file import pack_part
from vaecodec.models.library import load_model
from vaecodec.models.model_file import parse_model
from vaecodec.models.quadrants.architecture import QuadrantArchitecture

MODEL = FOLDER / "model.safetensors"


def main() -> None:
    if not MODEL.exists():
        _make_model()
    model = model_to_compress(MODEL, threads=1)
    if not (FOLDER / "v2").exists():
        write(FOLDER / "v2", model, _files(model))
    for name, path in EXACT.items():
        if not path.exists():
            path.write_bytes(_exact_model())
        if not (FOLDER / name).exists():
            exact = model_to_compress(path, threads=1)
            write(FOLDER / name, exact, _exact_files(exact))
    if not (FOLDER / "deep").exists():
        files = {name: compress(model, case) for name, case in DEEP_CASES.items()}
        write(FOLDER / "deep", model, files)
    if not LATTICES.exists():
        LATTICES.write_bytes(pack_part(small_tensors()))
    add_lossless(FOLDER / "lossless", lossless_files())
    add_lossless(FOLDER / "channels", files_of_lists())
    add_lies(FOLDER / "refused", lies(model) | lossless_lies() | lies_about_lists())
    for name in SHIPPED:
        if not is_current(FOLDER / name, load_model(name).model_id):
            model = model_to_compress(name, threads=1)
            files = {key: compress(model, case) for key, case in SHIPPED_CASES.items()}
            write(FOLDER / name, model, files)


def is_current(folder: Path, model_id: str) -> bool:
    """Whether the files of a folder are there and were made with this model."""
    manifest = folder / "manifest.json"
    return manifest.exists() and json.loads(manifest.read_text())["model"] == model_id


def describe(data: bytes, model: CodecModel) -> dict[str, Any]:
    """What a manifest says of a file: SHA-256 of all that a decoder finds in it.

    Symbols are int16, low byte first, tile after tile, each step after step. Alpha is
    uint8, or uint16 of more than 8 bits, tile after tile; so are pixels without alpha,
    row after row, where they are exact.
    """
    file = parse_file(data)
    header = file.header
    symbols = [
        in_steps(model.architecture, read_tile(model, file, tile).symbols, tile.shape)
        for tile in tiles(header)
    ]
    alphas = [
        _little_endian(read_alpha(file, tile))
        for tile in tiles(header)
        if header.has_alpha
    ]
    return {
        "file": sha256(data),
        "header": {
            name: value
            for name, value in dataclasses.asdict(header).items()
            if not name.endswith("_id") and name != "listed"
        },
        "quality_map": None if file.quality_map is None else file.quality_map.hex(),
        "metadata": {
            name: sha256(getattr(file.metadata, name))
            for name in FIELDS.values()
            if getattr(file.metadata, name) is not None
        },
        "alpha": sha256(b"".join(alphas)) if alphas else None,
        "symbols": sha256(b"".join(symbols)),
        **_exact_pixels(model, file),
    }


def _little_endian(samples: Samples) -> bytes:
    return samples.astype(samples.dtype.newbyteorder("<")).tobytes()


def _exact_pixels(model: CodecModel, file: ImageFile) -> dict[str, str]:
    if not isinstance(model.architecture, QuadrantArchitecture):
        return {}
    planes = decode_with(model, file)
    colours = planes[..., :-1] if file.header.has_alpha else planes
    return {"pixels": sha256(_little_endian(colours))}


def compress(model: CodecModel, case: Case) -> bytes:
    """Compress a part of a photograph."""
    header = ImageHeader(
        width=case.width,
        height=case.height,
        channels=case.channels,
        quality=case.quality,
        tile_log2=case.tile_log2,
        rounds=len(model.architecture.steps) if case.in_steps else 1,
        stream_id=model.stream_id,
        painter_id=model.painter_id,
        depth=case.depth,
    )
    return encode_as(
        header,
        model,
        picture(case),
        quality_map=case.quality_map,
        metadata=case.metadata,
    )


def write(folder: Path, model: CodecModel, files: dict[str, bytes]) -> None:
    """Write files, their pixels beside them, and the manifest of all."""
    model_id = f"{model.stream_id.hex()}-{model.painter_id.hex()}"
    manifest: dict[str, Any] = {"model": model_id, "files": {}}
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        manifest["files"][name] = describe(data, model)
        (folder / f"{name}.vaec").write_bytes(data)
        file = parse_file(data)
        drawn = Picture(decode_with(model, file), depth=file.header.depth)
        (folder / f"{name}.png").write_bytes(pack_image(drawn, ".png"))
    _write_manifest(folder, manifest)


def add_lossless(folder: Path, files: dict[str, tuple[bytes, Samples]]) -> None:
    """Write the lossless files that are missing, pictures of 8 bits also as PNG."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8")) if path.exists() else {}
    folder.mkdir(exist_ok=True)
    for name, (data, samples) in files.items():
        if name in manifest:
            continue
        header = parse_file(data).header
        parts = (samples[tile.pixels].tobytes() for tile in tiles(header))
        manifest[name] = {"file": sha256(data), "tiles": sha256(b"".join(parts))}
        (folder / f"{name}.vaec").write_bytes(data)
        if samples.dtype == np.uint8 and not header.listed:
            Image.fromarray(samples).save(folder / f"{name}.png", optimize=True)
    _write_manifest(folder, manifest)


def add_lies(folder: Path, damaged: Lies) -> None:
    """Write the damaged files that are missing, and what a program says of each."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8")) if path.exists() else {}
    folder.mkdir(exist_ok=True)
    for name, (data, message) in damaged.items():
        if name not in manifest:
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
    MODEL.write_bytes(golden_model([load(name) for name in names]))


def _files(model: CodecModel) -> dict[str, bytes]:
    """The files of version 2."""
    files = {name: compress(model, case) for name, case in CASES.items()}
    files["rgba-skipped-chunks-1x1"] = _with_skipped_chunks(files["rgba-1x1"])
    rng = np.random.default_rng(1)
    files["rgb-extreme-symbols-80x48"] = extreme_symbols(model, rng)
    files["rgb-extreme-symbols-80x48-steps-map"] = extreme_symbols(
        model, rng, in_steps=True, quality_map=bytes([30, 90])
    )
    return files


def _exact_model() -> bytes:
    plain = parse_model(small_model())
    return pack_compact(plain.tensors, plain.metadata)


def _exact_files(model: CodecModel) -> dict[str, bytes]:
    """The files whose pixels are exact."""
    files = {name: compress(model, case) for name, case in EXACT_CASES.items()}
    rng = np.random.default_rng(2)
    files["rgb-extreme-symbols-80x48"] = extreme_symbols(model, rng)
    files["rgb-extreme-symbols-80x48-steps-map"] = extreme_symbols(
        model, rng, in_steps=True, quality_map=bytes([30, 90])
    )
    return files


def _with_skipped_chunks(data: bytes) -> bytes:
    """Put chunks that may be skipped before the others of a file, but the header."""
    end = parse_chunk(data, 8).end
    added = b"".join(pack_chunk(letter, b"for others") for letter in "cgm")
    unknown = 2 * pack_chunk("z", b"of a later version")
    return data[:end] + added + unknown + data[end:]


if __name__ == "__main__":
    main()
