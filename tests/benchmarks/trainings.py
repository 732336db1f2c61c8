"""Train again and again in one process: the memory held after each training, in MB, and the growth after the first two.

`python tests/benchmarks/trainings.py [COUNT]`; exits 1 if 20 trainings grow it by more than 50 MB.
"""

import gc
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.models.tiny import tiny_policy  # noqa: E402
from tests.train.oracle import Rollouts  # noqa: E402
from tooling.train import GRPO, grpo, uncached  # noqa: E402

MOST_GROWTH_MB = 50
SETTINGS = GRPO(steps=3, prompts=4, completions=4, tokens=16, kl=0.1)


def resident_mb() -> float:
    """The memory of this process that is in RAM now (Linux), after a collection."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main(count: int) -> int:
    """Print a line per training; 1 if memory grew too much."""
    held = []
    for seed in range(count):
        with uncached():
            grpo(tiny_policy(), Rollouts(), replace(SETTINGS, micro_batch=(0, 4)[seed % 2]), seed=seed)
        held.append(resident_mb())
        print(f"training {seed + 1}: {held[-1]:.0f} MB", flush=True)
    growth = max(held) - held[1]
    print(f"growth after the first two of {count}: {growth:.0f} MB; at most {MOST_GROWTH_MB} MB")
    return int(growth > MOST_GROWTH_MB)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
