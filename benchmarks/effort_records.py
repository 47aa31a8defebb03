"""What `effort` measures, and how its settings compare."""

from __future__ import annotations

from dataclasses import dataclass

from vaecodec.benchmark.bd_rate import compare
from vaecodec.benchmark.curves import Curve
from vaecodec.benchmark.records import Conditions

ANCHOR = "AVIF 4:4:4", "speed 6"


@dataclass(frozen=True)
class Row:
    """One setting of a codec; what has a place for each quality are means."""

    family: str
    level: str
    seconds_per_megapixel: float
    bpp: tuple[float, ...]
    psnr: tuple[float, ...]
    ssimulacra2: tuple[float, ...]


@dataclass(frozen=True)
class Effort:
    """The result file."""

    image_count: int
    rows: tuple[Row, ...]
    conditions: Conditions

    def against(self, row: Row, other: Row, metric: str) -> float:
        """How many more bits a row needs than another for the same score, percent."""
        one, anchor = (
            Curve(each.level, each.bpp, getattr(each, metric), "")
            for each in (row, other)
        )
        return compare(one, anchor).percent

    def against_anchor(self, row: Row) -> float:
        """The same, against `ANCHOR` and by SSIMULACRA2."""
        [anchor] = [each for each in self.rows if (each.family, each.level) == ANCHOR]
        return self.against(row, anchor, "ssimulacra2")
