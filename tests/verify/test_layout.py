"""Formats: each section once, in order, closed, filled, and nothing outside."""

import pytest

from tooling.verify import Why, layout

GOOD = "<think>a <b>c</b> d</think>\n<answer> 4 </answer>\n"


def test_the_answer_of_a_good_layout_is_the_last_section() -> None:
    grade = layout(GOOD)
    assert grade.correct
    assert grade.answer == "4"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<think>", ""),
        ("</think>", ""),
        ("<answer>", ""),
        ("</answer>", ""),
        ("<think>", "x<think>"),
        ("\n<answer>", "x<answer>"),
        ("</answer>\n", "</answer>x"),
        (" 4 ", ""),
        ("<think>", "<think><think>"),
        ("<b>", "<answer>"),
        ("<b>", "</think>"),
        ("</b>", "<think>"),
        ("<think>", "<THINK>"),
        ("<think>", "< think>"),
    ],
)
def test_each_departure_from_it_is_malformed(old: str, new: str) -> None:
    assert layout(GOOD.replace(old, new, 1)).why == Why.MALFORMED


def test_other_sections_may_be_asked_for() -> None:
    assert layout("<plan>a</plan><code>b</code><answer>c</answer>", ("plan", "code", "answer")).answer == "c"
    assert layout("<code>b</code><plan>a</plan><answer>c</answer>", ("plan", "code", "answer")).why == Why.MALFORMED


def test_nothing_is_no_answer_and_a_megabyte_of_tags_is_quick() -> None:
    assert layout(" \n").why == Why.NO_ANSWER
    assert layout("<think>" * 140_000).why == Why.MALFORMED
    assert layout("x" * 1_000_001).why == Why.MALFORMED
