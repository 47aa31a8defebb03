from __future__ import annotations

import inspect as python_inspect
import subprocess
from collections.abc import Callable

import pytest

import vaecodec

CALLABLE_NAMES = [
    *("compress", "decode", "decode_batch", "decompress", "encode", "features"),
    *("inspect", "recover", "verify"),
]


@pytest.mark.parametrize("name", vaecodec.__all__)
def test_every_public_name_exists_and_is_listed(name: str) -> None:
    assert getattr(vaecodec, name) is not None
    assert name in dir(vaecodec)


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="decompres"):
        getattr(vaecodec, "decompres")  # noqa: B009 - the name is wrong on purpose


@pytest.mark.parametrize("name", CALLABLE_NAMES)
def test_every_public_function_is_documented(name: str) -> None:
    assert len(getattr(vaecodec, name).__doc__) > 40


@pytest.mark.parametrize("name", CALLABLE_NAMES)
def test_choices_are_keyword_only_and_data_comes_first(name: str) -> None:
    parameters = python_inspect.signature(getattr(vaecodec, name)).parameters
    positional = [p.name for p in parameters.values() if p.kind != p.KEYWORD_ONLY]
    assert positional[1:] in ([], ["quality"])
    assert all(p.default is not p.empty for p in list(parameters.values())[1:])


@pytest.mark.parametrize(
    "name", ["FormatError", "ImageError", "ModelError", "TargetError"]
)
def test_one_except_clause_catches_every_error(name: str) -> None:
    error = getattr(vaecodec, name)
    assert issubclass(error, vaecodec.VaecodecError)
    assert error.exit_code == {"ModelError": 5, "TargetError": 7}.get(name, 1)


def test_reading_a_header_loads_only_the_standard_library(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run_python(
        "-c",
        "import sys, vaecodec\n"
        "try: vaecodec.inspect(b'no such file')\n"
        "except vaecodec.FormatError: pass\n"
        "heavy = {'numpy', 'PIL', 'onnxruntime', 'constriction', 'torch', 'click'}\n"
        "sys.exit(' '.join(heavy & {*sys.modules}) or 0)\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
