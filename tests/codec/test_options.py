"""Options are checked where they are made, before anything is read."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from vaecodec.api import decode, decompress, encode
from vaecodec.codec.options import DecodeOptions, EncodeOptions
from vaecodec.codec.search.targets import Target
from vaecodec.format.header import DEFAULT_QUALITY

MAP = np.full((1, 1), 50)


def test_nothing_needs_to_be_given() -> None:
    assert EncodeOptions().quality == DEFAULT_QUALITY
    assert DecodeOptions().reduction == 1
    assert DecodeOptions(preview=8).reduction == 8


def test_any_kind_of_integer_is_a_quality() -> None:
    for quality in (0, np.int64(100), np.uint8(50)):
        made = EncodeOptions(quality=quality).quality  # type: ignore[arg-type]
        assert (type(made), made) == (int, int(quality))


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"quality": -1}, ValueError, r"^quality -1, allowed 0\.\.100$"),
        ({"quality": 101}, ValueError, r"^quality 101, allowed 0\.\.100$"),
        ({"quality": np.int64(300)}, ValueError, r"^quality 300, allowed"),
        ({"quality": 50.0}, TypeError, "float"),
        ({"quality": "50"}, TypeError, "str"),
        ({"quality": None}, TypeError, "NoneType"),
        (
            {"quality_map": MAP, "target": Target(4000, None, None)},
            ValueError,
            "^a quality map and a target cannot both be given$",
        ),
        ({"effort": 0}, ValueError, r"^effort 0, allowed 1\.\.3$"),
        ({"effort": 4}, ValueError, r"^effort 4, allowed 1\.\.3$"),
        ({"effort": 2.5}, TypeError, "float"),
        ({"effort": 3, "quality_map": MAP}, ValueError, "^effort 3 takes no quality"),
        ({"effort": 3, "lossless": True}, ValueError, "^effort 3 is for lossy files$"),
        ({"effort": 3, "max_error": 2}, ValueError, "^effort 3 is for lossy files$"),
    ],
)
def test_bad_options_of_an_encoder_are_refused(
    options: dict[str, Any], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        EncodeOptions(**options)


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"preview": 4}, ValueError, "^preview 4, allowed 8$"),
        ({"preview": 0}, ValueError, "^preview 0, allowed 8$"),
        (
            {"preview": 8, "region": (0, 0, 8, 8)},
            ValueError,
            "^a preview shows the whole image and takes no region$",
        ),
        ({"steps": 0}, ValueError, "^0 steps, allowed 1 or more$"),
        ({"steps": -1}, ValueError, "^-1 steps, allowed 1 or more$"),
        ({"steps": 1.5}, TypeError, "float"),
        ({"steps": "1"}, TypeError, "str"),
    ],
)
def test_bad_options_of_a_decoder_are_refused_before_the_file_is_looked_at(
    options: dict[str, Any], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        DecodeOptions(**options)
    for reader in (decode, decompress):
        with pytest.raises(error, match=reason):
            reader(b"no file", **options)


def test_options_cannot_be_changed() -> None:
    for options in (EncodeOptions(), DecodeOptions()):
        with pytest.raises(FrozenInstanceError):
            options.threads = 2  # type: ignore[misc]


def test_a_front_door_takes_no_bad_quality() -> None:
    image = np.zeros((8, 8), np.uint8)
    with pytest.raises(ValueError, match="quality 101"):
        encode(image, 101)
    with pytest.raises(TypeError):
        encode(image, 50.0)  # type: ignore[arg-type]
