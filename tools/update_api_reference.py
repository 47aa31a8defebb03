"""Write the reference of the Python interface from its docstrings, or check it.

In: the public names of `vaecodec` and of its plugins. Out: `docs/api.md`.
`--check` (a test runs it) writes nothing and fails when the page says anything else
than the docstrings.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from types import FunctionType

import vaecodec
from tools import generated_page
from tools.docstrings import to_markdown
from tools.generated_page import ROOT

MODULE = "tools.update_api_reference"
HEAD = f"""\
# The Python interface

Written from the docstrings by `python -m {MODULE}`.
Examples: [Python](python.md), [libraries](libraries.md). What may change, and when:
[versioning](versioning.md).
"""
# Their libraries need not be installed, so their files are read, not imported.
PLUGINS = {
    "VaecodecSerializer": "vaecodec/plugins/zarr.py",
    "VaecodecCodec": "vaecodec/plugins/numcodecs.py",
    "VaecDataset": "vaecodec/plugins/torch.py",
    "collate_sizes": "vaecodec/plugins/torch.py",
    "WebDatasetDecoder": "vaecodec/plugins/training_images.py",
}
# What signatures call by a short name.
TYPES = {
    "Encoded": "a path (`str` or `os.PathLike`), a bytes-like object (`bytes`, "
    "`bytearray`, `memoryview`, `mmap`), or a file opened for reading bytes",
    "Source": "`Encoded`, a PIL image, or an array as for `encode`",
    "Samples": "a numpy array, uint8 or uint16",
    "Region": "x, y, width and height in pixels, four integers; x and y count from the "
    "upper left corner",
    "Tune": '`"eye"` or `"psnr"`',
    "Model": "the name of a shipped model, the path of a model file, or None",
    "Sequence": "a list, a tuple or anything else with a length and numbered entries",
    "Integers": "a numpy array of integers",
    "Image.Image": "a PIL image",
}


def main(arguments: Sequence[str] | None = None) -> int:
    text = "\n".join([HEAD, *sections()])
    return generated_page.run(arguments, module=MODULE, page="docs/api.md", text=text)


def sections() -> Iterator[str]:
    """Yield the parts of the page: functions, records, errors, plugins, types."""
    public = {name: getattr(vaecodec, name) for name in vaecodec.__all__}
    functions = {n: o for n, o in public.items() if isinstance(o, FunctionType)}
    classes = {n: o for n, o in public.items() if isinstance(o, type)}
    yield "## Functions\n"
    yield from (_function(name, function) for name, function in functions.items())
    yield "## Classes\n"
    yield from (_class(n, c) for n, c in classes.items() if not _is_error(c))
    yield "## Errors\n"
    yield from (_class(n, c) for n, c in classes.items() if _is_error(c))
    yield "## Plugins\n"
    yield from (_plugin(name, path) for name, path in PLUGINS.items())
    yield "## Types in signatures\n"
    yield "".join(f"* `{name}`: {meaning}\n" for name, meaning in TYPES.items())


def _is_error(made: type) -> bool:
    return issubclass(made, Exception)


def _function(name: str, function: FunctionType) -> str:
    signature = f"```python\n{signature_of(name, function)}\n```"
    return f"### {name}\n\n{signature}\n\n{to_markdown(inspect.getdoc(function))}\n"


def signature_of(name: str, function: FunctionType) -> str:
    """A function's call, one argument per line, with types as its source has them."""
    signature = inspect.signature(function)
    parameters = signature.parameters.values()
    named = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    lines = [_argument(p) for p in parameters if p not in named]
    lines += ["*", *map(_argument, named)] if named else []
    inside = "".join(f"\n    {line}," for line in lines) + "\n" * bool(lines)
    return f"{name}({inside}) -> {signature.return_annotation}"


def _argument(parameter: inspect.Parameter) -> str:
    given = parameter.default is not parameter.empty
    default = f" = {parameter.default!r}" if given else ""
    return f"{parameter.name}: {parameter.annotation}{default}"


def _class(name: str, made: type) -> str:
    bases = ", ".join(base.__name__ for base in made.__bases__)
    title = f"{name} ({bases})" if _is_error(made) else name
    return f"### {title}\n\n{to_markdown(inspect.getdoc(made))}\n"


def _plugin(name: str, path: str) -> str:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    found = next(
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name
    )
    module = path.removesuffix(".py").replace("/", ".")
    return f"### {module}.{name}\n\n{to_markdown(ast.get_docstring(found))}\n"


if __name__ == "__main__":
    sys.exit(main())
