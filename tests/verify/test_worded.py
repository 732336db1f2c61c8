"""Answers are read from their tags, and whole numbers judged by their value."""

import doctest

import pytest

from tooling.verify import Why, worded
from tooling.verify.worded import MAX_NUMBER_CHARACTERS, answer_in_tags, whole_number


def test_the_examples_hold() -> None:
    outcome = doctest.testmod(worded)
    assert outcome.failed == 0
    assert outcome.attempted >= 2


def test_one_pair_of_tags_is_the_answer_and_without_tags_all_is() -> None:
    assert answer_in_tags("so <answer> 7 </answer> it is") == "7"
    assert answer_in_tags(" 7\n") == "7"


@pytest.mark.parametrize(
    "text",
    ["<answer>7", "7</answer>", "</answer>7<answer>", "<answer>7</answer><answer>8</answer>",
     "<answer>7</answer><answer>7</answer>", "<answer><answer>7</answer>", "<answer></answer>"],
)  # fmt: skip
def test_more_or_less_than_one_pair_holds_no_answer(text: str) -> None:
    assert answer_in_tags(text) == ""


def test_every_number_is_judged_by_its_value() -> None:
    for gold in (-12, 0, 7):
        assert [value for value in range(-300, 300) if whole_number(str(value), gold).correct] == [gold]
        assert whole_number(f" {gold:+04}\n", gold).correct


@pytest.mark.parametrize(
    "text",
    ["7 or 8", "7.0", "7e0", "--7", "- 7", "7,", "=7", "x", "\u0667", "0x7", "7_0", "1" * 10_000, " " * 99 + "7"],
)
def test_anything_but_one_number_is_malformed(text: str) -> None:
    assert whole_number(text, 7).why == Why.MALFORMED


def test_a_number_is_read_up_to_its_limit() -> None:
    assert whole_number("0" * (MAX_NUMBER_CHARACTERS - 1) + "7", 7).correct
    assert whole_number("0" * MAX_NUMBER_CHARACTERS + "7", 7).why == Why.MALFORMED


def test_nothing_is_no_answer() -> None:
    assert whole_number("", 7).why == Why.NO_ANSWER
    assert whole_number(" \n", 7).why == Why.NO_ANSWER
