"""Does a new model work, and does it compress at least as well as the one before?

In: model files and pictures. Out: figures on standard output, or a failure.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vaecodec.cli.messages import EXIT_DATA, FileFailure, tell
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.codec.pictures.picture import Picture
from vaecodec.codec.search.targets import colour_psnr
from vaecodec.format.container import parse_file
from vaecodec.models.model_file import ModelFile

QUALITIES = (5, 20, 35, 50, 65, 80, 95)
METRICS = {"eye": "ssimulacra2", "psnr": "psnr-rgb"}


def bring_back(file: ModelFile, picture: Picture) -> None:
    """Compress a picture and decode it: what does not work raises here."""
    tell("Compressing and decompressing a picture")
    model = CodecModel(file, threads=None)
    for quality in (0, 50, 100):
        data = encode_with(
            model,
            picture.samples,
            quality=quality,
            depth=picture.depth,
            listed=picture.listed,
        )
        psnr = colour_psnr(picture, decode_with(model, parse_file(data)))
        height, width = picture.samples.shape[:2]
        rate = 8 * len(data) / (height * width)
        print(f"quality {quality}: {rate:.3f} bpp, {psnr:.2f} dB")


def refuse_worse(new: Path, old: Path, folder: Path, *, metric: str) -> None:
    """Compare two model files on the images of a folder.

    Raises:
        FileFailure: `new` needs more bits than `old` at equal score, or they can
            hardly be compared.
    """
    try:
        percent = bd_rate(new, old, folder, metric=metric)
    except ValueError as error:
        raise FileFailure(new, f"refused: {error}", EXIT_DATA) from error
    print(f"BD-rate against the model in {old}: {percent:+.2f} %, by {metric}")
    if round(percent, 2) > 0:
        raise FileFailure(new, f"refused: {old} is better and stays", EXIT_DATA)


def bd_rate(new: Path, old: Path, folder: Path, *, metric: str) -> float:
    """Percent more rate of `new` at equal score: real files, means over the pictures.

    Raises:
        ValueError: A model fails, or their curves have too little in common.
    """
    # Late, since only the extra "bench" brings what they need.
    from vaecodec.benchmark.bd_rate import compare
    from vaecodec.benchmark.codecs.vaecodec import Vaecodec
    from vaecodec.benchmark.curves import curve_of
    from vaecodec.benchmark.entry import Codec
    from vaecodec.benchmark.images import list_images, load_image
    from vaecodec.benchmark.results import means
    from vaecodec.benchmark.runner import measure_images

    codecs: dict[str, Codec] = {str(path): Vaecodec(str(path)) for path in (new, old)}
    qualities = dict.fromkeys(codecs, QUALITIES)
    paths = list_images(folder)
    with click.progressbar(length=len(paths), label="Checking", file=sys.stderr) as bar:
        images = map(load_image, paths)
        rows = measure_images(images, codecs, qualities, done=bar.update)
    tested, anchor = (curve_of(k, means(rows[k]), metric) for k in codecs)
    return compare(tested, anchor).percent
