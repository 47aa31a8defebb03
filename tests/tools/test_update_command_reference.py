from __future__ import annotations

from pathlib import Path

import click

from tools.update_command_reference import main, sections
from vaecodec.cli import commands


def test_the_command_reference_is_what_the_program_says() -> None:
    assert main(["--check"]) == 0


def test_a_stale_page_fails_the_check_until_it_is_written(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "commands.md"
    assert main(["--check", "--page", str(page)]) == 1
    assert not page.exists()
    assert main(["--page", str(page)]) == 0
    page.write_text(page.read_text("utf-8").replace("--quality", "--qualities"))
    assert main(["--check", "--page", str(page)]) == 1
    assert main(["--page", str(page)]) == 0
    assert main(["--check", "--page", str(page)]) == 0


def test_every_command_has_a_section_with_its_usage() -> None:
    text = "".join(sections(commands, "vaecodec"))
    for name in commands.commands:
        assert f"## vaecodec {name}\n\n```text\nUsage: vaecodec {name} " in text


def test_commands_below_commands_are_found_and_hidden_ones_are_not() -> None:
    @click.group()
    def tree() -> None: ...

    @tree.group("branch")
    def branch() -> None: ...

    @branch.command("leaf")
    @click.option("--size", required=True, help="Of the leaf.")
    def leaf() -> None: ...

    @tree.command("root", hidden=True)
    def root() -> None: ...

    parts = list(sections(tree, "tree"))
    titles = [part.partition("\n")[0] for part in parts]
    assert titles == ["## tree", "## tree branch", "## tree branch leaf"]
    assert "Of the leaf." in parts[2]
