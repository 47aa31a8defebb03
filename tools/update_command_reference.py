"""Write the reference of the command line from its own --help, or check it.

In: the commands of `vaecodec.cli`. Out: `docs/commands.md`. `--check` (a test runs it)
writes nothing and fails when the page says anything else than the program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import click

from tools import generated_page
from vaecodec.cli import commands

MODULE = "tools.update_command_reference"
WIDTH = 80  # of the help texts, whatever the terminal
HEAD = f"""\
# The commands

What `vaecodec --help` and `vaecodec COMMAND --help` say, written by
`python -m {MODULE}`. Examples: [README](../README.md).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    text = "\n".join([HEAD, *sections(commands, "vaecodec")])
    return generated_page.run(
        arguments, module=MODULE, page="docs/commands.md", text=text
    )


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
