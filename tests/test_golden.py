"""Files made once stay readable for ever, and lies stay refused, by two decoders.

What the files are: tests/golden/README.md.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vaecodec
from tests.golden_check import (
    EXACT,
    FOLDER,
    MODELS,
    SHIPPED,
    by_reference,
    in_steps,
    is_refused,
    manifest,
    read,
    sha256,
)
from tests.reference import checkerboard, decoder
from tests.reference.model import Model, Refused
from tests.reference.payload import Stack, read_section
from tools.fuzz_files import mutated
from tools.make_golden import MODEL, describe, is_current
from vaecodec.codec.codec_model import CodecModel, model_to_compress
from vaecodec.codec.geometry.quality_map import QualityMap
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import read_tile
from vaecodec.codec.pictures.picture import read_picture
from vaecodec.entropy.ans import CHUNK, CodingTables, SectionEncoder
from vaecodec.entropy.coder import default_coder
from vaecodec.entropy.frequency_tables import VALUE_LIMIT, TableSet, excess_class
from vaecodec.errors import ModelError, VaecodecError
from vaecodec.format.chunks import outline_chunk
from vaecodec.format.container import parse_file
from vaecodec.models import library
from vaecodec.models.checkerboard.known_answer import known_answer
from vaecodec.models.checkerboard.scale_networks import ScaleNetworks
from vaecodec.models.depth import greatest
from vaecodec.models.library import load_model

TESTS = Path(__file__).parent
BOUND, SHARE = 1, 0.999  # of levels and of samples; FORMAT.md, section 10
VALID = [(folder, name) for folder in MODELS for name in manifest(folder)["files"]]
LIES = manifest("refused")
valid_files = pytest.mark.parametrize(("folder", "name"), VALID)


@functools.cache
def reference_model(folder: str) -> Model:
    return decoder.read_model(MODELS[folder].read_bytes())


def ready(folder: str) -> CodecModel:
    return model_to_compress(MODELS[folder], threads=1)


def by_package(data: bytes, folder: str) -> dict[str, Any]:
    if parse_file(data).header.stream_id != ready(folder).stream_id:
        raise ModelError("another model")
    return describe(data, ready(folder))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_model_has_golden_files(name: str) -> None:
    model_id = load_model(name).model_id
    assert is_current(FOLDER / name, model_id), "python -m tools.make_golden"


def test_golden_files_are_of_the_models_that_are_shipped() -> None:
    assert [*SHIPPED] == [*library.SHIPPED.values()]


@pytest.mark.parametrize("folder", MODELS)
def test_no_valid_file_is_missing_and_none_is_additional(folder: str) -> None:
    names = manifest(folder)["files"]
    expected = {f"{name}{suffix}" for name in names for suffix in (".vaec", ".png")}
    found = {path.name for path in (FOLDER / folder).iterdir()}
    assert found == expected | {"manifest.json"}


def test_no_lie_is_missing_and_none_is_additional() -> None:
    found = {path.name for path in (FOLDER / "refused").iterdir()}
    assert found == {f"{name}.vaec" for name in LIES} | {"manifest.json"}


@pytest.mark.parametrize("folder", MODELS)
def test_both_decoders_find_the_ids_that_the_files_name(folder: str) -> None:
    model, expected = reference_model(folder), manifest(folder)["model"]
    assert load_model(MODELS[folder]).model_id == expected
    assert f"{model.stream_id().hex()}-{model.painter_id().hex()}" == expected
    for name in manifest(folder)["files"]:
        header = parse_file(read(folder, name)).header
        assert f"{header.stream_id.hex()}-{header.painter_id.hex()}" == expected


def test_the_golden_models_are_small() -> None:
    assert MODEL.stat().st_size < 300_000
    assert EXACT["quadrants"].stat().st_size < 60_000


@pytest.mark.parametrize("folder", [name for name in MODELS if name not in EXACT])
def test_both_decoders_know_the_answer_of_the_model(folder: str) -> None:
    tensors = load_model(MODELS[folder]).tensors
    stored = tensors["known_answer"].tobytes()
    assert known_answer(ScaleNetworks(tensors)).tobytes() == stored
    assert checkerboard.known_answer(reference_model(folder)) == stored


@valid_files
def test_the_package_finds_what_it_always_found(folder: str, name: str) -> None:
    assert by_package(read(folder, name), folder) == manifest(folder)["files"][name]


@valid_files
def test_the_reference_decoder_finds_the_same(folder: str, name: str) -> None:
    assert (
        by_reference(read(folder, name), reference_model(folder))
        == manifest(folder)["files"][name]
    )


@valid_files
def test_the_pixels_are_those_of_long_ago(folder: str, name: str) -> None:
    picture = read_picture(FOLDER / folder / f"{name}.png")
    found = vaecodec.decode(read(folder, name), painter=MODELS[folder], threads=1)
    assert found.shape == picture.samples.shape
    bound, share = (0, 1) if folder in EXACT else (BOUND, SHARE)
    levels = np.abs(found - picture.samples.astype(int)) * 255 / greatest(picture.depth)
    assert (levels <= bound).mean() >= share


@valid_files
def test_every_prefix_that_ends_after_a_round_is_decoded_alike(
    folder: str, name: str
) -> None:
    data, model = read(folder, name), ready(folder)
    whole = decoder.decode(data, reference_model(folder)).symbols
    for rounds, end in enumerate(ends_of_rounds(data)[:-1], 1):
        prefix = data[:end]
        assert by_package_or_none(prefix, folder) is None
        symbols = decoder.decode(prefix, reference_model(folder), rounds=rounds).symbols
        file = parse_file(prefix, rounds=rounds)
        for tile in tiles(file.header):
            found = symbols[tile.number]
            assert 0 < len(found) < len(whole[tile.number])
            assert found == whole[tile.number][: len(found)]
            known = read_tile(model, file, tile).symbols
            packed = in_steps(model.architecture, known, tile.shape)
            expected = np.zeros(len(whole[tile.number]), "<i2")
            expected[: len(found)] = found
            assert packed == expected.tobytes()


def ends_of_rounds(data: bytes) -> list[int]:
    header, position, ends = parse_file(data).header, 8, []
    while position < len(data):
        chunk = outline_chunk(data, position)
        position = chunk.end
        if chunk.type == "T":
            ends.append(position)
    return ends[header.tile_count - 1 :: header.tile_count]


@pytest.mark.parametrize("name", LIES)
def test_both_decoders_refuse_every_lie(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(library.SEARCH_PATH_VARIABLE, str(FOLDER))
    data = read("refused", name)
    assert sha256(data) == LIES[name]["file"]
    with pytest.raises(VaecodecError) as caught:
        vaecodec.decode(data, painter=MODEL, threads=1)
    assert LIES[name]["message"] in str(caught.value)
    assert is_refused(data, reference_model("v2"))


def test_both_decoders_judge_200_random_damages_alike() -> None:
    names = [name for name in manifest("v2")["files"] if len(read("v2", name)) < 1000]
    files = [read("v2", name) for name in names]
    accepted = 0
    for number in range(200):
        _, damaged = mutated(files, seed=6, number=number)
        one = by_package_or_none(damaged, "v2")
        other = found_or_none(by_reference, damaged, reference_model("v2"))
        assert one == other
        accepted += one is not None
    # What a reader may skip was damaged, or a chunk was taken out that may be missing.
    assert 0 < accepted < 40


def by_package_or_none(data: bytes, folder: str) -> dict[str, Any] | None:
    return found_or_none(by_package, data, folder)


def found_or_none(decoder: Any, data: bytes, model: Any) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = decoder(data, model)
    except (VaecodecError, Refused):
        return None
    return found


def test_sections_longer_than_a_coding_chunk_are_read_alike() -> None:
    tables = TableSet(load_model(MODEL).tensors)
    rng = np.random.default_rng(7)
    rows = rng.integers(0, 64, 2 * CHUNK + 99).astype(np.uint8)
    drawn = (rng.laplace(0, 2, rows.size) * 1.1**rows).astype(np.int64)
    drawn[~tables.is_coded[rows]] = 0
    values = drawn.clip(-VALUE_LIMIT, VALUE_LIMIT).astype(np.int16)
    encoder = SectionEncoder(CodingTables(tables, default_coder()))
    encoder.put(values, rows)
    stack = Stack(encoder.finish())
    found = read_section(stack, reference_model("v2"), rows.tolist(), VALUE_LIMIT)
    assert found == values.tolist()


def test_the_golden_files_have_all_that_a_payload_can_have() -> None:
    limits = ready("v2").architecture.tables.limits
    rows: list[set[int]] = [set(), set()]
    classes: set[int] = set()
    for name in manifest("v2")["files"]:
        for group, indexes, values in latent_groups(read("v2", name)):
            rows[group] |= set(indexes.tolist())
            excess = (np.abs(values) - limits[indexes])[limits[indexes] > 0]
            classes |= set(excess_class(excess[excess >= 0]).tolist())
    assert min(map(len, rows)) > 50
    assert classes == set(range(15))
    assert any(limits[row] == 0 for row in rows[0] & rows[1])


def latent_groups(data: bytes) -> Iterator[tuple[int, Any, Any]]:
    """Number, scale indexes and symbols of both groups of each tile."""
    model, file = ready("v2"), parse_file(data)
    cell = model.architecture.grid.cell
    for tile in tiles(file.header):
        height, width = tile.shape
        _, *groups = model.coder.sections(
            read_tile(model, file, tile).symbols,
            height=height,
            width=width,
            quality=QualityMap(file.header, file.quality_map, cell=cell).read(
                tile.pixels
            ),
        )
        for number, group in enumerate(groups):
            yield number, group.indexes, group.symbols.astype(int)


@pytest.mark.parametrize(
    "path", sorted((TESTS / "reference").glob("*.py")), ids=lambda p: p.name
)
def test_the_reference_decoder_needs_the_standard_library_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None
            top = node.module.partition(".")[0]
            own = f"{node.module}.".startswith("tests.reference.")
            assert own or top in sys.stdlib_module_names
        elif isinstance(node, ast.Import):
            assert all(alias.name in sys.stdlib_module_names for alias in node.names)
