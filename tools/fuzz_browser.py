"""Feed the decoder in Chromium files that lie: `python -m tools.fuzz_browser`.

In: how many mutations, and from which seed. Out: counts of what became of them, as
JSON, and exit code 1 if anything happened that must not: an image that is none of the
sound files, an error of another kind, a decoding or a page that hangs. Files that did
it are kept, with the numbers of the mutations in their names.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.models.quadrants.small_model import small_file
from tests.web.browser import visit
from tests.web.pictures import small_receiver, valid_files
from tools.fuzz_files import mutated

BATCH = 500  # files
PATIENCE = 0.5  # seconds for each file, and
STARTING = 60.0  # for the browser
KEPT = Path("runs/fuzz-browser")  # ignored by git


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz_browser",
        description="Feed the decoder in Chromium files that lie.",
    )
    parser.add_argument("--count", type=int, default=20000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        counts = fuzz(Path(folder), count=options.count, seed=options.seed)
    print(json.dumps(counts, indent=1))
    answered = counts["refused"] + counts["same"]
    return int(answered != options.count)


def fuzz(folder: Path, *, count: int, seed: int) -> dict[str, int]:
    """Decode so many mutated files in a browser; returns what became of them."""
    (folder / f"{small_file().model_id}.safetensors").write_bytes(small_receiver())
    maker = folder / "maker"
    maker.write_bytes(small_receiver(whole=True))
    sound = [data for _, data in valid_files(maker)]
    write_batch(folder / "sound.bin", sound)
    starts = range(0, count, BATCH)
    for batch, start in enumerate(starts):
        numbers = range(start, min(count, start + BATCH))
        files = (mutated(sound, seed=seed, number=number)[1] for number in numbers)
        write_batch(folder / f"{batch}.bin", files)
    (folder / "batches.json").write_text(json.dumps({"batches": len(starts)}))
    patience = STARTING + PATIENCE * count
    sent = visit(folder, folder / "profile", page="mutants.html", patience=patience)
    counts = json.loads(sent["counts"])
    for number, outcome in counts["wrong"]:
        print(f"mutation {number} of seed {seed}: {outcome}", file=sys.stderr)
        KEPT.mkdir(parents=True, exist_ok=True)
        kept = KEPT / f"{seed}-{number}.vaec"
        kept.write_bytes(mutated(sound, seed=seed, number=number)[1])
    return {**counts, "wrong": len(counts["wrong"])}


def write_batch(path: Path, files: Iterable[bytes]) -> None:
    """Each file behind its length, u32."""
    with path.open("wb") as batch:
        for data in files:
            batch.write(len(data).to_bytes(4, "little") + data)


if __name__ == "__main__":
    sys.exit(main())
