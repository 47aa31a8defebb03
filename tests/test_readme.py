"""What the README and the docs name exists: commands, options, files, exit codes."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import click
import pytest

from vaecodec import cli
from vaecodec.cli import messages
from vaecodec.models.architecture import Architecture

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
LIBRARIES = (ROOT / "docs" / "libraries.md").read_text("utf-8")
FILES = (ROOT / "docs" / "files.md").read_text("utf-8")
INDEX = (ROOT / "docs" / "README.md").read_text("utf-8")
MOST_LINES = 180  # of the README
NAMES = ("README", "CONTRIBUTING", "SECURITY", "benchmarks/README")
PAGES = [*(ROOT / f"{name}.md" for name in NAMES), *sorted(ROOT.glob("docs/*.md"))]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """Every use of the vaecodec program in a shell block, as words after its name."""
    lines = [part for block in blocks("sh", text) for part in re.split(r"\n|&&", block)]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line[:1] == ["vaecodec"]]


def commands_of_all_pages() -> list[list[str]]:
    return [words for page in PAGES for words in commands(page.read_text("utf-8"))]


def files_named() -> list[tuple[str, str]]:
    """Every link and every path of this repository, with the page that names it."""
    found = set()
    for page in PAGES:
        text = page.read_text("utf-8")
        name = page.relative_to(ROOT).as_posix()
        found |= {(name, link) for link in re.findall(r"\]\(([\w./-]+)[)#]", text)}
        folders = r"\.ci|benchmarks|docs|integration|tests|tools|vaecodec"
        paths = re.findall(rf"`((?:{folders})/[\w./-]*)`", text)
        found |= {("README.md", path) for path in paths}
    return sorted(found)


def anchors_named() -> list[tuple[str, str]]:
    """Every link to a heading, with the page that holds it."""
    found = set()
    for page in PAGES:
        text = page.read_text("utf-8")
        links = re.findall(r"\]\(([\w./-]*#[\w-]+)\)", text)
        found |= {(page.relative_to(ROOT).as_posix(), link) for link in links}
    return sorted(found)


def modules_named() -> list[str]:
    """Every module of this repository that a page runs."""
    texts = [page.read_text("utf-8") for page in PAGES]
    names = {name for text in texts for name in re.findall(r"python -m ([\w.]+)", text)}
    ours = ("vaecodec", "benchmarks", "tools")
    return sorted(name for name in names if name.partition(".")[0] in ours)


@pytest.mark.parametrize("library", ["PIL", "imageio", "zarr", "torch"])
def test_the_use_with_other_libraries_is_shown(library: str) -> None:
    pattern = rf"^(?:import|from) {library}\b"
    shown = blocks("python", LIBRARIES)
    assert any(re.search(pattern, block, re.MULTILINE) for block in shown)


def test_the_readme_can_be_read_at_a_sitting() -> None:
    assert len(README.splitlines()) < MOST_LINES


def test_the_first_screen_shows_a_picture_and_every_metric() -> None:
    first = README[: README.index("## Install")]
    assert "![" in first
    for metric in ("SSIMULACRA2", "MS-SSIM", "PSNR-RGB"):
        assert f"| {metric} | " in first


@pytest.mark.parametrize("page", [p.name for p in sorted(ROOT.glob("docs/*.md"))])
def test_the_index_of_the_docs_lists_every_page(page: str) -> None:
    assert page == "README.md" or f"]({page})" in INDEX


@pytest.mark.parametrize(("page", "target"), anchors_named())
def test_every_heading_that_a_link_names_exists(page: str, target: str) -> None:
    file, _, anchor = target.partition("#")
    path = (ROOT / page).parent / file if file else ROOT / page
    titles = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    # As public forges make anchors of titles.
    made = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
    assert anchor in made


@pytest.mark.parametrize("words", commands_of_all_pages(), ids=" ".join)
def test_the_command_line_takes_every_command_shown(words: list[str]) -> None:
    command = cli.commands.commands[words[0]]
    # Below its group, as in a run: click keeps what it once made of --help.
    group = click.Context(cli.commands, **cli.commands.context_settings)
    context = command.make_context(words[0], words[1:], group)
    assert context.params.keys() >= {"quiet"} or words[0] in ("info", "models")


def test_the_readme_shows_every_command_of_the_program() -> None:
    assert {words[0] for words in commands(README)} == set(cli.commands.commands)


@pytest.mark.parametrize(
    "code", ["EXIT_DATA", "EXIT_USAGE", "EXIT_FILE", "EXIT_PARTIAL"]
)
def test_the_exit_codes_are_listed(code: str) -> None:
    assert f"| {getattr(messages, code)} | " in FILES


@pytest.mark.parametrize(("page", "name"), files_named())
def test_every_file_named_exists(page: str, name: str) -> None:
    assert ((ROOT / page).parent / name).exists()


def test_the_page_about_the_architecture_names_all_of_the_contract() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    asked = {*Architecture.__annotations__}
    asked |= {name for name in vars(Architecture) if name[0] != "_"}
    assert {name for name in asked if f"`{name}`" not in page} == set()


def test_the_rules_for_contributors_name_every_room() -> None:
    rules = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rooms = [path.parent.name for path in ROOT.glob("vaecodec/*/__init__.py")]
    assert [room for room in rooms if f"| `{room}/`" not in rules] == []


@pytest.mark.parametrize("name", modules_named())
def test_every_module_that_a_page_runs_exists(name: str) -> None:
    path = ROOT / name.replace(".", "/")
    assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()


def test_the_ci_script_installs_as_the_readme_says() -> None:
    script = ROOT / ".ci" / "run"
    development = blocks("sh")[1].split("&&")[1].strip()
    assert development.replace("install", "install --quiet") in script.read_text(
        "utf-8"
    )
    assert os.access(script, os.X_OK)
