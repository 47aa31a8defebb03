"""Write what Kodak says of the shipped models into the files beside them, or check it.

In: `results/kodak/vaecodec*.json`. Out: `vaecodec/weights/NAME.json` of each model that
was measured, from which `vaecodec models` takes its BD-rates.

`--check` (a test runs it) fails when that file says anything else than the results.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.conditions import RESULTS
from vaecodec.benchmark.codecs import VAECODECS
from vaecodec.benchmark.results import file_name, read_json, write_text
from vaecodec.weights import load_model
from vaecodec.weights.library import model_paths
from vaecodec.weights.listing import measurement

# Published curves that `vaecodec models` compares with.
ANCHORS = ("vtm", "jpeg")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--results", type=Path, default=RESULTS / "kodak")
    options = parser.parse_args(arguments)
    paths = (options.results / file_name(key) for key in VAECODECS)
    updates = [update(path, check=options.check) for path in paths if path.exists()]
    return max(updates, default=0)


def update(results: Path, *, check: bool) -> int:
    """Write what one result file says, or 1 where `check` finds something else."""
    result = read_json(results)
    target = measured_file(result["model_id"])
    if target is None:
        print(
            f"no model with the id {result['model_id']}: nothing to say of the others"
        )
        return 0
    text = measurement(result["model_id"], bd_rates(result))
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return 0
    if check:
        print(f"{target.name} is stale: run python -m benchmarks.update_models")
        return 1
    write_text(target, text)
    return 0


def measured_file(model_id: str) -> Path | None:
    """The file beside the model with this id; None when there is no such model."""
    for _, path in model_paths():
        if load_model(path).model_id.hex() == model_id:
            return path.with_suffix(".json")
    return None


def bd_rates(result: dict[str, Any]) -> dict[str, float]:
    """Percent against those anchors that can be compared with."""
    rows = result.get("bd_rates", {})
    return {
        key: rows[key]["percent"]
        for key in ANCHORS
        if key in rows and "percent" in rows[key]
    }


if __name__ == "__main__":
    sys.exit(main())
