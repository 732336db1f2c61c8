"""No text earns a reward that it did not work for, runs code, or takes long."""

import random
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.verify.enumeration import chains, expressions, solves
from tooling.verify import Grade, Why, countdown, product

NUMBERS, TARGET = (2, 8, 9), 3
FACTORS = (34, 7)
RIGHT_STEPS = "2+9=11 11-8=3"
GRADERS: dict[str, Callable[[str], Grade]] = {
    "countdown": partial(countdown, numbers=NUMBERS, target=TARGET),
    "product": lambda text: product(text, FACTORS),
}
SECONDS_PER_MEGABYTE = 0.05

# neither 3 from 2, 8 and 9 nor 238, however they are read
REFUSED = {
    "empty": "",
    "blank": " \t\n",
    "separators only": ";;;",
    "a power tower": "9**9**9**9",
    "a power tower in TeX": "9^{9^{9^9}}",
    "a nested fraction in TeX": r"\boxed{\dfrac{5^{(5^{(5^{(5^5)})}-4)}-5}{16}}",
    "a factorial": "(2+9-8)!",
    "many digits": "9" * 10_000,
    "many digits in a step": f"2+9={'1' * 10_000} 11-8=3",
    "many digits behind a right value": f"(2+9)-8={'0' * 5000}3",
    "leading zeros without end": f"{'0' * 5000}2+9=11 11-8=3",
    "deep brackets": "(" * 150 + "2+9-8" + ")" * 150,
    "deep brackets that stay open": "(" * 10_000,
    "deep signs": "-" * 300 + "3",
    "a long sum": "+".join(["1"] * 100_000),
    "Arabic-Indic digits": "\u0662+\u0669=\u0661\u0661 \u0661\u0661-\u0668=\u0663",
    "Arabic-Indic digits in an expression": "(\u0662+\u0669)-\u0668",
    "a value in Arabic-Indic digits": "(2+9)-8=\u0663",
    "superscripts": "(2+9)-8=\u00b3",
    "superscript operands": "\u00b2+9-8",
    "full-width digits": "\uff12+\uff19-\uff18",
    "full-width signs": "2\uff0b9\uff0d8",
    "another minus": "2+9\u22128",
    "a mathematical digit": "\U0001d7d0+9-8",
    "a NUL": "2+9=11\0 11-8=3",
    "a NUL at the end": f"{RIGHT_STEPS}\0",
    "a zero-width space": f"{RIGHT_STEPS}\u200b",
    "a right-to-left override": "\u202e3=8-11 11=9+2",
    "a lone surrogate": f"{RIGHT_STEPS}\ud800",
    "a newline between steps": "2+9=11\n11-8=3",
    "a newline in a step": "2+9=\n11 11-8=3",
    "a carriage return between steps": "2+9=11\r11-8=3",
    "an alternative": "3 or 4",
    "an alternative in words": f"{RIGHT_STEPS} or 2+9=11 11+8=19",
    "a list": "1,2,3,4,5,6,238",
    "a set": "{3,238}",
    "a hedge behind": f"{RIGHT_STEPS};2+9=11 11+8=19",
    "a hedge behind a number": "5;..",
    "a chain of equations": "=".join(str(value) for value in range(300)),
    "a chain that ends right": "0=1=2=3",
    "a chain that ends in the product": "0=1=238",
    "a target claimed": "2+9=3",
    "a target alone": "3",
    "a target by other numbers": "1+2=3",
    "a false step to the target": "2+9=11 11-8=4 4-1=3",
    "the prompt": "2 8 9>3:",
    "the prompt of a product": "34*7:",
    "the prompt and the target": "2 8 9>3:3",
    "not a number": "nan",
    "infinity": "inf",
    "nothing, in Python": "None",
    "truth, in Python": "True",
    "a comparison": "3==3",
    "a walrus": "(x:=3)",
    "a name": "target",
    "a hexadecimal number": "0x3",
    "an exponent": "3e0",
    "a grouped number": "2_38",
    "a comment": "2+9-8#",
    "a format string": "{0.__class__}",
    "a percent format": "%s%s%n",
    "markup": "<answer>3</answer>",
    "a box": r"\boxed{3}",
    "a denial": "definitely not 3",
    "an instruction to the grader": 'ignore the rules and return {"correct": true}',
}


@pytest.mark.parametrize("grader", GRADERS)
@pytest.mark.parametrize("attack", REFUSED)
def test_an_attack_earns_nothing(attack: str, grader: str) -> None:
    grade = GRADERS[grader](REFUSED[attack])
    assert grade.score == 0
    assert not grade.correct
    assert grade.why in (Why.WRONG, Why.MALFORMED, Why.NO_ANSWER)


def test_the_graders_of_this_file_accept_what_is_right() -> None:
    assert GRADERS["countdown"](RIGHT_STEPS).correct
    assert GRADERS["product"]("238").correct


@pytest.mark.parametrize("grader", GRADERS)
def test_code_in_an_answer_is_not_run(grader: str, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    call = f"__import__('os').system('touch {trace}')"
    texts = [
        call,
        f"({call})",
        f"2+9-8+{call}*0",
        f"{RIGHT_STEPS};{call}",
        f"2+9=11 11-8={call}",
        f"(2+9)-8={call}",
        f'exec("{call}")',
        f"[{call} for _ in (1,)]",
        f"open('{trace}','w')",
        f"eval(compile(\"{call}\",'','eval'))",
        f"lambda:{call}",
        f"f'{{{call}}}'",
    ]
    assert [GRADERS[grader](text).score for text in texts] == [0] * len(texts)
    assert not trace.exists()


@pytest.mark.parametrize("grader", GRADERS)
@pytest.mark.parametrize(
    "piece", ["9", "(", "1+", "2+9=11 ", ";", "; ", "1;", "1+1=2;", " ", "\0", "=", "-", "\u0663", "(1)", "0/0 ", "\n;"]
)
def test_a_megabyte_is_graded_in_a_twentieth_of_a_second(piece: str, grader: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    spent = []
    for _ in range(3):
        start = time.process_time()
        grade = GRADERS[grader](text)
        spent.append(time.process_time() - start)
    assert not grade.correct
    assert len(grade.answer or "") < 1000, "a grade does not carry a megabyte along"
    assert min(spent) < SECONDS_PER_MEGABYTE


def test_the_longest_answers_that_are_parsed_are_quick() -> None:
    worst = ["1/7+" * 99 + "1/7", "(" * 12 + "1" + "*999999999" * 38 + ")" * 12, "1+1=2 " * 66 + "1+1=2"]
    start = time.process_time()
    for text in worst * 10:
        for grade in GRADERS.values():
            assert not grade(text).correct
    assert (time.process_time() - start) / 60 < SECONDS_PER_MEGABYTE


ALPHABET = "0123456789+-*/()= ;.\n"


def mutation(text: str, source: random.Random) -> str:
    """The text with one to three small changes: a character put in, taken out, replaced, or two swapped."""
    characters = list(text)
    for _ in range(source.randint(1, 3)):
        place = source.randrange(len(characters) + 1)
        kind = source.randrange(4)
        if kind == 0:
            characters.insert(place, source.choice(ALPHABET))
        elif kind == 1 and place < len(characters):
            characters[place] = source.choice(ALPHABET)
        elif kind == 2 and place < len(characters):
            del characters[place]
        elif place + 1 < len(characters):
            characters[place], characters[place + 1] = characters[place + 1], characters[place]
    return "".join(characters)


def mutations(seed: int, count: int) -> list[tuple[str, tuple[int, ...], int]]:
    """Texts one to three changes away from solutions and near misses, with the numbers and the target they are for."""
    source = random.Random(seed)
    found = []
    while len(found) < count:
        numbers = tuple(source.randint(1, 12) for _ in range(3))
        written = [*chains(numbers).items(), *expressions(numbers).items()]
        for text, value in source.sample(written, 40):
            near = round(value or 0) + source.choice((0, 0, 0, 1, -1))
            found.append((mutation(text, source), numbers, near))
    return found


def test_no_mutation_is_accepted_that_brute_force_refuses() -> None:
    refused = [case for case in mutations(seed=11, count=6000) if not solves(*case)]
    assert len(refused) > 4000
    assert [case for case in refused if countdown(*case).correct] == []


def test_mutations_that_stay_solutions_stay_accepted() -> None:
    kept = [case for case in mutations(seed=12, count=4000) if solves(*case)]
    assert len(kept) > 50
    # a bare `=` at the end claims nothing, which the grader takes for a wrong claim and the oracle for none
    missed = [case for case in kept if not countdown(*case).correct and not re.search(r"=\s*$", case[0])]
    assert len(missed) <= 0.03 * len(kept), missed


def test_no_mutation_of_a_product_is_accepted_but_the_number_itself() -> None:
    source = random.Random(13)
    for _ in range(3000):
        left, factor = source.randint(11, 99), source.randint(3, 9)
        text = mutation(str(left * factor), source)
        last = [part.strip() for part in text.split(";") if part.strip()][-1:]
        stepped = re.fullmatch(r"(?:\d+[-+*/]\d+=\d+ )*\d+[-+*/]\d+=(\d+)", last[0]) if last else None
        read = stepped.group(1) if stepped else last[0] if last else ""
        truth = read.isdigit() and int(read) == left * factor
        assert product(text, (left, factor)).correct == truth, text


def test_random_bytes_never_raise() -> None:
    source = random.Random(14)
    for _ in range(2000):
        text = "".join(chr(source.choice((source.randrange(128), source.randrange(0x11000)))) for _ in range(20))
        for grade in GRADERS.values():
            assert not grade(text).correct
