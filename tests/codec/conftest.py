from __future__ import annotations

from pathlib import Path

import pytest

from tests.codec.untrained_model import untrained_model
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
def shipped() -> CodecModel:
    return model_to_compress(None, threads=1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what became of each odd file, as their test recorded it."""
    rows = [
        row
        for report in terminalreporter.getreports("passed")
        for name, row in report.user_properties
        if name == "odd file"
    ]
    if not rows:
        return
    terminalreporter.section("odd files")
    titles = ("file", "as Pillow opens it", "comes back as", "")
    rows = [titles, *sorted(rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        terminalreporter.line("  ".join([*cells, row[3]]).rstrip())
