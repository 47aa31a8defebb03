from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from benchmarks import quality_scale, referee
from vaecodec.benchmark.codecs import make_codec
from vaecodec.codec.search.ssimulacra2 import ssimulacra2

needs_program = pytest.mark.skipif(
    shutil.which(referee.PROGRAM) is None, reason="libjxl's program is not installed"
)


def curves(factor):
    """Points of every codec; ours need `factor` times the rate of the others."""
    factors = {key: factor if key in referee.OURS else 1 for key in referee.QUALITIES}
    return {
        key: [{"quality": q, "bpp": own * q, "score": q} for q in (1, 2, 4, 8, 16)]
        for key, own in factors.items()
    }


def test_a_tenth_less_rate_at_every_score_is_minus_ten_percent():
    result = referee.summarise([curves(0.9), curves(0.9)])
    for ours in referee.OURS:
        for row in result["against"][ours].values():
            assert row["percent"] == pytest.approx(-10, abs=0.01)


@needs_program
def test_the_referee_prefers_the_better_picture(coffee):
    original = np.ascontiguousarray(coffee[:96, :128])
    codec = make_codec("jpeg-420")
    files = [codec.compress(original, quality) for quality in (10, 50, 95)]
    norms = [referee.three_norm(original, codec.decompress(file)) for file in files]
    assert norms[0] > norms[1] > norms[2] > 0


def test_without_its_program_the_referee_says_what_is_missing(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit):
        referee.main([str(tmp_path)])
    assert "libjxl-devtools" in capsys.readouterr().err


def test_the_scale_is_of_real_files(tmp_path, coffee, astronaut, capsys):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, samples in {"a": coffee, "b": astronaut}.items():
        Image.fromarray(samples[100:228, 100:260]).save(folder / f"{name}.png")
    output = tmp_path / "scale.json"
    assert quality_scale.main([str(folder), "-o", str(output)]) == 0
    result = json.loads(output.read_text())
    assert result["image_count"] == 1  # the other one would be learned from
    means = [row["mean"] for row in result["qualities"]]
    assert means == sorted(means)
    assert "quality 100:" in capsys.readouterr().out


def test_the_mean_of_a_quality_lies_between_its_extremes(coffee):
    codec = make_codec("vaecodec")
    samples = np.ascontiguousarray(coffee[:96, :128])
    points = np.array([quality_scale.measure(samples, codec)] * 2)
    points[1, :, 0] -= 10
    row = quality_scale.summarise(points)[7]
    expected = ssimulacra2(samples, codec.decompress(codec.compress(samples, 70)))
    assert row["highest"] == pytest.approx(expected, abs=0.05)
    assert row["mean"] == pytest.approx(expected - 5, abs=0.01)
