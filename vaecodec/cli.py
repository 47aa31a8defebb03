"""The command line: compress, decompress, info, verify, benchmark.

In: file names. Out: files, one result line per file on stderr, and an exit code. The
work is done by the public names of the package; here are only arguments, files and
messages. Whatever is wrong with a file is said in one line, `vaecodec: FILE: REASON`.
Results are written beside their place and renamed, so a name never holds half a file.

Exit codes: 0 done; 1 the data is damaged or unsupported; 2 bad usage; 3 a file cannot
be read or written; 5 a model is missing or damaged; 130 interrupted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

import vaecodec
from vaecodec.benchmark_command import benchmark_command
from vaecodec.errors import VaecodecError
from vaecodec.files import (
    EXIT_FILE,
    LOSSLESS_FORMATS,
    FileFailure,
    check_target,
    pack_image,
    shown,
    write_file,
)

EXIT_DATA, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130

EXAMPLES = """\b
Examples:
  vaecodec compress photo.png               writes photo.vaec
  vaecodec compress photo.png -q 80 -o a.vaec
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
    try:
        code = commands.main(words, prog_name="vaecodec", standalone_mode=False)
    except FileFailure as failure:
        _say(str(failure))
        return failure.exit_code
    except click.UsageError as error:
        context = error.ctx.command_path if error.ctx else "vaecodec"
        _say(f"{error.format_message()} (see {context} --help)")
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return EXIT_INTERRUPTED
    return code or 0


@click.group(
    epilog=EXAMPLES,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(vaecodec.__version__, "-V", "--version")
def commands() -> None:
    """Compress images with a learned codec, and bring them back."""


commands.add_command(benchmark_command)


def _lossless(
    _: click.Context, __: click.Parameter, output: Path | None
) -> Path | None:
    """Accept only names whose suffix is a format that keeps every pixel."""
    if output is not None and output.suffix.lower() not in LOSSLESS_FORMATS:
        raise click.BadParameter(
            f"the suffix must be one of {' '.join(LOSSLESS_FORMATS)}"
        )
    return output


_force = click.option("-f", "--force", is_flag=True, help="Replace an existing file.")
_model = click.option("--model", metavar="FILE", help="Model file to use.")
_threads = click.option(
    "--threads", type=click.IntRange(min=1), help="Threads to use (default: all)."
)
_quiet = click.option("--quiet", is_flag=True, help="Say nothing but errors.")
_file = click.argument("file", type=click.Path(path_type=Path))


@commands.command("compress")
@click.argument("image", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Default: IMAGE.vaec."
)
@click.option(
    "-q",
    "--quality",
    type=click.IntRange(0, 100),
    default=50,
    show_default=True,
    help="0 is the smallest file, 100 the best image.",
)
@_force
@_model
@_threads
@_quiet
def compress_command(
    image: Path,
    output: Path | None,
    quality: int,
    force: bool,
    model: str | None,
    threads: int | None,
    quiet: bool,
) -> None:
    """Compress IMAGE to a .vaec file."""
    with _reported(image, quiet=quiet):
        start = time.perf_counter()
        source = image.read_bytes()
        target = output or image.with_suffix(".vaec")
        check_target(target, source=image, force=force)
        data = vaecodec.compress(source, quality, model=model, threads=threads)
        if len(data) >= len(source):
            warnings.warn(
                "not smaller than the image file; try a lower -q", stacklevel=1
            )
        write_file(target, data)
    if not quiet:
        _say_result(image, data, time.perf_counter() - start, decompressed=False)


@commands.command("decompress")
@_file
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    callback=_lossless,
    help="Default: FILE.png.",
)
@_force
@_model
@_threads
@_quiet
def decompress_command(
    file: Path,
    output: Path | None,
    force: bool,
    model: str | None,
    threads: int | None,
    quiet: bool,
) -> None:
    """Decompress FILE to a lossless image. The suffix of OUTPUT names its format."""
    with _reported(file, quiet=quiet):
        start = time.perf_counter()
        data = file.read_bytes()
        target = output or file.with_suffix(".png")
        check_target(target, source=file, force=force)
        image = vaecodec.decompress(data, model=model, threads=threads)
        write_file(target, pack_image(image, target))
    if not quiet:
        _say_result(file, data, time.perf_counter() - start, decompressed=True)


@commands.command("info")
@_file
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def info_command(file: Path, as_json: bool) -> None:
    """Say what FILE is, from its header alone."""
    with _reported(file, quiet=False):
        fields = dataclasses.asdict(vaecodec.inspect(file.read_bytes()))
        if as_json:
            click.echo(json.dumps({"file": str(file), **fields}))
            return
        fields["bits_per_pixel"] = f"{fields['bits_per_pixel']:.3f}"
        lines = [f"  {name.replace('_', ' '):<16}{fields[name]}" for name in fields]
        click.echo("\n".join([shown(file), *lines]))


@commands.command("verify")
@click.argument(
    "files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE..."
)
@_quiet
def verify_command(files: tuple[Path, ...], quiet: bool) -> int:
    """Check that every FILE is undamaged. The exit code is the highest one met."""
    codes = [0]
    for file in files:
        try:
            with _reported(file, quiet=quiet):
                vaecodec.verify(file.read_bytes())
        except FileFailure as failure:
            _say(str(failure))
            codes.append(failure.exit_code)
        else:
            if not quiet:
                click.echo(f"{shown(file)}: undamaged", err=True)
    return max(codes)


@contextlib.contextmanager
def _reported(path: Path, *, quiet: bool) -> Iterator[None]:
    """Turn what goes wrong with `path` into a FileFailure, and warnings into notes."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            yield
    except VaecodecError as error:
        raise FileFailure(path, str(error), error.exit_code) from error
    except BrokenPipeError:
        raise  # Nobody reads on, as under `| head`: click ends quietly.
    except OSError as error:
        named = (
            error.filename if isinstance(error.filename, str | os.PathLike) else path
        )
        reason = error.strerror or str(error)
        raise FileFailure(Path(named), reason, EXIT_FILE) from error
    except MemoryError as error:
        raise FileFailure(path, "not enough memory", EXIT_DATA) from error
    finally:
        for note in [] if quiet else caught:
            if issubclass(note.category, UserWarning):
                _say(f"{shown(path)}: note: {note.message}")


def _say_result(path: Path, data: bytes, seconds: float, *, decompressed: bool) -> None:
    info = vaecodec.inspect(data)
    sizes = [info.width * info.height * info.channels, info.file_size]
    before, after = reversed(sizes) if decompressed else sizes
    click.echo(
        f"{shown(path)}: {info.width}x{info.height}, {before} -> {after} bytes, "
        f"{info.bits_per_pixel:.3f} bpp, {seconds:.2f} s",
        err=True,
    )


def _say(message: str) -> None:
    """Say one line on stderr, whatever line breaks the message came with."""
    click.echo(f"vaecodec: {' '.join(message.split())}", err=True)
