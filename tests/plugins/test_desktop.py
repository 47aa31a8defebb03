"""What lets file managers and file(1) know the files."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import vaecodec
from vaecodec.format import FORMAT_VERSION, MAGIC

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "integration"
NAMESPACE = {"": "http://www.freedesktop.org/standards/shared-mime-info"}
MEDIA_TYPE = "image/x-vaec"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An image of 400 x 300 pixels, under a name that shells stumble over."""
    path = tmp_path / 'it\'s a "small" $file.vaec'
    path.write_bytes(vaecodec.encode(np.full((300, 400, 3), 99, np.uint8)))
    return path


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"no {program} here")


def output_of(*words: object) -> str:
    done = subprocess.run(list(map(str, words)), capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_the_description_for_desktops_has_the_magic_of_the_format() -> None:
    root = ElementTree.parse(FOLDER / "vaecodec.xml").getroot()
    [kind] = root.findall("mime-type", NAMESPACE)
    [match] = kind.findall("magic/match", NAMESPACE)
    [glob] = kind.findall("glob", NAMESPACE)
    assert kind.get("type") == MEDIA_TYPE
    assert glob.get("pattern") == "*.vaec"
    value = match.attrib["value"].encode("ascii").decode("unicode_escape")
    assert (match.get("offset"), value.encode("latin-1")) == ("0", MAGIC)


@needs("update-mime-database")
def test_desktops_can_read_the_description(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    shutil.copy(FOLDER / "vaecodec.xml", tmp_path / "packages")
    output_of("update-mime-database", tmp_path)
    assert MAGIC in (tmp_path / "magic").read_bytes()
    assert f"{MEDIA_TYPE}:*.vaec" in (tmp_path / "globs").read_text()


@needs("file")
def test_file_recognises_our_files_and_no_others(file: Path, tmp_path: Path) -> None:
    magic = ["file", "-m", FOLDER / "vaecodec.magic", "--brief"]
    assert output_of(*magic, file) == f"vaec image data, version {FORMAT_VERSION}"
    assert output_of(*magic, "--mime-type", file) == MEDIA_TYPE
    other = tmp_path / "other.vaec"
    other.write_bytes(MAGIC.replace(b"\r\n", b"\n") + file.read_bytes()[len(MAGIC) :])
    assert output_of(*magic, "--mime-type", other) != MEDIA_TYPE


@pytest.mark.skipif(os.name == "nt", reason="thumbnailers are for X desktops")
def test_the_thumbnailer_writes_a_png_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "vaecodec"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vaecodec "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(FOLDER / "vaecodec.thumbnailer")
    assert entry["Thumbnailer Entry"]["MimeType"] == f"{MEDIA_TYPE};"
    target = tmp_path / "a name without suffix"
    places = {"%i": file, "%o": target}
    words = shlex.split(entry["Thumbnailer Entry"]["Exec"])
    assert output_of(*(places.get(word, word) for word in words)) == ""
    with Image.open(target) as thumbnail:
        assert thumbnail.format == "PNG"
        assert thumbnail.size == (50, 38)
