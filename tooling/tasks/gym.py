"""Tasks of reasoning-gym: its generators, with splits and graders of our own.

Its seeds are no splits (with seeds 42 and 43 a data set shares 199 of 200 items), and its scorers evaluate what a model
writes; neither is used. The wording of the questions is its own, in English: for models of a hub, not for the small
bases, whose vocabulary lacks capital letters.

Source: github.com/open-thought/reasoning-gym 0.1.25 (Apache-2.0). Optional, beside the lab: `pip install --no-deps
reasoning-gym==0.1.25`; only the modules of the data sets below are loaded, so what its other ones need may be missing.
"""

import importlib
import importlib.metadata
import importlib.util
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tooling.errors import NotFound
from tooling.tasks.drawing import Drawn
from tooling.tasks.item import Completion, Demonstration, Item, item_key
from tooling.tasks.knights import puzzle_key
from tooling.verify import Grade, Why, countdown, knights_in_words
from tooling.verify.grade import failed
from tooling.verify.worded import answer_in_tags, whole_number

VERSION = "0.1.25"  # another one may draw other items
INDEXES = 2**48  # the generators draw item i of seed s from the number s + i
MOST_DRAWS = 100  # for one item whose gold answer the grader accepts
CHANCE_DRAWS = 500

Facts = Mapping[str, Any]


class Source(NamedTuple):
    """A data set: where it is, what its grader needs of an entry, what its items are the same by, its grader."""

    module: str
    classes: tuple[str, str]
    facts: Callable[[Facts], Facts]
    canonical: Callable[[Facts], str]
    grade: Callable[[str, Facts], Grade]


def _whole(text: str, facts: Facts) -> Grade:
    return whole_number(text, facts["value"])


def _numbers(entry: Facts) -> Facts:
    numbers = tuple(map(int, re.findall(r"-?[0-9]+", entry["metadata"]["expression"])))
    return {"value": int(entry["answer"]), "numbers": numbers}


def _terms(entry: Facts) -> Facts:
    """The signed terms of a sum such as `12 - 5 + -3`."""
    first, *rest = entry["metadata"]["expression"].split(" ")
    signed = [int(number) * (-1 if sign == "-" else 1) for sign, number in zip(rest[::2], rest[1::2], strict=True)]
    return {"value": int(entry["answer"]), "numbers": (int(first), *signed)}


def _expression(entry: Facts) -> Facts:
    return {"value": int(entry["answer"]), "expression": entry["metadata"]["expression"].replace(" ", "")}


def _game(entry: Facts) -> Facts:
    return {"numbers": tuple(entry["metadata"]["numbers"]), "target": entry["metadata"]["target"]}


def _divisor(entry: Facts) -> Facts:
    return {"value": int(entry["answer"]), "numbers": tuple(entry["metadata"]["numbers"])}


def _puzzle(entry: Facts) -> Facts:
    metadata = entry["metadata"]
    words = metadata["knight_knave_terms"]
    names = tuple(map(str, metadata["names"]))
    return {"statements": metadata["statements"], "names": names, "terms": (words["knight"], words["knave"])}


def _sorted_key(kind: str) -> Callable[[Facts], str]:
    return lambda facts: item_key(kind, tuple(sorted(facts["numbers"])))


SOURCES = {
    "basic_arithmetic": Source(
        "arithmetic.basic_arithmetic", ("BasicArithmeticDataset", "BasicArithmeticDatasetConfig"),
        _expression, lambda facts: item_key("expression", facts["expression"]), _whole,
    ),
    "chain_sum": Source(
        "arithmetic.chain_sum", ("ChainSumDataset", "ChainSumConfig"), _terms, _sorted_key("sum"), _whole
    ),
    "countdown": Source(
        "games.countdown", ("CountdownDataset", "CountdownConfig"), _game,
        lambda facts: item_key("countdown", tuple(sorted(facts["numbers"])), facts["target"]),
        lambda text, facts: countdown(text, facts["numbers"], facts["target"]),
    ),
    "gcd": Source("arithmetic.gcd", ("GCDDataset", "GCDConfig"), _divisor, _sorted_key("gcd"), _whole),
    "knights_knaves": Source(
        "logic.knights_knaves", ("KnightsKnavesDataset", "KnightsKnavesConfig"), _puzzle,
        lambda facts: puzzle_key(facts["statements"]),
        lambda text, facts: knights_in_words(text, facts["statements"], names=facts["names"], terms=facts["terms"]),
    ),
    "lcm": Source("arithmetic.lcm", ("LCMDataset", "LCMConfig"), _divisor, _sorted_key("lcm"), _whole),
    "products": Source(
        "arithmetic.products", ("ProductsDataset", "ProductsConfig"), _numbers, _sorted_key("multiplication"), _whole
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Gym(Drawn):
    """A data set of reasoning-gym by its own name and settings: `Gym.of("chain_sum", max_terms=3)`.

    Prompt of `chain_sum`: `State the final answer to the following arithmetic problem: 4 + 3 - 6 =`, completion `1`. A
    completion may end with `<answer>1</answer>`; then what is in the tags counts. Two pairs of tags are malformed.

    Styles of demonstrations: `direct` (the answer). Data sets: see `SOURCES`, those for which there is a grader here.
    """

    name: str
    settings: tuple[tuple[str, Any], ...] = ()  # of the data set's own configuration, sorted; the rest as there

    @classmethod
    def of(cls, name: str, **settings: Any) -> "Gym":
        """The data set `name` with some settings, such as `Gym.of("knights_knaves", n_people=3)`."""
        return cls(name, tuple(sorted(settings.items())))

    def __post_init__(self) -> None:
        """Refuse a data set without a grader, and settings that it lacks."""
        if self.name not in SOURCES:
            raise ValueError(f"no grader for the reasoning-gym data set `{self.name}`; there are {', '.join(SOURCES)}")
        unknown = {name for name, _ in self.settings} & {"seed", "size"}
        if unknown:
            raise ValueError(f"{self.name}: `{unknown.pop()}` is no setting here; the split and its seed decide")

    @property
    def chance(self) -> float:
        """What the best constant answer earns, estimated: the share of the commonest answer in 500 draws."""
        source = random.Random(f"{self} chance")
        golds = Counter(self.draw(source).gold for _ in range(CHANCE_DRAWS))
        return max(golds.values()) / CHANCE_DRAWS

    def draw(self, source: random.Random) -> Item:
        """An item whose gold answer our grader accepts."""
        data, known = _data_set(self.name, self.settings), SOURCES[self.name]
        for _ in range(MOST_DRAWS):
            entry = data[source.randrange(INDEXES)]
            facts = known.facts(entry)
            if known.grade(entry["answer"], facts).correct:
                return Item(entry["question"], entry["answer"], facts, known.canonical(facts))
        raise ValueError(f"{self}: no item of {MOST_DRAWS} has an answer that the grader accepts; use other settings")

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade of the answer; an unfinished completion is `truncated`."""
        if not completion.finished:
            return failed(Why.TRUNCATED)
        return SOURCES[self.name].grade(answer_in_tags(completion.text), item.facts)

    def solution(self, item: Item) -> str:
        """The generator's own answer."""
        return item.gold

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """The answer; there is no other style."""
        if style != "direct":
            raise ValueError(f"{self.name} has no style `{style}`; it has direct")
        return Demonstration(item.prompt, item.gold)


@lru_cache(maxsize=64)
def _data_set(name: str, settings: tuple[tuple[str, Any], ...]) -> Any:
    """The generator with its configuration; raises `ValueError` for settings that it refuses."""
    known = SOURCES[name]
    module = _module(known.module)
    data, config = (getattr(module, each) for each in known.classes)
    try:
        return data(config(seed=0, size=INDEXES, **dict(settings)))
    except (AssertionError, TypeError) as error:
        raise ValueError(f"reasoning-gym's `{name}` refuses {dict(settings)}: {error}") from error


@lru_cache(maxsize=64)
def _module(name: str) -> ModuleType:
    """A module of reasoning-gym, loaded without the package's `__init__` files, which load all data sets there are."""
    remedy = f"`pip install --no-deps reasoning-gym=={VERSION}`"
    try:
        found = importlib.metadata.version("reasoning-gym")
    except importlib.metadata.PackageNotFoundError as error:
        raise NotFound(f"the package reasoning-gym is not installed; {remedy}") from error
    if found != VERSION:
        raise NotFound(f"reasoning-gym is at {found}, and other versions draw other items; {remedy}")
    with _bare_package(name.partition(".")[0]):
        importlib.import_module("reasoning_gym.coaching")  # first: its modules and the factory import each other
        return importlib.import_module(f"reasoning_gym.{name}")


@contextmanager
def _bare_package(part: str) -> Iterator[None]:
    """For the time of an import, reasoning_gym and one part of it are packages that hold nothing."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "reasoning_gym"}
    for name in before:
        del sys.modules[name]
    folder = Path(str(importlib.util.find_spec("reasoning_gym").origin)).parent
    for name, path in (("reasoning_gym", folder), (f"reasoning_gym.{part}", folder / part)):
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__path__ = [str(path)]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "reasoning_gym"]:
            del sys.modules[name]
        sys.modules.update(before)
