"""The command `vaecodec benchmark`: measure codecs on a folder, and write a report.

In: words of the command line. Out: a folder with results, a plot and a page. What it
runs is `vaecodec.benchmark`, imported only when the command is used; its libraries come
with the extra "bench".
"""

from __future__ import annotations

import io
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaecodec.benchmark.codecs import families
from vaecodec.cli.messages import EXIT_FILE, FileFailure, shown, tell
from vaecodec.errors import VaecodecError

if TYPE_CHECKING:
    from vaecodec.benchmark.plan import Plan

INSTALL = "pip install 'vaecodec[bench]'"


def _list(_: click.Context, __: click.Parameter, text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in families()]
    if unknown:
        known = ", ".join(families())
        raise click.BadParameter(f"{unknown[0]!r} is not one of {known}")
    return names


def _modules(
    _: click.Context, __: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    for name in names:
        if ":" not in name:
            raise click.BadParameter(f"{name!r} is not MODULE:CLASS")
    return names


def _qualities(
    _: click.Context, __: click.Parameter, text: str | None
) -> tuple[int, ...]:
    try:
        values = tuple(int(word) for word in (text or "").split(",") if word)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is not a list of numbers and commas"
        ) from error
    if not all(0 <= value <= 100 for value in values):
        raise click.BadParameter(f"{text!r} is not within 0..100")
    return values


@click.command("benchmark")
@click.argument("folder", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--against",
    default=",".join(families()),
    show_default=True,
    callback=_list,
    help="Codecs to compare with.",
)
@click.option(
    "--codec",
    "own",
    multiple=True,
    callback=_modules,
    metavar="MODULE:CLASS",
    help="Your own codec: a class with compress(image, quality) -> bytes and "
    "decompress(bytes) -> image. May be given several times.",
)
@click.option(
    "-q",
    "--qualities",
    callback=_qualities,
    metavar="Q,Q,...",
    help="Qualities of vaecodec and of your own codecs; others have their own scales.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False),
    default=Path("vaecodec-benchmark"),
    show_default=True,
    help="Folder for the results. Results already in it are not measured again.",
)
@click.option("-f", "--force", is_flag=True, help="Measure everything again.")
@click.option(
    "--quick", is_flag=True, help="Measure only three images and five qualities."
)
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    help="Take the median of this many timings (default: 1 to 3, so that every quality "
    "is timed 24 times).",
)
@click.option(
    "--model",
    metavar="FILE",
    help="Model file to use instead of all shipped models.",
)
@click.option("--quiet", is_flag=True, help="Print only errors.")
def benchmark_command(
    folder: Path,
    against: tuple[str, ...],
    own: tuple[str, ...],
    qualities: tuple[int, ...],
    output: Path,
    force: bool,
    quick: bool,
    repeats: int | None,
    model: str | None,
    quiet: bool,
) -> None:
    """Measure rate, distortion and speed of codecs on the images of FOLDER.

    Writes JSON, CSV, a plot and report.html. Run the same command
    again to continue an interrupted run.
    """
    if not find_spec("bjontegaard"):
        raise click.UsageError(f"the benchmark needs more libraries: {INSTALL}")
    from vaecodec.benchmark.conditions import command_line, fix_threads
    from vaecodec.benchmark.entry import THREADS

    fix_threads(THREADS)
    from vaecodec.benchmark.plan import Plan

    plan = Plan(
        folder=folder,
        output=output,
        command=command_line("vaecodec", sys.argv[1:]),
        against=against,
        own=own,
        qualities=qualities,
        model=model,
        repeats=repeats,
        quick=quick,
        fresh=force,
    )
    try:
        _run(plan, quiet=quiet)
    except VaecodecError as error:
        raise FileFailure(folder, str(error), error.exit_code) from error
    except (ValueError, ImportError, AttributeError) as error:
        raise click.UsageError(" ".join(str(error).split())) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileFailure(Path(error.filename or output), reason, EXIT_FILE) from error


def _run(plan: Plan, *, quiet: bool) -> None:
    from vaecodec.benchmark.run import run_benchmark
    from vaecodec.benchmark.write import write_everything

    codecs = plan.codecs()
    length = len(plan.images()) * len(codecs)
    terminal = sys.stderr and sys.stderr.isatty() and not quiet
    file = sys.stderr if terminal else io.StringIO()
    with click.progressbar(length=length, label="Measuring", file=file) as bar:
        try:
            results = run_benchmark(plan, codecs, done=bar.update)
        except KeyboardInterrupt:
            tell("\nRun the same command again to continue.")
            raise
    for line in write_everything(plan, codecs, results):
        if not quiet:
            tell(line)
    if not quiet:
        tell(f"report: {shown(plan.output / 'report.html')}")
