"""Addition's styles say what they promise, and a planted mistake is one mistake."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from tooling.models.tokenizer import encoded, token_ids
from tooling.tasks import Addition, Completion, Item, Split
from tooling.tasks.addition import PAUSE, worked
from tooling.verify import Why, scratchpad_passes

TASK = Addition(digits=4, fewest=2, terms=3)


def items() -> list[Item]:
    """Items of the split for pretraining."""
    return TASK.items(Split.PRETRAIN, 120, seed=1)


def shown(item: Item, style: str) -> list[str]:
    """The completions of several demonstrations for an item."""
    source = random.Random(f"{item.key} {style}")
    return [TASK.demonstration(item, style, source=source).completion for _ in range(6)]


def graded(text: str, item: Item) -> Why:
    """The reason of the grade of a completion that ended by itself."""
    return TASK.grade(Completion(text, (), True), item).why


def columns(written: str) -> list[str]:
    """The columns of one pass, its pause left out and the prompt that it may begin with."""
    return written.rpartition(":")[2].replace(PAUSE, " ").split()


def true(column: str) -> bool:
    """Whether the total of a column is the sum of its digits."""
    digits, _, total = column.partition("=")
    return sum(map(int, digits.split("+"))) == int(total)


def test_items_say_what_they_are_about() -> None:
    sizes = Counter()
    for item in items():
        assert item.prompt == "+".join(" ".join(str(term)) for term in item.facts["terms"]) + ":"
        assert item.gold.replace(" ", "") == str(sum(item.facts["terms"]))
        sizes[len({len(str(term)) for term in item.facts["terms"]}), len(str(item.facts["terms"][0]))] += 1
    assert set(sizes) == {(1, 2), (1, 3), (1, 4)}


def test_every_digit_and_every_total_of_a_column_is_one_token() -> None:
    pairs = {token_ids()[f"{number:02}"] for number in range(100)}
    for item in items()[:40]:
        assert not pairs & set(encoded(item.prompt + ">" + item.gold))
        written = encoded(shown(item, "steps")[0].partition(">")[0])
        assert sum(token in pairs for token in written) == len(str(item.facts["terms"][0]))


def test_swapped_terms_are_the_same_item_and_its_variants() -> None:
    for item in items()[:40]:
        others = TASK.variants(item)
        assert {other.key for other in others} <= {item.key}
        assert {other.gold for other in others} <= {item.gold}
        assert len({item.prompt, *(other.prompt for other in others)}) == len(others) + 1
        distinct = len(set(item.facts["terms"]))
        assert len(others) == {3: 5, 2: 2, 1: 0}[distinct]


def test_the_domain_counts_digits_and_carries() -> None:
    found = {TASK.domain(item) for item in items()}
    assert found <= {f"{digits} digits, {carries} carries" for digits in (2, 3, 4) for carries in range(digits + 1)}
    for item in items():
        carries, carry = 0, 0
        for digits in zip(*(reversed(str(term)) for term in item.facts["terms"]), strict=True):
            carry = (sum(map(int, digits)) + carry) // 10
            carries += carry > 0
        assert TASK.domain(item) == f"{len(str(item.facts['terms'][0]))} digits, {carries} carries"


def test_an_item_keeps_its_split_in_a_harder_task() -> None:
    easy, hard = Addition(digits=3, fewest=1), Addition(digits=3, fewest=3)
    train = {item.key for item in easy.items(Split.TRAIN, 300, seed=0)}
    assert not train & {item.key for item in hard.items(Split.TEST, 300, seed=0)}


@pytest.mark.parametrize("style", ["direct", "steps", "check", "fix"])
def test_a_right_style_is_graded_correct(style: str) -> None:
    for item in items():
        assert {graded(text, item) for text in shown(item, style)} == {Why.OK}


@pytest.mark.parametrize("style", ["mistake", "confirm"])
def test_a_mistake_is_left_standing_and_graded_wrong(style: str) -> None:
    for item in items():
        assert {graded(text, item) for text in shown(item, style)} == {Why.WRONG}


def test_passes_are_as_many_as_the_style_says() -> None:
    for style in ("direct", "steps", "mistake"):
        assert {len(scratchpad_passes(text)) for item in items()[:20] for text in shown(item, style)} == {1}
    assert scratchpad_passes(shown(items()[0], "direct")[0]) == [""]


@pytest.mark.parametrize("style", ["check", "fix", "confirm"])
def test_most_that_look_again_do_so_once_and_few_go_on_to_the_limit(style: str) -> None:
    again = Counter(len(scratchpad_passes(text)) - 1 for item in items() for text in shown(item, style))
    total = again.total()
    assert min(again) == 1 and max(again) <= TASK.looks
    # geometric: 0.7, 0.21, 0.063...; three standard errors of a share of 720 are 0.05
    assert abs(again[1] / total - (1 - TASK.more)) < 0.05
    assert abs(again[2] / total - TASK.more * (1 - TASK.more)) < 0.05
    assert sum(again[count] for count in again if count > 2) > 0
    once = replace(TASK, more=0.0).demonstration(items()[0], style, source=random.Random(0)).completion
    always = replace(TASK, more=1.0, looks=4).demonstration(items()[0], style, source=random.Random(0)).completion
    assert [len(scratchpad_passes(text)) for text in (once, always)] == [2, 5]


def test_a_second_look_begins_with_the_prompt() -> None:
    for item in items()[:40]:
        for text in shown(item, "check") + shown(item, "fix") + shown(item, "confirm"):
            first, *again = scratchpad_passes(text)
            assert ":" not in first
            assert all(part.startswith(item.prompt) for part in again)


def test_a_second_look_confirms_corrects_or_repeats_the_mistake() -> None:
    for item in items():
        right = list(map(str, worked(item.facts["terms"])))
        for text in shown(item, "check"):
            assert all(columns(part) == right for part in scratchpad_passes(text))
        for text in shown(item, "fix"):
            first, *again = (columns(part) for part in scratchpad_passes(text))
            assert all(part == right for part in again)
            assert first != right
        for text in shown(item, "confirm"):
            first, *again = (columns(part) for part in scratchpad_passes(text))
            assert all(part == first for part in again)
            assert first != right


@pytest.mark.parametrize("style", ["mistake", "fix", "confirm"])
def test_a_planted_mistake_is_one_wrong_column_with_which_the_rest_agrees(style: str) -> None:
    places = Counter()
    for item in items():
        for text in shown(item, style):
            written = columns(scratchpad_passes(text)[0])
            wrong = [place for place, column in enumerate(written) if not true(column)]
            assert len(wrong) == 1
            places[wrong[0]] += 1
            for before, after in zip(written, written[1:], strict=False):
                assert int(after.partition("=")[0].rpartition("+")[2]) == int(before.partition("=")[2]) // 10
    assert set(places) == {0, 1, 2, 3}


def test_the_answer_of_a_mistake_follows_its_columns() -> None:
    for item in items():
        for text in shown(item, "mistake"):
            written = columns(scratchpad_passes(text)[0])
            totals = [int(column.partition("=")[2]) for column in written]
            value = sum(total % 10 * 10**place for place, total in enumerate(totals[:-1]))
            value += totals[-1] * 10 ** (len(totals) - 1)
            assert text.partition(">")[2].replace(" ", "") == str(value)


def test_pauses_come_as_often_as_asked_and_anywhere_but_in_a_column() -> None:
    task, source, found = Addition(pauses=0.5), random.Random(3), Counter()
    item = task.items(Split.TRAIN, 1, seed=0)[0]
    for _ in range(2000):
        (text,) = scratchpad_passes(task.demonstration(item, "steps", source=source).completion)
        found[text.index(PAUSE) if PAUSE in text else None] += 1
        assert columns(text) == list(map(str, worked(item.facts["terms"])))
    assert 900 < found.pop(None) < 1100
    assert len(found) == 4
    assert min(found.values()) > 180


def test_no_constant_answer_earns_a_fiftieth() -> None:
    task = Addition()
    tested = task.items(Split.TEST, 500, seed=0)
    golds = Counter(item.gold for item in tested)
    fixed = ["", " ", ">", "!", "0", "1 0 0 0", "nan", ">>", tested[0].prompt, f">{tested[0].prompt}"]
    for text in [*fixed, *(gold for gold, _ in golds.most_common(20))]:
        earned = sum(task.grade(Completion(text, (), True), item).score for item in tested)
        assert earned <= 500 / 50, text
