"""Train a model on a folder of pictures: `python tools/train.py --data FOLDER`.

Needs torch, numpy and pillow. Stops by itself when its budget is used up, saves when it
is interrupted, continues from its checkpoint when started again, and reports on
pictures it does not learn from. Then `python tools/export_model.py` makes the model
file, and `--start` goes on from one with a new budget, with `--model` as a deeper one.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
import time
from pathlib import Path

import torch

from vaecodec.models.checkerboard.networks import klt
from vaecodec.models.checkerboard.networks.configuration import (
    BASE,
    LAMBDA_RANGES,
    NANO,
    SMALL,
    Configuration,
)
from vaecodec.models.checkerboard.networks.growth import grown, relaid
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.stored import from_file
from vaecodec.models.model_file import parse_model
from vaecodec.training.photographs import load_tiles
from vaecodec.training.speed import matrix_peak, training_operations
from vaecodec.training.terms import Terms
from vaecodec.training.trainer import Trainer
from vaecodec.training.validation import QUALITIES, Report, Validator, psnr_db

SAVE_SECONDS = 600.0
PRINT_STEPS = 50
MODELS = {sizes.name: sizes for sizes in (NANO, SMALL, BASE)}
KLT_TILES = 400


def main() -> None:
    options = _options()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    options.run.mkdir(parents=True, exist_ok=True)
    tiles, held_out = load_tiles(options.data)
    print(f"{len(tiles)} tiles to train on, {len(held_out)} to validate with, {device}")
    trainer = _trainer(options, tiles, device)
    validator = Validator(held_out.to(device))
    train(trainer, validator, options)


def train(trainer: Trainer, validator: Validator, options: argparse.Namespace) -> None:
    """Step until the budget is used up; save and validate on the way and at the end."""
    saved = printed = time.monotonic()
    operations = training_operations(trainer.model) / matrix_peak(trainer.device)
    asked_to_stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: asked_to_stop.set())
    while (progress := _progress(trainer, options)) < 1 and not asked_to_stop.is_set():
        start = time.monotonic()
        terms = trainer.advance(progress)
        trainer.seconds += time.monotonic() - start
        if trainer.step % PRINT_STEPS == 0:
            line = _terms_line(terms)  # waits for the device
            count, side = trainer.crops(progress)
            speed = PRINT_STEPS * count / (time.monotonic() - printed)
            printed = time.monotonic()
            print(
                f"step {trainer.step}  {100 * progress:.1f} %  {speed:.1f} images/s  "
                f"{100 * speed * side**2 * operations:.1f} % of peak  {line}",
                flush=True,
            )
        if time.monotonic() - saved > SAVE_SECONDS:
            trainer.save(options.run / "checkpoint.pt")
            report(trainer, validator, options.run)
            saved = time.monotonic()
    trainer.save(options.run / "checkpoint.pt")
    report(trainer, validator, options.run)


def _terms_line(terms: Terms) -> str:
    hyper_rate = terms.hyper_rate.mean().item()
    rate = hyper_rate + terms.latent_rate.mean().item()
    psnr = psnr_db(terms.mse_255.mean().item())
    return f"{rate:.3f} bpp ({hyper_rate:.3f} hyper)  {psnr:.2f} dB"


def report(trainer: Trainer, validator: Validator, run: Path) -> None:
    """Print how the averaged model does on held-out pictures, and log it."""
    result = validator.measure(trainer.average)
    for quality, (rate, psnr) in zip(QUALITIES, result.curve, strict=True):
        print(f"  quality {quality:3d}: {rate:.4f} bpp, {psnr:.2f} dB")
    print(
        f"validation after {trainer.images} images, {trainer.seconds / 60:.1f} min: "
        f"log J {result.log_objective:.4f}, about {result.bd_rate:+.1f} % against JPEG",
        flush=True,
    )
    with (run / "log.jsonl").open("a") as log:
        log.write(json.dumps(_row(trainer, result)) + "\n")


def _row(trainer: Trainer, result: Report) -> dict[str, object]:
    return {
        "step": trainer.step,
        "images": trainer.earlier_images + trainer.images,
        "seconds": round(trainer.seconds, 1),
        "log_objective": result.log_objective,
        "bd_rate": result.bd_rate,
        "curve": result.curve,
        "hyper_rate": result.hyper_rate,
    }


def _trainer(
    options: argparse.Namespace, tiles: torch.Tensor, device: torch.device
) -> Trainer:
    """A new run, or the old one where a checkpoint lies in the run's folder."""
    checkpoint = options.run / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=device)
        model = HierarchicalVae(Configuration.from_json(state["sizes"])).to(device)
        trainer = Trainer(model, tiles.to(device), seed=options.seed)
        trainer.restore(state)
        print(f"continuing {checkpoint} at step {trainer.step}")
        return trainer
    torch.manual_seed(options.seed)
    if options.start is None:
        sizes = MODELS[options.model or NANO.name].tuned(options.tune)
        model, images = HierarchicalVae(sizes), 0
        klt.initialize(model, list(tiles[:KLT_TILES]))
    else:
        file = parse_model(options.start.read_bytes())
        model, images = from_file(file), int(file.metadata["training_images"])
        if options.model is not None:
            try:
                model = grown(model, MODELS[options.model])
            except ValueError as error:
                raise SystemExit(f"{options.start} cannot grow: {error}") from error
        if model.sizes != model.sizes.tuned(options.tune):
            model = relaid(model, model.sizes.tuned(options.tune))
    return Trainer(
        model.to(device), tiles.to(device), seed=options.seed, earlier_images=images
    )


def _progress(trainer: Trainer, options: argparse.Namespace) -> float:
    """Share of the budget that is used up, 0..1."""
    if options.images is not None:
        return float(trainer.images / options.images)
    return float(trainer.seconds / (60 * options.minutes))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--run", type=Path, default=Path("runs/default"))
    budget = parser.add_mutually_exclusive_group(required=True)
    budget.add_argument("--minutes", type=float, help="of training, over all starts")
    budget.add_argument("--images", type=int, help="crops to see, over all starts")
    parser.add_argument(
        "--tune",
        choices=LAMBDA_RANGES,
        default="eye",
        help="what is kept: what an eye sees, or the PSNR (default: eye)",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--model",
        choices=MODELS,
        help=f"sizes of a new run (default: those of --start, else {NANO.name})",
    )
    parser.add_argument(
        "--start", type=Path, metavar="FILE", help="model file to start a new run from"
    )
    options = parser.parse_args()
    for folder in options.data:
        if not folder.is_dir():
            parser.error(f"--data {folder}: not a folder")
    return options


if __name__ == "__main__":
    main()
