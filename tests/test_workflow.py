"""The workflows call words that exist, pin what they use and ask for no more than they need."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import playwright
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
    assert runs or path.stem in ("comment", "labels")
    for run in runs:
        assert run.startswith("make ")
        assert unknown_words(run) == set()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_unless_a_job_says_what_it_writes(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    granted = {name for job in workflow["jobs"].values() for name in job.get("permissions", {})}
    assert granted <= {"pages", "id-token", "issues", "pull-requests"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_uses_official_actions_at_a_fixed_version_and_ends_in_time(path: Path) -> None:
    workflow = load(path)
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert [each for each in used if not re.fullmatch(r"actions/[a-z-]+(/restore)?@v\d+", each)] == []
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_who_may_write_what_people_read_runs_no_code_of_the_repository() -> None:
    jobs = {path.stem: job for path in WORKFLOWS for job in load(path)["jobs"].values() if writes(job)}
    assert jobs.keys() == {"links", "refresh", "proposal", "comment", "labels"}
    for name, job in jobs.items():
        assert job["permissions"] == {"pull-requests" if name == "comment" else "issues": "write"}
        used = [step["uses"].split("@")[0] for step in job["steps"]]
        assert used in (["actions/download-artifact", "actions/github-script"], ["actions/github-script"])


def writes(job: dict[str, Any]) -> bool:
    """Whether a job may write issues or comments."""
    return not {"issues", "pull-requests"}.isdisjoint(job.get("permissions", {}))


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


# GitHub as the scripts of the workflows see it: answers from `world`, and a note of all that is written
GITHUB = """
const world = JSON.parse(process.argv[1]), written = [];
const note = (name) => async (sent) => { written.push([name, sent]); };
const context = { repo: { owner: 'us', repo: 'survey' }, payload: { workflow_run: world.run } };
const github = {
  paginate: async (list, asked) => list(asked),
  rest: {
    pulls: {
      list: ({ head }) => world.pulls.filter((each) => each.from === head),
      listFiles: ({ pull_number }) => world.files[pull_number],
    },
    issues: {
      listComments: () => world.comments, listLabelsForRepo: () => world.labels,
      createComment: note('comment'), updateComment: note('changed comment'), createLabel: note('label'),
    },
  },
};
(async () => {
  await (async () => { %s })();
  console.log(JSON.stringify(written));
})();
"""
RUN = {
    "event": "pull_request",
    "conclusion": "success",
    "html_url": "https://github.com/us/survey/actions/runs/7",
    "head_sha": "0123456789abcdef",
    "head_branch": "my-card",
    "head_repository": {"owner": {"login": "ada"}},
}
PULLS = [
    {"number": 5, "from": "ada:my-card", "head": {"sha": "0123456789abcdef"}},
    {"number": 6, "from": "ada:my-card", "head": {"sha": "fedcba9876543210"}},
    {"number": 7, "from": "eve:my-card", "head": {"sha": "0123456789abcdef"}},
]
FILES = [
    {"filename": "papers/dr-grpo.yaml", "status": "modified"},
    {"filename": "papers/_vocabulary.yaml", "status": "modified"},
    {"filename": "papers/x` @everyone [y](https://evil.example).yaml", "status": "added"},
]


def written(name: str, **world: Any) -> list[tuple[str, dict[str, Any]]]:
    """What the script of a workflow of one job writes to GitHub, in node."""
    (step,) = steps(load(ROOT / ".github" / "workflows" / f"{name}.yml"))
    node = Path(playwright.__file__).parent / "driver" / "node"
    usual = {"run": RUN, "pulls": PULLS, "files": {"5": FILES, "6": FILES, "7": FILES}, "comments": [], "labels": []}
    command = [node, "-e", GITHUB % step["with"]["script"], json.dumps(usual | world)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [(kind, sent) for kind, sent in json.loads(done.stdout)]


def test_a_pull_request_gets_one_comment_that_leads_to_its_preview_and_says_nothing_of_its_own() -> None:
    ((kind, sent),) = written("comment")
    assert (kind, sent["owner"], sent["issue_number"]) == ("comment", "us", 5)
    assert sent["body"].splitlines() == [
        "<!-- preview -->",
        f"[What the cards will look like]({RUN['html_url']}), with what `tooling check` says of them (at 0123456).",
        "",
        "- `dr-grpo` (modified)",
    ]


def test_a_later_preview_changes_the_comment_and_one_that_failed_says_so() -> None:
    strangers = {"id": 1, "user": {"login": "ada"}, "body": "<!-- preview --> mine"}
    ours = {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "<!-- preview -->\nolder"}
    ((kind, sent),) = written("comment", comments=[strangers, ours], run=RUN | {"conclusion": "failure"})
    assert (kind, sent["comment_id"]) == ("changed comment", 2)
    assert "The preview of the cards failed; [its log](https://github.com/us/survey/actions/runs/7)" in sent["body"]


def test_a_comment_names_fifty_cards_at_most() -> None:
    files = [{"filename": f"papers/card-{number}.yaml", "status": "added"} for number in range(120)]
    ((_, sent),) = written("comment", files={"5": files})
    assert sent["body"].splitlines()[-1] == "- and 70 more"
    assert sent["body"].count("(added)") == 50


@pytest.mark.parametrize("change", [{"event": "push"}, {"conclusion": "cancelled"}, {"head_sha": "0"}])
def test_no_comment_is_written_for_another_run(change: dict[str, str]) -> None:
    assert written("comment", run=RUN | change) == []


def test_a_workflow_that_follows_another_names_one_that_exists() -> None:
    names = {load(path)["name"] for path in WORKFLOWS}
    followed = [name for path in WORKFLOWS for name in load(path)[True].get("workflow_run", {}).get("workflows", [])]
    assert followed
    assert set(followed) <= names


def test_the_labels_of_the_forms_are_made_where_a_repository_lacks_them() -> None:
    given = {label for path in FORMS for label in load(path)["labels"]}
    assert {sent["name"] for kind, sent in written("labels") if kind == "label"} == given
    (made,) = written("labels", labels=[{"name": "New Work"}, {"name": "bug"}])
    assert made[1]["name"] == "dispute"
