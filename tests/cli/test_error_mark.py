"""Whoever has an image that was nearly lossless can always find that out."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.codec.deep_pictures import deep_picture
from vaecodec.cli import main
from vaecodec.cli.error_mark import NAMESPACE, errors_marked, marked
from vaecodec.codec.pictures.picture import read_picture
from vaecodec.format.metadata import NO_METADATA, Metadata

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
OTHER = (
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{RDF}">'
    '<r:Description r:about="" xmlns:other="urn:other" other:word="é"/>'
    "</r:RDF ></x:xmpmeta>"
).encode()


def errors_in(xmp: bytes) -> list[str]:
    """As a parser of XML finds them, in the place where XMP has properties."""
    root = ElementTree.fromstring(xmp)
    every = root.findall(f"{{{RDF}}}RDF/{{{RDF}}}Description")
    name = f"{{{NAMESPACE.decode()}}}maxErrors"
    return [each.attrib[name] for each in every if name in each.attrib]


@pytest.mark.parametrize("xmp", [None, OTHER])
def test_the_mark_is_a_property_that_grows_with_each_error(xmp: bytes | None) -> None:
    once = marked(Metadata(xmp=xmp), 2, 8)
    assert errors_in(once.xmp or b"") == ["2/255"]
    twice = marked(once, 300, 16)
    assert errors_in(twice.xmp or b"") == ["2/255 300/65535"]
    assert errors_marked(twice) == ["2/255", "300/65535"]


def test_all_other_bytes_of_xmp_stay() -> None:
    found = marked(Metadata(xmp=OTHER), 2, 8).xmp or b""
    start, _, end = OTHER.partition(b"</r:RDF >")
    assert found.startswith(start)
    assert found.endswith(b"</r:RDF >" + end)


@pytest.mark.parametrize("xmp", [b"<x/>", b"\xff\xfe", b"</:RDF>"])
def test_what_is_no_xmp_stays_as_it_is(xmp: bytes) -> None:
    assert marked(Metadata(xmp=xmp), 2, 8) == Metadata(xmp=xmp)
    assert errors_marked(Metadata(xmp=xmp)) == []


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".webp", ".avif"])
def test_it_is_told_through_every_format_and_when_it_is_compressed_again(
    folder: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    if suffix == ".avif":
        pytest.importorskip("pyvips")
    assert main(["compress", "face.png", "--max-error", "2"]) == 0
    assert main(["decompress", "face.vaec", "-o", f"again{suffix}"]) == 0
    assert main(["compress", f"again{suffix}", "--lossless"]) == 0
    assert main(["info", "again.vaec"]) == 0
    assert "earlier errors  2/255\n" in capsys.readouterr().out
    assert main(["info", "again.vaec", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["lossless"], facts["earlier_errors"]) == (True, ["2/255"])
    assert main(["decompress", "again.vaec", "-o", "third.png"]) == 0
    assert errors_marked(read_picture(Path("third.png")).metadata) == ["2/255"]


def test_an_image_of_16_bits_is_marked_as_well(folder: Path) -> None:
    samples = deep_picture(40, 30, 3, 16)
    Path("deep.vaec").write_bytes(vaecodec.encode(samples, max_error=9))
    assert main(["decompress", "deep.vaec"]) == 0
    assert errors_marked(read_picture(Path("deep.png")).metadata) == ["9/65535"]


@pytest.mark.parametrize("option", ["--lossless", "--quality=90"])
def test_other_images_get_no_mark(folder: Path, option: str) -> None:
    assert main(["compress", "face.png", option]) == 0
    assert main(["decompress", "face.vaec", "-o", "again.png"]) == 0
    assert read_picture(Path("again.png")).metadata == NO_METADATA


def test_a_format_without_metadata_is_written_in_silence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "face.png", "--max-error", "1", "--quiet"]) == 0
    assert main(["decompress", "face.vaec", "-o", "again.ppm", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    with Image.open("again.ppm") as again, Image.open("face.png") as face:
        errors = np.abs(np.asarray(again).astype(int) - np.asarray(face))
    assert errors.max() == 1
