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
PROBE = """<script>
const found = { errors: [], width: innerWidth };
addEventListener("error", event => found.errors.push(event.message));
addEventListener("securitypolicyviolation", event => found.errors.push(event.blockedURI));
addEventListener("load", () => {
  const seen = element => element.getBoundingClientRect();
  const one = query => document.querySelector(query);
  const view = one(".view"), range = one("figure input");
  const clip = () => getComputedStyle(one(".view img.right")).clipPath;
  found.before = clip();
  range.value = 20;
  range.dispatchEvent(new Event("input"));
  found.after = clip();
  found.right = one(".view img.right").alt;
  const [left] = document.querySelectorAll("figure select");
  left.value = 0;
  left.dispatchEvent(new Event("change"));
  found.left = one(".view img.left").alt;
  found.note = document.querySelectorAll(".note")[1].textContent;
  const box = seen(view);
  view.dispatchEvent(new PointerEvent("pointerdown", { clientX: box.left + box.width * 0.7, buttons: 1 }));
  found.dragged = clip();
  found.pictures = [...document.images].map(image => image.naturalWidth);
  found.charts = [...document.querySelectorAll("svg")].filter(svg => seen(svg).width > 100).length;
  found.overflow = document.documentElement.scrollWidth - innerWidth;
  document.querySelectorAll("button[data-metric]")[1].click();
  found.metric = [...document.querySelectorAll("div[data-metric]")].filter(part => !part.hidden).map(part => part.dataset.metric);
  const box_ = one(".chips input[value='vtm']");
  box_.click();
  found.hidden = [...document.querySelectorAll("[data-curve=vtm].curve")].every(curve => seen(curve).width === 0);
  const labels = [...document.querySelectorAll("svg .end")].map(seen).filter(box => box.width);
  found.touching = labels.filter((a, i) => labels.some((b, j) => j > i && a.left < b.right && b.left < a.right && Math.abs(a.top - b.top) < 8)).length;
  const dot = one("div:not([hidden]) > div > svg circle");
  dot?.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
  found.tip = one("#tip").textContent;
  found.fetched = performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:"));
  document.title = JSON.stringify(found);
});
</script>"""


@pytest.fixture(scope="module", params=["1280,900", "500,900"])
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What a script inside the page found, on the desktop and on a narrow screen."""
    folder = tmp_path_factory.mktemp("browser")
    results = make_results()
    page = render(results, make_summary(results), [make_crop()])
    file = folder / "report.html"
    file.write_text(page.replace("<main>", PROBE + "<main>"), "utf-8")
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
    assert found["pictures"] == [64, 64, 64]
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
    assert found["note"] == "0.300 bpp, 30.00 dB"


def test_tabs_and_chips_choose_what_is_shown(found: dict[str, Any]) -> None:
    assert found["metric"] == ["ms-ssim-rgb-db", "ms-ssim-rgb-db"]
    assert found["hidden"]
    assert found["touching"] == 0
    assert "quality 10" in found["tip"]
