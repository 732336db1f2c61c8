"""The tasks with the best answer that ignores the prompt, beside the chance level that each task publishes."""

from collections.abc import Sequence
from typing import NamedTuple

from tests.verify.enumeration import chains
from tooling.tasks import Completion, Countdown, Item, Multiplication, Split, Task
from tooling.verify import Constant, best_constant, constants

ITEMS = 300


class Farm(NamedTuple):
    """A task, some of its test items, and what a guess by the rules earns on them."""

    name: str
    task: Task
    items: Sequence[Item]
    chance: float


def farms() -> list[Farm]:
    """All tasks of the lab."""
    countdown, multiplication = Countdown(), Multiplication(largest=499)
    drawn = countdown.items(Split.TEST, ITEMS, seed=0)
    shares = []
    for item in drawn:
        reached = list(chains(item.facts["numbers"]).values())
        shares.append(reached.count(item.facts["target"]) / len(reached))
    products = multiplication.items(Split.TEST, ITEMS, seed=0)
    return [
        Farm("countdown", countdown, drawn, sum(shares) / ITEMS),
        # a product by guess: the ones digit follows from the factors, the others are as good as drawn
        Farm("multiplication", multiplication, products, 1 / 50),
    ]


def best(farm: Farm) -> Constant:
    """The constant completion that earns most on the farm's items."""
    solutions = [farm.task.solution(item) for item in farm.items]
    listed = [text for item in farm.items for text in getattr(farm.task, "solutions", lambda item: ())(item)]
    candidates = constants([item.prompt for item in farm.items], solutions) + constants([], listed or solutions)

    def grade(text: str, item: Item) -> object:
        return farm.task.grade(Completion(text, (1,), True), item)

    return best_constant(grade, farm.items, candidates=candidates)


def rows() -> list[str]:
    """One row of the table per task."""
    found = []
    for farm in farms():
        constant = best(farm)
        found.append(
            f"| {farm.name} | {len(farm.items)} | `{constant.text}` | {constant.score:.3f} | {farm.chance:.3f} |"
        )
    return found
