"""Equal forms of a solution are accepted: nothing true is lost to its way of writing."""

import random
import re

from tests.verify.enumeration import chains, expressions
from tooling.verify import countdown

SOLUTIONS = 250


def solutions() -> list[tuple[str, tuple[int, ...], int]]:
    """Expressions with all brackets that are right for some numbers and target."""
    source = random.Random(5)
    found = []
    while len(found) < SOLUTIONS:
        numbers = tuple(source.randint(1, 12) for _ in range(3))
        whole = [(text, int(v)) for text, v in expressions(numbers).items() if v is not None and v.denominator == 1]
        text, value = source.choice(whole)
        if value > 0:
            found.append((text, numbers, value))
    return found


def forms(text: str, value: int) -> dict[str, str]:
    """Ways to write the same expression; `text` has all brackets."""
    inner = text[1:-1]
    return {
        "all brackets": text,
        "no outer bracket": inner,
        "spaces around signs": re.sub(r"([-+*/])", r" \1 ", inner),
        "spaces inside brackets": inner.replace("(", "( ").replace(")", " )"),
        "doubled brackets": f"(({inner}))",
        "numbers in brackets": re.sub(r"(\d+)", r"(\1)", inner),
        "leading zeros": re.sub(r"(\d+)", r"0\1", inner),
        "space before and after": f"  {inner}\n",
        "the value behind": f"{inner}={value}",
        "the value behind with spaces": f"{inner} = {value}",
        "after an attempt that misses": f"1+1=2;{inner}",
        "with a separator at the end": f"{inner};",
    }


def test_forms_of_expressions_are_accepted() -> None:
    cases = [(form, numbers, value) for text, numbers, value in solutions() for form in forms(text, value).values()]
    assert len(cases) >= 2000
    missed = [case for case in cases if not countdown(*case).correct]
    assert len(missed) <= 0.03 * len(cases), missed[:20]


def test_operands_of_sums_and_products_may_be_swapped_and_associated() -> None:
    for text in ("2+8+9", "9+8+2", "(2+8)+9", "2+(8+9)", "8+(9+2)", "((9)+2)+8"):
        assert countdown(text, (2, 8, 9), 19).correct, text
    for text in ("2*8*9", "9*(8*2)", "(2*9)*8"):
        assert countdown(text, (2, 8, 9), 144).correct, text


def test_every_order_of_the_given_numbers_gives_the_same_grade() -> None:
    for text, value in expressions((2, 8, 9)).items():
        grades = {countdown(text, numbers, 3) for numbers in ((2, 8, 9), (9, 8, 2), (8, 2, 9))}
        assert len(grades) == 1, (text, value)


def test_forms_of_worked_steps_are_accepted() -> None:
    for text, value in chains((3, 4, 6)).items():
        zeros = re.sub(r"(\d+)", r"0\1", text)
        for form in (text, f" {text}", f"{text}\n", f"{text};", f"3+4=7;{text}", zeros):
            assert countdown(form, (3, 4, 6), value).correct, form


def test_spaces_inside_worked_steps_are_refused_on_purpose() -> None:
    for form in ("2 + 9 = 11 11 - 8 = 3", "2+9=11  11-8=3", "2+9=11, 11-8=3", "2+9=11\n11-8=3", "2+9=11; 11-8=3"):
        assert not countdown(form, (2, 8, 9), 3).correct, form


def test_prose_around_a_solution_is_refused_on_purpose() -> None:
    for form in ("the answer is (2+9)-8", "(2+9)-8.", "$(2+9)-8$", "2+9=11 11-8=3 done", "[(2+9)-8]", "2x9", "-8+2+9"):
        assert not countdown(form, (2, 8, 9), 3).correct, form
