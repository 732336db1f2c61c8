"""A completion that is cut off answers with its last whole attempt, or not at all."""

import pytest

from tooling.evals import Table
from tooling.evals.cutting import cut_at
from tooling.models.tokenizer import END, encoded, token_ids
from tooling.tasks import Completion, Countdown, Item
from tooling.verify import Why

ITEM = Item("2 8 9>3:", "2+9=11 11-8=3", {"numbers": (2, 8, 9), "target": 3}, "0")
MISS, HIT = "2+9=11 11+8=19", "2+9=11 11-8=3"  # 11 tokens each


def completion(text: str, *, finished: bool = True) -> Completion:
    """A completion as a sampler returns it."""
    return Completion(text, [*encoded(text), *([token_ids()[END]] if finished else [])], finished)


def cut(text: str, budget: int, *, finished: bool = True) -> tuple[str, bool, Why]:
    """What is left of one completion at a budget, and how it is graded."""
    done = completion(text, finished=finished)
    table = cut_at(Table([ITEM], [[done]], [[Countdown().grade(done, ITEM)]]), Countdown(), budgets=[budget])
    left = table.completions[0][0]
    assert len(left.tokens) <= budget
    return left.text, table.outcomes[0][0], table.grades[0][0].why


@pytest.mark.parametrize(
    ("budget", "text", "right"),
    [(11, "", False), (12, MISS, False), (23, MISS, False), (24, f"{MISS};{HIT}", True), (90, f"{MISS};{HIT}", True)],
)
def test_only_attempts_that_are_whole_within_the_budget_count(budget: int, text: str, *, right: bool) -> None:
    assert cut(f"{MISS};{HIT}", budget)[:2] == (text, right)


def test_a_hit_that_was_thrown_away_later_counts_where_the_cut_is_before_that() -> None:
    assert cut(f"{HIT};{MISS}", 24)[1] is False
    assert cut(f"{HIT};{MISS}", 20)[:2] == (HIT, True)


def test_nothing_whole_is_no_answer() -> None:
    assert cut(HIT, 5)[2] is Why.NO_ANSWER


def test_a_completion_that_never_ended_has_no_whole_last_attempt() -> None:
    assert cut(f"{MISS};{HIT}", 40, finished=False)[:2] == (MISS, False)


def test_each_item_has_its_own_budget() -> None:
    done = completion(f"{MISS};{HIT}")
    grades = [[Countdown().grade(done, ITEM)]] * 2
    assert cut_at(Table([ITEM] * 2, [[done]] * 2, grades), Countdown(), budgets=[12, 24]).outcomes == [[False], [True]]
