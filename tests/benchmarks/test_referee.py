from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from benchmarks import quality_scale, referee
from benchmarks.image_sets import SetResult
from tests.benchmark.synthetic import make_image, make_point
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.json_files import read_record
from vaecodec.codec.search.ssimulacra2 import ssimulacra2

needs_program = pytest.mark.skipif(
    shutil.which(referee.PROGRAM) is None, reason="libjxl's program is not installed"
)


@needs_program
def test_the_referee_compares_with_other_codecs_on_real_files(
    tmp_path, astronaut, capsys
):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.fromarray(astronaut[60:156, 200:328]).save(folder / "face.png")
    output = tmp_path / "referee.json"
    assert referee.main([str(folder), "-o", str(output)]) == 0
    result = read_record(SetResult, output)
    assert [*result.models] == [*result.bd_rates[referee.METRIC]]
    assert {*result.bd_rates[referee.METRIC]["vaecodec"]} > {"avif-444", "jxl"}
    for means in result.means.values():
        scores = [mean.scores[referee.METRIC] for mean in means]
        assert scores == sorted(scores)
    assert f"worst by {referee.METRIC}: face.png" in capsys.readouterr().out


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
    expected = ssimulacra2(samples, codec.decompress(codec.compress(samples, 70)))
    scores = (expected, expected - 10)
    (row,) = quality_scale.scale(
        make_image("", make_point(70, bpp, scores={"ssimulacra2": score}))
        for bpp, score in zip((1.0, 2.0), scores, strict=True)
    )
    assert (row.quality, row.bpp) == (70, 1.5)
    assert row.highest == pytest.approx(expected, abs=0.05)
    assert row.mean == pytest.approx(expected - 5, abs=0.01)
