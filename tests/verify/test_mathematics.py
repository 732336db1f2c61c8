r"""The rules of the grader of mathematics, one by one; the thousands of cases are in test_suite.py."""

import time

import pytest

from tooling.verify import Why, grade_many, mathematics
from tooling.verify.mathematics import Question, decision

ACCEPTED = [
    (r"\boxed{17}", "17"),
    ("x = 17", "17"),
    ("1.5e6", "1500000"),
    (r"\boxed{10\,000}", "10000"),
    ("12.", "12"),
    (r"0.\overline{6}", r"\frac{2}{3}"),
    ("10 m", "10"),
    (r"\boxed{25\%}", "0.25"),
    (r"\boxed{\$5.00}", "5"),
    (r"\boxed{90^\circ}", "90"),
    (r"\boxed{1,234}", "1234"),
    (r"\boxed{x=1\text{ or }x=2}", "1,2"),
    (r"$\boxed{1}$ and $\boxed{2}$", "2, 1"),
    (r"\boxed{B}", r"\text{(B)}"),
    (r"<think>\boxed{3}</think>\boxed{4}", "4"),
    (r"\boxed{\sqrt{12}}", r"2\sqrt{3}"),
    (r"\boxed{1<x\le 2}", "(1,2]"),
    (r"\boxed{101_2}", "101_2"),
]
REFUSED = [
    (r"\boxed{17+\pi\cdot 10^{-1900}}", "17", Why.MALFORMED),
    (r"\boxed{\pi\cdot 10^{-90}\cdot 10^{-90}}", "0", Why.MALFORMED),
    ("0=1=2=17", "17", Why.WRONG),
    ("10 m", "10 cm", Why.WRONG),
    ("definitely not 12", "12", Why.MALFORMED),
    (r"\boxed{1}\boxed{2}", "2", Why.MALFORMED),
    ("The answer is 12 or 13.", "13", Why.MALFORMED),
    (r"\boxed{12, 13}", "13", Why.MALFORMED),
    (r"\boxed{0.33}", r"\frac{1}{3}", Why.WRONG),
    (r"\boxed{0.0000001}", "0", Why.WRONG),
    (r"\boxed{2 3}", "5", Why.MALFORMED),
    (r"\boxed{9^{9^{9^9}}}", "9", Why.MALFORMED),
    (r"\boxed{\dfrac{5^{(5^{(5^{(5^5)})}-4)}-5}{16}}", "7", Why.MALFORMED),
    (r"\boxed{3", "3", Why.MALFORMED),
    ("", "3", Why.NO_ANSWER),
    ("I do not know", "3", Why.NO_ANSWER),
    (r"\boxed{(2,1)}", "(1,2)", Why.WRONG),
    (r"\boxed{x+1}", "x+2", Why.WRONG),
    (r"\boxed{1,1,2}", "1,2", Why.WRONG),
    (r"<think>\boxed{3}</think>", "3", Why.NO_ANSWER),
    (r"\boxed{\sum_{k=1}^{3} k}", "6", Why.MALFORMED),
]


@pytest.mark.parametrize(("text", "gold"), ACCEPTED)
def test_an_answer_is_accepted(text: str, gold: str) -> None:
    assert mathematics(text, gold).correct


@pytest.mark.parametrize(("text", "gold", "why"), REFUSED)
def test_an_answer_is_refused_for_its_reason(text: str, gold: str, why: Why) -> None:
    grade = mathematics(text, gold)
    assert not grade.correct
    assert grade.score == 0
    assert grade.why == why


def test_a_sum_is_an_answer_only_where_the_gold_answer_is_written_with_one() -> None:
    assert mathematics(r"\boxed{\sum_{k=1}^{10} 2k}", r"2\sum_{k=1}^{10} k").correct
    assert not mathematics(r"\boxed{\sum_{k=1}^{10} 3k}", r"2\sum_{k=1}^{10} k").correct
    assert mathematics(r"\boxed{\sum_{k=1}^{10} 2k}", "110").why == Why.MALFORMED


def test_plain_numbers_need_no_worker() -> None:
    for text, gold in (
        (r"\boxed{12}", "12"),
        (r"\boxed{\frac{2}{4}}", "0.5"),
        ("The answer is 3.", "4"),
        (r"\boxed{1.5e3}", "1500"),
    ):
        assert not isinstance(decision(text, gold), Question)
    assert isinstance(decision(r"\boxed{\sqrt{12}}", r"2\sqrt{3}"), Question)


def test_a_gold_answer_outside_of_the_notation_is_matched_by_its_own_text_alone() -> None:
    assert mathematics(r"\boxed{\clubsuit}", r"\clubsuit").correct
    assert mathematics(r"\boxed{\heartsuit}", r"\clubsuit").why == Why.WRONG


def test_grades_come_in_the_order_of_the_items() -> None:
    items = [(rf"\boxed{{\sqrt{{{n * n * 2}}}}}", rf"{n + n % 3}\sqrt{{2}}") for n in range(2, 80)]
    assert [grade.correct for grade in grade_many(mathematics, items)] == [n % 3 == 0 for n in range(2, 80)]
    assert grade_many(mathematics, []) == []


@pytest.mark.parametrize(
    "piece",
    ["9", "(", "{", r"\boxed{", r"\boxed{1}", "the answer is 3. ", "$", "\\", "answer:", " ", "\n", "1 or ", "="],
)
def test_a_megabyte_is_read_in_a_fraction_of_a_second(piece: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    spent = []
    for _ in range(2):
        start = time.process_time()
        decision(text, "7")
        spent.append(time.process_time() - start)
    assert min(spent) < 0.5


def test_the_longest_answers_are_read_quickly() -> None:
    for piece in (
        "(" * 10 + "1+" + ")" * 10,
        "1,",
        "x=",
        r"\frac{",
        r"\pm",
        "^2",
        r"\cup",
        "sqrt(",
        "{,}",
        "1 000",
        "~",
        r"\text{a}",
        "|",
    ):
        text = rf"\boxed{{{(piece * 600)[:590]}}}"
        start = time.process_time()
        decision(text, r"\sqrt{7}")
        assert time.process_time() - start < 0.3, piece
