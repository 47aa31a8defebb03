"""Threads, and processes that are forked or spawned after the codec was used.

Every test runs its script in a fresh Python with a time limit: what goes wrong here
hangs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SECONDS = 100

BEGIN = """
import os, sys, threading
import numpy as np
import vaecodec

rows, columns = np.indices((80, 96))
image = np.stack([2 * rows, 2 * columns, rows + columns], axis=2).astype(np.uint8)
data = vaecodec.encode(image, threads=2)
expected = vaecodec.decode(data, threads=2)

def same(_: object) -> bool:
    again = vaecodec.encode(image, threads=2)
    return again == data and np.array_equal(vaecodec.decode(again, threads=2), expected)
"""

only_where_processes_fork = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="this system has no fork"
)


def run_script(script: str, folder: Path, **environment: str) -> str:
    """What a script prints; it must leave with exit code 0 and no complaint."""
    (folder / "script.py").write_text(BEGIN + script, "utf-8")
    # One thread of OpenBLAS, so that the threads counted are those of the networks.
    kept = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    kept.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run(
        [sys.executable, "-W", "error", "script.py"],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@only_where_processes_fork
@pytest.mark.parametrize("leave", ["sys.exit(0)", "os._exit(0)"])
def test_a_forked_child_uses_the_codec_that_its_parent_used(
    leave: str, tmp_path: Path
) -> None:
    script = f"""
for _ in range(2):
    child = os.fork()
    if child == 0:
        print(same(0), flush=True)
        {leave}
    _, status = os.waitpid(child, 0)
    print(status, same(0), flush=True)
"""
    assert run_script(script, tmp_path).split() == ["True", "0", "True"] * 2


@only_where_processes_fork
def test_a_fork_may_happen_while_other_threads_compress(tmp_path: Path) -> None:
    script = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads
done = threading.Event()
results = []

def work() -> None:
    while not done.is_set():
        results.append(same(0))

threads = [threading.Thread(target=work) for _ in range(2)]
[thread.start() for thread in threads]
for _ in range(8):
    child = os.fork()
    if child == 0:
        os._exit(0 if same(0) else 1)
    print(os.waitpid(child, 0)[1])
done.set()
[thread.join() for thread in threads]
print(all(results))
"""
    assert run_script(script, tmp_path).split() == ["0"] * 8 + ["True"]


@pytest.mark.parametrize(
    "method",
    [pytest.param("fork", marks=only_where_processes_fork), "spawn"],
)
def test_a_pool_of_workers_uses_the_codec(method: str, tmp_path: Path) -> None:
    script = f"""
if __name__ == "__main__":
    import multiprocessing
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        print(pool.map(same, range(4)))
"""
    assert run_script(script, tmp_path) == "[True, True, True, True]\n"


def test_threads_compress_and_decompress_at_the_same_time(tmp_path: Path) -> None:
    script = """
from concurrent.futures import ThreadPoolExecutor
images = [image[: 20 + 7 * number] for number in range(8)]
expected = [vaecodec.encode(one, threads=1) for one in images]
with ThreadPoolExecutor(8) as pool:
    for _ in range(3):
        files = pool.map(lambda one: vaecodec.encode(one, threads=1), images)
        assert list(files) == expected
        again = pool.map(lambda file: vaecodec.decode(file, threads=1), expected)
        assert [one.shape for one in again] == [one.shape for one in images]
"""
    run_script(script, tmp_path)


def test_names_and_errors_of_the_package_can_be_pickled(tmp_path: Path) -> None:
    script = """
import pickle
for name in ("compress", "decompress", "encode", "decode", "inspect", "verify"):
    function = getattr(vaecodec, name)
    assert pickle.loads(pickle.dumps(function)) is function
info = vaecodec.inspect(data)
assert pickle.loads(pickle.dumps(info)) == info
for kind in (vaecodec.FormatError, vaecodec.ImageError, vaecodec.ModelError):
    error = pickle.loads(pickle.dumps(kind("reason")))
    assert (type(error), error.args) == (kind, ("reason",))
"""
    run_script(script, tmp_path)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc here")
def test_nothing_runs_beside_the_threads_that_were_asked_for(tmp_path: Path) -> None:
    """ONNX Runtime would start two threads that report its use to its maker."""
    script = """
before = len(os.listdir("/proc/self/task"))
print(before, os.environ["ORT_DISABLE_TELEMETRY"])
"""
    # `BEGIN` asks for two threads per network and uses three networks.
    assert run_script(script, tmp_path).split() == ["4", "1"]


@only_where_processes_fork
@pytest.mark.parametrize("use", ["vaecodec.decode(data)", "pass"])
def test_a_fork_breaks_neither_threads_that_decode_nor_the_child(
    use: str, tmp_path: Path
) -> None:
    script = f"""
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads
large = vaecodec.encode(np.tile(image, (3, 3, 1)))
done = threading.Event()

def work() -> None:
    while not done.is_set():
        vaecodec.decode(large)
        vaecodec.decode(large, preview=8)

threads = [threading.Thread(target=work) for _ in range(3)]
[thread.start() for thread in threads]
for _ in range(20):
    child = os.fork()
    if child == 0:
        {use}
        os._exit(0)
    print(os.waitpid(child, 0)[1])
done.set()
[thread.join() for thread in threads]
"""
    # As many threads of OpenBLAS as it likes: its pool is what a fork breaks.
    found = run_script(script, tmp_path, OPENBLAS_NUM_THREADS="4")
    assert found.split() == ["0"] * 20


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc here")
def test_one_thread_does_all_the_work_when_one_is_asked_for(tmp_path: Path) -> None:
    script = """
from pathlib import Path

def busy() -> list[str]:
    # Of each thread but this one: time used, in user and in system mode.
    tasks = [task for task in Path("/proc/self/task").iterdir()
             if task.name != str(os.getpid())]
    stats = [(task / "stat").read_text().rpartition(")")[2].split() for task in tasks]
    return sorted(word for stat in stats for word in stat[11:13])

photograph = np.tile(image, (6, 6, 1))
before = busy()
for _ in range(3):
    file = vaecodec.encode(photograph, threads=1)
    vaecodec.decode(file, threads=1)
    vaecodec.decode(file, threads=1, preview=8)
    vaecodec.verify(file)
assert busy() == before, (before, busy())
"""
    run_script(script, tmp_path, OPENBLAS_NUM_THREADS="4")
