"""Generated parts of hand-written pages."""

from pathlib import Path

import pytest

from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.errors import Invalid
from tooling.pages.part import MARK, examples, fill, parts
from tooling.pages.survey import Survey

SITE = Path(__file__).parents[2] / "site"


@pytest.fixture
def survey() -> Survey:
    return Survey(library(card("a")), results(result("a", {"a/first-claim": claim_result()})))


def test_a_page_without_marks_is_left_alone(survey: Survey) -> None:
    assert fill("# Title\n\ntext", survey, path="about.md") == "# Title\n\ntext"


def test_the_start_page_shows_the_verdicts_as_a_forest_plot(survey: Survey) -> None:
    filled = fill("<!-- part: start -->", survey, path="index.md")
    assert "Verdicts so far" in filled
    assert 'href="papers/a/#first-claim"' in filled
    assert 'class="interval supported above"' in filled


def test_a_long_plot_has_its_axis_above_its_rows_too() -> None:
    claims = [claim(f"claim-{number}") for number in range(7)]
    decided = {f"a/claim-{number}": claim_result() for number in range(7)}
    long = Survey(library(card("a", claims=claims)), results(result("a", decided)))
    short = Survey(library(card("a", claims=claims[:6])), results(result("a", dict(list(decided.items())[:6]))))
    drawn = fill("<!-- part: start -->", long, path="index.md")
    assert drawn.index("as claimed →") < drawn.index('class="interval')
    assert fill("<!-- part: start -->", short, path="index.md").count("as claimed →") == 1
    assert drawn.count("as claimed →") == 2


def test_the_examples_are_the_plainest_claim_of_each_verdict() -> None:
    claims = [claim(name) for name in ("far", "near", "split", "open")]
    decided = {
        "a/far": claim_result(estimate=0.4, high=0.5),
        "a/near": claim_result(),
        "a/split": claim_result(estimate=0.06, high=0.07, parts=(claim_result(name="gains"),)),
        "a/open": claim_result(verdict="inconclusive"),
    }
    some = Survey(library(card("a", claims=claims)), results(result("a", decided)))
    assert [finding.key for finding in examples(some.recorded)] == ["a/near", "a/open"]
    assert examples([]) == []


def test_before_the_first_run_the_start_page_has_no_empty_plot() -> None:
    filled = fill("<!-- part: start -->", Survey(library(card("a")), results()), path="index.md")
    assert "Verdicts so far" not in filled
    assert "1 not tested" in filled


def test_an_unknown_part_is_named_with_its_line(survey: Survey) -> None:
    with pytest.raises(
        Invalid, match=r"site/about.md:3: no part is called `verdict`; use one of examples, legend, runs, start"
    ):
        fill("a\n\n<!-- part: verdict -->", survey, path="about.md")


def test_every_mark_of_the_hand_written_pages_has_a_part(survey: Survey) -> None:
    used = {name for path in SITE.rglob("*.md") for name in MARK.findall(path.read_text(encoding="utf-8"))}
    assert used == set(parts(survey, "index.md"))
