from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.models.small_model import METADATA, MODEL, TENSORS
from vaecodec.errors import ModelError
from vaecodec.models import coded_part, library
from vaecodec.models.compact_file import pack_compact
from vaecodec.models.library import find_model, load_model, load_tuned_model
from vaecodec.models.model_file import pack_model, parse_model
from vaecodec.models.tensor_file import MAX_FILE_BYTES, pack_tensors, parse_tensors

SMALL = parse_model(MODEL)
MODEL_ID, STREAM_ID, PAINTER_ID = SMALL.model_id, SMALL.stream_id, SMALL.painter_id
PARTS = {"architecture": "small", "stream": "other", "painter": "other"}
OTHER = pack_model({"other": np.ones(5, np.float32)}, PARTS)
OTHER_ID, OTHER_STREAM_ID = parse_model(OTHER).model_id, parse_model(OTHER).stream_id
# The first model with another painter.
REPAINTED = pack_model({**TENSORS, "gain": np.array(2.5, np.float32)}, METADATA)
WEIGHT = np.arange(400, dtype=np.int16).reshape(20, 20)
COMPACT = pack_compact(TENSORS | {"scale.hidden.weight": WEIGHT}, METADATA)
REPAINTED_ID = parse_model(REPAINTED).painter_id


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the whole search path."""
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    return tmp_path


def test_a_model_is_loaded_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "any.name"
    path.write_bytes(MODEL)
    for given_as in (path, str(path)):
        model = load_model(given_as)
        assert model.model_id == MODEL_ID
        assert model.tensors.keys() == TENSORS.keys()


def test_a_shipped_model_is_loaded_by_name_and_standard_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "_SHIPPED_FOLDER", tmp_path)
    monkeypatch.setenv("VAECODEC_MODELS", "")
    (tmp_path / "standard.safetensors").write_bytes(MODEL)
    (tmp_path / "psnr.safetensors").write_bytes(OTHER)
    assert load_model().model_id == MODEL_ID
    assert load_model("standard").model_id == MODEL_ID
    assert load_model("psnr").model_id == OTHER_ID
    assert find_model(OTHER_STREAM_ID).model_id == OTHER_ID


def test_a_shipped_model_is_chosen_by_what_it_was_tuned_for() -> None:
    assert load_tuned_model("eye") is load_model("standard")
    assert load_tuned_model("psnr") is load_model("psnr")
    assert load_tuned_model(None) is load_model()
    assert load_model("standard").model_id != load_model("psnr").model_id


def test_an_unknown_tune_and_a_model_beside_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^tune 'ssim', allowed 'eye', 'psnr'$"):
        load_tuned_model("ssim")
    with pytest.raises(
        ValueError, match=r"^tune 'eye' and model 'psnr' cannot both be given$"
    ):
        load_tuned_model("eye", "psnr")


@pytest.mark.parametrize("name", ["absent", "absent.safetensors", "", "."])
def test_a_name_that_is_neither_a_model_nor_a_file_is_a_model_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=f"model '{name}' cannot be read: "):
        load_model(name)


def test_the_error_about_a_damaged_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes(MODEL[:-1])
    with pytest.raises(ModelError, match=r"cut\.safetensors: model file: tensors end"):
        load_model(path)


def test_a_file_over_the_limit_is_refused_by_path_and_passed_over_by_id(
    folder: Path,
) -> None:
    path = folder / "a.safetensors"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 10)
    (folder / "b.safetensors").write_bytes(MODEL)
    with pytest.raises(ModelError, match=f"more than {MAX_FILE_BYTES} bytes"):
        load_model(path)
    assert find_model(STREAM_ID).model_id == MODEL_ID


def test_a_model_is_found_by_id_whatever_its_file_is_called(folder: Path) -> None:
    (folder / "first.safetensors").write_bytes(OTHER)
    (folder / "second.safetensors").write_bytes(MODEL)
    assert find_model(STREAM_ID).tensors.keys() == TENSORS.keys()
    assert find_model(OTHER_STREAM_ID).tensors.keys() == {"other"}


def test_all_folders_of_the_variable_are_searched_and_absent_ones_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / "absent", tmp_path / "file", tmp_path / "models"]
    folders[1].write_bytes(b"")
    folders[2].mkdir()
    (folders[2] / "m.safetensors").write_bytes(MODEL)
    monkeypatch.setenv("VAECODEC_MODELS", os.pathsep.join(map(str, folders)))
    assert find_model(STREAM_ID).model_id == MODEL_ID


def test_of_two_files_with_the_same_id_the_first_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        (folder / "m.safetensors").write_bytes(MODEL)
    monkeypatch.setenv("VAECODEC_MODELS", os.pathsep.join(map(str, folders)))
    assert find_model(STREAM_ID) is load_model(folders[0] / "m.safetensors")


def test_damaged_and_odd_files_do_not_hide_a_good_one(folder: Path) -> None:
    (folder / "a.safetensors").write_bytes(MODEL[:-1])
    (folder / "b.safetensors").write_bytes(b"")
    (folder / "c.safetensors").mkdir()
    (folder / "d.safetensors").symlink_to(folder / "nowhere")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "e.safetensors")
    (folder / "z.safetensors").write_bytes(MODEL)
    assert find_model(STREAM_ID).model_id == MODEL_ID


def test_only_files_with_the_suffix_are_searched(folder: Path) -> None:
    (folder / "model.bin").write_bytes(MODEL)
    with pytest.raises(ModelError):
        find_model(STREAM_ID)


def test_the_error_names_the_id_and_where_it_was_searched(folder: Path) -> None:
    (folder / "other.safetensors").write_bytes(OTHER)
    with pytest.raises(ModelError) as caught:
        find_model(bytes.fromhex("00112233445566ff"))
    message = str(caught.value)
    assert "00112233445566ff" in message
    assert str(folder) in message
    assert "VAECODEC_MODELS" in message


def test_an_empty_variable_does_not_mean_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.safetensors").write_bytes(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VAECODEC_MODELS", os.pathsep)
    with pytest.raises(ModelError, match=STREAM_ID.hex()):
        find_model(STREAM_ID)


def test_a_file_is_read_once_as_long_as_it_does_not_change(folder: Path) -> None:
    path = folder / "m.safetensors"
    path.write_bytes(MODEL)
    assert find_model(STREAM_ID) is find_model(STREAM_ID)
    assert load_model(path) is find_model(STREAM_ID)
    path.write_bytes(OTHER)
    assert load_model(path).model_id == OTHER_ID
    assert find_model(OTHER_STREAM_ID).model_id == OTHER_ID
    with pytest.raises(ModelError):
        find_model(STREAM_ID)


def test_of_models_with_the_same_symbols_the_painter_decides(folder: Path) -> None:
    (folder / "a.safetensors").write_bytes(REPAINTED)
    (folder / "b.safetensors").write_bytes(MODEL)
    for painter_id in (PAINTER_ID, REPAINTED_ID):
        assert find_model(STREAM_ID, painter_id).painter_id == painter_id
    # Whoever only needs the symbols takes the first.
    assert find_model(STREAM_ID).painter_id == REPAINTED_ID


def test_a_missing_painter_is_said_with_those_that_could_draw_instead(
    folder: Path,
) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.safetensors").write_bytes(REPAINTED)
    (folder / "c.safetensors").write_bytes(OTHER)
    with pytest.raises(ModelError) as caught:
        find_model(STREAM_ID, PAINTER_ID)
    message = str(caught.value)
    assert message.startswith(f"no model with the painter {PAINTER_ID.hex()}; others")
    a, b = folder / "a.safetensors", folder / "b.safetensors"
    assert message.endswith(f": {a}, {b}")


def test_a_model_that_does_not_say_its_parts_is_passed_over(folder: Path) -> None:
    (folder / "a.safetensors").write_bytes(pack_model(TENSORS, {}))
    (folder / "b.safetensors").write_bytes(MODEL)
    assert find_model(STREAM_ID).model_id == MODEL_ID


def test_a_compact_file_that_lies_about_its_ids_is_passed_over(folder: Path) -> None:
    compact = parse_tensors(COMPACT)
    lie = parse_model(OTHER).model_id
    (folder / "a.safetensors").write_bytes(
        pack_tensors(compact.tensors, compact.metadata | {"ids": lie})
    )
    with pytest.raises(ModelError, match="no model with the id"):
        find_model(OTHER_STREAM_ID)
    (folder / "b.safetensors").write_bytes(OTHER)
    assert find_model(OTHER_STREAM_ID).tensors.keys() == {"other"}


def test_searching_decodes_no_other_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.safetensors").write_bytes(COMPACT)
    (folder / "b.safetensors").write_bytes(OTHER)
    monkeypatch.setattr(coded_part, "decode", None)
    assert find_model(OTHER_STREAM_ID).tensors.keys() == {"other"}
    with pytest.raises(TypeError):
        find_model(parse_model(COMPACT).stream_id)
