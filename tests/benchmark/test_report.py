from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.benchmark.synthetic import make_crop, make_results, make_summary
from vaecodec.benchmark.anchors import load_anchors
from vaecodec.benchmark.palette import OTHERS, colours
from vaecodec.benchmark.plot import draw
from vaecodec.benchmark.report import render

VOID = {"meta", "img", "input", "path", "circle", "br"}


class Tree(HTMLParser):
    """Collects the attributes of all tags, and the tags that were never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and tag != "i":
            while self.open and self.open[-1] == "i":
                self.open.pop()
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page() -> str:
    results = make_results()
    return render(results, make_summary(results), [make_crop()])


def test_the_page_is_well_formed(page: str) -> None:
    tree = Tree()
    tree.feed(page)
    assert tree.open == []
    assert "{{" not in page


def test_the_page_names_nothing_outside_itself(page: str) -> None:
    tree = Tree()
    tree.feed(page)
    links = [v for k, v in tree.attributes if k in ("src", "href", "srcset", "action")]
    assert links
    assert all(str(link).startswith("data:image/") for link in links)
    assert not re.search(r"https?:|url\(|@import", page)
    assert "default-src 'none'" in page


def test_what_comes_from_outside_is_escaped(page: str) -> None:
    assert "synthetic &amp; &lt;plain&gt;" in page
    assert "benchmark &lt;kodak&gt;" in page


def test_the_page_shows_the_numbers(page: str) -> None:
    for metric in ("PSNR-RGB", "MS-SSIM"):
        assert (
            '<b class="less">10.0 %</b><span>fewer bits than JPEG 4:2:0 at equal '
            + metric
        ) in page
    assert "28.0 to 40.0" not in page
    assert "29.5 to 41.5 dB, 100%" in page
    assert "jxl is absent" in page
    assert "0123456789abcdef" in page
    assert "not monotonic at 1 points" in page
    assert "torch (absent)" in page


def test_the_spread_over_the_images_is_shown_with_the_worst(page: str) -> None:
    row = page.split("image by image")[1].split("</table>")[0]
    cells = re.findall(r"<td>(.*?)</td>", row)
    assert cells == ["\N{MINUS SIGN}10.0 %"] * 3 + ["kodim01.webp"]


def test_published_curves_are_shown_with_kodak_only(page: str) -> None:
    assert all(curve.source in page for curve in load_anchors().values())
    assert 'data-curve="hpcm-large"' in page
    results = make_results()
    summary = replace(make_summary(results), kodak=False)
    other = render(results, summary, [])
    assert 'data-curve="hpcm-large"' not in other


def test_a_codec_of_a_user_is_compared_with_published_curves_too() -> None:
    results = make_results()
    results["my:Codec"] = replace(results["vaecodec"], name="Mine")
    page = render(results, make_summary(results), [])
    assert "Mine against published curves." in page
    assert "JPEG 4:2:0 against published curves." not in page


def test_text_that_looks_like_a_place_of_the_template_stays_text() -> None:
    results = make_results()
    page = render(results, replace(make_summary(results), folder="{{conditions}}"), [])
    assert "<h1>Rate and distortion on {{conditions}}</h1>" in page


def test_times_of_different_runs_are_said_to_be_such() -> None:
    results = make_results()
    page = render(results, replace(make_summary(results), one_run=False), [])
    assert "NOT all codecs were measured in one run" in page


def contrast(colour: str, ground: str) -> float:
    def luminance(text: str) -> float:
        levels = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [
            v / 12.92 if v < 0.04 else ((v + 0.055) / 1.055) ** 2.4 for v in levels
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("pair", [*colours().values(), *OTHERS])
def test_every_colour_can_be_read_on_its_ground(pair: tuple[str, str]) -> None:
    assert contrast(pair[0], "#ffffff") > 3
    assert contrast(pair[1], "#14171b") > 4.5


def test_the_plot_names_measured_and_published_curves() -> None:
    texts = [text.get_text() for text in draw(make_results()).axes[0].texts]
    assert {"vaecodec", "JPEG 4:2:0", "VTM (VVC)", "HPCM large"} <= {*texts}
