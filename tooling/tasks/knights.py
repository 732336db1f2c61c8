"""Knights and knaves: who always tells the truth and who always lies, from what each person says.

Source: the puzzles of Xie et al., arXiv 2410.23123 (github.com/AlphaPav/mem-kk-logic), which Logic-RL (arXiv
2502.14768) trains on with 3 to 7 people; here in symbols, so that a model of 0.2M parameters can read them.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tooling.tasks.drawing import Drawn
from tooling.tasks.item import Completion, Demonstration, Item, item_key
from tooling.tasks.puzzle import (
    SYMBOLS,
    Literal,
    Statements,
    canonical,
    deduction,
    meaning,
    named_people,
    one_change,
    renamed,
    written,
)
from tooling.verify import Grade, Why
from tooling.verify.countdown import ATTEMPT_SEPARATOR
from tooling.verify.grade import failed
from tooling.verify.logic import (
    CHECK_START,
    NAMES,
    WORK_END,
    Roles,
    Statement,
    fits,
    holds,
    knights,
    role_solutions,
    written_roles,
)

STYLES = ("direct", "steps", "check", "retry", "backtrack", "mistake")
MOST_TRIES = 10_000  # of drawing statements; with every setting that is allowed a few dozen do


@dataclass(frozen=True)
class Knights(Drawn):
    """Puzzles with one solution. Prompt `a:b*!c,b:!a,c:a=b?`, completion `!ab!c`; `!` is a knave, or "not".

    Person a says "b is a knight and c is a knave". `*` is and, `|` or, `=` "are the same kind" (if and only if).
    A person may speak of themselves inside of a connective ("one of us is a knave", `!a|!b`).

    Styles of demonstrations: `direct` (the answer), `steps` (assume, follow, contradict, conclude), `check` (the answer
    and, for each person in order, whether their words fit it, `+`), `retry` (answers that fail their check, `-`,
    then the right one with its check), `backtrack` (steps that start from a wrong assumption), `mistake` (steps of
    which the last word on one person is wrong, and so is the answer).

    There are about 2,700 different puzzles with 3 people, 38 with 2. Known to be learnable, measured: a base of 0.2M
    parameters (64 wide, 3 layers), 800 steps of 64 at the settings here, 0.3 direct, 0.4 steps and 0.1 each check,
    retry and mistake, has pass@1 0.29 and pass@8 0.85 on 150 test items x 8 samples; chance is 0.125.
    """

    people: int = 3  # 2 to 6; Logic-RL trains on 3 to 7
    depth: int = 2  # of statements: 2 is a connective of two literals; theirs have 2
    operators: str = "*|="  # connectives; Xie et al. also have `->` and `not`
    attempts: int = 3  # answers in a `retry` demonstration, at most

    def __post_init__(self) -> None:
        """Refuse what no puzzle can be drawn from."""
        if not 2 <= self.people <= len(NAMES) or not 2 <= self.depth <= 3 or not set(self.operators) & set("*|="):
            raise ValueError(f"{self}: `people` is 2 to {len(NAMES)}, `depth` 2 or 3, `operators` some of `*|=`")

    @property
    def chance(self) -> float:
        """What an answer that does not read the statements earns: 1 in 2^people, as solutions are drawn evenly."""
        return 0.5**self.people

    def draw(self, source: random.Random) -> Item:
        """A random puzzle: the solution first, then what each person says about it, until no other one fits."""
        roles = tuple(source.random() < 0.5 for _ in range(self.people))
        for _ in range(MOST_TRIES):
            statements = tuple(self._said(speaker, roles, source) for speaker in range(self.people))
            if len(role_solutions(statements)) == 1:
                return _item(statements, roles, range(self.people))
        raise ValueError(f"{self}: no puzzle with one solution in {MOST_TRIES} tries; use more operators")

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade of the last attempt's answer; an unfinished completion is `truncated`."""
        if not completion.finished:
            return failed(Why.TRUNCATED)
        return knights(completion.text, item.facts["statements"])

    def solution(self, item: Item) -> str:
        """The answer alone."""
        return item.gold

    def solutions(self, item: Item) -> tuple[str, ...]:
        """All completions without work or check that solve the item: its one answer."""
        return (item.gold,)

    def variants(self, item: Item) -> list[Item]:
        """The item perturbed, for memorisation scores (see `memorisation_score`); `facts["variant"]` says how.

        `statement`: one role or connective in one person's words is another, and so is the solution (all such puzzles
        with one solution; each has a key, and so a split, of its own: use those whose split the policy was not trained
        on). `rename`: the people have each other's names; `reorder`: they speak in another order. Both keep the key.
        """
        statements, roles = item.facts["statements"], item.facts["roles"]
        order = range(self.people)
        new = tuple((person + 1) % self.people for person in order)
        moved = tuple(roles[new.index(place)] for place in order)
        found = [_item(changed, other, order, variant="statement") for changed, other in _perturbed(statements, roles)]
        found.append(_item(renamed(statements, new), moved, order, variant="rename"))
        return [*found, _item(statements, roles, [*order][::-1], variant="reorder")]

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`."""
        if style not in STYLES:
            raise ValueError(f"knights has no style `{style}`; it has {', '.join(STYLES[:-1])} and {STYLES[-1]}")
        statements, roles = item.facts["statements"], item.facts["roles"]
        shown = {
            "direct": lambda: item.gold,
            "steps": lambda: _worked(deduction(statements), roles),
            "check": lambda: _checked(statements, roles),
            "retry": lambda: self._retried(statements, roles, source),
            "backtrack": lambda: _worked(deduction(statements, _refuted(roles, source)), roles),
            "mistake": lambda: _mistaken(statements, roles, source),
        }
        return Demonstration(item.prompt, shown[style]())

    def _said(self, speaker: int, roles: Roles, source: random.Random) -> Statement:
        """A statement that is true exactly if its speaker is a knight, and says something."""
        while True:
            statement = self._statement(self.depth, source)
            says_something = set(meaning(statement).people) == named_people(statement) != {speaker}
            if says_something and holds(statement, roles) == roles[speaker]:
                return statement

    def _statement(self, depth: int, source: random.Random) -> Statement:
        operator = source.choice([*self.operators, ""]) if depth > 1 else ""
        if not operator:
            return (source.choice(("telling-truth", "lying")), source.randrange(self.people))
        kind = next(kind for kind, symbol in SYMBOLS.items() if symbol == operator)
        left = right = self._statement(depth - 1, source)
        while named_people(right) == named_people(left):
            right = self._statement(depth - 1, source)
        return (kind, left, right)

    def _retried(self, statements: Statements, roles: Roles, source: random.Random) -> str:
        others = [other for other in _every_role(len(roles)) if other != roles]
        tried = source.sample(others, source.randint(1, self.attempts - 1))
        return ATTEMPT_SEPARATOR.join(_checked(statements, attempt) for attempt in [*tried, roles])


def _item(statements: Statements, roles: Roles, order: Sequence[int], *, variant: str = "") -> Item:
    said = ",".join(f"{NAMES[speaker]}:{written(statements[speaker])}" for speaker in order)
    facts = {"statements": statements, "roles": roles} | ({"variant": variant} if variant else {})
    return Item(f"{said}?", written_roles(roles), facts, puzzle_key(statements))


def puzzle_key(statements: Statements) -> str:
    """The key of a puzzle: renamed, reordered and reworded ones have the same."""
    return item_key("knights", tuple(map(tuple, canonical(statements))))


def _every_role(people: int) -> list[Roles]:
    return [tuple(bool(number >> place & 1) for place in range(people)) for number in range(2**people)]


def _perturbed(statements: Statements, roles: Roles) -> Iterator[tuple[Statements, Roles]]:
    for speaker, statement in enumerate(statements):
        for changed in one_change(statement):
            puzzle = (*statements[:speaker], changed, *statements[speaker + 1 :])
            found = role_solutions(puzzle)
            if len(found) == 1 and found[0] != roles:
                yield puzzle, found[0]


def _refuted(roles: Roles, source: random.Random) -> Literal:
    """A wrong assumption on one person."""
    person = source.randrange(len(roles))
    return Literal(person, not roles[person])


def _worked(steps: list[str], roles: Roles) -> str:
    return f"{''.join(steps)}{WORK_END}{written_roles(roles)}"


def _mistaken(statements: Statements, roles: Roles, source: random.Random) -> str:
    """Steps of which the last word on one person is turned round."""
    steps = deduction(statements)
    person = source.randrange(len(roles))
    place = max(place for place, step in enumerate(steps) if step.endswith(NAMES[person]))
    steps[place] = steps[place].replace(NAMES[person], "!" + NAMES[person]).replace("!!", "")
    return _worked(steps, tuple(role != (other == person) for other, role in enumerate(roles)))


def _checked(statements: Statements, roles: Roles) -> str:
    """An answer and the check of it, which ends with the first words that do not fit: `!abc.+++` or `abc.+-`."""
    marks = "".join("+" if fit else "-" for fit in fits(statements, roles))
    return f"{written_roles(roles)}{CHECK_START}{marks.partition('-')[0]}{'-' if '-' in marks else ''}"
