"""Measurements of vaecodec; run from the repository root, see README.md here."""
