from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import progressive


def test_every_step_is_a_larger_share_of_the_file_and_a_better_image(
    coffee: NDArray[np.uint8], tmp_path: Path
) -> None:
    Image.fromarray(coffee[150:246, 200:328]).save(tmp_path / "cup.png")
    output = tmp_path / "out.json"
    assert progressive.main([str(tmp_path), "-o", str(output)]) == 0
    result = json.loads(output.read_text("utf-8"))
    assert result["image_count"] == 1
    rows = result["qualities"]
    assert [row["quality"] for row in rows] == [*progressive.QUALITIES]
    for row in rows:
        for one, other in pairwise(row["steps"]):
            assert one["share_of_file"] < other["share_of_file"]
            assert one["psnr"] < other["psnr"]
        assert row["steps"][-1]["share_of_file"] == 1
        assert row["separate_payloads_cost_percent"] > 0
    best = [row["steps"][-1]["psnr"] for row in rows]
    assert best == sorted(set(best))
