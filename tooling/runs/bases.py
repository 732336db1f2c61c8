"""`tooling bases`: what the base models of a script can do, before any of its arms trains them."""

from pathlib import Path
from typing import Any

from tooling.errors import NotFound
from tooling.runs.script import load_script
from tooling.runs.smoke import keep_quiet, keep_to_one_thread
from tooling.runs.table import columns

TOKENS = 64  # longest completion, where the script's settings name none


def show_bases(root: Path, slug: str, *, scale: str, seed: int) -> None:
    """Print a row for each base and each task that it has seen; bases that are not in the cache are made first.

    Raises `NotFound` where no arm has a recipe (its base comes from a folder or a hub).
    """
    keep_to_one_thread()
    keep_quiet()
    from tooling.evals import ability
    from tooling.models import Recipe, load

    arms = load_script(root, slug).arms(scale)
    bases: dict[Any, list[str]] = {}
    for arm, config in arms.items():
        for recipe in dict.fromkeys(found for found in settings(config) if isinstance(found, Recipe)):
            bases.setdefault(recipe, []).append(arm)
    if not bases:
        raise NotFound(f"no arm of `{slug}` at `{scale}` makes its base by a recipe, so there is none to look at")
    rows = [("base", "parameters", "arms", "task", "pass@1", "pass@8", "tokens", "truncated")]
    for recipe, users in bases.items():
        shape = f"{recipe.layers}x{recipe.width}, {recipe.steps}+{recipe.fork_steps} steps"
        size = f"{load(recipe, seed=seed).parameters / 1e6:.2f}M"
        for row in ability.abilities(recipe, tokens=_tokens(arms[users[0]]), seed=seed):
            shares = (f"{share:.3f}" for share in (row.pass_at_1, row.pass_at_8))
            rows.append((shape, size, ", ".join(users), row.task, *shares, f"{row.tokens:.1f}", f"{row.truncated:.3f}"))
    print("\n".join(columns(rows)))
    print(f"{ability.ITEMS} test items of each task, {ability.SAMPLES} samples at temperature 1, fork {seed}")


def settings(config: Any) -> list[Any]:
    """What the settings of an arm hold: its fields and its properties."""
    return [getattr(config, name) for name in dir(config) if not name.startswith("_")]


def _tokens(config: Any) -> int:
    """The longest completion that the arm's training allows."""
    return next((value.tokens for value in settings(config) if hasattr(value, "tokens")), TOKENS)
