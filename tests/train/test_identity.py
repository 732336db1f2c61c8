"""Two things have one identity if a training cannot tell them apart, in every process; what is hidden is refused."""

import dataclasses
import enum
import functools
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from tests.models.tiny import tiny_policy
from tooling.errors import Invalid
from tooling.evals import transformers_sampler
from tooling.models import Policy
from tooling.tasks import Countdown, Multiplication
from tooling.train import SFT, Distillation, correctness
from tooling.train.identity import identity

ROOT = Path(__file__).parents[2]


def same(one: object, other: object) -> bool:
    """Whether two values have one identity."""
    return identity(one, "one") == identity(other, "other")


@dataclasses.dataclass(frozen=True)
class Bonus:
    """A reward with a setting."""

    size: float = 1.0

    def __call__(self, values: list[float]) -> list[float]:
        """Each value with the bonus."""
        return [value + self.size for value in values]


@dataclasses.dataclass
class Loose:
    """A dataclass that can change."""

    size: float = 1.0


class Hidden(Countdown):
    """A task that keeps something beside its fields."""

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "seen", [])


class Plain:
    """A class without state."""

    def __call__(self, value: float) -> float:
        """The value."""
        return value


class Shade(enum.Enum):
    """Two values."""

    LIGHT = 1
    DARK = 2


class Pair(NamedTuple):
    """A tuple with a name."""

    left: int
    right: int


DIFFERENT: list[Any] = [
    None, True, 1, 1.0, "1", b"1", 0.1, -0.0, 0.0, float("nan"), (1, 2), [1, 2], {1, 2}, {1: 2}, {2: 1}, Pair(1, 2),
    Path("a"), Shade.LIGHT, Shade.DARK, np.arange(2), np.arange(2.0), np.arange(2).reshape(1, 2), np.float32(1),
    torch.arange(2), torch.arange(2.0), torch.arange(2.0, dtype=torch.bfloat16), torch.float32, torch.float64,
    re.compile("a"), re.compile("a", re.IGNORECASE), range(3), Bonus(), Bonus(2.0), Plain(), Plain, Bonus, len, max,
    Countdown(), Countdown(count=2), Multiplication(), correctness, SFT(steps=1), SFT(steps=2), SFT(epochs=1),
    Distillation(SFT(steps=1)), functools.partial(max, 1), functools.partial(max, 2), Bonus(2.0).__call__, re, torch,
    lambda x: x, lambda x: x + 1, lambda x: x + 2, lambda x, y=1: x, lambda x, y=2: x, lambda x, *, y=2: x,
]  # fmt: skip


def test_different_things_have_different_identities() -> None:
    found: dict[str, Any] = {}
    for value in DIFFERENT:
        key = identity(value, "a value")
        assert key not in found, f"{value!r} and {found[key]!r}"
        found[key] = value


def adder(amount: Any) -> Callable[[float], float]:
    """A function with a closure."""
    return lambda value: value + amount


def test_a_function_is_told_by_its_closure() -> None:
    assert same(adder(1), adder(1))
    assert not same(adder(1), adder(2))
    assert same(adder(Bonus(1.0)), adder(Bonus(1.0)))
    assert not same(adder(Bonus(1.0)), adder(Bonus(2.0)))


def written(text: str) -> Callable:
    """The function `reward` of a script with this text."""
    scope: dict[str, Any] = {"__name__": "script"}
    exec(compile(text, "run.py", "exec"), scope)
    return scope["reward"]


def test_a_function_is_told_by_the_globals_it_uses_however_deep() -> None:
    script = "SIZE = {}\ndef deep(x):\n    return x * SIZE\ndef reward(x):\n    return deep(x)\nOTHER = {}\n"
    assert same(written(script.format(1, 1)), written(script.format(1, 2)))
    assert not same(written(script.format(1, 1)), written(script.format(2, 1)))
    assert not same(written(script.format(1, 1)), written(script.replace("x * S", "x + S").format(1, 1)))


def test_a_class_of_a_script_is_told_by_its_methods() -> None:
    script = "class Rule:\n    def value(self):\n        return {}\ndef reward():\n    return Rule().value()\n"
    assert same(written(script.format(1)), written(script.format(1)))
    assert not same(written(script.format(1)), written(script.format(2)))


def test_comments_docstrings_and_places_change_nothing() -> None:
    bare = "def reward(x):\n    return x\n"
    assert same(written(bare), written('\n\n\ndef reward(x):\n    """It."""\n    # why\n    return x\n'))
    assert not same(written(bare), written('def reward(x):\n    return x, "It."\n'))


def test_a_recursive_function_has_an_identity() -> None:
    script = "def reward(n):\n    return n and {} + reward(n - 1)\n"
    assert same(written(script.format(1)), written(script.format(1)))
    assert not same(written(script.format(1)), written(script.format(2)))


def test_calling_a_function_does_not_change_it() -> None:
    reward = written("def reward(x):\n    return x + 1\n")
    before = identity(reward, "it")
    for number in range(5000):
        reward(number)
    assert identity(reward, "it") == before


def test_a_function_of_the_lab_is_told_by_the_code_that_it_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity(correctness, "it"), identity(Countdown(), "it")
    monkeypatch.setattr("tooling.train.identity._own_code", lambda module: f"{module} as changed")
    assert identity(correctness, "it") != before[0]
    assert identity(Countdown(), "it") != before[1]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (random.Random(0), "random.Random"),
        ((each for each in "ab"), "builtins.generator"),
        (Loose(), "Loose"),
        (Hidden(), "beside its fields, in `seen`"),
        ([1, {"deep": Loose()}], r"the thing\[1\]\['deep'\] holds a"),
        (adder(random.Random(0)), "the thing, `amount` holds a `random.Random`"),
        ([].append, "builtin_function_or_method"),
        (np.array([object()]), "numpy.ndarray"),
        (object(), "builtins.object"),
    ],
)
def test_what_has_hidden_state_is_refused_with_its_place(value: object, kind: str) -> None:
    with pytest.raises(Invalid, match=kind) as caught:
        identity(value, "the thing")
    assert str(caught.value).startswith("the thing")
    assert "\n" not in str(caught.value)


def changed(policy: Policy, **changes: Any) -> Policy:
    """The policy with other parts."""
    return dataclasses.replace(policy, **changes)


def test_a_policy_is_told_by_weights_prefix_settings_and_tokenizer_and_not_by_its_name() -> None:
    policy = tiny_policy()
    assert same(policy, tiny_policy())
    assert same(policy, changed(policy, name="other"))
    assert not same(policy, changed(policy, prefix=""))
    moved, told, padded = policy.copy(), policy.copy(), policy.copy()
    with torch.no_grad():
        next(moved.model.parameters())[0, 0] += 1e-6
    told.model.generation_config.eos_token_id = 7
    padded.model.config.rms_norm_eps = 1e-3
    assert not any(same(policy, other) for other in (moved, told, padded))
    other = policy.tokenizer.__class__.from_pretrained(saved(policy))
    assert same(policy, changed(policy, tokenizer=other))
    other.add_tokens(["<think>"])
    assert not same(policy, changed(policy, tokenizer=other))


def saved(policy: Policy) -> str:
    """The folder that the policy's tokenizer is saved in."""
    import tempfile

    folder = tempfile.mkdtemp()
    policy.tokenizer.save_pretrained(folder)
    return folder


def test_using_a_tokenizer_does_not_change_it() -> None:
    policy = tiny_policy()
    before = identity(policy, "it")
    policy.tokenizer(["1", "1+2"], padding=True, truncation=True, max_length=2)
    assert identity(policy, "it") == before


def test_a_sampler_is_told_by_its_policy() -> None:
    policy, other = tiny_policy(), tiny_policy()
    with torch.no_grad():
        next(other.model.parameters()).neg_()
    assert same(transformers_sampler(policy), transformers_sampler(tiny_policy()))
    assert not same(transformers_sampler(policy), transformers_sampler(other))


PRINTING = """
from tests.train.test_identity import every_identity
print(*every_identity())
"""


def every_identity() -> list[str]:
    """The identities of everything in this file that differs, and of what sets and policies could make unstable."""
    return [identity(each, "it") for each in [*DIFFERENT, adder({"b", "a", "c"}), tiny_policy()]]


@pytest.mark.timeout(600)  # a process that imports the stack, on a machine that may be busy
def test_identities_are_the_same_in_every_process() -> None:
    environment, here = {**os.environ, "PYTHONHASHSEED": "1"}, every_identity()
    command = [sys.executable, "-c", PRINTING]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == here
    assert len(set(here)) == len(DIFFERENT) + 2
