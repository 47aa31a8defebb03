"""Runs the training program as `python -m vaecodec.training`."""

from __future__ import annotations

import sys

from vaecodec.training.program import main

if __name__ == "__main__":
    sys.exit(main())
