from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.models.small_model import METADATA, MODEL, TENSORS
from vaecodec.errors import ModelError
from vaecodec.models.library import SHIPPED, load_model
from vaecodec.models.listing import describe, list_models, measurement
from vaecodec.models.model_file import pack_model, parse_model

MODEL_ID = parse_model(MODEL).model_id
RATES = {"psnr-rgb": {"vtm": 12.5, "webp": -60.0}, "ssimulacra2": {"jxl": 0.5}}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small model in the only folder of the search path."""
    monkeypatch.setenv("VAECODEC_MODELS", str(tmp_path))
    path = tmp_path / "small.safetensors"
    path.write_bytes(MODEL)
    return path


def test_shipped_models_come_first_and_all_have_names_that_load_them(
    path: Path,
) -> None:
    models = [m for m in list_models() if not isinstance(m, ModelError)]
    standard, psnr, small = models
    assert (standard.name, psnr.name) == ("standard", "psnr")
    for model in models:
        file = load_model(model.name)
        assert file.stream_id.hex() == model.stream_id
        assert file.painter_id.hex() == model.painter_id
        assert file.model_id == model.model_id
    assert (small.name, small.file_size) == (str(path), len(MODEL))
    assert (standard.crops_seen or 0) > 100_000
    assert (small.crops_seen, small.decoder_kmac_per_pixel) == (None, None)


def test_every_shipped_model_has_a_card_and_no_other_has(path: Path) -> None:
    cards = {m.name: m.card for m in list_models() if not isinstance(m, ModelError)}
    tunes = {card.tune: name for name, card in cards.items() if card}
    assert tunes == SHIPPED
    assert cards[str(path)] is None


def test_a_damaged_model_is_an_error_among_the_others(path: Path) -> None:
    path.with_name("damaged.safetensors").write_bytes(MODEL[:-1])
    *_, damaged, small = list_models()
    assert isinstance(damaged, ModelError)
    assert "damaged.safetensors" in str(damaged)
    assert not isinstance(small, ModelError)


def test_a_number_of_crops_that_nobody_can_have_counted_is_unknown(path: Path) -> None:
    path.write_bytes(pack_model(TENSORS, METADATA | {"training_images": "9" * 5000}))
    assert describe("small", path).crops_seen is None


def test_measurements_of_this_model_are_shown(path: Path) -> None:
    path.with_suffix(".json").write_text(measurement(MODEL_ID, RATES))
    assert describe("small", path).kodak_bd_rates == RATES


@pytest.mark.parametrize(
    "text",
    [
        measurement("0123456789abcdef-01234567", RATES),
        json.dumps({"model_id": MODEL_ID}),
        json.dumps({"model_id": MODEL_ID, "kodak_bd_rates": {"vtm": 12.5}}),
        json.dumps({"model_id": MODEL_ID, "kodak_bd_rates": {"psnr": {"vtm": None}}}),
        json.dumps({"model_id": MODEL_ID, "kodak_bd_rates": {"psnr": {"a": 10**400}}}),
        "[]",
        "[" * 100_000,
        "\N{EN DASH}",
        "",
    ],
)
def test_measurements_of_another_model_and_damaged_ones_are_none(
    text: str, path: Path
) -> None:
    path.with_suffix(".json").write_text(text, encoding="latin-1", errors="replace")
    assert describe("small", path).kodak_bd_rates == {}
