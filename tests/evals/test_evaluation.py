"""A table's numbers are those that one counts by hand."""

from collections.abc import Sequence

import pytest

from tooling.evals import Prefix, SampleSettings, Table, evaluate
from tooling.tasks import Completion, Countdown, Item
from tooling.verify import Why

TASK = Countdown()
SETTINGS = SampleSettings(tokens=20)
RIGHT, WRONG, SEARCH = "2+9=11 11-8=3", "2+9=11 11+8=19", "2+9=11 11+8=19;2+9=11 11-8=3"


def item(numbers: tuple[int, ...], target: int) -> Item:
    """An item with a given target."""
    prompt = f"{' '.join(map(str, numbers))}>{target}:"
    return Item(prompt, RIGHT, {"numbers": numbers, "target": target}, prompt)


ITEMS = [item((2, 8, 9), 3), item((2, 8, 9), 19)]
# item after item, four samples each
SAMPLES = [
    Completion(RIGHT, (1,) * 14, True),
    Completion(WRONG, (1,) * 15, True),
    Completion(SEARCH, (1,) * 29, True),
    Completion(RIGHT, (1,) * 20, False),
    Completion("", (1,), True),
    Completion("nonsense", (1,) * 9, True),
    Completion(RIGHT, (1,) * 14, True),
    Completion(WRONG, (1,) * 15, True),
]


def table() -> Table:
    """The table of the samples above, given by a sampler that replays them."""
    asked: list[Prefix] = []

    def sampler(prefixes: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
        asked.extend(prefixes)
        assert settings is SETTINGS
        return SAMPLES

    made = evaluate(sampler, TASK, items=ITEMS, samples=4, settings=SETTINGS)
    assert asked == ["2 8 9>3:"] * 4 + ["2 8 9>19:"] * 4
    return made


def test_every_sample_is_graded_against_its_item() -> None:
    assert table().items == ITEMS
    assert [[grade.why for grade in row] for row in table().grades] == [
        [Why.OK, Why.WRONG, Why.OK, Why.TRUNCATED],
        [Why.NO_ANSWER, Why.MALFORMED, Why.WRONG, Why.OK],
    ]
    assert [len(row) for row in table().completions] == [4, 4]


def test_the_outcome_of_every_sample_is_kept() -> None:
    assert table().outcomes == [[True, False, True, False], [False, False, False, True]]


def test_pass_at_k_is_the_mean_over_items() -> None:
    assert table().pass_at(1) == 3 / 8
    assert table().pass_at(2) == pytest.approx(((1 - 1 / 6) + 1 / 2) / 2)
    assert table().pass_at(4) == 1.0
    with pytest.raises(ValueError, match="pass@5"):
        table().pass_at(5)


def test_reasons_are_shares_of_all_samples() -> None:
    shares = {reason: table().why(reason) for reason in Why}
    expected = {Why.OK: 3, Why.WRONG: 2, Why.TRUNCATED: 1, Why.NO_ANSWER: 1, Why.MALFORMED: 1, Why.TIMEOUT: 0}
    assert shares == {reason: count / 8 for reason, count in expected.items()}


def test_tokens_and_shares_are_counted_over_all_samples() -> None:
    assert table().tokens == 14 + 15 + 29 + 20 + 1 + 9 + 14 + 15
    assert table().share(lambda text: ";" in text) == 1 / 8
    assert table().share(lambda text: text == RIGHT) == 3 / 8


def test_the_mean_length_and_the_share_cut_at_the_limit_are_over_all_samples() -> None:
    assert table().mean_tokens == table().tokens / 8
    assert table().truncated == 1 / 8


def test_the_error_over_items_is_that_of_their_means() -> None:
    assert list(table().pass_at_per_item(1)) == [0.5, 0.25]
    assert table().error() == pytest.approx(0.125 * 2**0.5 / 2**0.5)


def test_samples_vote_for_the_answer_that_their_grader_read() -> None:
    last = "2+9=11 11+8=19"
    assert table().answers == [[RIGHT, last, RIGHT, None], [None, "nonsense", RIGHT, last]]
    # item 1: two of three votes are for the right one; item 2: three answers tie
    assert table().majority(4) == pytest.approx((1 + 1 / 3) / 2)
    assert table().majority(1) == pytest.approx(table().pass_at(1))


def test_a_table_can_vote_for_something_else_than_the_answer() -> None:
    by_result = table().voting(lambda done: done.text.rpartition("=")[2] or None)
    assert by_result.answers[1] == [None, "nonsense", "3", "19"]
    assert by_result.outcomes == table().outcomes


def test_weights_and_scores_choose_among_the_samples() -> None:
    confident = [[0.1, 9.0, 0.1, 0.1], [0.0, 0.0, 1.0, 2.0]]
    assert table().weighted(4, confident) == pytest.approx(1 / 2)
    assert table().best_of(4, confident) == pytest.approx(1 / 2)
    assert table().weighted(4, confident, keep=0.25) == pytest.approx(1 / 2)
    assert table().best_of(1, confident) == pytest.approx(table().pass_at(1))
