"""The data set for PyTorch, in worker processes that are forked or spawned."""

from __future__ import annotations

import multiprocessing
import os
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
from pathlib import Path
from torch.utils.data import DataLoader
from vaecodec.plugins.torch import VaecDataset

if __name__ == "__main__":
    files = sorted(Path("photographs").iterdir())
    photographs = VaecDataset(files)
    expected = torch.stack([photographs[n] for n in range(len(photographs))])
    for method in sys.argv[1:]:
        options = {"num_workers": 2, "multiprocessing_context": method}
        batches = list(DataLoader(photographs, batch_size=3, **options))
        assert [tuple(batch.shape) for batch in batches] == [(3, 3, 64, 80)] * 2
        assert torch.equal(torch.cat(batches), expected)
        same = VaecDataset(files[:1] * 6, crop=32)
        crops = torch.cat(list(DataLoader(same, batch_size=3, **options)))
        assert len({crop.numpy().tobytes() for crop in crops}) > 3
    print(expected.dtype, expected.float().mean().item())
"""


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
        total += np.asarray(part, float).mean()
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


def test_images_of_different_sizes_make_a_batch() -> None:
    torch = pytest.importorskip("torch")
    from vaecodec.plugins.torch import collate_sizes

    images = [torch.full((3, 2, 5), 7), torch.full((3, 4, 1), 9)]
    batch, sizes = collate_sizes(images)
    assert sizes.tolist() == [[2, 5], [4, 1]]
    assert batch.shape == (2, 3, 4, 5)
    assert torch.equal(batch[0, :, :2], images[0])
    assert torch.equal(batch[1, :, :, :1], images[1])
    assert (batch[0, :, 2:].sum(), batch[1, :, :, 1:].sum()) == (0, 0)
