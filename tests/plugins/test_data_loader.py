"""The data set of docs/libraries.md, in worker processes that are forked or spawned."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec

ROOT = Path(__file__).parent.parent.parent

USE = """
import sys
import torch
from torch.utils.data import DataLoader
from photographs import Photographs

if __name__ == "__main__":
    photographs = Photographs("photographs", side=64)
    expected = torch.stack([photographs[n] for n in range(len(photographs))])
    for method in sys.argv[1:]:
        loader = DataLoader(
            photographs, batch_size=3, num_workers=2, multiprocessing_context=method
        )
        batches = list(loader)
        assert [tuple(batch.shape) for batch in batches] == [(3, 3, 64, 64)] * 2
        assert torch.equal(torch.cat(batches), expected)
    print(expected.dtype, expected.float().mean().item())
"""


def data_set_of_the_docs() -> str:
    page = (ROOT / "docs" / "libraries.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    [block] = [block for block in blocks if "(Dataset" in block]
    return block.partition("\nif __name__")[0]


def test_the_workers_of_a_data_loader_decode(
    photograph: Callable[[str], Image.Image], tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    methods = set(multiprocessing.get_all_start_methods()) - {"forkserver"}
    (tmp_path / "photographs").mkdir()
    total = 0.0
    for number in range(6):
        part = photograph("coffee").crop((40 * number, 99, 40 * number + 80, 163))
        data = vaecodec.compress(part, quality=60)
        (tmp_path / "photographs" / f"{number}.vaec").write_bytes(data)
        total += np.asarray(part, float)[:, 8:72].mean()
    (tmp_path / "photographs.py").write_text(data_set_of_the_docs(), "utf-8")
    (tmp_path / "use.py").write_text(USE, "utf-8")
    # Python 3.12 and later warn of every fork of a process with threads, as torch's;
    # torch warns of more workers than cores.
    options = ["-W", "error", "-W", "ignore:This process:DeprecationWarning"]
    options += ["-W", "ignore:This DataLoader:UserWarning"]
    done = subprocess.run(
        [sys.executable, *options, "use.py", *sorted(methods)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, "")
    kind, mean = done.stdout.split()
    assert kind == "torch.uint8"
    assert float(mean) == pytest.approx(total / 6, abs=3)
