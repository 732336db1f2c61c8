"""One stage in processes that are killed at random moments or while they write, then unbroken; run as a script.

The stack is imported once and then forked: what is printed is one line of JSON with what each process saw. The first
argument seeds the moments.
"""

import json
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import tooling.train.stage
import tooling.train.trl_supervised  # noqa: F401
from tests.models.race import ended, forked
from tests.models.tiny import tiny_policy
from tests.train.supervised import SHOWN
from tooling.content import cache_folder
from tooling.evals import SampleSettings, transformers_sampler
from tooling.models import Policy, fingerprint
from tooling.train import SFT, sft

SETTINGS = SFT(steps=8, batch=6, learning_rate=0.02)
KILLS = 2


def sampled(policy: Policy, step: int) -> dict[str, float]:
    """A measure that rests on the weights of the moment."""
    completions = transformers_sampler(policy)(["1 2>3:"] * 4, SampleSettings(tokens=6, seed=step))
    return {"sum": sum(sum(completion.tokens) for completion in completions)}


def measured() -> str:
    """All that a training leaves, and what its policy samples."""
    done = sft(tiny_policy(), SHOWN, SETTINGS, seed=3, probe=sampled, every=2)
    texts = [each.text for each in transformers_sampler(done.policy)(["2 8 9>3:"] * 4, SampleSettings(tokens=8))]
    return json.dumps([fingerprint(done.policy.model), done.curves, done.probes, done.tokens, done.diverged, texts])


def die() -> None:
    """End this process as a crash of the machine would."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_after(seconds: float) -> Callable[[], str]:
    """The same training in a process that dies at a moment, wherever it is then."""

    def work() -> str:
        threading.Timer(seconds, die).start()
        return measured()

    return work


def killed_with_half_of_the_weights() -> str:
    """The same training; it dies with a part of its file written."""

    def half(weights: dict, handle) -> None:
        handle.write(b"half")
        handle.flush()
        die()

    tooling.train.stage._save = half
    return measured()


def killed_before_the_move() -> str:
    """The same training; it dies with all written and nothing in its place."""
    Path.rename = lambda self, target: die()
    return measured()


if __name__ == "__main__":
    started = time.monotonic()
    seen = {"unbroken": ended(*forked(measured))}
    seconds = time.monotonic() - started
    shutil.rmtree(cache_folder() / "stages")
    moments = random.Random(int(sys.argv[1]))
    works = [killed_with_half_of_the_weights, killed_before_the_move]
    works += [killed_after(moments.uniform(0.0, seconds)) for _ in range(KILLS)]
    seen["killed"] = []
    for work in works:
        # else what one of them finished would be read by those behind it
        for kept in (cache_folder() / "stages").glob("[!.]*/"):
            shutil.rmtree(kept)
        seen["killed"].append([ended(*forked(work)), ended(*forked(measured))])
    racers = [forked(measured), forked(measured)]
    seen["racers"] = [ended(*racer) for racer in racers]
    json.dump(seen, sys.stdout)
