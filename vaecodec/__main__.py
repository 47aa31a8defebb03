"""Runs the command line as `python -m vaecodec`."""

from __future__ import annotations

import sys

from vaecodec.cli import main

if __name__ == "__main__":
    sys.exit(main())
