"""The command line: compress, decompress, info, verify, models, benchmark.

In: words. Out: an exit code. Each command has its own module here and does its work by
the public names of the package. `messages` says what happened, `options` holds what
several commands take. Nothing here loads numpy, Pillow or an engine before a command
needs it: `--help` and `info` answer at once.

Exit codes: 0 done; 1 the data is damaged or unsupported; 2 bad usage; 3 a file cannot
be read or written; 4 a damaged file was decoded in part; 5 a model is missing or
damaged; 7 a target cannot be met; 129, 130, 143
interrupted by SIGHUP, ^C or SIGTERM. Of several files, the highest code.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

import vaecodec
from vaecodec.cli.benchmark import benchmark_command
from vaecodec.cli.compress import compress_command
from vaecodec.cli.decompress import decompress_command
from vaecodec.cli.info import info_command
from vaecodec.cli.interruption import Interrupted, signals_interrupt
from vaecodec.cli.messages import (
    EXIT_USAGE,
    FileFailure,
    hold_closed_streams,
    output_failure,
    say,
)
from vaecodec.cli.models import models_command
from vaecodec.cli.verify import verify_command

EXAMPLES = """\b
Examples:
  vaecodec compress photo.png               writes photo.vaec
  vaecodec compress -r photos -o small -j 4
  vaecodec compress photo.png --target-size 50k
  vaecodec decompress photo.vaec -o again.png
  vaecodec info photo.vaec --json
  vaecodec verify *.vaec
  vaecodec benchmark photos --quick
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: Words after the program name; None takes those of the process. No
            words at all ask for the help text.
    """
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    hold_closed_streams()
    try:
        with signals_interrupt():
            return _run(words)
    except Interrupted as error:
        say("interrupted")
        return error.exit_code


def _run(words: list[str]) -> int:
    try:
        with commands.make_context("vaecodec", words) as context:
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
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "vaecodec"
        say(f"{error.format_message()} (see {command} --help)")
        return EXIT_USAGE


@click.group(
    epilog=EXAMPLES,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(vaecodec.__version__, "-V", "--version")
def commands() -> None:
    """Compress images with a learned codec, and decompress them."""


for command in (
    compress_command,
    decompress_command,
    info_command,
    verify_command,
    models_command,
    benchmark_command,
):
    commands.add_command(command)
