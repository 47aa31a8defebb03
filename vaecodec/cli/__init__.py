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

from collections.abc import Sequence

import click

import vaecodec
from vaecodec.cli.benchmark import benchmark_command
from vaecodec.cli.compress import compress_command
from vaecodec.cli.decompress import decompress_command
from vaecodec.cli.info import info_command
from vaecodec.cli.models import models_command
from vaecodec.cli.program import run_program
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
    return run_program(commands, "vaecodec", arguments)


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
