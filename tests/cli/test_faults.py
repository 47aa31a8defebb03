"""What goes wrong around the program: disks, folders, memory, and sudden ends.

The input is never touched, nothing has the name of a result that is not complete, and
the exit code is the documented one. What streams do is in `test_streams`, ends from
outside in `test_interruption`.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import vaecodec
from tests.cli.folders import names, only_line
from tests.conftest import ROOT
from vaecodec import api
from vaecodec.cli import files, main
from vaecodec.codec.options import DecodeOptions

posix = pytest.mark.skipif(os.name != "posix", reason="limits of POSIX systems")
linux = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
COMMANDS = [
    ["compress", "face.png", "-o", "result.vaec"],
    ["decompress", "face.vaec", "-o", "result.png"],
]
commands = pytest.mark.parametrize("words", COMMANDS, ids=["compress", "decompress"])


@pytest.fixture
def untouched(compressed: Path) -> Callable[[], None]:
    """Ask whether the folder holds what it held, each byte of it."""
    before = {path: path.read_bytes() for path in compressed.parent.iterdir()}

    def check() -> None:
        after = {path: path.read_bytes() for path in compressed.parent.iterdir()}
        assert after == before

    return check


def run_script(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )


@posix
@commands
def test_a_full_disk(words: list[str], untouched: Callable[[], None]) -> None:
    script = (
        "import resource, sys\n"
        "from vaecodec.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = run_script(script, *words)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"vaecodec: {words[-1]}: File too large\n"
    untouched()


@commands
def test_a_disk_that_is_found_to_be_full_at_the_last_moment(
    words: list[str],
    untouched: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", fsync)
    assert main(words) == 3
    assert only_line(capsys) == f"vaecodec: {words[-1]}: No space left on device"
    untouched()


@linux
@commands
def test_a_folder_in_which_nothing_can_be_made(
    words: list[str], untouched: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    target = f"/proc/{words[-1]}"  # refuses the administrator as well
    assert main([*words[:-1], target]) == 3
    assert only_line(capsys).startswith(f"vaecodec: {target}: ")
    untouched()


@posix
@pytest.mark.skipif(not getattr(os, "geteuid", int)(), reason="root may write anywhere")
@commands
def test_a_read_only_folder(
    words: list[str], untouched: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    os.chmod(".", 0o555)
    assert main(words) == 3
    assert "is not writable" in only_line(capsys)
    os.chmod(".", 0o755)
    untouched()


@pytest.mark.parametrize("removed", ["folder", "input"])
def test_a_folder_or_an_input_that_goes_away_during_the_work(
    compressed: Path,
    removed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    decompress = api.decompressed

    def disturbed(data: bytes, options: DecodeOptions) -> object:
        shutil.rmtree("out") if removed == "folder" else compressed.unlink()
        return decompress(data, options)

    Path("out").mkdir()
    monkeypatch.setattr(api, "decompressed", disturbed)
    code = main(["decompress", "face.vaec", "-o", "out/result.png"])
    if removed == "folder":
        assert code == 3
        expected = "vaecodec: out/result.png: No such file or directory"
        assert only_line(capsys) == expected
        assert names(compressed.parent) == ["face.png", "face.vaec"]
    else:
        assert code == 0
        assert names(compressed.parent) == ["face.png", "out", "out/result.png"]


@linux
def test_too_little_memory(folder: Path, coffee: NDArray[np.uint8]) -> None:
    data = vaecodec.encode(np.tile(coffee, (3, 3, 1)), 30, threads=1)
    Path("large.vaec").write_bytes(data)
    script = (
        "import resource, sys, vaecodec\n"
        "from vaecodec.cli import main\n"
        "vaecodec.decompress('large.vaec', region=(0, 0, 64, 64), threads=1)\n"
        "size = int(open('/proc/self/statm').read().split()[0]) * 4096 + (20 << 20)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size, size))\n"
        "words = ['decompress', 'large.vaec', '-o', 'result.png', '--threads', '1']\n"
        "sys.exit(main(words))\n"
    )
    done = run_script(script)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "vaecodec: large.vaec: not enough memory\n"
    assert names(folder) == ["face.png", "large.vaec"]
    assert Path("large.vaec").read_bytes() == data


@posix
def test_a_process_that_is_killed_while_it_writes_leaves_the_old_or_the_new_file(
    tmp_path: Path,
) -> None:
    target, size, rng = tmp_path / "result", 3_000_000, random.Random(1)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from vaecodec.cli.files import write_file\n"
        "for number in range(10**9):\n"
        f"    data = bytes([number % 251]) * {size}\n"
        "    write_file(Path(sys.argv[1]), data, replace=True)\n"
        "    print(flush=True)\n"
    )
    seen = set()
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(target)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.1))
        process.kill()
        process.communicate()
        content = target.read_bytes()
        assert content == content[:1] * size
        seen.add(content[0])
        # What is left over is hidden, and says by its name that it is a part.
        parts = [name for name in names(tmp_path) if name != "result"]
        assert all(name.startswith(".vaecodec-") for name in parts)
        assert all(name.endswith(".part") for name in parts)
    assert len(seen) > 1


@posix
@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("head -c 99 face.vaec | {} decompress - -o out.png", 1, "-: "),
        ("{} decompress - -o out.png <&-", 3, "-: standard input is closed"),
        ("{} compress face.png -o - >&-", 3, "-: standard output is closed"),
        ("{} verify face.vaec </dev/null 2>&-", 0, ""),
    ],
    ids=["input ends early", "input closed", "output closed", "errors closed"],
)
def test_streams_that_are_cut_off_or_closed(
    untouched: Callable[[], None], script: str, code: int, said: str
) -> None:
    program = f"'{sys.executable}' -m vaecodec"
    done = subprocess.run(
        ["sh", "-c", script.format(program)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"vaecodec: {said}" if said else "")
    assert done.stderr.count("\n") == bool(said)
    untouched()


@posix
@commands
def test_a_process_that_is_killed_at_any_moment(
    words: list[str], compressed: Path
) -> None:
    before = {name: Path(name).read_bytes() for name in ("face.png", "face.vaec")}
    rng = random.Random(2)
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "vaecodec", *words, "-f", "--quiet"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        time.sleep(rng.uniform(0, 1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        result = Path(words[-1])
        if result.exists() and result.suffix == ".vaec":
            vaecodec.verify(result)
        for name, content in before.items():
            assert Path(name).read_bytes() == content
