from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vaecodec.benchmark.codecs import entries_of, families, make_codec
from vaecodec.benchmark.sources import code_digest
from vaecodec.codec.search.distortion import psnr_db


def keys_of(family: str) -> list[str]:
    return [entry.key for entry in entries_of(family)]


OWN = "tests.benchmark.own_codecs"
OTHERS = [key for family in families() for key in keys_of(family)]


@pytest.mark.parametrize("key", OTHERS)
def test_each_codec_writes_its_own_format_and_reads_it_back(
    key: str, coffee: NDArray[np.uint8]
) -> None:
    codec, image = make_codec(key), np.ascontiguousarray(coffee[:150, :200])
    qualities = codec.qualities
    files = [codec.compress(image, q) for q in (qualities[1], qualities[-1])]
    psnrs = [psnr_db(image, codec.decompress(data)) for data in files]
    with Image.open(io.BytesIO(files[0])) as written:
        assert written.format == codec.format
    assert len(files[0]) < len(files[1])
    assert psnrs[0] < psnrs[1]
    assert psnrs[1] > 30


@pytest.mark.parametrize("key", OTHERS)
def test_no_codec_stores_metadata(key: str, coffee: NDArray[np.uint8]) -> None:
    codec = make_codec(key)
    with Image.open(io.BytesIO(codec.compress(coffee, codec.qualities[1]))) as image:
        names = ("exif", "icc_profile", "xmp", "comment")
        found = {name for name in names if image.info.get(name)}
    # The JPEG XL library makes a profile out of the two bytes that say sRGB.
    assert found <= ({"icc_profile"} if key == "jxl" else set())


def test_plain_jpeg_is_what_pillow_writes_by_default(coffee: NDArray[np.uint8]) -> None:
    file = io.BytesIO()
    Image.fromarray(coffee).save(file, "JPEG", quality=40)
    assert make_codec("jpeg-baseline").compress(coffee, 40) == file.getvalue()


def test_the_jpegs_differ_as_their_names_say(coffee: NDArray[np.uint8]) -> None:
    found = {}
    for key in keys_of("jpeg"):
        data = make_codec(key).compress(coffee, 40)
        with Image.open(io.BytesIO(data)) as image:
            found[key] = ("progressive" in image.info, image.layer[0][1:3])
    assert found == {
        "jpeg-baseline": (False, (2, 2)),
        "jpeg-420": (True, (2, 2)),
        "jpeg-444": (True, (1, 1)),
    }


def test_a_codec_of_ones_own_needs_only_two_methods() -> None:
    codec = make_codec(f"{OWN}:Works")
    assert codec.name == "Works"
    assert codec.settings == f"{OWN}:Works"
    assert len(codec.qualities) >= 4


def test_a_class_that_is_no_codec_is_refused() -> None:
    with pytest.raises(ValueError, match="NotACodec has no decompress"):
        make_codec(f"{OWN}:NotACodec")


def test_an_unknown_codec_is_refused_by_name() -> None:
    with pytest.raises(
        ValueError, match="'gif' is not one of vaecodec, vaecodec-psnr, jpeg-"
    ):
        make_codec("gif")


def test_the_code_of_ones_own_codec_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    source = "class C:\n    def compress(s, i, q): ...\n    def decompress(s, d): ...\n"
    digests = []
    for number in range(2):
        path = tmp_path / f"coded{number}.py"
        path.write_text(source + "#" * number)
        digests.append(code_digest(make_codec(f"coded{number}:C")))
    assert digests[0] != digests[1]
    assert code_digest(make_codec("webp")) is None
