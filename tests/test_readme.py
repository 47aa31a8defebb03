"""The README is tried out: its Python runs, its commands and its links exist."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from vaecodec import cli
from vaecodec.cli import messages

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Every use of the vaecodec program in a shell block, as words after its name."""
    lines = [part for block in blocks("sh") for part in re.split(r"\n|&&", block)]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line[:1] == ["vaecodec"]]


def test_the_python_examples_run_one_after_the_other(
    photograph: Callable[[str], Image.Image],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photograph("coffee").save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    width_and_height, *_, message = capsys.readouterr().out.splitlines()
    assert width_and_height.startswith("600 400 ")
    assert len(message) > 10
    with Image.open("again.png") as image:
        assert image.size == (600, 400)


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_the_command_line_takes_every_command_shown(words: list[str]) -> None:
    command = cli.commands.commands[words[0]]
    context = command.make_context(words[0], words[1:])
    assert context.params.keys() >= {"quiet"} or words[0] in ("info", "models")


def test_the_readme_shows_every_command_of_the_program() -> None:
    assert {words[0] for words in commands()} == set(cli.commands.commands)


@pytest.mark.parametrize("code", ["EXIT_DATA", "EXIT_USAGE", "EXIT_INTERRUPTED"])
def test_the_exit_codes_are_listed(code: str) -> None:
    assert f"| {getattr(messages, code)} | " in README


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            *re.findall(r"\]\(([\w./-]+)\)", README),
            *re.findall(
                r"`((?:\.ci|benchmarks|tests|tools|vaecodec)/[\w./-]*)`", README
            ),
        }
    ),
)
def test_every_file_named_exists(name: str) -> None:
    assert (ROOT / name).exists()


def test_the_ci_script_installs_as_the_readme_says() -> None:
    script = ROOT / ".ci" / "run"
    development = blocks("sh")[1].split("&&")[1].strip()
    assert development.replace("install", "install --quiet") in script.read_text(
        "utf-8"
    )
    assert os.access(script, os.X_OK)
