"""What bases with several skills are pretrained on, so that carry-over and forgetting can be measured."""

from collections.abc import Mapping
from dataclasses import replace

from tooling.models.recipe import Mixture
from tooling.tasks import Addition, Countdown, Knights, Task, Tracking

# with "the same kind" among the connectives, worked steps were right as rarely as answers at once (28% and 29% of the
# samples for 60 puzzles of 3 people) after 1,600 steps of training: nothing that RL could choose
PUZZLE = Knights(operators="*|")
# the families beside puzzles, and the weight of each of their styles: half of the data together
OTHER_FAMILIES: Mapping[str, Task] = {
    "countdown": Countdown(largest=10, operators="+-"),
    "sums": Addition(digits=2, fewest=2),
    "swaps": Tracking(),
}
_WORKED = {"direct": 0.04, "steps": 0.1, "mistake": 0.03}
_STYLES = {"countdown": {"guess": 0.04, "solve": 0.12}, "sums": _WORKED, "swaps": _WORKED}
_PUZZLE_STYLES = {"direct": 0.25, "steps": 0.65, "mistake": 0.1}
PUZZLES: Mapping[int, float] = {2: 0.06, 3: 0.26, 4: 0.14, 5: 0.04}


def four_families(puzzles: Mapping[int, float] = PUZZLES) -> Mixture:
    """Knights and knaves, Countdown, sums and swaps, some of each answered at once, in steps, and wrongly.

    `puzzles` has the weight of the puzzles by their number of people; the other families weigh 0.5 together.
    """
    # rounded, so that equal mixtures are written alike
    parts = [
        (replace(PUZZLE, people=people), style, round(share * weight, 4))
        for people, share in puzzles.items()
        for style, weight in _PUZZLE_STYLES.items()
    ]
    parts += [(task, style, share) for name, task in OTHER_FAMILIES.items() for style, share in _STYLES[name].items()]
    return Mixture(tuple(parts))
