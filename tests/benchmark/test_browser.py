"""The report in a real browser, from disk, as a reader opens it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.benchmark.synthetic import make_crop, make_results, make_summary
from vaecodec.benchmark.report import render

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--virtual-time-budget=3000", "--dump-dom"),
)
PROBE = Path(__file__).with_name("report_probe.js")


@pytest.fixture(scope="module", params=["1280,900", "500,900"])
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What a script inside the page found, on the desktop and on a narrow screen."""
    folder = tmp_path_factory.mktemp("browser")
    results = make_results()
    page = render(results, make_summary(results), [make_crop()])
    file = folder / "report.html"
    script = f"<script>{PROBE.read_text('utf-8')}</script>"
    file.write_text(page.replace("<main>", script + "<main>"), "utf-8")
    dom = dump(file, folder / "profile", request.param)
    title = re.search(r"<title>(.*?)</title>", dom, re.DOTALL)
    assert title is not None
    found: dict[str, Any] = json.loads(unescape(title[1]))
    return found


def dump(file: Path, profile: Path, size: str) -> str:
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", f"--window-size={size}"]
    done = subprocess.run(
        [*command, file.as_uri()], capture_output=True, text=True, timeout=120
    )
    return done.stdout


def test_it_renders_without_an_error(found: dict[str, Any]) -> None:
    assert found["errors"] == []
    assert found["pictures"] == [64, 64, 64] * 2  # large, and small on the sheet
    assert found["charts"] == 3
    assert found["overflow"] <= 0


def test_nothing_is_fetched(found: dict[str, Any]) -> None:
    assert found["fetched"] == []


def test_the_slider_moves_the_line_between_two_pictures(found: dict[str, Any]) -> None:
    assert found["before"] == "inset(0px 0px 0px 50%)"
    assert found["after"] == "inset(0px 0px 0px 20%)"
    assert found["dragged"].startswith("inset(0px 0px 0px 70")
    assert found["right"].startswith("vaecodec:")
    assert found["left"].startswith("Original:")
    assert found["note"] == "0.300 bpp, PSNR-RGB 30.00 dB"


def test_tabs_and_chips_choose_what_is_shown(found: dict[str, Any]) -> None:
    assert {*found["metric"]} == {"ms-ssim-rgb-db"}
    assert found["hidden"]
    assert found["touching"] == 0
    assert "quality 10" in found["tip"]
