"""All blocks of the README, and of pages that continue it, run in order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

import vaecodec

ROOT = Path(__file__).parent.parent
DOCS = ("quality", "files", "python", "libraries", "new-model")
PAGES = [ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in DOCS)]
README, *_ = TEXTS = [page.read_text("utf-8") for page in PAGES]
TEXT = "".join(TEXTS)

# What blocks need that is no dependency of the package, nor installed everywhere.
EXTRAS = {
    "import imageio": "imageio",
    "import zarr": "zarr",
    "from torch": "torch",
    "import webdataset": "webdataset",
    "import datasets": "datasets",
}

START = """
import os, subprocess, sys

def shell(commands):
    subprocess.run(["bash", "-c", os.environ["PRELUDE"] + commands], check=True)
"""
# The environment is there already, and tests do not install or test the package. What
# `benchmark` does takes minutes; its own tests run it.
PRELUDE = """
set -euo pipefail
python3() { mkdir -p .venv/bin && : > .venv/bin/activate; }
pip() { :; }
pytest() { :; }
python() { "$PYTHON" "$@"; }
vaecodec() { [ "$1" = benchmark ] || "$PYTHON" -m vaecodec "$@"; }
"""


def parts_of_the_script() -> Iterator[str]:
    for language, block in re.findall(
        r"^```(sh|python)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
    ):
        missing = (not find_spec(name) for use, name in EXTRAS.items() if use in block)
        if not any(missing):
            yield block if language == "python" else f"shell({block!r})\n"


@pytest.mark.skipif(not shutil.which("bash"), reason="the shell blocks need bash")
@pytest.mark.skipif(os.name == "nt", reason="paths of Windows are not those of bash")
def test_every_block_of_the_readme_runs_in_order(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRELUDE", PRELUDE)
    monkeypatch.setenv("PYTHON", sys.executable)
    script = "\n".join([START, *parts_of_the_script(), 'print("the end")\n'])
    Path("readme.py").write_text(script, "utf-8")
    done = run_python("readme.py")
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["the end"]), (
        done.stderr
    )
    assert "Traceback" not in done.stderr
    for name in ("photo.png", "again.png"):
        with Image.open(name) as image:
            assert image.size == (600, 400)
    with Image.open("small.png") as image:
        assert image.size == (75, 50)
    assert Path("tree/photo.vaec").exists()
    said = re.search(r"photo.png: 600x400, .* \((\d\.\d+) bpp", README)
    assert said is not None
    rate = vaecodec.inspect("coffee.vaec").bits_per_pixel
    assert float(said[1]) == pytest.approx(rate, rel=0.02)
    if find_spec("torch"):
        assert "torch.uint8 [2, 3, 256, 256]" in done.stdout
