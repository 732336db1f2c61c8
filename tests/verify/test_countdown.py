"""The grader of countdown agrees with brute force, and keeps each rule of the game."""

import random

import pytest

from tests.verify.enumeration import chains, expressions
from tooling.verify import Why, countdown, countdown_attempts

NUMBERS = (2, 8, 9)


def sampled_items(count: int) -> list[tuple[tuple[int, ...], int]]:
    """Numbers and a target from 0 to 40, solvable or not; repeats among the numbers occur."""
    source = random.Random(7)
    return [(tuple(source.randint(1, 12) for _ in range(3)), source.randint(0, 40)) for _ in range(count)]


def test_every_expression_is_judged_as_by_brute_force() -> None:
    for numbers, target in sampled_items(60):
        for text, value in expressions(numbers).items():
            grade = countdown(text, numbers, target)
            assert grade.correct == (value == target), (text, numbers, target)
            assert (grade.why == Why.MALFORMED) == (value is None), (text, numbers, target)


def test_every_chain_of_steps_is_judged_as_by_brute_force() -> None:
    for numbers, target in sampled_items(60):
        for text, reached in chains(numbers).items():
            assert countdown(text, numbers, target).correct == (reached == target), (text, numbers, target)


def test_the_sampled_items_hold_solvable_and_unsolvable_ones() -> None:
    solvable = [target in expressions(numbers).values() for numbers, target in sampled_items(60)]
    assert 10 < sum(solvable) < 50


def test_every_solution_of_four_numbers_is_accepted() -> None:
    numbers, target = (3, 5, 6, 7), 24
    solving = [text for text, value in expressions(numbers).items() if value == target]
    worked = [text for text, reached in chains(numbers).items() if reached == target]
    assert solving
    assert worked
    assert all(countdown(text, numbers, target).correct for text in [*solving, *worked])


def test_chains_of_other_numbers_are_refused() -> None:
    for other in ((2, 8, 8), (2, 9, 9), (1, 8, 9), (2, 8), (2, 8, 9, 9), (2, 8, 9, 0)):
        for text, reached in chains(other).items():
            assert not countdown(text, NUMBERS, reached).correct, text


@pytest.mark.parametrize(
    ("rule", "text", "target"),
    [
        ("a number is used twice", "9-8=1 1*2=2 2*2=4", 4),
        ("a number is used twice in one step", "9+9=18 18-8=10", 10),
        ("a number is used twice in an expression", "(2+9)-8+8", 11),
        ("a number is left out", "2+9=11", 11),
        ("a number is left out of an expression", "2+9", 11),
        ("a number comes from nowhere", "9-8=1 1+3=4", 4),
        ("a result is used twice", "9-8=1 1+1=2 2*2=4", 4),
        ("a result is left over", "2+8=10 9-8=1", 1),
        ("the first step is wrong", "2+9=12 12-8=4", 4),
        ("the last step is wrong", "2+9=11 11-8=4", 4),
        ("wrong steps cancel", "2+9=12 12-8=3", 3),
        ("a step has two signs", "2+9-8=3", 4),
        ("a division leaves a rest", "9/2=4 8-4=4", 4),
        ("a division by zero", "2/0=0 0+8=8", 8),
        ("a claimed value differs", "(2+9)-8=4", 4),
        ("a claimed value differs from a right expression", "(2+9)-8=4", 3),
        ("a chain of equations", "0=1=2=3", 3),
        ("a chain behind a right expression", "(2+9)-8=3=3", 3),
        ("another target", "2+9=11 11-8=3", 4),
    ],
)
def test_a_broken_rule_is_wrong(rule: str, text: str, target: int) -> None:
    grade = countdown(text, NUMBERS, target)
    assert not grade.correct, rule
    assert grade.score == 0


@pytest.mark.parametrize(
    ("rule", "text", "numbers", "target"),
    [
        ("a division without rest", "8/2=4 4+9=13", (2, 8, 9), 13),
        ("a fraction on the way in an expression", "(9/2)*8", (2, 8, 9), 36),
        ("a negative value on the way in an expression", "2-8+9", (2, 8, 9), 3),
        ("equal numbers once each", "8+8=16 16/2=8", (2, 8, 8), 8),
        ("a zero on the way", "8-8=0 0+2=2", (2, 8, 8), 2),
        ("two numbers", "2+9=11", (2, 9), 11),
        ("one number", "9", (9,), 9),
        ("a claimed value that is true", "(2+9)-8=3", (2, 8, 9), 3),
    ],
)
def test_what_the_rules_allow_is_right(rule: str, text: str, numbers: tuple[int, ...], target: int) -> None:
    assert countdown(text, numbers, target).correct, rule


def test_a_negative_value_on_the_way_of_worked_steps_is_no_step_on_purpose() -> None:
    assert not countdown("2-8=-6 -6+9=3", NUMBERS, 3).correct


@pytest.mark.parametrize("text", ["2/(8-8)", "2/0", "9/(2-2)*8", "(0/0)", "(8/(9-9))"])
def test_an_expression_that_divides_by_zero_is_malformed(text: str) -> None:
    assert countdown(text, NUMBERS, 0).why == Why.MALFORMED


def test_the_last_attempt_alone_counts() -> None:
    right, wrong = "2+9=11 11-8=3", "2+9=11 11+8=19"
    assert countdown(f"{wrong};{wrong};{right}", NUMBERS, 3).correct
    assert not countdown(f"{right};{wrong}", NUMBERS, 3).correct
    assert countdown(f"{wrong};{right};", NUMBERS, 3).answer == right


def test_the_grade_tells_why() -> None:
    assert countdown("2+9=11 11-8=3", NUMBERS, 3) == (True, 1.0, "2+9=11 11-8=3", Why.OK)
    assert countdown("2+9=11 11+8=19", NUMBERS, 3) == (False, 0.0, "2+9=11 11+8=19", Why.WRONG)
    assert countdown(" ; ;\n", NUMBERS, 3) == (False, 0.0, None, Why.NO_ANSWER)
    assert countdown("three", NUMBERS, 3) == (False, 0.0, "three", Why.MALFORMED)


def test_attempts_are_listed_in_order_without_empty_ones() -> None:
    assert countdown_attempts("1+2=3; 4+5=9 ;;\n2+2=4;") == ["1+2=3", "4+5=9", "2+2=4"]
    assert countdown_attempts("") == []
