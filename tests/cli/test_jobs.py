from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from vaecodec.cli.jobs import Job, find_jobs, place_results


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder, holding some empty files."""
    monkeypatch.chdir(tmp_path)
    for name in ("one.png", "two.png", "more/three.png", "more/inner/four.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    Path("empty").mkdir()


def found(*words: str, output: str | None = None) -> dict[str, str]:
    """Sources with the targets, or the problems, that they get."""
    jobs = place_results(
        find_jobs(words, accepts=".png".__eq__), output, suffix=".vaec"
    )
    return {str(job.source): job.problem or str(job.target) for job in jobs}


def test_a_result_lies_beside_its_source_unless_told_otherwise() -> None:
    assert found("one.png", "more/three.png") == {
        "one.png": "one.vaec",
        "more/three.png": os.path.join("more", "three.vaec"),
    }


@pytest.mark.parametrize(
    ("output", "target"),
    [
        ("new.vaec", "new.vaec"),
        ("without_suffix", "without_suffix"),
        ("empty", "empty/one.vaec"),
        ("new/", "new/one.vaec"),
        ("new/inner/", "new/inner/one.vaec"),
        ("-", "None"),
    ],
)
def test_a_single_result_goes_to_a_file_or_into_a_folder(
    output: str, target: str
) -> None:
    expected = target if target == "None" else str(Path(target))
    assert found("one.png", output=output) == {"one.png": expected}


def test_several_results_go_into_a_folder() -> None:
    expected = {
        f"{name}.png": str(Path("new", f"{name}.vaec")) for name in ("one", "two")
    }
    assert found("one.png", "two.png", output="new") == expected


def test_a_folder_is_repeated_below_the_folder_of_results() -> None:
    assert found("more", output="new") == {
        str(Path("more/three.png")): str(Path("new/three.vaec")),
        str(Path("more/inner/four.png")): str(Path("new/inner/four.vaec")),
    }
    assert found("more/inner", output="new") == {
        str(Path("more/inner/four.png")): str(Path("new/four.vaec"))
    }


def test_a_pattern_that_the_shell_left_alone_is_matched() -> None:
    assert list(found("*.png")) == ["one.png", "two.png"]
    assert list(found("**/f*.png")) == [str(Path("more/inner/four.png"))]
    assert list(found("[no].png")) == ["[no].png"]


def test_a_name_that_looks_like_a_pattern_is_a_name_if_it_exists() -> None:
    Path("o*[e].png").touch()
    assert list(found("o*[e].png")) == ["o*[e].png"]


def test_folders_are_refused_unless_their_files_are_wanted() -> None:
    assert [job.problem for job in find_jobs(["more", "one.png"])] == [
        "is a folder (-r takes the files in it)",
        "",
    ]


def test_a_folder_without_a_wanted_file_is_a_problem() -> None:
    assert "no file" in found("empty")["empty"]


def test_two_sources_never_have_the_same_result() -> None:
    Path("one.jpg").touch()
    targets = found("one.png", "one.jpg", "more/three.png", "more", output="new")
    assert targets["one.png"] == str(Path("new/one.vaec"))
    assert (
        targets["one.jpg"] == f"{Path('new/one.vaec')} is already the result of one.png"
    )


def test_suffixes_that_are_kept_tell_results_apart() -> None:
    jobs = [Job(Path(name)) for name in ("photo.jpg", "photo.png", "plain")]
    placed = place_results(jobs, None, suffix=".vaec", keep_suffix=True)
    assert [str(job.target) for job in placed] == [
        "photo.jpg.vaec",
        "photo.png.vaec",
        "plain.vaec",
    ]


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_two_names_of_one_result_are_seen_through_links() -> None:
    Path("again").symlink_to("more", target_is_directory=True)
    targets = found("more/three.png", "again/three.png")
    problem = f"again/three.vaec is already the result of {Path('more/three.png')}"
    assert targets["again/three.png"] == problem


@pytest.mark.parametrize(
    ("words", "output", "reason"),
    [
        (["-", "one.png"], None, "standard input"),
        (["one.png", "two.png"], "-", "one result"),
        (["-"], "empty", "standard input has no name"),
        (["-"], "new/", "standard input has no name"),
    ],
)
def test_words_that_contradict_each_other_are_bad_usage(
    words: list[str], output: str | None, reason: str
) -> None:
    with pytest.raises(click.UsageError, match=reason):
        found(*words, output=output)


def test_standard_input_goes_to_standard_output_or_a_file() -> None:
    assert place_results(find_jobs(["-"]), None, suffix=".vaec") == [Job(None, None)]
    assert place_results(find_jobs(["-"]), "new", suffix=".vaec") == [
        Job(None, Path("new"))
    ]
    assert find_jobs(["./-"]) == [Job(Path("-"))]
