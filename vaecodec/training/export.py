"""Checkpoints -> model file.

Of several checkpoints the one with the best validation is taken. The averaged weights
are stored, tables are fitted to pictures (see `fitting`), and the new model must
compress and decompress one of them. When there is a folder to check on, the new model
must also compress its pictures at least as well as the model that the output holds. A
worse one is refused: the output stays, and the new model lies beside it as OUTPUT.new.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from vaecodec.cli.messages import EXIT_DATA, FileFailure
from vaecodec.models.model_file import parse_model
from vaecodec.training.checkpoint import LOG, read_trained
from vaecodec.training.fitting import fitted
from vaecodec.training.model_check import METRICS, bring_back, refuse_worse


def export(
    checkpoints: Sequence[Path],
    folders: Sequence[Path],
    *,
    output: Path,
    check: Path | None,
) -> None:
    """Write the best of the checkpoints to `output`.

    Args:
        checkpoints: at least one.
        folders: pictures to fit the tables to.
        output: model file, replaced when there is one.
        check: folder with images on which the new model must not be worse.

    Raises:
        FileFailure: A checkpoint is damaged or was never validated, or the new model
            is refused.
        ImageError: There are too few pictures, or one is damaged.
        ModelError: The weights cannot be stored.
        OSError: A file cannot be read or written.
    """
    model, images = read_trained(best_checkpoint(checkpoints))
    if check is not None and not model.kind.is_pictures:
        raise FileFailure(check, "the model is not for pictures", EXIT_DATA)
    data, picture = fitted(model, images, folders)
    file = parse_model(data)
    bring_back(file, picture)
    # Not .safetensors: a refused model must not be found, nor shipped.
    new = output.with_name(output.name + ".new")
    new.write_bytes(data)
    if check is not None and output.exists():
        refuse_worse(new, output, check, metric=METRICS[model.tune])
    new.replace(output)
    print(f"{output}: {len(data)} bytes, id {file.model_id}")


def best_checkpoint(checkpoints: Sequence[Path]) -> Path:
    """The checkpoint with the lowest log J, as logged in the folder of its run.

    Log J of different runs compares only if they were validated on the same pictures.
    """
    if len(checkpoints) == 1:
        return checkpoints[0]
    objectives = {path: logged_objective(path) for path in checkpoints}
    for path, objective in objectives.items():
        print(f"{path}: log J {objective:.4f}")
    return min(objectives, key=lambda path: objectives[path])


def logged_objective(checkpoint: Path) -> float:
    """Log J of the last validation before a checkpoint was written."""
    _, images = read_trained(checkpoint)
    log = checkpoint.with_name(LOG)
    lines = log.read_text().splitlines() if log.exists() else []
    rows = [row for row in map(json.loads, lines) if row["images"] <= images]
    if not rows:
        raise FileFailure(checkpoint, f"{log} has no validation of it", EXIT_DATA)
    return float(rows[-1]["log_objective"])
