"""Multiple choice: one letter, in any of the usual frames, and nothing beside it."""

import pytest

from tooling.verify import Why, choice

OPTIONS = {"A": "red", "B": "blue", "C": "A and B"}


@pytest.mark.parametrize(
    "text",
    [
        "B",
        "b",
        "(B)",
        "B.",
        "**B**",
        r"\boxed{B}",
        r"\boxed{\text{(B)}}",
        "The answer is B",
        "Answer: (b).",
        "B) blue",
        "blue",
        "option B",
    ],
)
def test_one_letter_or_its_text_is_an_answer(text: str) -> None:
    assert choice(text, "B", options=OPTIONS).correct
    assert not choice(text, "A", options=OPTIONS).correct


@pytest.mark.parametrize(
    "text",
    ["A or B", "A, B", "A B", "B) red", "not B", "D", r"\boxed{A} \boxed{B}", "The answer is B.\nThe answer is A."],
)
def test_a_hedge_or_a_letter_that_is_none_is_malformed(text: str) -> None:
    assert choice(text, "B", options=OPTIONS).why == Why.MALFORMED


def test_no_text_is_no_answer_and_what_was_thought_does_not_count() -> None:
    assert choice(" ", "B", options=OPTIONS).why == Why.NO_ANSWER
    assert choice("<think>The answer is A</think>B", "B", options=OPTIONS).correct
    assert choice("<think>The answer is B</think>", "B", options=OPTIONS).why == Why.NO_ANSWER


def test_an_option_whose_text_names_others_is_read_as_itself() -> None:
    assert choice("A and B", "C", options=OPTIONS).correct
    assert choice("C: A and B", "C", options=OPTIONS).correct
