"""The page of what was found: every recording once, what went the other way, and the limits of each script."""

import pytest

from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.pages.found import found_page, limits, went_the_other_way
from tooling.pages.survey import Survey

SCRIPT = '''"""Does it hold?

Idea: one.

Not tested: `PPO`,
and more.

Differs: small.
"""'''


def survey(**verdicts: dict) -> Survey:
    """A survey with one work whose claims have these results, and one that was never run."""
    claims = [claim(f"claim-{name}") for name in verdicts]
    recorded = result("a", {f"a/claim-{name}": claim_result(**changes) for name, changes in verdicts.items()})
    return Survey(library(card("a", claims=claims), card("b")), results(recorded))


def test_each_recorded_claim_stands_under_its_verdict_and_others_nowhere() -> None:
    page = found_page(
        survey(one={}, two={"verdict": "contradicted"}, three={"verdict": "inconclusive"}), {"a": SCRIPT}
    ).markdown
    places = [page.index(f"## {name} {{#") for name in ("What held in miniature", "What did not", "What stays open")]
    claims = [page.index(f"Statement of claim-{name}.") for name in ("one", "two", "three")]
    assert sorted(places + claims) == [place for pair in zip(places, claims, strict=True) for place in pair]
    assert "Statement of first-claim." not in page
    assert "3 claims have been run and 2 of them decided" in page


def test_a_group_without_a_claim_has_no_heading() -> None:
    page = found_page(survey(one={}), {}).markdown
    assert "What held in miniature" in page
    assert "What did not" not in page


@pytest.mark.parametrize(
    ("changes", "other_way"),
    [
        ({"verdict": "contradicted", "estimate": -0.1, "low": -0.15, "high": -0.06}, True),
        ({"verdict": "contradicted", "estimate": 0.01, "low": -0.02, "high": 0.04}, False),  # falls short
        ({"verdict": "contradicted", "estimate": -0.06, "low": -0.13, "high": 0.01}, False),  # holds zero
        ({"verdict": "inconclusive", "estimate": -0.1, "low": -0.15, "high": -0.06}, False),  # an unfit miniature
        ({"verdict": "contradicted", "estimate": 0.1, "low": 0.06, "high": 0.15, "side": "below"}, True),
        ({"verdict": "contradicted", "estimate": 0.1, "low": 0.06, "high": 0.15, "side": "within"}, False),
    ],
)
def test_an_effect_beyond_the_margin_on_the_other_side_surprises(changes: dict, other_way: bool) -> None:
    made = survey(one=changes)
    assert went_the_other_way(made.findings["a/claim-one"]) == other_way
    assert ("In these runs the effect went the other way" in found_page(made, {}).markdown) == other_way


def test_the_limits_are_those_that_the_script_names() -> None:
    assert limits(SCRIPT) == {
        "How the run differs from the paper": "small.",
        "What was not tested": "`PPO`, and more.",
    }
    assert limits("") == {}
    assert "<code>PPO</code>, and more." in found_page(survey(one={}), {"a": SCRIPT}).markdown


def test_a_claim_of_another_card_is_named_with_the_work_whose_cells_decide_it() -> None:
    recorded = result("a", {"a/first-claim": claim_result(), "b/first-claim": claim_result(verdict="contradicted")})
    page = found_page(Survey(library(card("a"), card("b")), results(recorded)), {}).markdown
    assert "and of other works" in page
    assert page.index("## Work by work") < page.rindex("papers/b/#first-claim")


def test_it_says_when_nothing_was_run() -> None:
    page = found_page(Survey(library(card("a")), results()), {}).markdown
    assert "No claim has been run yet." in page
    assert "Work by work" not in page
