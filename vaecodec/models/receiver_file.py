"""What decoding needs of a model, as a model file of its own.

In: a model; out: the bytes of a file with the same ids, coded as small as it gets. It
decodes whatever the model decodes, and cannot compress. Web pages load it.
"""

from __future__ import annotations

from vaecodec.errors import ModelError
from vaecodec.models.compact_file import pack_compact
from vaecodec.models.model_file import ARCHITECTURE, PAINTER, STREAM, ModelFile


def receiver_file(model: ModelFile) -> bytes:
    """The tensors that the ids of a model stand for, and nothing else.

    Raises:
        ModelError: The model is damaged, or its painter needs graphs, which only
            this program runs.
    """
    told = {
        name: model.metadata.get(name, "") for name in (ARCHITECTURE, STREAM, PAINTER)
    }
    names = [*told[STREAM].split(), *told[PAINTER].split()]
    graphs = [name for name in names if name.startswith("graph.")]
    if graphs:
        raise ModelError(
            f"the model paints with the graph {graphs[0]!r}: only models whose "
            "receiver is integer arithmetic have a file for receivers"
        )
    model.model_id  # noqa: B018  # refuses what lacks one of these tensors
    return pack_compact({name: model.tensors[name] for name in names}, told)
