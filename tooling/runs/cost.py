"""What a run costs, at a stated price: time of one core per cell on a CPU, time of the machine on a GPU."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

USD_PER_CORE_HOUR = 0.04
USD_PER_GPU_HOUR = 3.50
CPU_PRICE = "0.04 USD per core-hour, assumed: about what a general-purpose cloud machine cost on demand in 2026"
GPU_PRICE = "3.50 USD per GPU-hour, assumed: about what a rented data-centre GPU cost on demand in 2026"
GPU_SCALES = ("gpu", "paper")


class Cost(NamedTuple):
    """Money and the price that it was reckoned with."""

    usd: float
    price: str


def cost(seconds: float, *, scale: str, gpus: int, jobs: int) -> Cost:
    """What cells that took `seconds` in sum cost.

    On a CPU each cell has one core; on a GPU `jobs` cells share the machine. Four cells of 900 s on cores: 0.04 USD.
    """
    if scale in GPU_SCALES and gpus:
        return Cost(seconds / max(jobs, 1) * gpus * USD_PER_GPU_HOUR / 3600, GPU_PRICE)
    return Cost(seconds * USD_PER_CORE_HOUR / 3600, CPU_PRICE)


class Expectation(NamedTuple):
    """How long cells are going to take in sum, and where the figure comes from; None where nothing is known.

    `each` has the seconds of one cell by its arm, empty where nothing is known.
    """

    seconds: float | None
    source: str
    each: Mapping[str, float]


def expected(
    arms: Iterable[str], measured: Mapping[str, float], *, recorded: Mapping[str, float], hint: float | None
) -> Expectation:
    """What cells of the given arms (one entry per cell) are going to take.

    From the mean seconds per arm of earlier cells here, else those of the recording, else the script's own hint.
    """
    cells = list(arms)
    for known, source in ((measured, "measured here earlier"), (recorded, "as in the recording")):
        if known:
            # an arm that has not been timed yet takes as long as the others
            typical = sum(known.values()) / len(known)
            each = {arm: known.get(arm, typical) for arm in cells}
            return Expectation(sum(each[arm] for arm in cells), source, each)
    if hint is not None:
        return Expectation(hint * len(cells), "by the script's own figure", dict.fromkeys(cells, hint))
    return Expectation(None if cells else 0.0, "first run", {})


def words(seconds: float) -> str:
    """A duration as people say it: `40 s`, `14 min`, `2 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"
