"""Pixels that are exact are the same in every arithmetic and setting, for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.golden_check import EXACT, found_by_package, manifest
from vaecodec.models.engines.sessions import load_library, session_options
from vaecodec.models.exact import engine, onnx_program
from vaecodec.models.exact.engine import ARITHMETICS, REFERENCE, ExactEngine

FOLDERS = pytest.mark.parametrize("folder", EXACT)
LEVELS = (
    "ORT_DISABLE_ALL",
    "ORT_ENABLE_BASIC",
    "ORT_ENABLE_EXTENDED",
    "ORT_ENABLE_ALL",
)


def assert_as_always(folder: str) -> None:
    found, files = found_by_package(folder), manifest(folder)["files"]
    wrong = [name for name in files if not found[name].items() <= files[name].items()]
    assert wrong == []
    assert all("pixels" in facts for facts in found.values())


def with_options(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]
) -> None:
    """All sessions of exact programs have other options."""

    def changed(*, threads: int) -> Any:
        options = session_options(threads=threads)
        change(options)
        return options

    monkeypatch.setattr(onnx_program, "session_options", changed)


@FOLDERS
@pytest.mark.parametrize("arithmetic", [*ARITHMETICS, REFERENCE])
def test_every_arithmetic_paints_the_golden_pixels(
    folder: str, arithmetic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {name: how for name, how in ARITHMETICS.items() if name == arithmetic}
    monkeypatch.setattr(engine, "ARITHMETICS", kept)
    used = set()
    run = ExactEngine.run

    def noted(self: ExactEngine, *given: Any) -> Any:
        used.add(self.arithmetic)
        return run(self, *given)

    monkeypatch.setattr(ExactEngine, "run", noted)
    assert_as_always(folder)
    assert used == {arithmetic}


@FOLDERS
@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_level_of_optimisation_paints_the_golden_pixels(
    folder: str, arithmetic: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_level(options: Any) -> None:
        levels = load_library().GraphOptimizationLevel
        options.graph_optimization_level = getattr(levels, level)

    monkeypatch.setattr(engine, "ARITHMETICS", {arithmetic: ARITHMETICS[arithmetic]})
    with_options(monkeypatch, set_level)
    assert_as_always(folder)


@FOLDERS
@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_number_of_threads_paints_the_golden_pixels(
    folder: str, arithmetic: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_threads(options: Any) -> None:
        options.intra_op_num_threads = threads

    monkeypatch.setattr(engine, "ARITHMETICS", {arithmetic: ARITHMETICS[arithmetic]})
    with_options(monkeypatch, set_threads)
    assert_as_always(folder)


@FOLDERS
def test_a_machine_without_the_fast_library_paints_the_golden_pixels(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*, threads: int) -> Any:
        raise ImportError("no onnxruntime")

    monkeypatch.setattr(onnx_program, "session_options", missing)
    assert_as_always(folder)
