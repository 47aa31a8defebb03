"""Write the reference of the command line from its own --help, or check it.

In: the commands of `vaecodec.cli`. Out: `docs/commands.md`. `--check` (a test runs it)
writes nothing and fails when the page says anything else than the program.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from vaecodec.cli import commands

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
WIDTH = 80  # of the help texts, whatever the terminal
HEAD = """\
# The commands

What `vaecodec --help` and `vaecodec COMMAND --help` say, written by
`tools/update_command_reference.py`. Examples: [README](../README.md).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    text = "\n".join([HEAD, *sections(commands, "vaecodec")])
    if options.page.exists() and options.page.read_text("utf-8") == text:
        return 0
    if options.check:
        print("docs/commands.md is stale: run python tools/update_command_reference.py")
        return 1
    options.page.parent.mkdir(exist_ok=True)
    options.page.write_text(text, "utf-8")
    return 0


def sections(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[str]:
    """Yield a section of Markdown for a command, then for each that is below it."""
    context = command.make_context(
        name, [], parent, resilient_parsing=True, terminal_width=WIDTH
    )
    yield f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            if below and not below.hidden:
                yield from sections(below, word, context)


if __name__ == "__main__":
    sys.exit(main())
