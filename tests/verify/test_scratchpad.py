"""The grader of sums in a scratchpad agrees with brute force, reads only the answer, and refuses hedges."""

import random
import time

import pytest

from tests.verify.test_attack import mutation
from tooling.verify import Why, scratchpad, scratchpad_passes
from tooling.verify.scratchpad import looks_again

TERMS = (347, 859)
RIGHT = "7+9+0=16 4+5+1=10 3+8+1=12>1 2 0 6"


def apart(number: int) -> str:
    """A number in digits apart."""
    return " ".join(str(number))


def test_every_number_is_judged_by_its_value() -> None:
    for terms in ((1, 8), (347, 859), (12, 34, 56)):
        accepted = [value for value in range(3000) if scratchpad(f">{apart(value)}", terms).correct]
        assert accepted == [sum(terms)]


def test_the_thinking_is_not_judged_on_purpose() -> None:
    assert scratchpad("7+9+0=99!1 2 0 7>1 2 0 6", TERMS).correct
    assert scratchpad("9" * 1_000_000 + ">1 2 0 6", TERMS).correct
    assert not scratchpad("7+9+0=16 4+5+1=10 3+8+1=12>1 2 0 7", TERMS).correct


def test_an_answer_alone_or_with_space_around_it_is_accepted() -> None:
    for text in ("1 2 0 6", ">1 2 0 6", RIGHT, f"{RIGHT}\n", "> 1 2 0 6 "):
        assert scratchpad(text, TERMS) == (True, 1.0, "1 2 0 6", Why.OK), text
    assert scratchpad(">0", (0, 0)).correct


@pytest.mark.parametrize(
    "answer",
    [
        "1206",
        "1 206",
        "12 06",
        "0 1 2 0 6",
        "1  2  0  6",
        "1\t2\t0\t6",
        "1\n2\n0\n6",
        "1,2,0,6",
        "1 2 0 6 or 1 2 0 7",
        "1 2 0 6 1 2 0 6,",
        "1 2 0 6=1 2 0 6",
        "=1 2 0 6",
        "+1 2 0 6",
        "-1 2 0 6",
        "1 2 0 6.",
        "1 2 0 6.0",
        "1 2 0 6!",
        "!1 2 0 6",
        "1 2 0 6!1 2 0 7",
        "(1 2 0 6)",
        "3 4 7+8 5 9",
        "definitely not 1 2 0 6",
        "\u0661 \u0662 \u0660 \u0666",
        "\uff11 \uff12 \uff10 \uff16",
        "1 2 0 \u2076",
        "1\u00a02\u00a00\u00a06",
        "1 2 0 6\0",
        "1 2 0 6\u200b",
        "\u202e6 0 2 1",
        "nan",
        "__import__('os').system('touch ran')",
    ],
)
def test_a_hedge_or_another_notation_is_malformed(answer: str) -> None:
    for text in (answer, f">{answer}", f"7+9+0=16>{answer}"):
        assert scratchpad(text, TERMS).why == Why.MALFORMED, text


@pytest.mark.parametrize("text", [">1 2 0 6>1 2 0 6", ">1 2 0 7>1 2 0 6", ">>1 2 0 6", "1 2 0 6>>", ">1 2 0 6>"])
def test_a_second_end_of_thinking_is_malformed(text: str) -> None:
    assert scratchpad(text, TERMS).why == Why.MALFORMED


def test_no_answer_is_told_from_a_wrong_one() -> None:
    assert {scratchpad(text, TERMS).why for text in ("", " ", ">", "7+9+0=16>", "> \n")} == {Why.NO_ANSWER}
    assert scratchpad(">1 2 0 7", TERMS) == (False, 0.0, "1 2 0 7", Why.WRONG)


def test_the_right_answer_in_the_thinking_alone_earns_nothing() -> None:
    for text in ("1 2 0 6>", "1 2 0 6>1 2 0 7", "7+9+0=16 4+5+1=10 3+8+1=12"):
        assert not scratchpad(text, TERMS).correct, text


def test_no_mutation_is_accepted_but_the_number_itself() -> None:
    source, kept = random.Random(21), 0
    for _ in range(6000):
        terms = (source.randint(100, 999), source.randint(100, 999))
        text = mutation(f"7+9+0=16>{apart(sum(terms))}", source)
        truth = text.count(">") <= 1 and text.rpartition(">")[2].strip(" \t\n\r\x0b\x0c") == apart(sum(terms))
        assert scratchpad(text, terms).correct == truth, text
        kept += truth
    assert kept > 300


@pytest.mark.parametrize("piece", ["9", "9 ", ">", "!", "7+9+0=16 ", " ", "\0", "0 ", ">1 2 0 6", "\n>"])
def test_a_megabyte_is_graded_in_a_twentieth_of_a_second(piece: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    spent = []
    for _ in range(3):
        start = time.process_time()
        grade = scratchpad(text, TERMS)
        spent.append(time.process_time() - start)
    assert not grade.correct
    assert len(grade.answer or "") < 1000
    assert min(spent) < 0.05


def test_random_bytes_never_raise() -> None:
    source = random.Random(15)
    for _ in range(3000):
        text = "".join(chr(source.choice((source.randrange(128), source.randrange(0x11000)))) for _ in range(20))
        assert not scratchpad(text, TERMS).correct
        assert not scratchpad(f">{text}", TERMS).correct


def test_passes_stand_between_the_waits_of_the_thinking() -> None:
    assert scratchpad_passes("1!2!3>4!5") == ["1", "2", "3"]
    assert scratchpad_passes(RIGHT) == [RIGHT.partition(">")[0]]
    assert scratchpad_passes(">1") == scratchpad_passes("1!2") == scratchpad_passes("") == [""]
    assert all(map(looks_again, ("1!2>3", "!>")))
    assert not any(map(looks_again, (RIGHT, ">1", "1!2", "")))
