"""Two processes that ask for the same recipe at once, and one that is killed while it saves; run as a script.

The stack is imported once and then forked: what is printed is one line of JSON with what each process saw.
"""

import json
import os
import signal
import sys
from collections.abc import Callable

from tooling import progress
from tooling.models import Mixture, Recipe, fingerprint, load
from tooling.models.tokenizer import number_tokenizer
from tooling.tasks import Countdown

RECIPE = Recipe(Mixture.of(Countdown(count=2), guess=1.0), width=16, layers=1, heads=2, batch=4, steps=3, fork_steps=2)


def loaded() -> str:
    """The fingerprint of the recipe's fork 5."""
    return fingerprint(load(RECIPE, seed=5).model)


def killed_while_saving() -> str:
    """Nothing: the process dies by SIGKILL with half of the model written."""
    from transformers import PreTrainedModel

    def half(model: PreTrainedModel, folder: str) -> None:
        model.config.save_pretrained(folder)
        with open(f"{folder}/model.safetensors", "wb") as weights:
            weights.write(b"half")
        os.kill(os.getpid(), signal.SIGKILL)

    PreTrainedModel.save_pretrained = half
    return loaded()


def forked(work: Callable[[], str]) -> tuple[int, int]:
    """A child process that writes what `work` returns to a pipe: its id and the pipe's reading end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        progress.SECONDS_BETWEEN_LINES = -1.0  # a line on stderr for every step, so that trainings can be counted
        os.write(writing, work().encode())
        os._exit(0)
    os.close(writing)
    return child, reading


def ended(child: int, reading: int) -> dict[str, str | int]:
    """What a child wrote and its exit status, negative for a signal."""
    text = b""
    while part := os.read(reading, 1000):
        text += part
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"fingerprint": text.decode(), "status": status}


if __name__ == "__main__":
    number_tokenizer()
    victim = ended(*forked(killed_while_saving))
    racers = [forked(loaded), forked(loaded)]
    json.dump({"victim": victim, "racers": [ended(*racer) for racer in racers]}, sys.stdout)
