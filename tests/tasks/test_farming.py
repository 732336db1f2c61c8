"""No completion that ignores its prompt earns more than chance, measured over 500 items of each task."""

from collections import Counter
from fractions import Fraction

import pytest

from tests.verify.enumeration import chains
from tooling.tasks import Completion, Countdown, Item, Multiplication, Split, Task

COUNT = 500
FIXED = ["", " ", "nan", "inf", "0", "1", "-1", "1+1=2", "1*1=1", "0=0", "1=1=1", ";", "</s>", "none", "true", "?", "="]


def countdown_items() -> list[Item]:
    """500 test items of the default task."""
    return Countdown().items(Split.TEST, COUNT, seed=0)


def product_items() -> list[Item]:
    """500 test items; the default task has fewer, so the first factor goes further."""
    return Multiplication(largest=499).items(Split.TEST, COUNT, seed=0)


def earned(task: Task, items: list[Item], text: str) -> Fraction:
    """The mean score of one text given to every item."""
    scores = [task.grade(Completion(text, (1,), True), item).score for item in items]
    return Fraction(sum(scores)) / len(scores)


def constants(task: Task, items: list[Item]) -> list[str]:
    """Texts worth trying everywhere: fixed ones, other items' prompts and solutions, and the commonest solutions."""
    golds = [task.solution(item) for item in items]
    commonest = [text for text, _ in Counter(golds).most_common(10)]
    listed = Counter(text for item in items for text in getattr(task, "solutions", lambda item: ())(item))
    endings = Counter(text.rsplit("=", 1)[-1] for text in golds)
    commonest += [text for text, _ in [*listed.most_common(10), *endings.most_common(3)]]
    return [*FIXED, *commonest, ";".join(commonest), *golds[:10], *(item.prompt for item in items[:10])]


def guess_chance(item: Item) -> Fraction:
    """The chance that a random chain by the rules solves the item, by brute force."""
    reached = chains(item.facts["numbers"]).values()
    return Fraction(sum(value == item.facts["target"] for value in reached), len(reached))


def test_no_constant_answer_to_countdown_beats_a_random_guess_by_the_rules() -> None:
    task, items = Countdown(), countdown_items()
    chance = sum(map(guess_chance, items)) / COUNT
    assert 0 < chance < 0.5
    for text in constants(task, items):
        assert earned(task, items, text) <= chance, text


def test_no_constant_answer_to_a_product_earns_a_fiftieth() -> None:
    task, items = Multiplication(largest=499), product_items()
    best = max(constants(task, items), key=lambda text: earned(task, items, text))
    assert earned(task, items, best) <= Fraction(1, 50), best


@pytest.mark.parametrize("kind", ["countdown", "product"])
def test_an_item_s_own_prompt_is_no_answer_to_it(kind: str) -> None:
    task, items = (Countdown(), countdown_items()) if kind == "countdown" else (Multiplication(), product_items())
    for item in items:
        for text in (item.prompt, item.prompt.rstrip(":"), item.prompt + item.prompt, item.prompt.rstrip(":") + "="):
            assert task.grade(Completion(text, (1,), True), item).score == 0, text


def test_the_target_alone_is_no_answer_to_countdown() -> None:
    for item in countdown_items():
        target = item.facts["target"]
        for text in (f"{target}", f"{target}={target}", f"{target}-0={target}", f"{target}*1={target}"):
            assert Countdown().grade(Completion(text, (1,), True), item).score == 0, text
