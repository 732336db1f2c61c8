"""reasoning-gym's generators serve with our splits and graders, and leave no trace of a half-loaded package."""

import importlib.metadata
import random
import sys
from itertools import islice

import pytest

from tests.tasks.draw import HAS_GYM
from tooling.errors import NotFound
from tooling.tasks import Completion, Gym, Item, Split, gym, split_of
from tooling.tasks.gym import SOURCES
from tooling.verify import Why

needs_gym = pytest.mark.skipif(not HAS_GYM, reason="reasoning-gym is not installed")
SMALL = {
    "basic_arithmetic": Gym.of("basic_arithmetic", max_terms=3, max_digits=2),
    "chain_sum": Gym.of("chain_sum", max_terms=3, max_digits=2),
    "countdown": Gym.of("countdown", min_numbers=3, max_numbers=3, max_value=20, min_target=1, max_target=99),
    "gcd": Gym.of("gcd", max_value=99),
    "knights_knaves": Gym.of("knights_knaves", n_people=3),
    "lcm": Gym("lcm"),
    "products": Gym.of("products", max_digits=2),
}


def drawn(name: str, count: int) -> list[Item]:
    """Items of a data set, of all splits."""
    source = random.Random(f"gym {name}")
    return [SMALL[name].draw(source) for _ in range(count)]


def judged(name: str, text: str, item: Item) -> Why:
    """The reason of the grade of a completion that ended by itself."""
    return SMALL[name].grade(Completion(text, (), True), item).why


def test_every_source_is_tested() -> None:
    assert SMALL.keys() == SOURCES.keys()


@needs_gym
@pytest.mark.parametrize("name", SMALL)
def test_our_grader_accepts_the_generator_s_answer_in_tags_or_plain_and_no_other_item_s(name: str) -> None:
    items = drawn(name, 12)
    for item, other in zip(items, items[1:], strict=False):
        assert judged(name, item.gold, item) == Why.OK
        assert judged(name, f"It follows. <answer>{item.gold}</answer>", item) == Why.OK
        assert judged(name, f"<answer>{item.gold}</answer><answer>{item.gold}</answer>", item) == Why.NO_ANSWER
        assert judged(name, f"{item.gold} or {other.gold}", item) == Why.MALFORMED
        assert judged(name, other.gold, item) != Why.OK or other.gold == item.gold


@needs_gym
@pytest.mark.parametrize("name", ["chain_sum", "gcd", "knights_knaves", "products"])
def test_splits_are_disjoint_by_key_whatever_the_seeds(name: str) -> None:
    seen: dict[str, Split] = {}
    for split in Split:
        for seed in (42, 43):
            for item in islice(SMALL[name].stream(split, seed), 20):
                assert seen.setdefault(item.key, split) == split == split_of(item.key)


@needs_gym
def test_sums_with_their_terms_in_another_order_are_the_same_item() -> None:
    def key(expression: str, value: int) -> str:
        entry = {"answer": str(value), "metadata": {"expression": expression}}
        return SOURCES["chain_sum"].canonical(SOURCES["chain_sum"].facts(entry))

    assert key("12 - 5 + 3", 10) == key("3 + 12 - 5", 10)
    assert key("12 - 5 + 3", 10) != key("12 + 5 - 3", 14)
    assert key("4 - -3", 7) == key("4 + 3", 7)


@needs_gym
def test_code_as_an_answer_is_not_run(tmp_path) -> None:
    trace = tmp_path / "ran"
    for name in SMALL:
        (item,) = drawn(name, 1)
        assert judged(name, f"__import__('os').system('touch {trace}')", item) == Why.MALFORMED
    assert not trace.exists()


@needs_gym
def test_loading_a_generator_leaves_no_module_of_the_package_behind() -> None:
    gym._module.cache_clear()
    mine = object()
    sys.modules["reasoning_gym"] = mine
    try:
        assert gym._module("arithmetic.gcd").GCDDataset
        assert {name for name in sys.modules if name.startswith("reasoning_gym")} == {"reasoning_gym"}
        assert sys.modules["reasoning_gym"] is mine
    finally:
        del sys.modules["reasoning_gym"]


@needs_gym
def test_chance_is_what_the_commonest_answer_earns() -> None:
    chance = SMALL["gcd"].chance
    items = drawn("gcd", 500)
    golds = [item.gold for item in items]
    best = max(golds.count(gold) for gold in set(golds)) / len(golds)
    assert 0.1 < chance < 0.6
    assert best <= chance + 4 * (chance * (1 - chance) * 2 / 500) ** 0.5


@needs_gym
def test_settings_that_the_data_set_lacks_or_refuses_are_said() -> None:
    for wrong in ({"people": 3}, {"n_people": 0}):
        with pytest.raises(ValueError, match="`knights_knaves` refuses"):
            Gym.of("knights_knaves", **wrong).draw(random.Random(0))


def test_a_data_set_without_a_grader_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(ValueError, match="no grader.*`sudoku`.*chain_sum"):
        Gym("sudoku")
    with pytest.raises(ValueError, match="`seed` is no setting"):
        Gym.of("gcd", seed=3)


def test_a_missing_package_and_another_version_are_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    for version, message in ((missing, "is not installed"), (lambda name: "0.2.0", "is at 0.2.0")):
        gym._module.cache_clear()
        monkeypatch.setattr(importlib.metadata, "version", version)
        with pytest.raises(NotFound, match=f"{message}.*pip install --no-deps reasoning-gym==0.1.25"):
            gym._module("arithmetic.lcm")
