"""Let atheris look for files that reach new code: `python -m tools.fuzz_coverage`.

In: the golden files, and what earlier runs found. Out: files that reach code which no
other one reached, and a report of the first one that does what it must not. The fuzzer
changes data of chunks and the checksums are mended, else it would never come past the
first. Needs `pip install atheris`, which nothing else here does. All arguments go to
libFuzzer, as in `-max_total_time=600`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["vaecodec"]):
    import vaecodec.api  # noqa: F401 - else it is loaded later
    from tools.fuzz_chunks import sealed, split
    from tools.fuzz_files import mutated
    from tools.fuzz_judges import GOLDEN, FileJudge, golden_files
    from vaecodec.benchmark.conditions import fix_threads
    from vaecodec.errors import FormatError

CORPUS = Path("runs/fuzz_corpus")  # ignored by git
MOST_BYTES = 1 << 16
FILES = golden_files(GOLDEN)


def main() -> None:
    fix_threads(1)
    CORPUS.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(FILES):
        (CORPUS / f"golden-{number}").write_bytes(data)
    judge = FileJudge(GOLDEN, seed=0)

    def ask(data: bytes) -> None:
        if wrong := judge.judge(data).wrong_outcomes():
            raise RuntimeError("; ".join(wrong))

    options = [sys.argv[0], str(CORPUS), f"-max_len={MOST_BYTES}", *sys.argv[1:]]
    atheris.Setup(options, ask, custom_mutator=changed)
    atheris.Fuzz()


def changed(data: bytes, most: int, seed: int) -> bytes:
    """One of the mutations of `fuzz_files`, or one of libFuzzer's inside of a chunk."""
    rng = Random(seed)
    try:
        chunks = split(data)
    except FormatError:
        return bytes(atheris.Mutate(data, len(data)))
    if not chunks or rng.random() < 0.3:
        return mutated(FILES, seed=seed, number=0)[1][:most]
    place = rng.randrange(len(chunks))
    letter, inside = chunks[place]
    room = most - len(data)
    chunks[place] = letter, bytes(atheris.Mutate(inside, len(inside) + max(0, room)))
    return sealed(chunks)[:most]


if __name__ == "__main__":
    main()
