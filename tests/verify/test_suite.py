"""Thousands of generated attacks earn nothing, and thousands of right answers in other words are accepted."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.verify import judge
from tests.verify.attack import attacks
from tests.verify.equivalent import answers
from tooling.verify import Grade, Why

PAGE = Path(__file__).parents[2] / "site" / "graders.md"


@cache
def graded_attacks() -> list[tuple[str, str, Grade]]:
    """Grader, family and grade of each attack without code in it; once for all tests of this file."""
    return judge.graded([case for case in attacks() if case.family != "code"])


@cache
def graded_answers() -> list[tuple[str, str, Grade]]:
    """Grader, family and grade of each right answer."""
    return judge.graded(answers())


def test_there_are_thousands_of_different_cases() -> None:
    assert len(set(attacks())) >= 2000
    assert len({case for case in attacks() if case.grader == "mathematics"}) >= 1500
    assert len({case for case in answers() if case.grader == "mathematics"}) >= 1500
    assert len([case for case in answers() if case.grader == "mathematics"]) >= 2000


@pytest.mark.parametrize("grader", judge.GRADERS)
def test_no_attack_is_accepted(grader: str) -> None:
    found = [(name, family, grade) for name, family, grade in graded_attacks() if name == grader]
    assert len(found) >= 400
    assert [each for each in found if each[2].correct or each[2].score] == []


def test_no_attack_costs_a_worker_its_time() -> None:
    late = [family for _, family, grade in graded_attacks() if grade.why == Why.TIMEOUT]
    assert late == [], "the limits come before the parsing"


def test_code_in_an_answer_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    cases = [judge.with_canary(case, trace) for case in attacks() if case.family == "code"]
    assert len(cases) >= 100
    assert [grade for _, _, grade in judge.graded(cases) if grade.correct] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("grader", judge.GRADERS)
def test_ninety_seven_in_a_hundred_right_answers_are_accepted(grader: str) -> None:
    found = [(family, grade) for name, family, grade in graded_answers() if name == grader]
    missed = Counter(family for family, grade in found if not grade.correct)
    assert sum(missed.values()) <= 0.03 * len(found), missed


def test_no_family_of_right_answers_is_lost() -> None:
    families = Counter(family for name, family, _ in graded_answers() if name == "mathematics")
    missed = Counter(family for name, family, grade in graded_answers() if name == "mathematics" and not grade.correct)
    assert {family: count for family, count in missed.items() if count > 0.1 * families[family]} == {}


def test_the_published_rates_are_those_of_the_suite() -> None:
    published = dict(re.findall(r"^\| `(\w+)` \| (\d+ of \d+ \| \d+ of \d+) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    code = judge.graded([case for case in attacks() if case.family == "code"])
    for grader in judge.GRADERS:
        bad = [grade.correct for name, _, grade in [*graded_attacks(), *code] if name == grader]
        good = [grade.correct for name, _, grade in graded_answers() if name == grader]
        found = f"{sum(bad)} of {len(bad)} | {good.count(False)} of {len(good)}"
        assert published[grader] == found, "write the page anew with `python tests/benchmarks/graders.py --write`"
