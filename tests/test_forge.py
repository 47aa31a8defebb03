"""What a public forge runs and shows fits what the project says of itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import vaecodec

ROOT = Path(__file__).parent.parent
WORKFLOW = (ROOT / ".github/workflows/tests.yml").read_text("utf-8")
CHANGES = (ROOT / "CHANGELOG.md").read_text("utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_oldest_and_the_newest_python_are_tested_on_three_systems() -> None:
    versions = re.findall(r"Python :: (3\.\d+)", PROJECT)
    assert f'python: ["{versions[0]}", "{versions[-1]}"]' in WORKFLOW
    assert f'requires-python = ">={versions[0]}"' in PROJECT
    for system in ("ubuntu", "macos", "windows"):
        assert f"{system}-latest" in WORKFLOW


def test_the_lowest_and_the_newest_dependencies_are_tested() -> None:
    assert "--resolution lowest-direct" in WORKFLOW
    assert "--prerelease allow --upgrade" in WORKFLOW


@pytest.mark.parametrize("step", re.findall(r"run: pytest -q (.+)", WORKFLOW))
def test_the_tests_that_the_workflow_names_exist(step: str) -> None:
    assert all((ROOT / name).exists() for name in step.split())


def test_the_workflow_does_what_the_ci_script_does() -> None:
    script = (ROOT / ".ci/run").read_text("utf-8")
    for command in ("ruff check", "ruff format --check", "mypy", "pytest -q"):
        assert f"\n{command}\n" in script
        assert re.search(rf"run: {command}$", WORKFLOW, re.MULTILINE)


def test_the_changes_name_this_version_and_no_home() -> None:
    assert f"## {vaecodec.__version__}\n" in CHANGES
    assert "://" not in CHANGES
