"""Knights and knaves: puzzles with one solution, the same under other names, worked out by valid steps."""

import doctest
import random
import re
from collections import Counter
from itertools import permutations, product

import pytest

from tooling.tasks import Completion, Item, Knights, Split, puzzle, split_of
from tooling.tasks.knights import puzzle_key
from tooling.tasks.puzzle import canonical, renamed
from tooling.verify.logic import Roles, Statement, holds, role_solutions

TASK = Knights()
PYTHON = {"*": " and ", "|": " or ", "=": " == "}


def items(count: int, task: Knights = TASK) -> list[Item]:
    """Items of every split in turn."""
    return [item for split in Split for item in task.items(split, count // 3, seed=1)]


def shown(item: Item, style: str, *, repeats: int = 4) -> list[str]:
    """The completions of several demonstrations for an item."""
    source = random.Random(f"{item.key} {style}")
    return [TASK.demonstration(item, style, source=source).completion for _ in range(repeats)]


def read(prompt: str) -> dict[str, str]:
    """What each person says, as a Python expression over the people's letters, read from the prompt alone."""
    said = dict(part.split(":") for part in prompt.rstrip("?").split(","))
    inner = {who: re.sub(r"!?[a-f]", lambda literal: f"({literal[0].replace('!', 'not ')})", text)
             for who, text in said.items()}  # fmt: skip
    return {who: "".join(PYTHON.get(each, each) for each in text) for who, text in inner.items()}


def solutions_of(prompt: str) -> list[str]:
    """The answers to a prompt by trying all, with Python as the judge of the statements."""
    said, people = read(prompt), sorted(read(prompt))
    rows = [dict(zip(people, roles, strict=True)) for roles in product((True, False), repeat=len(people))]
    fitting = [row for row in rows if all(eval(text, dict(row)) == row[who] for who, text in said.items())]
    return ["".join(who if row[who] else f"!{who}" for who in people) for row in fitting]


def test_the_examples_hold() -> None:
    outcome = doctest.testmod(puzzle)
    assert outcome.failed == 0
    assert outcome.attempted >= 2


@pytest.mark.parametrize("task", [TASK, Knights(people=4), Knights(depth=3, operators="*|"), Knights(operators="=")])
def test_the_prompt_has_one_solution_and_it_is_the_gold_answer(task: Knights) -> None:
    for item in items(30, task):
        assert solutions_of(item.prompt) == [item.gold] == list(task.solutions(item))


def test_every_statement_says_something_about_someone_else() -> None:
    for item in items(60):
        for speaker, statement in enumerate(item.facts["statements"]):
            assert statement[0] not in ("telling-truth", "lying") or statement[1] != speaker
            truths = {holds(statement, roles) for roles in product((True, False), repeat=TASK.people)}
            assert truths == {True, False}


def test_solutions_are_drawn_evenly() -> None:
    source = random.Random(4)
    counts = Counter(TASK.draw(source).gold for _ in range(1600))
    assert len(counts) == 8
    assert all(140 <= count <= 260 for count in counts.values()), counts  # 200 each, 13 the standard deviation


def test_the_best_constant_answer_earns_no_more_than_chance() -> None:
    drawn = TASK.items(Split.PRETRAIN, 600, seed=2)
    best = max(Counter(item.gold for item in drawn).values()) / len(drawn)
    # 8 answers, 4 standard deviations
    assert best <= TASK.chance + 4 * (TASK.chance * (1 - TASK.chance) / len(drawn)) ** 0.5


def random_puzzle(source: random.Random, people: int) -> tuple[Statement, ...]:
    """Statements of one or two literals, with or without a solution."""

    def literal() -> Statement:
        return (source.choice(("telling-truth", "lying")), source.randrange(people))

    def said() -> Statement:
        kind = source.choice(("and", "or", "<=>", "->", ""))
        return (kind, literal(), literal()) if kind else literal()

    return tuple(said() for _ in range(people))


def truth_table(statements: tuple[Statement, ...]) -> tuple:
    """All that statements mean: for every roles, whether each of them holds."""
    rows = product((True, False), repeat=len(statements))
    return tuple(tuple(holds(statement, roles) for statement in statements) for roles in rows)


def test_two_puzzles_have_one_form_exactly_if_a_renaming_makes_one_of_the_other() -> None:
    source, same = random.Random(5), 0
    for _ in range(150):
        one, other = (random_puzzle(source, 3) for _ in range(2))
        if source.random() < 0.5:
            other = renamed(one, tuple(source.sample(range(3), 3)))
        tables = {truth_table(renamed(other, new)) for new in permutations(range(3))}
        assert (canonical(one) == canonical(other)) == (truth_table(one) in tables)
        same += canonical(one) == canonical(other)
    assert 50 < same < 120


def test_people_whom_nothing_tells_apart_may_still_be_renamed() -> None:
    circle = tuple(("lying", (person + 1) % 4) for person in range(4))
    pairs = tuple(("lying", person ^ 1) for person in range(4))
    forms = [{canonical(renamed(each, new)) for new in permutations(range(4))} for each in (circle, pairs)]
    assert [len(form) for form in forms] == [1, 1]
    assert forms[0] != forms[1]


def test_wording_does_not_change_the_key() -> None:
    both, either = ("and", ("telling-truth", 0), ("lying", 1)), ("or", ("telling-truth", 1), ("lying", 0))
    assert puzzle_key((both, either)) == puzzle_key((("not", either), ("not", both)))
    assert puzzle_key((both, either)) != puzzle_key((either, both))


def kinds(item: Item) -> dict[str, list[Item]]:
    """The variants of an item by their kind."""
    found: dict[str, list[Item]] = {"statement": [], "rename": [], "reorder": []}
    for variant in TASK.variants(item):
        found[variant.facts["variant"]].append(variant)
    return found


def test_a_perturbed_statement_gives_another_solution_and_another_key() -> None:
    perturbed = [(item, variant) for item in items(60) for variant in kinds(item)["statement"]]
    assert len(perturbed) > 60
    for item, variant in perturbed:
        assert solutions_of(variant.prompt) == [variant.gold]
        assert variant.gold != item.gold
        assert variant.key != item.key
        before, after = read(item.prompt), read(variant.prompt)
        assert sum(before[who] != after[who] for who in before) == 1
    assert len({split_of(variant.key) for _, variant in perturbed}) == 3


def test_renaming_and_reordering_keep_the_key_and_the_puzzle() -> None:
    for item in items(60):
        (new,), (moved,) = kinds(item)["rename"], kinds(item)["reorder"]
        assert new.key == moved.key == item.key
        assert moved.prompt != item.prompt
        assert moved.gold == item.gold
        assert solutions_of(moved.prompt) == [item.gold]
        assert solutions_of(new.prompt) == [new.gold]
        roles = dict(zip("abc", (not part for part in re.split("[abc]", item.gold)[:3]), strict=True))
        assert Counter(roles.values()) == Counter(not part for part in re.split("[abc]", new.gold)[:3])


def judged(item: Item, text: str) -> bool:
    """Whether a completion is graded correct."""
    return TASK.grade(Completion(text, (), True), item).correct


def followed(statements: tuple[Statement, ...], text: str) -> Roles:
    """The roles that worked steps end with; fails where a literal does not follow or `#` is no contradiction."""
    said = re.findall(r"\?!?[a-f]|!?[a-f]|#", text)
    assert "".join(said) == text
    known: list[tuple[int, bool, bool]] = []  # person, role, assumed
    turned = None
    for step in said:
        worlds = [roles for roles in product((True, False), repeat=len(statements))
                  if all(roles[person] == role for person, role, _ in known)]  # fmt: skip
        fitting = [roles for roles in worlds if roles in role_solutions(statements)]
        if step == "#":
            assert not fitting, "no contradiction"
            while not known[-1][2]:
                known.pop()
            person, role, _ = known.pop()
            turned = (person, not role)
            continue
        person, role = "abcdef".index(step[-1]), "!" not in step
        assert person not in [other for other, _, _ in known], "said twice"
        assert turned in (None, (person, role)), "after a contradiction the assumption is turned round"
        if "?" not in step and turned is None:
            assert all(roles[person] == role for roles in fitting), "does not follow"
        turned = None
        known.append((person, role, "?" in step))
    return tuple(role for _, role, _ in sorted(known))


@pytest.mark.parametrize("style", ["steps", "backtrack"])
def test_every_step_follows_and_every_contradiction_is_one(style: str) -> None:
    for item in items(60):
        for text in shown(item, style):
            work, _, answer = text.partition(">")
            assert answer == item.gold
            assert followed(item.facts["statements"], work) == item.facts["roles"]


def test_backtracking_starts_from_a_wrong_assumption() -> None:
    for item in items(60):
        for text in shown(item, "backtrack"):
            person = "abc".index(re.match(r"\?!?([abc])", text)[1])
            assert text.startswith("?!") == item.facts["roles"][person]
            assert "#" in text


def test_a_mistake_is_in_the_steps_and_in_the_answer() -> None:
    for item in items(60):
        right = shown(item, "steps")[0]
        for text in shown(item, "mistake"):
            work, _, answer = text.partition(">")
            assert work != right.partition(">")[0]
            assert answer != item.gold
            last = {literal[-1]: literal for literal in re.findall(r"!?[abc]", work)}
            assert "".join(last[person] for person in "abc") == answer


def test_a_check_says_of_everyone_whether_their_words_fit() -> None:
    lengths = set()
    for item in items(60):
        said = read(item.prompt)
        for text in [*shown(item, "check"), *shown(item, "retry")]:
            *missed, last = text.split(";")
            lengths.add(len(missed))
            assert last == f"{item.gold}.+++"
            for attempt in missed:
                answer, _, marks = attempt.partition(".")
                roles = {literal[-1]: "!" not in literal for literal in re.findall("!?[abc]", answer)}
                fits = [eval(said[who], dict(roles)) == roles[who] for who in "abc"]
                assert marks == "+" * fits.index(False) + "-"
    assert lengths == {0, 1, 2}


@pytest.mark.parametrize("wrong", [{"people": 1}, {"people": 7}, {"depth": 1}, {"depth": 4}, {"operators": "+"}])
def test_settings_without_puzzles_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="`people` is 2 to 6"):
        Knights(**wrong)
