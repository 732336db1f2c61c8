"""Other verifiers of mathematics on the cases of the suite: raw math-verify and the reward of TRL, in killable
processes.

Both hang on some cases, so each case has a process of its own, which the kernel ends after two seconds of processor
time.
"""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence

from tests.verify.attack import SLOW, Case

SECONDS = 2.0
BYTES = 8 * 2**30


def math_verify_accepts(text: str, gold: str) -> bool:
    """What math-verify says with its own settings."""
    from math_verify import parse, verify

    return bool(verify(parse(f"${gold}$"), parse(text)))


def trl_accepts(text: str, gold: str) -> bool:
    """What TRL's `accuracy_reward` says."""
    from trl.rewards.accuracy_rewards import accuracy_reward

    return accuracy_reward([[{"content": text}]], [f"${gold}$"])[0] == 1.0


RIVALS: dict[str, Callable[[str, str], bool]] = {"math-verify 0.9": math_verify_accepts, "TRL 1.16": trl_accepts}


PER_FAMILY = 5
PER_SLOW_FAMILY = 2  # each case of these takes two seconds


def sample(cases: Sequence[Case]) -> list[Case]:
    """The first cases of each family: the others are more of the same, and minutes more."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        own = found.setdefault(case.family, [])
        if len(own) < (PER_SLOW_FAMILY if case.family in SLOW else PER_FAMILY):
            own.append(case)
    return [case for own in found.values() for case in own]


def outcomes(rival: Callable[[str, str], bool], cases: Sequence[Case]) -> list[str]:
    """For each case `accepts`, `refuses`, `fails` (an exception) or `hangs`."""
    with contextlib.suppress(Exception):
        # so that the tables of their parser are built once, and inherited
        rival(r"\boxed{2\sqrt{3}}", r"\sqrt{12}")
    return [_outcome(rival, *case.arguments) for case in cases]


def _outcome(rival: Callable[[str, str], bool], text: str, gold: str) -> str:
    child = os.fork()
    if child == 0:
        status = 2
        try:
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
                os.dup2(nowhere.fileno(), sys.stderr.fileno())
            os.chdir("/")
            resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
            # their own limits are on the clock, and would call a busy machine a hang
            signal.alarm = lambda seconds: 0
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            status = 1 if rival(text, gold) else 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "hangs"
    return {0: "refuses", 1: "accepts"}.get(os.waitstatus_to_exitcode(status), "fails")
