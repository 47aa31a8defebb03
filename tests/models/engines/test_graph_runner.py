from __future__ import annotations

import gc
import weakref

from vaecodec.models.engines.graph_runner import GraphRunner
from vaecodec.models.library import load_model


def test_a_model_that_nobody_uses_any_more_takes_its_sessions_with_it() -> None:
    gc.disable()
    try:
        runner = GraphRunner(load_model(), threads=1)
        session = weakref.ref(runner._sessions["means"])
        assert session() is not None
        del runner
        assert session() is None
    finally:
        gc.enable()
