"""Sort pictures into classes that are learned from a few labelled ones.

python few_labels.py LABELLED FOLDER

LABELLED has a folder of `.vaec` files for each class. Prints the class of each file in
FOLDER. The classifier is trained on latents, so no picture is drawn.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import vaecodec

SMALLEST = 1e-3  # energy of a channel, that silent ones are told from others by


def descriptor(file: Path | bytes) -> NDArray[np.float32]:
    """The mean of each channel, and how much happens in it."""
    latents = vaecodec.features(file, threads=1).latents
    energies = np.square(latents).mean((1, 2))
    return np.concatenate([latents.mean((1, 2)), np.log(energies + SMALLEST)])


def classifier() -> Pipeline:
    """Takes rows of descriptors."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))


if __name__ == "__main__":
    labelled, folder = map(Path, sys.argv[1:])
    known = sorted(labelled.glob("*/*.vaec"))
    trained = classifier().fit(
        [descriptor(path) for path in known], [path.parent.name for path in known]
    )
    for path in sorted(folder.glob("*.vaec")):
        [name] = trained.predict([descriptor(path)])
        print(f"{name} {path.name}")
