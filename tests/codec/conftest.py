from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.codec.untrained_model import untrained_model
from vaecodec.api import decode, verify
from vaecodec.codec.codec_model import CodecModel, model_to_compress


@pytest.fixture(scope="session")
def untrained_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a small model that was never trained."""
    path = tmp_path_factory.mktemp("models") / "untrained.safetensors"
    path.write_bytes(untrained_model())
    return path


@pytest.fixture
def untrained(untrained_path: Path) -> CodecModel:
    return model_to_compress(untrained_path, threads=1)


@pytest.fixture
def readers(untrained_path: Path) -> list[Callable[[bytes], object]]:
    """All that look at every symbol of a file, with the untrained model."""
    decoding = partial(decode, painter=untrained_path)
    return [decoding, partial(verify, model=untrained_path)]


@pytest.fixture
def shipped() -> CodecModel:
    return model_to_compress(None, threads=1)


# Rows that tests record under a name become a table of that name, with these titles.
TABLES = {
    "odd file": ("file", "as Pillow opens it", "comes back as", ""),
    "setting": (
        "setting",
        "symbols of the first's file",
        "symbols of its file",
        "samples that differ",
    ),
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests recorded, as tables."""
    for name, titles in TABLES.items():
        rows = [
            row
            for report in terminalreporter.getreports("passed")
            for key, row in report.user_properties
            if key == name
        ]
        if rows:
            terminalreporter.section(f"{name}s")
            show(terminalreporter, [titles, *sorted(rows)])


def show(reporter: pytest.TerminalReporter, rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        reporter.line("  ".join([*cells, row[3]]).rstrip())
