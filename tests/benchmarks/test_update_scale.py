from __future__ import annotations

import pytest

from benchmarks import update_scale


def test_the_page_says_what_was_measured() -> None:
    assert update_scale.main(["--check"]) == 0


def test_a_page_that_says_anything_else_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(update_scale.BLOCKS, "recall", lambda: "nothing")
    assert update_scale.main(["--check"]) == 1
