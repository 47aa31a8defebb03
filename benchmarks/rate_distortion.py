"""Rate and distortion of one codec on a folder of images.

In: a folder, a codec, qualities. Out: `<output folder>/<codec>.json` and a table.

Every number comes from a complete file: the image is compressed to bytes, and decoded
from nothing but these bytes. Each image is measured at every quality, so the file also
says whether a higher quality ever gave a smaller file or a lower PSNR. Against the
published curves only Kodak is compared, see `anchors/kodak.json`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bd_rate import bd_rates, not_rising
from benchmarks.codecs import CODECS, THREADS, Codec, make_codec
from benchmarks.conditions import conditions, write_json
from benchmarks.curves import covers_anchors, load_anchors, measured_curve
from benchmarks.images import list_images, read_image
from benchmarks.metrics import bits_per_pixel, psnr_db

MEANS = ("bpp", "psnr_db", "encode_seconds", "decode_seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    codec = make_codec(options.codec, model=options.model)
    qualities = sorted(set(options.qualities or codec.qualities))
    paths = list_images(options.folder)
    work = partial(
        measure_image, key=options.codec, model=options.model, qualities=qualities
    )
    images = []
    for image in _run(work, paths, jobs=options.jobs):
        images.append(image)
        print(f"{image['name']} ({len(images)} of {len(paths)})", file=sys.stderr)
    result = summarise(codec, images)
    if options.codec == "vaecodec":
        result["model_id"] = _model_id(codec, paths[0], qualities[0])
    result["conditions"] = conditions(threads=THREADS) | {"jobs": options.jobs}
    output = options.output / f"{options.codec}.json"
    write_json(output, result | {"images": images})
    print_result(result)
    print(f"written: {output}")
    return 0


def measure_image(
    path: Path, *, key: str, model: Path | None, qualities: Sequence[int]
) -> dict[str, Any]:
    """Every quality of one image: name, size, and one point for each quality."""
    codec = make_codec(key, model=model)
    image = read_image(path)
    # Models and tables are loaded at first use, which no single image should pay for.
    codec.decompress(codec.compress(np.ascontiguousarray(image[:64, :64]), 50))
    points = [measure_point(codec, image, quality) for quality in qualities]
    height, width, _ = image.shape
    return {"name": path.name, "width": width, "height": height, "points": points}


def measure_point(codec: Codec, image: Any, quality: int) -> dict[str, Any]:
    """Compress and decode one uint8 [H, W, 3] image; sizes in bytes, times in s."""
    height, width, _ = image.shape
    start = time.perf_counter()
    data = codec.compress(image, quality)
    middle = time.perf_counter()
    decoded = codec.decompress(data)
    end = time.perf_counter()
    return {
        "quality": quality,
        "bytes": len(data),
        "bpp": round(bits_per_pixel(len(data), width=width, height=height), 6),
        "psnr_db": round(psnr_db(image, decoded), 4),
        "encode_seconds": round(middle - start, 4),
        "decode_seconds": round(end - middle, 4),
    }


def summarise(codec: Codec, images: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over the images, and what they are worth."""
    points = [image["points"] for image in images]
    result: dict[str, Any] = {
        "codec": codec.name.lower(),
        "name": codec.name,
        "settings": codec.settings,
        "image_count": len(images),
        "means": [_mean(points) for points in zip(*points, strict=True)],
        "not_monotonic": falls(images),
    }
    if covers_anchors([image["name"] for image in images]):
        result["bd_rates"] = bd_rates(measured_curve(result), load_anchors())
    return result


def falls(images: list[dict[str, Any]]) -> list[str]:
    """Where a higher quality gave no larger file, or no higher PSNR, of an image."""
    return [
        f"{image['name']}: {measure} at quality {image['points'][i]['quality']}"
        for image in images
        for measure in ("bytes", "psnr_db")
        for i in not_rising([point[measure] for point in image["points"]])
    ]


def print_result(result: dict[str, Any]) -> None:
    """Print the means, the BD-rates and the monotonicity of one result."""
    print(f"{result['name']}: {result['settings']}, {result['image_count']} images")
    print("quality      bpp  PSNR dB  encode s  decode s")
    for mean in result["means"]:
        print(
            "{quality:7d}{bpp:9.4f}{psnr_db:9.3f}"
            "{encode_seconds:10.3f}{decode_seconds:10.3f}".format(**mean)
        )
    for key, row in result.get("bd_rates", {}).items():
        text = "{percent:+8.2f} % over {low_db:.2f} to {high_db:.2f} dB"
        refused = row.get("refused")
        print(f"against {key:21s} {refused or text.format(**row)}")
    failures = result["not_monotonic"]
    print(f"rate and PSNR rise with quality on every image: {not failures}")
    for line in failures:
        print(f"  not rising: {line}")


def _run(work: Any, paths: list[Path], *, jobs: int) -> Iterator[dict[str, Any]]:
    if jobs == 1:
        yield from map(work, paths)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, paths)


def _mean(points: Sequence[dict[str, Any]]) -> dict[str, Any]:
    means = {key: sum(point[key] for point in points) / len(points) for key in MEANS}
    return {"quality": points[0]["quality"]} | {
        key: round(value, 6) for key, value in means.items()
    }


def _model_id(codec: Codec, path: Path, quality: int) -> str:
    import vaecodec

    data = codec.compress(read_image(path)[:64, :64], quality)
    return str(vaecodec.inspect(data).model_id)


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= (os.cpu_count() or 1):
        raise argparse.ArgumentTypeError(f"{text} is not in 1..{os.cpu_count()}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of images")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder")
    parser.add_argument("--codec", choices=CODECS, default="vaecodec")
    parser.add_argument("--qualities", type=int, nargs="+", metavar="Q")
    parser.add_argument("--model", type=Path, help="model file (vaecodec only)")
    parser.add_argument("--jobs", type=_positive, default=1, help="processes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
