"""The command `vaecodec models`: which models there are, and what is known of them.

Reading them needs numpy, which is imported only when the command is used; no engine is
started.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from vaecodec.cli.files import write_file
from vaecodec.cli.messages import put_out, say, shown, shown_size
from vaecodec.errors import ModelError

if TYPE_CHECKING:
    from vaecodec.models.listing import Listed

UNKNOWN = "unknown"
METRICS = {
    "psnr-rgb": "PSNR",
    "ms-ssim-rgb-db": "MS-SSIM",
    "ssimulacra2": "SSIMULACRA2",
}
ANCHORS = {
    "vtm": "VTM",
    "avif-444": "AVIF 4:4:4",
    "jxl": "JPEG XL",
    "webp": "WebP",
    "jpeg-420": "JPEG 4:2:0",
}
WIDTH, LINE = 19, 75  # of the names of fields, and of what is said of them


@click.command("models")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per model and line."
)
@click.option(
    "--receiver",
    metavar="MODEL",
    help="Write what decoding needs of a model, for web pages, to the file -o.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --receiver: the file to write, which must not exist, or a folder, in "
    "which it is named by the ids of the model, as web pages ask for it.",
)
def models_command(as_json: bool, receiver: str | None, output: Path | None) -> int:
    """List the shipped models and those in VAECODEC_MODELS."""
    if (receiver is None) != (output is None):
        raise click.UsageError("--receiver and -o must be given together")
    if receiver is not None and output is not None:
        return _write_receiver(receiver, output)
    return _list(as_json)


def _write_receiver(model: str, output: Path) -> int:
    from vaecodec.models.library import load_model
    from vaecodec.models.receiver_file import receiver_file

    file = load_model(model)
    data = receiver_file(file)
    if output.is_dir():
        output /= f"{file.model_id}.safetensors"
    write_file(output, data)
    put_out(f"{shown(output)}: {shown_size(len(data))}")
    return 0


def _list(as_json: bool) -> int:
    from vaecodec.models.listing import list_models

    codes, texts = [0], []
    for model in list_models():
        if isinstance(model, ModelError):
            say(str(model))
            codes.append(model.exit_code)
        elif as_json:
            put_out(json.dumps(dataclasses.asdict(model)))
        else:
            texts.append("\n".join([shown(Path(model.name)), *_lines(model)]))
    if texts:
        put_out("\n\n".join(texts))
    return max(codes)


def _lines(model: Listed) -> Iterator[str]:
    kmac, crops = model.decoder_kmac_per_pixel, model.crops_seen
    parameters = model.parameters
    fields = {
        "stream id": model.stream_id,
        "painter id": model.painter_id,
        "file size": f"{model.file_size / 1e6:.2f} MB",
        "parameters": UNKNOWN if parameters is None else f"{parameters:,}",
        "decoder": UNKNOWN if kmac is None else f"{kmac:.2f} kMAC per pixel",
        "Kodak BD-rates, %": "\n".join(_bd_rates(model)) or "not measured",
        "crops seen": UNKNOWN if crops is None else f"{crops:,}",
    }
    if card := model.card:
        fields |= {
            "tuned for": card.tune,
            "objective": card.objective,
            "learned from": card.pictures,
            "training": card.training,
            "not for": card.not_for,
        }
    for name, text in fields.items():
        lines = [line for part in text.split("\n") for line in wrap(part, LINE)]
        yield f"  {name:<{WIDTH}}{lines[0]}"
        yield from (" " * (2 + WIDTH) + line for line in lines[1:])


def _bd_rates(model: Listed) -> Iterator[str]:
    """A line for each metric."""
    for metric, rates in model.kodak_bd_rates.items():
        against = ", ".join(
            f"{ANCHORS.get(anchor, anchor)} {rate:+.1f}"
            for anchor, rate in rates.items()
        )
        yield f"{METRICS.get(metric, metric)}: {against}"
