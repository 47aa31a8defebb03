"""Train a model for images of many channels, and compress some with and without loss.

python multispectral.py FOLDER [MINUTES]

Draws what a satellite might see: fields, woods and water in eight bands of 12 bits, in
FOLDER/bands. Trains a model on it (a quarter of an hour without MINUTES, which needs
`pip install 'vaecodec[train]'`), and codes an image that the model has not seen.
"""

import sys
from pathlib import Path

import numpy as np

import vaecodec
from vaecodec.training.program import main as training

BANDS, DEPTH, SIDE, IMAGES = 8, 12, 512, 40
MATERIALS = 6
WIDEST = 64  # of the blurs that give fields their shapes, in pixels


def draw(rng: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """One image, uint16 [side, side, BANDS]."""
    fields = np.stack([smooth(rng, side) for _ in range(MATERIALS)])
    which = fields.argmax(axis=0)  # [side, side]
    # Nearby bands see nearly the same; each material has a curve of its own.
    bumps = rng.uniform(0, BANDS, (MATERIALS, 1)), rng.uniform(1, 4, (MATERIALS, 1))
    spectra = 0.1 + 0.6 * np.exp(-(((np.arange(BANDS) - bumps[0]) / bumps[1]) ** 2))
    texture = 1 + 0.1 * smooth(rng, side, narrow=2)
    light = spectra[which] * texture[..., None]
    noisy = light + rng.normal(0, 0.004, light.shape)
    return np.rint(noisy.clip(0, 1) * (2**DEPTH - 1)).astype(np.uint16)


def smooth(rng: np.random.Generator, side: int, narrow: int = WIDEST) -> np.ndarray:
    """Noise without fine detail, [side, side] with a deviation of 1."""
    frequency = np.hypot(*np.meshgrid(*2 * [np.fft.fftfreq(side)]))
    spectrum = np.fft.fft2(rng.normal(size=(side, side)))
    field = np.fft.ifft2(spectrum * np.exp(-((frequency * narrow) ** 2))).real
    return field / field.std()


def train(folder: Path, budget: list[str]) -> Path:
    """The model file that a training run on FOLDER/bands ends with."""
    data = ["--data", str(folder / "bands")]
    kind = ["--channels", str(BANDS), "--depth", str(DEPTH)]
    run, model = folder / "run", folder / "bands.safetensors"
    for words in (
        ["train", *data, *kind, *budget, "--run", str(run)],
        ["export", str(run / "checkpoint.pt"), *data, "-o", str(model)],
    ):
        if code := training(words):
            sys.exit(code)
    return model


def report(image: np.ndarray, model: Path) -> None:
    """Print how many bits a sample takes, and how far it is off."""
    exact = vaecodec.encode(image, depth=DEPTH, lossless=True)
    print(f"lossless: {8 * len(exact) / image.size:.3f} bits per sample")
    for quality in (30, 60, 90):
        data = vaecodec.encode(image, quality, depth=DEPTH, model=model)
        found = vaecodec.decode(data, painter=model)
        error = np.sqrt(np.mean((found.astype(float) - image) ** 2))
        bits = 8 * len(data) / image.size
        print(f"quality {quality}: {bits:.3f} bits per sample, off by {error:.1f}")


def main(folder: Path, budget: list[str]) -> None:
    """Draw, train, compress."""
    rng = np.random.default_rng(1)
    (folder / "bands").mkdir(parents=True, exist_ok=True)
    for number in range(IMAGES):
        np.save(folder / "bands" / f"{number}.npy", draw(rng))
    report(draw(rng), train(folder, budget))


if __name__ == "__main__":
    main(Path(sys.argv[1]), ["--minutes", (*sys.argv[2:], "15")[0]])
