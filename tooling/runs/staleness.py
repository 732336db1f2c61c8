"""Why a result may no longer hold: what has changed since in the script, in the shared modules or in the rules.

A changed docstring or comment changes nothing. A result is current where the code is that of its recording, or that of
a revalidation that agreed. Versions of libraries are shown with a result and are no reason, until a revalidation fails:
then those that differed there count.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tooling.closure import SharedSource
from tooling.runs.result import Result
from tooling.runs.syntax import DECIDING, ScriptSource

PACKAGE = Path(__file__).parents[1]
MEASURING = ("script", "size", "modules")  # the hashes that a measure hangs on


def shared_source(root: Path) -> SharedSource:
    """The shared modules of a repository; those of this installation where the repository has none of its own."""
    return SharedSource(root / "tooling" if (root / "tooling").is_dir() else PACKAGE)


def current_hashes(source: ScriptSource, shared: SharedSource, *, slug: str, scale: str) -> dict[str, Any]:
    """The hashes that a result rests on: script, its size, shared modules, deciding modules, rule of each claim."""
    return {
        "script": source.hash,
        "size": source.entry_hashes("SIZES").get(scale),
        "modules": {name: shared.hash(name) for name in shared.closure(source.tree)},
        "deciding": {f"tooling.runs.{name}": shared.hash(f"tooling.runs.{name}") for name in DECIDING},
        "rules": {full_key(slug, key): value for key, value in source.entry_hashes("CLAIMS").items()},
    }


def full_key(slug: str, key: str) -> str:
    """A claim's full key: `wrong-answers-grow` of a script `dr-grpo` is `dr-grpo/wrong-answers-grow`."""
    return key if "/" in key else f"{slug}/{key}"


class Freshness:
    """Compares results with the code of a repository; each file is read once."""

    def __init__(self, root: Path) -> None:
        """Look at the repository at `root`."""
        self.root = root
        self.shared = shared_source(root)

    def stale_reasons(self, result: Result) -> tuple[str, ...]:
        """One sentence for each reason why the result may no longer hold; empty when it is current."""
        path = self.root / "repro" / result.slug / "run.py"
        if not path.is_file():
            return (f"the script `repro/{result.slug}/run.py` is gone",)
        try:
            source = ScriptSource(path)
        except (SyntaxError, ValueError):
            return (f"the script `repro/{result.slug}/run.py` cannot be parsed",)
        now = current_hashes(source, self.shared, slug=result.slug, scale=result.scale)
        return tuple(self._changes(result, now))

    def _changes(self, result: Result, now: Mapping[str, Any]) -> list[str]:
        agreed = [each for each in result.revalidations if each["agrees"]]
        # the newest first: what has changed is told against it, unless an older code is that of today
        candidates = [self._code_changes(hashes_of(result, each), now, scale=result.scale) for each in reversed(agreed)]
        candidates.append(self._code_changes(result.hashes, now, scale=result.scale))
        reasons = [] if [] in candidates else candidates[0]
        reasons = reasons + [f"the rule of the claim `{key}` has changed since" for key in changed_rules(result, now)]
        return reasons + failed_revalidation(result, now)

    @staticmethod
    def _code_changes(then: Mapping[str, Any], now: Mapping[str, Any], *, scale: str) -> list[str]:
        reasons = []
        if then.get("script") != now["script"]:
            reasons.append("the script has changed since")
        if then.get("size") != now["size"]:
            reasons.append(f"the size `{scale}` of the script has changed since")
        for kind in ("modules", "deciding"):
            before, after = then.get(kind, {}), now[kind]
            changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
            reasons.extend(f"the shared module `{name}` has changed since" for name in changed)
        return reasons


def failed_revalidation(result: Result, now: Mapping[str, Any]) -> list[str]:
    """Why the last run of its seeds on what measures today speaks against the result, if it did not agree.

    It does so whatever judges, and whatever came in between on other code.
    """
    last = last_run(result, now)
    if last is None or last["agrees"]:
        return []
    wrong = "; ".join(f"`{key}`: {each['why']}" for key, each in last["claims"].items() if not each["agrees"])
    moved = sorted(
        f"{name} was {result.versions.get(name, 'absent')} and is {version} there"
        for name, version in last["versions"].items()
        if result.versions.get(name) != version
    )
    return [f"revalidation failed at {last['commit'][:13]} ({wrong})", *moved]


def hashes_of(result: Result, again: Mapping[str, Any]) -> Mapping[str, Any]:
    """The hashes of a revalidation, which keeps those alone that are not the recording's."""
    return {**result.hashes, **again["hashes"]}


def measured_alike(hashes: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether what measures is the same in two sets of hashes."""
    return all(hashes.get(name) == now.get(name) for name in MEASURING)


def last_run(result: Result, now: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The last revalidation that ran seeds on what measures today; None where there is none."""
    runs = [each for each in result.revalidations if each["seeds"] and measured_alike(hashes_of(result, each), now)]
    return runs[-1] if runs else None


def changed_rules(result: Result, now: Mapping[str, Any]) -> list[str]:
    """The claims of a result whose rule is another one now, or is gone."""
    then = result.hashes.get("rules", {})
    return [key for key in sorted(result.claims) if then.get(key) != now["rules"].get(key)]


def stale_reasons(root: Path, result: Result) -> tuple[str, ...]:
    """One sentence for each reason why the result may no longer hold; empty when it is current."""
    return Freshness(root).stale_reasons(result)
