from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import vaecodec
from tools.docstrings import to_markdown
from tools.update_api_reference import PLUGINS, TYPES, main, signature_of

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


def unsure(size: int, *, side: float | None = 0.5) -> Iterator[str]: ...


def test_the_reference_is_what_the_docstrings_say() -> None:
    assert main(["--check"]) == 0


def test_a_stale_page_fails_the_check_until_it_is_written(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "api.md"
    assert main(["--check", "--page", str(page)]) == 1
    assert not page.exists()
    assert main(["--page", str(page)]) == 0
    page.write_text(page.read_text("utf-8").replace("quality", "grade"))
    assert main(["--check", "--page", str(page)]) == 1


@pytest.mark.parametrize("name", [*vaecodec.__all__, *PLUGINS])
def test_every_public_name_has_a_section(name: str) -> None:
    assert name == "__version__" or re.search(rf"^### .*\b{name}\b", PAGE, re.MULTILINE)


def test_every_type_of_a_signature_is_explained() -> None:
    calls = "".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    types = set(re.findall(r"\b[A-Z]\w+(?:\.[A-Z]\w+)?", calls)) - {
        "None",
        "True",
        "False",
    }
    assert types - {*TYPES} <= {*vaecodec.__all__}
    assert {*TYPES} <= types


def test_a_signature_has_one_argument_per_line() -> None:
    assert signature_of("unsure", unsure).splitlines() == [
        "unsure(",
        "    size: int,",
        "    *,",
        "    side: float | None = 0.5,",
        ") -> Iterator[str]",
    ]


def test_sections_of_a_docstring_become_lists() -> None:
    text = to_markdown(
        "Do it.\n\nAt once,\nor later.\n\nArgs:\n    size: In bytes,\n        or so.\n"
        "    side: In\n        pixels.\n\nMore.\n\nReturns:\n    Nothing: at\n    all."
    )
    assert text == (
        "Do it.\n\nAt once,\nor later.\n\n"
        "**Arguments**\n\n* `size`: In bytes,\n  or so.\n"
        "* `side`: In\n  pixels.\n\nMore.\n\n**Returns**\n\nNothing: at\nall."
    )


def test_a_public_name_without_a_docstring_is_refused() -> None:
    with pytest.raises(ValueError, match="docstring"):
        to_markdown(unsure.__doc__)
