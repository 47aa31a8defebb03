"""Chromium shows the pixels that Python gives, under a strict security policy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.models.quadrants.small_model import small_file
from tests.web.browser import SLOW, visit
from tests.web.pictures import as_rgba, coffee, in_tiles, small_receiver
from vaecodec.api import decode, encode

Sent = dict[str, bytes]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    model = folder / f"{small_file().model_id}.safetensors"
    model.write_bytes(small_receiver())
    maker = folder / "maker.bin"
    maker.write_bytes(small_receiver(whole=True))
    image = coffee()
    soft = np.indices(image.shape[:2]).sum(0).astype(np.uint8)
    made = {
        "fused": encode(image, 60, model=maker, lossless=False),
        "alpha": encode(np.dstack([image, soft]), 60, model=maker, lossless=False),
        "lossless": encode(np.dstack([image, soft]), lossless=True, effort=1),
        SLOW: in_tiles(maker, image, rounds=6),
        "profile": encode(image, 60, model=maker, lossless=False),
        "cut": encode(image, 60, model=maker, lossless=False)[:-1],
    }
    large = in_tiles(maker, np.tile(image, (8, 8, 1)), rounds=1)
    for name, data in {**made, "large": large}.items():
        (folder / f"{name}.vaec").write_bytes(data)
    (folder / "names.json").write_text(json.dumps([*made]))
    return folder


@pytest.fixture(scope="module")
def sent(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    return visit(files, tmp_path_factory.mktemp("profile"))


@pytest.mark.parametrize("name", ["fused", "alpha", "lossless", SLOW, "large"])
def test_workers_give_the_pixels_of_python(
    files: Path, sent: Sent, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAECODEC_MODELS", str(files))
    expected = as_rgba(decode(files / f"{name}.vaec"))
    assert np.array_equal(
        np.frombuffer(sent[f"{name}.rgba"], np.uint8), expected.ravel()
    )


def test_two_workers_share_a_large_picture_and_can_be_called_off(sent: Sent) -> None:
    assert json.loads(sent["large.bands"]) == {"workers": 2, "height": 8 * 130}
    assert sent["large.stopped"] == b"TimeoutError"


def test_the_element_shows_these_pixels(sent: Sent) -> None:
    assert sent["fused.canvas"] == sent["fused.rgba"]
    told = json.loads(sent["fused.element"])
    height, width, _ = coffee().shape
    assert told == {
        **{"result": "load", "shown": "canvas", "text": ""},
        **{"width": width, "height": height},
    }


def test_coarser_pictures_are_shown_while_bytes_arrive(sent: Sent) -> None:
    assert int(sent[f"{SLOW}.steps"]) > 0
    assert int(sent["fused.steps"]) == 0


def test_a_damaged_file_is_refused_and_its_text_shown(sent: Sent) -> None:
    assert sent["cut.refused"].startswith(b"VaecodecError: ")
    told = json.loads(sent["cut.element"])
    assert (told["shown"], told["text"]) == ("span", "a cup")
