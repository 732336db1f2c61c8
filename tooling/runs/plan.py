"""Which cells a run needs: the claims asked for, the seeds of each, their arms, and what is finished already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tooling.errors import NotFound, UsageError
from tooling.runs.cell import Cell, cell_path, read_cell
from tooling.runs.claim import Rule
from tooling.runs.script import Script
from tooling.runs.staleness import full_key

OWN_SEED_SCALES = ("mini", "gpu", "paper")  # elsewhere a claim's own number of seeds would make a quick look slow


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a user asks for, in the words of the command's options."""

    scale: str = "smoke"
    claims: tuple[str, ...] = ()
    seeds: str | None = None
    jobs: int | None = None
    out: Path | None = None
    record: bool = False
    revalidate: bool = False
    everything: bool = False
    missing: bool = False
    stale: bool = False
    budget: str | None = None
    dry_run: bool = False

    @property
    def several(self) -> str | None:
        """The option that chooses scripts instead of a slug, None where none is given."""
        given = {"--all": self.everything, "--missing": self.missing, "--stale": self.stale}
        return next((name for name, is_given in given.items() if is_given), None)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The cells of a run. `seeds` has those of each claim, `arms` the settings of each arm that runs."""

    script: Script
    scale: str
    rules: Mapping[str, Rule]
    seeds: Mapping[str, tuple[int, ...]]
    arms: Mapping[str, Any]
    control_seeds: tuple[int, ...]

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, seed by seed: neighbours differ in their arm, so that the first ones rest on different bases."""
        wanted = {(arm, seed) for arm in self.arms for seed in self._seeds_of(arm)}
        order = sorted({seed for _, seed in wanted})
        pairs = [(arm, seed) for seed in order for arm in self.arms if (arm, seed) in wanted]
        return tuple(
            Cell(self.scale, arm, seed, self.script.key(arm, self.arms[arm], seed=seed), self.script.slug)
            for arm, seed in pairs
        )

    def _seeds_of(self, arm: str) -> set[int]:
        """The seeds of every claim that reads the arm; for a control that no claim reads, those of the script."""
        reading = [key for key, rule in self.rules.items() if arm in rule.arms]
        return {seed for key in reading for seed in self.seeds[key]} if reading else set(self.control_seeds)

    def path(self, cell: Cell) -> Path:
        """The file of a cell when it is finished."""
        return cell_path(self.script.root, self.script.slug, key=cell.key)

    def unfinished(self) -> tuple[Cell, ...]:
        """The cells that have to run."""
        return tuple(cell for cell in self.cells if read_cell(self.path(cell)) is None)


def make_plan(script: Script, request: Request, *, first_seed: int = 0) -> Plan:
    """The plan of a request; default seeds start at `first_seed`.

    Raises `UsageError` on a size that the script lacks or a malformed range of seeds, `NotFound` on a claim without a
    rule.
    """
    scale = request.scale
    rules = _rules(script, request.claims)
    given = seed_range(request.seeds) if request.seeds else None
    usual = given or _count_from(first_seed, script.seeds(scale))
    arms = script.arms(scale)
    if request.claims:
        read = {arm for rule in rules.values() for arm in rule.arms}
        arms = {arm: config for arm, config in arms.items() if arm in read}
    return Plan(
        script=script,
        scale=scale,
        rules=rules,
        seeds={
            key: given or _count_from(first_seed, seed_count(script, rule, scale=scale)) for key, rule in rules.items()
        },
        arms=arms,
        control_seeds=usual,
    )


def seed_count(script: Script, rule: Rule, *, scale: str) -> int:
    """The number of seeds of a claim at a scale: the script's, or its own where that is larger, from `mini` on."""
    own = rule.seeds or 0
    return max(script.seeds(scale), own if scale in OWN_SEED_SCALES else 0)


def seed_range(text: str) -> tuple[int, ...]:
    """The seeds of a range `A:B`: A to B-1. Raises `UsageError` on anything else."""
    first, colon, last = text.partition(":")
    if not (
        colon and first.isascii() and first.isdigit() and last.isascii() and last.isdigit() and int(first) < int(last)
    ):
        raise UsageError(f"`--seeds {text}` is no range; write `--seeds A:B` with A below B, for the seeds A to B-1")
    return tuple(range(int(first), int(last)))


def _count_from(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


def _rules(script: Script, asked: Sequence[str]) -> Mapping[str, Rule]:
    if not asked:
        return script.claims
    keys = [full_key(script.slug, key) for key in asked]
    unknown = [key for key in keys if key not in script.claims]
    if unknown:
        there = ", ".join(f"`{key}`" for key in script.claims)
        raise NotFound(f"`{script.name}` has no rule for the claim `{unknown[0]}`; it has {there}")
    return {key: rule for key, rule in script.claims.items() if key in keys}
