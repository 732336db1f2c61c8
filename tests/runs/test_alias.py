"""A result of a work that was renamed since is read with the names of today, and its file stays as it was."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pages.sample import claim_result, result
from tooling.errors import Invalid, NotFound
from tooling.runs.result import Result, dump, load_result, load_results, to_json
from tooling.runs.script import load_script

RULES = {"old/first-claim": "aaaa", "other/far-claim": "bbbb"}


def recorded() -> Result:
    """A recording of the work `old` with a claim of another work, both of them renamed since."""
    claims = {"old/first-claim": claim_result(), "other/far-claim": claim_result(verdict="contradicted")}
    past = {"recording": 1, "commit": "1" * 40, "started": "x", "claims": {"old/first-claim": {"verdict": "supported"}}}
    again = {"agrees": True, "claims": {"old/first-claim": {}}, "hashes": {"rules": {"old/first-claim": "aaaa"}}}
    made = result("old", claims, history=(past,), hashes={"rules": RULES, "modules": {"tooling.runs": "cccc"}})
    return replace(made, revalidations=(again,), sizes={"old/first-claim": 1})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository in which the works are called `new` and `far` now."""
    for slug, old in (("new", "[older, old]"), ("far", "[other]")):
        (tmp_path / "papers").mkdir(exist_ok=True)
        (tmp_path / f"papers/{slug}.yaml").write_text(f"kind: paper\naliases: {old}\n")
    path = tmp_path / "repro/new/results/mini.json"
    path.parent.mkdir(parents=True)
    path.write_text(dump(to_json(recorded())))
    return tmp_path


def test_every_key_of_a_result_has_the_name_of_today(root: Path) -> None:
    path = root / "repro/new/results/mini.json"
    before = path.read_bytes()
    found = load_result(path)
    assert found.slug == "new"
    assert set(found.claims) == {"new/first-claim", "far/far-claim"}
    assert found.claims["far/far-claim"] == recorded().claims["other/far-claim"]
    assert found.hashes == {
        "rules": {"new/first-claim": "aaaa", "far/far-claim": "bbbb"},
        "modules": {"tooling.runs": "cccc"},
    }
    assert list(found.history[0]["claims"]) == ["new/first-claim"]
    assert (
        list(found.revalidations[0]["claims"]) == list(found.revalidations[0]["hashes"]["rules"]) == ["new/first-claim"]
    )
    assert path.read_bytes() == before


def test_what_belongs_to_the_commit_of_the_recording_keeps_the_name_of_its_day(root: Path) -> None:
    found = load_result(root / "repro/new/results/mini.json")
    assert found.script == "repro/old/run.py"
    assert found.sizes == {"old/first-claim": 1}


def test_the_verdicts_of_a_renamed_work_are_found_by_their_new_keys(root: Path) -> None:
    results = load_results(root)
    assert list(results) == ["new"]
    assert [each.claim.verdict for each in results.verdicts("far/far-claim")] == ["contradicted"]
    assert results.verdicts("old/first-claim") == []


def test_a_result_of_a_name_that_no_card_had_is_still_refused(root: Path) -> None:
    (root / "papers/new.yaml").write_text("kind: paper\naliases: [older]\n")
    with pytest.raises(Invalid, match="not to be moved or copied"):
        load_result(root / "repro/new/results/mini.json")


def test_an_alias_that_is_the_name_of_a_card_again_renames_nothing(root: Path) -> None:
    (root / "papers/old.yaml").write_text("kind: paper\n")
    with pytest.raises(Invalid, match="says `old`"):
        load_result(root / "repro/new/results/mini.json")


def test_a_result_that_is_no_mapping_is_named_and_not_a_crash(root: Path) -> None:
    path = root / "repro/new/results/mini.json"
    for text in ("[]", "3", '{"schema": 2, "slug": [], "claims": {}}', '{"slug": "old", "claims": ["a"]}'):
        path.write_text(text)
        with pytest.raises(Invalid, match="not a result of the harness"):
            load_result(path)
    assert json.loads(text)


def test_a_script_that_is_asked_for_by_its_earlier_name_is_told_the_new_one(root: Path) -> None:
    with pytest.raises(NotFound, match="the work is now called `new`"):
        load_script(root, "older")
