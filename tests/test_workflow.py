"""The workflows call words that exist, pin what they use and ask for no more than they need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORDS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def load(path: Path) -> dict[str, Any]:
    """A workflow as data; YAML reads its key `on` as true."""
    return yaml.safe_load(path.read_text())


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """All steps of all jobs."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def unknown_words(text: str) -> set[str]:
    """The words given to make in a text that the Makefile does not have."""
    return set(re.findall(r"\bmake ([a-z][a-z-]*)", text)) - WORDS


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_words_of_the_makefile_only(path: Path) -> None:
    runs = [step["run"] for step in steps(load(path)) if "run" in step]
    assert runs
    for run in runs:
        assert run.startswith("make ")
        assert unknown_words(run) == set()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_unless_a_job_says_what_it_writes(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    granted = {name for job in workflow["jobs"].values() for name in job.get("permissions", {})}
    assert granted <= {"pages", "id-token", "issues"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_uses_official_actions_at_a_fixed_version_and_ends_in_time(path: Path) -> None:
    workflow = load(path)
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert [each for each in used if not re.fullmatch(r"actions/[a-z-]+(/restore)?@v\d+", each)] == []
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_who_may_write_issues_runs_no_code_of_the_repository() -> None:
    jobs = [job for path in WORKFLOWS for job in load(path)["jobs"].values()]
    writers = [job for job in jobs if "issues" in job.get("permissions", {})]
    assert len(writers) == 2
    for job in writers:
        assert job["permissions"] == {"issues": "write"}
        assert [step["uses"].split("@")[0] for step in job["steps"]] == [
            "actions/download-artifact",
            "actions/github-script",
        ]


def test_the_local_ci_calls_words_of_the_makefile_only() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    listed = re.search(r"for word in ([a-z -]+); do step", text)
    assert listed
    assert set(listed.group(1).split()) <= WORDS
    assert "test" in listed.group(1).split()


def test_a_word_that_the_makefile_lacks_is_noticed() -> None:
    assert unknown_words("make test && make everything-better") == {"everything-better"}
