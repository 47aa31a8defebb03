"""What is known of every model that is there: for `vaecodec models`.

In: the shipped models and those in the folders of VAECODEC_MODELS. Out: a `Listed` for
each. Size and complexity follow from the model file. How well it compresses does not:
that was measured, and stands in a file beside it, `NAME.json`, which names the model by
its id, so that numbers of an earlier model are never shown for a later one. What it
learned from was written down by hand: `cards`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vaecodec.errors import ModelError
from vaecodec.models.cards import CARDS, Card
from vaecodec.models.library import load_model, model_paths
from vaecodec.models.registry import complexity

MAX_MEASUREMENT_BYTES = 1 << 16

BdRates = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Listed:
    """A model, by the name under which it can be asked for.

    Attributes:
        name: of a shipped model; of others the path.
        stream_id: 16 hex digits, as in files made with it.
        painter_id: 8 hex digits, as there.
        file_size: in bytes.
        parameters: numbers that were trained; None for architectures that do not tell.
        decoder_kmac_per_pixel: multiply-accumulates of decoding, in thousands per
            pixel; None for networks that are not known here.
        kodak_bd_rates: percent of the rate at equal quality on the Kodak images, by
            metric ("psnr-rgb", "ms-ssim-rgb-db", "ssimulacra2") and then by what it is
            compared with ("avif-444", "jxl", ...); empty when not measured.
        crops_seen: in training; None when the file does not say.
        card: of a shipped model; None for others.
    """

    name: str
    stream_id: str
    painter_id: str
    file_size: int
    parameters: int | None
    decoder_kmac_per_pixel: float | None
    kodak_bd_rates: BdRates
    crops_seen: int | None
    card: Card | None

    @property
    def model_id(self) -> str:
        """Both ids, as measurements name the model."""
        return f"{self.stream_id}-{self.painter_id}"


def list_models() -> Iterator[Listed | ModelError]:
    """All models in the order of search; of a damaged one the error."""
    for name, path in model_paths():
        try:
            yield describe(name, path)
        except ModelError as error:
            yield error


def describe(name: str, path: Path) -> Listed:
    """What is known of one model.

    Raises:
        ModelError: The file is damaged or unreadable.
    """
    file = load_model(path)
    crops = file.metadata.get("training_images", "")
    parameters, kmac = complexity(file)
    return Listed(
        name=name,
        stream_id=file.stream_id.hex(),
        painter_id=file.painter_id.hex(),
        file_size=path.stat().st_size,
        parameters=parameters,
        decoder_kmac_per_pixel=kmac,
        kodak_bd_rates=_measured(path.with_suffix(".json"), file.model_id),
        crops_seen=int(crops) if crops.isdecimal() and len(crops) < 20 else None,
        card=CARDS.get(name),
    )


def measurement(model_id: str, kodak_bd_rates: BdRates) -> str:
    """The text of the file beside a model."""
    content = {"model_id": model_id, "kodak_bd_rates": kodak_bd_rates}
    return json.dumps(content, indent=1) + "\n"


def _measured(path: Path, model_id: str) -> BdRates:
    """What `measurement` wrote; nothing when it is of another model, or unreadable."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(MAX_MEASUREMENT_BYTES))
        rates = content["kodak_bd_rates"] if content["model_id"] == model_id else {}
        return {
            str(metric): {str(name): float(rate) for name, rate in row.items()}
            for metric, row in rates.items()
        }
    except (
        *(OSError, ValueError, KeyError, TypeError, AttributeError),
        *(OverflowError, RecursionError),
    ):
        return {}
