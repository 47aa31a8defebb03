"""How a program of this package runs: words in, an exit code out.

Used by `vaecodec` and by `python -m vaecodec.training`. Whatever goes wrong is one line
on stderr, and its exit code is that of the table in `vaecodec.cli`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from vaecodec.cli.interruption import Interrupted, signals_interrupt
from vaecodec.cli.messages import (
    EXIT_USAGE,
    FileFailure,
    hold_closed_streams,
    output_failure,
    say,
)
from vaecodec.errors import VaecodecError


def run_program(
    commands: click.Group, name: str, arguments: Sequence[str] | None
) -> int:
    """Run one of the commands and return its exit code.

    Args:
        commands: of the program.
        name: of the program, as users type it.
        arguments: Words after the name; None takes those of the process. No words at
            all ask for the help text.
    """
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    hold_closed_streams()
    try:
        with signals_interrupt():
            return _run(commands, name, words)
    except Interrupted as error:
        say("interrupted")
        return error.exit_code


def _run(commands: click.Group, name: str, words: list[str]) -> int:
    try:
        with commands.make_context(name, words) as context:
            return int(commands.invoke(context) or 0)
    except click.exceptions.Exit as end:  # of --help and --version
        return end.exit_code
    except OSError as error:  # of --help and --version, or there is no current folder
        failure = output_failure(error)
        say(str(failure))
        return failure.exit_code
    except FileFailure as failure:
        say(str(failure))
        return failure.exit_code
    except VaecodecError as error:
        say(str(error))
        return error.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else name
        say(f"{error.format_message()} (see {command} --help)")
        return EXIT_USAGE
