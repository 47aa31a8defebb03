"""The command `vaecodec models`: which models there are, and what is known of them.

Reading them needs numpy, which is imported only when the command is used; no engine is
started.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaecodec.cli.messages import put_out, say, shown
from vaecodec.errors import ModelError

if TYPE_CHECKING:
    from vaecodec.weights.listing import Listed

UNKNOWN = "unknown"
ANCHORS = {"vtm": "VTM", "jpeg": "JPEG"}


@click.command("models")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object per model and line."
)
def models_command(as_json: bool) -> int:
    """List the models: those that are shipped, and those in VAECODEC_MODELS."""
    from vaecodec.weights.listing import list_models

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
    kmac, images = model.decoder_kmac_per_pixel, model.training_images
    rates = (
        f"{rate:+.1f} % against {ANCHORS.get(anchor, anchor)}"
        for anchor, rate in model.kodak_bd_rates.items()
    )
    fields = {
        "model id": model.model_id,
        "file size": f"{model.file_size / 1e6:.2f} MB",
        "parameters": f"{model.parameters:,}",
        "decoder": UNKNOWN if kmac is None else f"{kmac:.2f} kMAC per pixel",
        "Kodak BD-rate": ", ".join(rates) or "not measured",
        "training images": UNKNOWN if images is None else f"{images:,}",
    }
    return (f"  {name:<17}{value}" for name, value in fields.items())
