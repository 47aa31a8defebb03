from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks import rate_distortion
from benchmarks.codecs import Codec, make_codec
from benchmarks.conditions import command_line, write_json
from benchmarks.rate_distortion import falls, measure_point, summarise

QUALITIES = ["20", "40", "60", "80"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three smooth pictures with some noise, one of them gray."""
    rng = np.random.default_rng(1)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, mode in enumerate(("RGB", "RGB", "L")):
        small = rng.integers(0, 256, (6, 8, 3), np.uint8)
        picture = Image.fromarray(small).resize((96, 80), Image.Resampling.BICUBIC)
        noise = rng.integers(-9, 10, (80, 96, 3))
        pixels = np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)
        image = Image.fromarray(pixels).convert(mode)
        image.save(pictures / f"picture{number}.png")
    (pictures / "notes.txt").write_text("no image")
    return pictures


def measure(folder: Path, output: Path, *more: str) -> dict[str, Any]:
    arguments = [str(folder), "-o", str(output), "--codec", "jpeg", *more]
    assert rate_distortion.main([*arguments, "--qualities", *QUALITIES]) == 0
    result: dict[str, Any] = json.loads((output / "jpeg.json").read_text())
    return result


def test_a_result_holds_every_image_and_quality(folder: Path, tmp_path: Path) -> None:
    result = measure(folder, tmp_path / "out")
    names = [image["name"] for image in result["images"]]
    assert names == ["picture0.png", "picture1.png", "picture2.png"]
    for image in result["images"]:
        assert (image["width"], image["height"]) == (96, 80)
        assert [point["quality"] for point in image["points"]] == [20, 40, 60, 80]
        for point in image["points"]:
            assert point["bpp"] == pytest.approx(8 * point["bytes"] / (96 * 80))
    assert result["not_monotonic"] == []
    assert result["conditions"]["threads"] == 1


def test_means_are_means_of_the_images(folder: Path, tmp_path: Path) -> None:
    result = measure(folder, tmp_path / "out")
    psnrs = [image["points"][2]["psnr_db"] for image in result["images"]]
    assert result["means"][2]["psnr_db"] == pytest.approx(np.mean(psnrs), abs=1e-5)
    assert result["means"][2]["quality"] == 60


def test_the_bytes_are_those_pillow_writes(folder: Path, tmp_path: Path) -> None:
    first = measure(folder, tmp_path / "out")["images"][0]["points"][0]
    written = tmp_path / "written.jpg"
    with Image.open(folder / "picture0.png") as image:
        image.save(
            written, quality=20, subsampling="4:2:0", optimize=True, progressive=True
        )
    assert written.stat().st_size == first["bytes"]


def test_only_kodak_is_compared_with_the_published_curves(
    folder: Path, tmp_path: Path
) -> None:
    assert "bd_rates" not in measure(folder, tmp_path / "out")
    points = [
        {"quality": q, "bytes": q, "bpp": q / 50, "psnr_db": 20 + q / 5}
        | {"encode_seconds": 0, "decode_seconds": 0}
        for q in (20, 40, 60, 80)
    ]
    kodak = [{"name": f"kodim{i:02d}.webp", "points": points} for i in range(1, 25)]
    assert "percent" in summarise(make_codec("jpeg"), kodak)["bd_rates"]["vtm"]


def test_two_processes_measure_the_same(folder: Path, tmp_path: Path) -> None:
    one = measure(folder, tmp_path / "one")
    two = measure(folder, tmp_path / "two", "--jobs", "2")
    for a, b in zip(one["images"], two["images"], strict=True):
        for key in ("bytes", "psnr_db"):
            assert [p[key] for p in a["points"]] == [p[key] for p in b["points"]]


def test_decoding_uses_the_bytes_that_were_counted() -> None:
    codec = Codec(
        name="first sample only",
        settings="",
        qualities=(),
        compress=lambda image, quality: image[0, 0].tobytes(),
        decompress=lambda data: np.full((4, 4, 3), np.frombuffer(data, np.uint8)),
    )
    image = np.full((4, 4, 3), 7, np.uint8)
    assert measure_point(codec, image, 1)["psnr_db"] == 100
    image[3, 3] = 9
    point = measure_point(codec, image, 1)
    assert (point["bytes"], point["bpp"]) == (3, 1.5)
    assert point["psnr_db"] == pytest.approx(10 * np.log10(255**2 / 0.25), abs=1e-4)


def test_a_fall_is_reported_by_image_and_quality() -> None:
    rows = [(1, 10, 30.0), (5, 12, 31.0), (9, 12, 30.5)]
    points = [{"quality": q, "bytes": b, "psnr_db": p} for q, b, p in rows]
    assert falls([{"name": "a.png", "points": points}]) == [
        "a.png: bytes at quality 9",
        "a.png: psnr_db at quality 9",
    ]


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no image"):
        rate_distortion.main([str(tmp_path), "-o", str(tmp_path), "--codec", "jpeg"])


def test_a_failed_write_leaves_the_old_result(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"a": float("inf")})
    assert json.loads(path.read_text()) == {"a": 1}


def test_the_recorded_command_names_no_folder_outside(tmp_path: Path) -> None:
    script = str(tmp_path / "rate_distortion.py")
    command = command_line([script, str(tmp_path / "kodak"), "-o", "benchmarks/x"])
    assert command == "python -m benchmarks.rate_distortion kodak -o benchmarks/x"
