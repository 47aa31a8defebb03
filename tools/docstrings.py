"""Docstrings in Google's style as Markdown.

In: a docstring without its indentation. Out: its paragraphs, with sections such as
`Args:` as lists.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

# How the page calls a section.
TITLES = {
    "Args": "Arguments",
    "Attributes": "Attributes",
    "Returns": "Returns",
    "Raises": "Raises",
}
# Of sections in which each entry begins with a name.
LISTS = ("Args", "Attributes", "Raises")
ENTRY = re.compile(r"^(\w+): ", re.MULTILINE)


def to_markdown(docstring: str | None) -> str:
    """Paragraphs as they are; a section as a bold title with a list or a text.

    Raises:
        ValueError: There is no docstring.
    """
    if not docstring:
        raise ValueError("a public name without a docstring")
    return "\n\n".join(_blocks(docstring.splitlines()))


def _blocks(lines: list[str]) -> Iterator[str]:
    """Text and sections, in their order."""
    while lines:
        title = lines[0].removesuffix(":")
        if title in TITLES and lines[0].endswith(":"):
            end = _length_of_section(lines)
            body = textwrap.dedent("\n".join(lines[1:end])).strip()
            yield f"**{TITLES[title]}**"
            yield _entries(body) if title in LISTS else body
        else:
            end = next(
                (n for n, line in enumerate(lines) if line.removesuffix(":") in TITLES),
                len(lines),
            )
            yield "\n".join(lines[:end]).strip()
        lines = lines[end:]


def _length_of_section(lines: list[str]) -> int:
    """How many lines the title and the indented lines below it are."""
    below = enumerate(lines[1:], 1)
    return next((n for n, line in below if line and line[0] != " "), len(lines))


def _entries(body: str) -> str:
    """A list item for each entry; what continues it is indented already."""
    items = ENTRY.sub(r"* `\1`: ", body)
    return re.sub(r"^ +", "  ", items, flags=re.MULTILINE)
