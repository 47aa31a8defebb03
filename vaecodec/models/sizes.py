"""Numbers that the architectures share, and that belong to no model."""

from __future__ import annotations

CELL = 64  # pixels per hyper-latent position: sides of windows are multiples of it
PATCH = 16  # pixels per latent position
HYPER_STEP = CELL // PATCH  # latent positions per hyper-latent one, along each side
HYPER_LIMIT = 31  # largest magnitude of a hyper-symbol
