"""The grader of knights and knaves agrees with brute force, and refuses what is no answer."""

import doctest
import random
from itertools import permutations, product

import pytest

from tooling.verify import Why, knights, knights_in_words, logic
from tooling.verify.logic import Statement, holds, role_solutions, written_roles

PEOPLE = "abcdef"
# `a:!b*!c,b:c|a,c:a=!b`: a is the knave
PUZZLE = (
    ("and", ("lying", 1), ("lying", 2)),
    ("or", ("telling-truth", 2), ("telling-truth", 0)),
    ("<=>", ("telling-truth", 0), ("lying", 1)),
)
ZOEY = {"names": ("Zoey", "Riley"), "terms": ("saint", "sinner")}
TWO = (("<=>", ("lying", 1), ("telling-truth", 0)), ("or", ("telling-truth", 1), ("lying", 0)))


def in_python(statement: Statement) -> str:
    """A statement as a Python expression over the list `r`."""
    kind, *parts = statement
    if kind == "telling-truth":
        return f"r[{parts[0]}]"
    if kind == "lying":
        return f"(not r[{parts[0]}])"
    inner = [f"({in_python(part)})" for part in parts]
    if kind == "not":
        return f"not {inner[0]}"
    return {"and": " and ", "or": " or ", "<=>": " == ", "->": " <= "}[kind].join(inner)


def random_statement(source: random.Random, people: int, depth: int) -> Statement:
    """Any statement of the grammar."""
    kind = source.choice(("and", "or", "<=>", "->", "not", "")) if depth else ""
    if not kind:
        return (source.choice(("telling-truth", "lying")), source.randrange(people))
    parts = {"not": 1, "and": source.randint(2, 3), "or": source.randint(2, 3)}.get(kind, 2)
    return (kind, *(random_statement(source, people, depth - 1) for _ in range(parts)))


def test_the_examples_hold() -> None:
    outcome = doctest.testmod(logic)
    assert outcome.failed == 0
    assert outcome.attempted >= 3


def test_statements_mean_what_python_means_by_them() -> None:
    source = random.Random(1)
    for _ in range(400):
        statement = random_statement(source, 3, 3)
        for roles in product((True, False), repeat=3):
            assert holds(statement, roles) == eval(in_python(statement), {"r": list(roles)}), statement


def test_an_answer_is_right_exactly_if_every_knight_tells_the_truth_and_every_knave_lies() -> None:
    source, solvable = random.Random(2), 0
    for _ in range(300):
        people = source.randint(2, 5)
        said = tuple(random_statement(source, people, 2) for _ in range(people))
        for roles in product((True, False), repeat=people):
            text = "".join(name if role else "!" + name for name, role in zip(PEOPLE, roles, strict=False))
            true = all(eval(in_python(s), {"r": roles}) == role for s, role in zip(said, roles, strict=True))
            assert knights(text, said).correct == true
            solvable += true
    assert solvable > 100


def test_among_all_orders_and_signs_only_the_solution_in_order_is_accepted() -> None:
    (roles,) = role_solutions(PUZZLE)
    literals = [name if role else f"!{name}" for name, role in zip("abc", roles, strict=True)]
    accepted = []
    for order in permutations(range(3)):
        for signs in product(("", "!"), repeat=3):
            text = "".join(sign + "abc"[person] for person, sign in zip(order, signs, strict=True))
            accepted += [text] if knights(text, PUZZLE).correct else []
    assert accepted == ["".join(literals)] == [written_roles(roles)]


def test_work_before_and_a_check_behind_are_not_judged_and_the_last_attempt_counts() -> None:
    gold, wrong = "!abc", "abc"
    for text in (gold, f"?a#>{gold}", f"{gold}.---", f"{wrong};{gold}", f"{wrong}.+;?b>{gold}.+++;", f" {gold}\n"):
        assert knights(text, PUZZLE).correct, text
    for text in (f"{gold};{wrong}", f"{gold}>{wrong}", f"{wrong}.{gold}"):
        assert knights(text, PUZZLE).why == Why.WRONG, text


@pytest.mark.parametrize(
    "text",
    ["ab", "abcd", "aabc", "abca", "a b c", "!!abc", "abc!", "ABC", "a,b,c", "bac", "abd", ">", "abc>", ".+++", "a!",
     "!", "abc or !abc", "\u0430bc", "abc\0", "a" * 1000, "!a" * 400],
)  # fmt: skip
def test_what_does_not_name_everyone_once_in_order_is_malformed(text: str) -> None:
    assert knights(text, PUZZLE).why == Why.MALFORMED


def test_nothing_is_no_answer() -> None:
    for text in ("", " ", ";", " ; \n"):
        assert knights(text, PUZZLE).why == Why.NO_ANSWER
        assert knights_in_words(text.replace(";", ""), TWO, **ZOEY).why == Why.NO_ANSWER


def test_an_answer_in_words_is_judged_by_what_it_says_of_each() -> None:
    accepted = []
    for one, other in product(("saint", "sinner"), repeat=2):
        clauses = [f"Zoey is a {one}", f"Riley is a {other}"]
        forms = [f"{first}{link}{second}{end}" for first, second in (clauses, clauses[::-1])
                 for link in (", and ", ", ", " and ", ". ", "\n") for end in ("", ".")]  # fmt: skip
        graded = {knights_in_words(form, TWO, **ZOEY).correct for form in forms}
        assert len(graded) == 1
        accepted += [(one, other)] if graded == {True} else []
    (roles,) = role_solutions(TWO)
    assert accepted == [tuple("saint" if role else "sinner" for role in roles)]


@pytest.mark.parametrize(
    "text",
    ["Zoey is a saint", "Zoey is a saint and Zoey is a saint", "Zoey is a saint, Riley is a knave",
     "Zoey is not a saint, Riley is a sinner", "Zoey is a saint, Riley is a sinner, Riley is a saint",
     "Zoey is a saint or Riley is a sinner", "Zoey a saint Riley a sinner", "saint sinner",
     "Zoey is a saint, Riley is a sinner or a saint", "I think Zoey is a saint, Riley is a sinner",
     "Zoey is a saint, Anna is a sinner", "is " * 200, "Zoey is a saint, Riley is a sinner" + " " * 400],
)  # fmt: skip
def test_hedges_and_half_answers_in_words_are_malformed(text: str) -> None:
    assert knights_in_words(text, TWO, **ZOEY).why == Why.MALFORMED
