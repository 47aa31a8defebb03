"""Published rate-distortion curves of Kodak, kept in `anchors/kodak.json`.

In: that file, which says of every curve where it was read. Out: `Curve`s, and how well
a codec measured here repeats a published curve at the same qualities.

They are means over the 24 images, and only exactly these are compared with them: known
by a hash of their samples, whatever the files are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from vaecodec.benchmark.codecs import entries
from vaecodec.benchmark.curves import Curve
from vaecodec.benchmark.json_files import named, read_record
from vaecodec.benchmark.metrics import MS_SSIM_DB, decibels
from vaecodec.benchmark.records import ImageResult, MeanPoint, Reproduction

KODAK = Path(__file__).parent / "anchors" / "kodak.json"
# The curves that a picture of them begins with.
SHOWN = ("bpg444", "vtm", "bmshj2018-hyperprior", "hpcm-large")


@dataclass(frozen=True)
class Anchor:
    """A published curve: `source` is the file it was read from, `psnr` in dB."""

    name: str
    source: str
    note: str
    bpp: tuple[float, ...]
    psnr: tuple[float, ...]
    ms_ssim: tuple[float, ...] | None = None
    quality: tuple[int, ...] | None = None

    def scores(self, metric: str) -> tuple[float, ...] | None:
        """By a metric that curves are made of; None where it was not published."""
        if metric == MS_SSIM_DB and self.ms_ssim:
            return tuple(map(decibels, self.ms_ssim))
        return self.psnr if metric == "psnr-rgb" else None


@dataclass(frozen=True)
class Published:
    """Curves by key, and the digests of the images they are means over, by name."""

    images: Mapping[str, str]
    anchors: Mapping[str, Anchor] = field(metadata=named("curves"))


def load_anchors(metric: str = "psnr-rgb") -> dict[str, Curve]:
    """Published curves by key: "psnr-rgb", or "ms-ssim-rgb-db" where published."""
    return {
        key: Curve(anchor.name, anchor.bpp, scores, anchor.source)
        for key, anchor in published().anchors.items()
        if (scores := anchor.scores(metric))
    }


def covers_anchors(images: Iterable[ImageResult]) -> bool:
    """Whether these are the images of the published curves, sample for sample."""
    expected = sorted(published().images.values())
    return sorted(image.samples_sha256 for image in images) == expected


def reproduction(codec: str, means: Sequence[MeanPoint]) -> Reproduction | None:
    """Largest differences from the published curve at equal qualities.

    None for a codec that nothing published was measured with. They are in percent of
    the rate and in dB.
    """
    key = entries()[codec].reproduces if codec in entries() else None
    if key is None:
        return None
    anchor = published().anchors[key]
    rows = zip(anchor.quality or (), anchor.bpp, anchor.psnr, strict=True)
    expected = {quality: (bpp, psnr) for quality, bpp, psnr in rows}
    common = [(m, *expected[int(m.quality)]) for m in means if m.quality in expected]
    if not common:
        return None
    rates = [100 * (mean.bpp / bpp - 1) for mean, bpp, _ in common]
    scores = [(mean.scores["psnr-rgb"] or 0) - psnr for mean, _, psnr in common]
    return Reproduction(key, len(common), _largest(rates), _largest(scores))


def _largest(differences: Sequence[float]) -> float:
    largest: float = max(differences, key=abs)
    return round(largest, 3)


@lru_cache(maxsize=1)
def published() -> Published:
    """All that the file says."""
    return read_record(Published, KODAK)
