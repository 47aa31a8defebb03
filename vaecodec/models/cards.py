"""What the shipped models learned, from what, and what they are not for.

Out: `CARDS` by name of the model. Written by hand when a model is replaced; figures
stand elsewhere, see `listing`. The long version: docs/models.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """What cannot be told from a model file.

    Attributes:
        tune: what `--tune` calls it.
        objective: what training made small.
        pictures: kinds of pictures it learned from, and their licences.
        training: for how long, and on what.
        not_for: what to use something else for.
    """

    tune: str
    objective: str
    pictures: str
    training: str
    not_for: str


PHOTOGRAPHS = (
    "512x512 crops of photographs: stock pictures, wallpapers, snapshots; CC0, public "
    "domain, CC BY, CC BY-SA, the Unsplash licence, or free to use"
)
NOT_FOR = (
    "screenshots and line art (lossless files are often smaller); measurements, "
    "evidence, medicine (it may show detail that was not there)"
)
CARDS = {
    "standard": Card(
        tune="eye",
        objective=(
            "rate, structure as SSIMULACRA2 measures it, squared error (luma above "
            "colour), and the colours of plain areas"
        ),
        pictures=f"{PHOTOGRAPHS}; text and drawings; skies drawn by code",
        training="like psnr, then 4 hours for the eye with one CPU thread",
        not_for=f"{NOT_FOR}; comparisons by PSNR (use psnr)",
    ),
    "psnr": Card(
        tune="psnr",
        objective="rate and squared error",
        pictures=f"{PHOTOGRAPHS}; text and drawings",
        training="4.8 hours in three runs, the last with text and drawings",
        not_for=f"{NOT_FOR}; small files that people will look at (use standard)",
    ),
}
