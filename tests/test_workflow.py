"""The workflows call words that exist, pin what they use and ask for no more than they need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tooling.pages.citation import DISPUTE

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORDS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


# what whoever opens an issue or a pull request may choose
FREE = re.compile(r"github\.(event|head_ref|base_ref|ref_name|actor)|inputs\.")


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
    assert len(writers) == 3
    for job in writers:
        assert job["permissions"] == {"issues": "write"}
        assert [step["uses"].split("@")[0] for step in job["steps"]] == [
            "actions/download-artifact",
            "actions/github-script",
        ]


def test_what_strangers_wrote_is_never_part_of_a_command_or_a_script() -> None:
    for path in WORKFLOWS:
        for step in steps(load(path)):
            texts = [step.get("run", ""), step.get("with", {}).get("script", ""), *step.get("env", {}).values()]
            assert [text for text in texts if FREE.search(text)] == []


def test_code_of_a_pull_request_meets_no_secret_and_no_right_to_write() -> None:
    assert not [path for path in WORKFLOWS if "pull_request_target" in path.read_text()]
    for path in WORKFLOWS:
        text, workflow = path.read_text(), load(path)
        assert "secrets." not in text
        if "pull_request" in workflow[True]:
            assert [job for job in workflow["jobs"].values() if "permissions" in job] == []


FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


def fields(path: Path) -> dict[str, dict[str, Any]]:
    """The fields of an issue form by their ids; what is only shown has none."""
    return {each["id"]: each for each in load(path)["body"] if each["type"] != "markdown"}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_is_one_that_github_takes(path: Path) -> None:
    form = load(path)
    assert form.keys() == {"name", "description", "title", "labels", "body"}
    labels = [each["attributes"]["label"] for each in fields(path).values()]
    assert len(set(labels)) == len(labels) >= 1
    for each in form["body"]:
        assert each["type"] in {"markdown", "input", "textarea", "dropdown"}
        assert each.keys() <= {"type", "id", "attributes", "validations"}
        assert (each["type"] == "dropdown") == ("options" in each["attributes"])
        assert re.fullmatch(r"[a-z]+", each.get("id", "none"))


def test_the_form_that_adds_a_work_offers_the_terms_of_the_vocabulary() -> None:
    found = fields(ROOT / ".github/ISSUE_TEMPLATE/add-work.yml")
    vocabulary = yaml.safe_load((ROOT / "papers" / "_vocabulary.yaml").read_text())
    for field, section in (("topics", "topics"), ("question", "questions")):
        names = [term["name"] for term in vocabulary[section].values()]
        assert found[field]["attributes"]["options"] == names
    assert [field for field, each in found.items() if each.get("validations", {}).get("required")] == ["work"]


def test_the_form_of_a_dispute_has_the_fields_that_the_link_beside_a_verdict_fills() -> None:
    path = ROOT / ".github/ISSUE_TEMPLATE/dispute.yml"
    assert {"claim", "recording", "commit", "doubt"} <= fields(path).keys()
    assert path.name == DISPUTE


def test_a_label_that_a_workflow_waits_for_is_one_that_a_form_gives() -> None:
    given = {label for path in FORMS for label in load(path)["labels"]}
    asked = {
        label for path in WORKFLOWS for label in re.findall(r"labels?[.*a-z]+(?: ==|,) '([^']+)'", path.read_text())
    }
    assert asked
    assert asked <= given


def test_someone_is_asked_to_review_every_file() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert all(re.fullmatch(r"@[A-Za-z0-9/-]+", owner) for _, *owners in rules for owner in owners)
    assert all(owners for _, *owners in rules)


def test_the_local_ci_calls_words_of_the_makefile_only() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    listed = re.search(r"for word in ([a-z -]+); do step", text)
    assert listed
    assert set(listed.group(1).split()) <= WORDS
    assert "test" in listed.group(1).split()


def test_a_word_that_the_makefile_lacks_is_noticed() -> None:
    assert unknown_words("make test && make everything-better") == {"everything-better"}
