"""What `npm run build` makes is small, and decodes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.models.quadrants.small_model import small_model
from tests.web.conftest import RunNode
from tests.web.pictures import valid_files

WEB = Path(__file__).parents[2] / "web"
MOST = 25_000  # bytes with Brotli that a usual browser loads to decode a picture
LOADED = {"worker.js", "kernels.wasm"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of the sources with `dist/`, and what the build prints."""
    npm, tools = shutil.which("npm"), WEB / "node_modules"
    if npm is None or not (tools / "rollup").exists():
        pytest.skip("no npm, or `npm install` was not run in web/")
    copy = tmp_path_factory.mktemp("web") / "web"
    shutil.copytree(WEB, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (copy / "node_modules").symlink_to(tools.resolve())
    run = [npm, "run", "build", "--silent"]
    done = subprocess.run(run, cwd=copy, check=True, capture_output=True, text=True)
    return copy / "dist", done.stdout


def test_a_usual_browser_loads_at_most_25_kilobytes_to_decode(
    built: tuple[Path, str],
) -> None:
    lines = [line.replace(":", "").split() for line in built[1].splitlines()]
    sizes = {words[0]: int(words[3]) for words in lines}
    assert sizes.keys() >= LOADED
    assert sum(sizes[name] for name in LOADED) <= MOST


def test_the_built_decoder_gives_the_same_pixels(
    built: tuple[Path, str], tmp_path: Path, run_node: RunNode
) -> None:
    model = tmp_path / "model"
    model.write_bytes(small_model())
    folders = {}
    for kind in ("built", "sources"):
        folders[kind] = tmp_path / kind
        folders[kind].mkdir()
        for name, data in valid_files(model):
            (folders[kind] / f"{name}.vaec").write_bytes(data)
    run_node("decode_files.mjs", model, folders["built"], built[0] / "vaecodec.js")
    run_node("decode_files.mjs", model, folders["sources"])
    names = sorted(path.name for path in folders["sources"].glob("*.rgba"))
    assert len(names) > 20
    for name in names:
        one, other = (np.fromfile(folders[kind] / name, np.uint8) for kind in folders)
        assert np.array_equal(one, other)
