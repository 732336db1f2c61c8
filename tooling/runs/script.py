"""A reproduction script as the harness sees it: sizes, seeds, rules, arms and measure; and `main`, its last line."""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tooling.cards.alias import read_former_slugs
from tooling.cards.problem import suggestion
from tooling.errors import Invalid, NotFound, UsageError
from tooling.runs.cell import Measured, cell_key
from tooling.runs.claim import AcrossSeeds, All, Claim, Rule
from tooling.runs.staleness import current_hashes, full_key, shared_source
from tooling.runs.syntax import ScriptSource, contrast_source

SCALES = ("smoke", "quick", "mini", "gpu", "paper")
SCOPES = {
    "smoke": "in a smoke run",
    "quick": "in a quick look",
    "mini": "in miniature",
    "gpu": "on one GPU",
    "paper": "at the paper's scale",
}
REQUIRED = {"SIZES": Mapping, "SEEDS": Mapping, "CLAIMS": Mapping, "arms": Callable, "measure": Callable}


def main(file: str) -> None:
    """Run the script `file` as `tooling repro` would, with the same options; nothing when it is imported.

    The last line of each `repro/<slug>/run.py` is `main(__file__)`.
    """
    caller = sys._getframe(1).f_globals.get("__name__")
    if caller != "__main__":
        return
    from tooling.cli import main as command

    path = Path(file).resolve()
    command(["repro", path.parent.name, "--root", str(path.parents[2]), *sys.argv[1:]], prog_name="tooling")


@dataclass(frozen=True)
class Script:
    """A loaded script. `claims` has full keys (`<slug>/<claim id>`), in the script's order."""

    root: Path
    slug: str
    module: ModuleType

    @property
    def path(self) -> Path:
        """The file of the script."""
        return script_path(self.root, self.slug)

    @property
    def name(self) -> str:
        """The file within the repository, with forward slashes."""
        return f"repro/{self.slug}/run.py"

    @cached_property
    def source(self) -> ScriptSource:
        """The parsed source."""
        return ScriptSource(self.path)

    @cached_property
    def claims(self) -> Mapping[str, Rule]:
        """The rule of each claim by its full key."""
        return {full_key(self.slug, key): rule for key, rule in self.module.CLAIMS.items()}

    @cached_property
    def contrasts(self) -> Mapping[str, Mapping[str, str]]:
        """The contrast of each claim as Python text, by part."""
        return {
            full_key(self.slug, key): contrast_source(value) for key, value in self.source.entries("CLAIMS").items()
        }

    @property
    def equal(self) -> tuple[tuple[str, str], ...]:
        """The pairs of arms that theory makes equal."""
        return tuple(tuple(pair) for pair in getattr(self.module, "EQUAL", ()))

    @property
    def measure(self) -> Callable[[str, Any, int], Measured]:
        """What measures one cell."""
        return self.module.measure

    def size(self, scale: str) -> Any:
        """The settings at a scale; raises `UsageError` where the script has none."""
        if scale not in self.module.SIZES or scale not in self.module.SEEDS:
            sizes = ", ".join(f"`{name}`" for name in self.module.SIZES if name in self.module.SEEDS)
            raise UsageError(f"`{self.name}` has no size `{scale}`; it has {sizes}")
        return self.module.SIZES[scale]

    def arms(self, scale: str) -> Mapping[str, Any]:
        """The settings of each arm at a scale, by its name; raises `Invalid` when a claim names another arm."""
        arms = dict(self.module.arms(self.size(scale)))
        named = [(key, arm) for key, rule in self.claims.items() for arm in rule.arms]
        named += [("EQUAL", arm) for pair in self.equal for arm in pair]
        lost = [
            f"{self.name}: `{key}` names the arm `{arm}`, which `arms` does not give"
            for key, arm in named
            if arm not in arms
        ]
        if lost or not arms:
            raise Invalid("\n".join(lost) or f"{self.name}: `arms` gives no arm")
        return arms

    def seeds(self, scale: str) -> int:
        """The script's number of seeds at a scale."""
        self.size(scale)
        return int(self.module.SEEDS[scale])

    def hint(self, scale: str) -> float | None:
        """The seconds of one cell by the script's own figure `SECONDS`, where it gives one."""
        return getattr(self.module, "SECONDS", {}).get(scale)

    def note(self, arm: str, settings: Mapping[str, Any]) -> str:
        """What makes the arm, in words: the script's own in `NOTES`, else the settings that differ between arms."""
        own = getattr(self.module, "NOTES", {}).get(arm)
        return own or ", ".join(f"{name} = {value}" for name, value in settings.items())

    def scope(self, scale: str) -> str:
        """Where a verdict holds: `in miniature: 0.4M parameters, 3-number countdown`, if `Config.scope` says that."""
        words = getattr(self.size(scale), "scope", "")
        return f"{SCOPES[scale]}: {words}" if words else SCOPES[scale]

    def hashes(self, scale: str) -> dict[str, Any]:
        """The hashes that a result at a scale rests on."""
        return current_hashes(self.source, shared_source(self.root), slug=self.slug, scale=scale)

    def key(self, arm: str, config: Any, *, seed: int) -> str:
        """The address of a cell."""
        return cell_key(self._identity, arm, config=config, seed=seed)

    @cached_property
    def _identity(self) -> Mapping[str, Any]:
        from tooling.runs.device import gpu_names, versions

        shared = shared_source(self.root)
        modules = {name: shared.hash(name) for name in shared.closure(self.source.tree)}
        kind = list(gpu_names()) or "cpu"
        return {
            "slug": self.slug,
            "script": self.source.hash,
            "modules": modules,
            "versions": versions(),
            "device": kind,
        }


class Unkept(SourceFileLoader):
    """Loads a script from its source each time.

    Python would take kept bytecode for the script where a change leaves its size and the second of its writing alone,
    as another digit in a margin does.
    """

    def get_code(self, fullname: str) -> CodeType:
        """The code of the source as it is now."""
        return self.source_to_code(self.get_data(self.path), self.path)


def script_path(root: Path, slug: str) -> Path:
    """The file of the script of a work."""
    return root / "repro" / slug / "run.py"


def load_script(root: Path, slug: str) -> Script:
    """The script of a work, imported from its file.

    Raises `NotFound` where there is none, `Invalid` with one line for each thing that it lacks.
    """
    path = script_path(root, slug)
    if not path.is_file() or path.parent.parent != root / "repro":
        if now := read_former_slugs(root / "papers").get(slug):
            raise NotFound(f"no script `repro/{slug}/run.py`; the work is now called `{now}`")
        raise NotFound(f"no script `repro/{slug}/run.py`; {_instead(root, slug)}")
    name = "repro_" + slug.replace("-", "_").replace(".", "_")
    spec = importlib.util.spec_from_file_location(name, path, loader=Unkept(name, str(path)))
    if spec is None or spec.loader is None:
        raise Invalid(f"`repro/{slug}/run.py` cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    if problems := _problems(module):
        raise Invalid("\n".join(f"repro/{slug}/run.py: {problem}" for problem in problems))
    return Script(root, slug, module)


def _instead(root: Path, slug: str) -> str:
    """What to do where a work has no script: start one if it has a card, else take a name that is there."""
    known = sorted(found.parent.name for found in root.glob("repro/*/run.py"))
    scripts = f"scripts: {', '.join(f'`{name}`' for name in known) or 'none yet'}"
    if (root / "papers" / f"{slug}.yaml").is_file():
        return f"{scripts}; `tooling new-repro {slug}` starts one"
    return suggestion(slug, known, otherwise=f"{scripts}; nor has `papers/` a card of that name")


def _problems(module: ModuleType) -> list[str]:
    """What a script lacks, all at once."""
    problems = []
    for name, kind in REQUIRED.items():
        if not isinstance(getattr(module, name, None), kind):
            problems.append(f"`{name}` is missing or of another kind; see `repro/tinyzero/run.py` for the shape")
    if problems:
        return problems
    problems += [
        f"`CLAIMS` has `{key}`, which is no rule"
        for key, rule in module.CLAIMS.items()
        if not isinstance(rule, Claim | AcrossSeeds | All)
    ]
    problems += [f"`SIZES` has `{name}`; sizes are {', '.join(SCALES)}" for name in module.SIZES if name not in SCALES]
    problems += [
        f"`SIZES` at `{name}` is no dataclass" for name, size in module.SIZES.items() if not is_dataclass(size)
    ]
    if not module.CLAIMS:
        problems.append("`CLAIMS` is empty; give a rule for at least one claim")
    return problems
