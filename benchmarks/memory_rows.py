"""What `memory` measures and `plot_memory` draws, as records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Of one process; `beside_samples_mib` of one that holds the samples itself."""

    peak_mib: float
    seconds: float
    beside_samples_mib: float | None = None


@dataclass(frozen=True)
class RegionCost:
    """Of decoding a region; above 1 where parts of the file are read again."""

    x_y_width_height: tuple[int, ...]
    share_of_file_read: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class SizeRow:
    """An image of one size: what each process takes, and what became of the image."""

    megapixels: float
    compress: Cost
    decompress: Cost
    encode: Cost
    decode: Cost
    region: RegionCost
    width: int
    height: int
    bytes: int
    psnr_db: float
