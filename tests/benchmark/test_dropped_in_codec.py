"""A new codec costs one file: a module put into `codecs/`, and not a word elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.readme_tables import render_summary
from tests.benchmark.synthetic import make_result, make_results
from vaecodec.benchmark import codecs
from vaecodec.benchmark.conditions import conditions
from vaecodec.benchmark.palette import colour
from vaecodec.benchmark.plan import Plan
from vaecodec.benchmark.plot import draw
from vaecodec.benchmark.run import run_benchmark
from vaecodec.benchmark.write import write_everything

MODULE = """
from vaecodec.benchmark.entry import Entry, Library
from vaecodec.benchmark.pillow_codec import PillowCodec


class Tiff(PillowCodec):
    name, format = "TIFF with JPEG", "TIFF"
    settings = "libtiff through Pillow"
    qualities = (10, 30, 50, 70, 90)

    def __init__(self):
        super().__init__()
        self.options = {"compression": "jpeg"}


class Absent(Tiff):
    def __init__(self):
        import nowhere_to_be_found


ENTRIES = (
    Entry(
        key="tiff",
        make=Tiff,
        colour=("#123456", "#abcdef"),
        in_readme=True,
        note="TIFF: libtiff",
        library=Library("libtiff", "libtiff"),
        held_out_qualities=(10, 90),
    ),
    Entry(key="tiff-absent", make=Absent),
)
"""


@pytest.fixture
def dropped_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "tiff.py").write_text(MODULE)
    monkeypatch.setattr(codecs, "__path__", [*codecs.__path__, str(tmp_path)])
    codecs.entries.cache_clear()
    yield
    codecs.entries.cache_clear()


@pytest.fixture
def plan(dropped_in: None, folder: Path, tmp_path: Path, model: Path) -> Plan:
    """The new codec against an untrained model."""
    return Plan(
        folder=folder,
        output=tmp_path / "out",
        command="vaecodec benchmark pictures",
        against=("tiff",),
        model=str(model),
        quick=True,
    )


@pytest.mark.usefixtures("dropped_in")
def test_the_command_line_offers_it() -> None:
    assert "tiff" in Plan(Path("."), Path("."), "").against
    with pytest.raises(ValueError, match=r"not one of vaecodec, .*, avif-444, tiff, "):
        codecs.make_codec("gif")


def test_a_run_shows_it_in_result_files_tables_and_report(plan: Plan) -> None:
    made = plan.codecs()
    results = run_benchmark(plan, made, done=lambda count: None)
    said = "\n".join(write_everything(plan, made, results))
    assert "TIFF with JPEG " in said
    assert "tiff-absent is absent: No module named 'nowhere_to_be_found'" in said
    stored = json.loads((plan.output / "tiff.json").read_text("utf-8"))
    assert [mean["quality"] for mean in stored["means"]] == [10, 30, 50, 70, 90]
    assert "\ntiff,cup.png,192,176,10," in (plan.output / "results.csv").read_text()
    page = (plan.output / "report.html").read_text("utf-8")
    assert '<th scope="row">TIFF with JPEG</th>' in page
    assert 'alt="TIFF with JPEG: part of ' in page
    assert '.curve[data-curve="tiff"]' in page
    assert "#123456" in page


@pytest.mark.usefixtures("dropped_in")
def test_plot_readme_and_conditions_show_it() -> None:
    results = make_results()
    results["tiff"] = make_result("tiff", "TIFF with JPEG", scale=0.5)
    texts = draw(results).axes[0].texts
    labels = {text.get_text(): text.get_color() for text in texts}
    assert labels["TIFF with JPEG"] == colour("tiff")[0] == "#123456"
    assert conditions(command="").versions["libtiff"]
    assert "| TIFF with JPEG |" in (text := render_summary(results))
    assert "TIFF: libtiff. " in text
