"""`tooling power`: how many seeds the claims of a script need, from the spread that was seen between seeds."""

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tooling.errors import NotFound
from tooling.runs.assembly import evidence_of, stored_evidence
from tooling.runs.cell import Finished, cell_path, read_cell
from tooling.runs.claim import AcrossSeeds, All, Claim
from tooling.runs.decision import Evidence, Reading
from tooling.runs.plan import seed_count
from tooling.runs.power import MOST_SEEDS, seeds_for_direction, seeds_for_equivalence, upper_spread, visible_effect
from tooling.runs.recording import SEEDS_APART, result_path
from tooling.runs.region import Within
from tooling.runs.result import load_result
from tooling.runs.revalidation import pseudo_value
from tooling.runs.script import Script, load_script
from tooling.runs.table import columns

FEWEST_SEEDS = 3  # the spread of two says next to nothing


@dataclass(frozen=True)
class Source:
    """Measures that a spread can be taken from, and what they are."""

    evidence: Evidence
    words: str


def run_power(root: Path, slug: str, *, scale: str) -> None:
    """Print per claim (and part) the spread between seeds, what it shows, and the seeds that it asks for.

    Raises `NotFound` where no claim has three explored seeds or a recording.
    """
    script = load_script(root, slug)
    script.size(scale)
    sources = [source for source in (explored(script, scale), recorded(script, scale)) if source]
    rows = [
        ("claim", "unit", "spread", "may be", "seeds", "visible", "margin", "needs", "to be safe", "for", "rests on")
    ]
    rows += list(_rows(script, scale, sources=sources))
    if len(rows) == 1:
        raise NotFound(
            f"no spread is known for `{slug}` at `{scale}`; explore first: "
            f"`tooling repro {slug} --scale {scale} --seeds 0:4`"
        )
    print(f"{slug} at {scale}, power 80%\n" + "\n".join(columns(rows)))
    print(
        "\nspread: standard deviation of the contrast between seeds; may be: its one-sided 80% upper limit\n"
        "seeds: those of the script; visible: the smallest effect that they tell from none\n"
        "needs: seeds for the margin at that spread (direction: to tell an effect of the margin from none, and none\n"
        "  from it; equivalence: to support it where there is no effect); to be safe: the same at the upper limit\n"
        "  (a recording at `mini` takes 8 seeds or more, 12 for equivalence)"
    )


def explored(script: Script, scale: str) -> Source | None:
    """The finished cells of seeds below 1000 that today's code would run in the same way."""
    arms = script.arms(scale)
    cells = [cell for cell in _kept(script) if cell.arm in arms and cell.seed < SEEDS_APART]
    same = [
        cell
        for cell in cells
        if cell_path(script.root, script.slug, key=script.key(cell.arm, arms[cell.arm], seed=cell.seed)).is_file()
    ]
    return Source(evidence_of(same), "explored seeds") if same else None


def _kept(script: Script) -> Iterator[Finished]:
    for path in sorted(cell_path(script.root, script.slug, key="").parent.glob("*.json")):
        if cell := read_cell(path):
            yield cell


def recorded(script: Script, scale: str) -> Source | None:
    """The measures of the last recording."""
    path = result_path(script.root, script.slug, scale=scale)
    if not path.is_file():
        return None
    result = load_result(path)
    return Source(stored_evidence(result), f"recording {result.recording}")


def _rows(script: Script, scale: str, *, sources: list[Source]) -> Iterator[tuple[str, ...]]:
    for key, rule in script.claims.items():
        planned = seed_count(script, rule, scale=scale)
        parts: Mapping[str, Claim | AcrossSeeds] = rule.parts if isinstance(rule, All) else {"": rule}
        for name, part in parts.items():
            for source in sources:
                values = contrasts(part, source.evidence)
                if len(values) >= FEWEST_SEEDS:
                    shown = f"{key}: {name}" if name else key
                    rests = f"{len(values)} seeds of {source.words}"
                    needs = _needs(part, statistics.stdev(values), count=len(values), planned=planned)
                    yield shown, part.unit, *needs, rests
                    break


def contrasts(part: Claim | AcrossSeeds, evidence: Evidence) -> list[float]:
    """The contrast of each seed that every arm of the part has; diverged seeds are left out.

    For a statistic across seeds, its jackknife pseudo-values.
    """
    seeds = sorted(set.intersection(*(set(evidence.measures.get(arm, {})) for arm in part.arms)))
    reading = Reading(part, evidence, tuple(seeds))
    kept = [seed for seed in seeds if not reading.stopped(seed)]
    if isinstance(part, AcrossSeeds):
        measures = [reading.measures(seed) for seed in kept]
        found = [pseudo_value(part.statistic, measures, place=place) for place in range(len(kept))]
    else:
        found = Reading(part, evidence, tuple(kept)).per_seed(part.contrast, "the contrast")
    return [value for value in found if value is not None]


def _needs(part: Claim | AcrossSeeds, spread: float, *, count: int, planned: int) -> tuple[str, ...]:
    equivalence = isinstance(part.region, Within)
    fewest = seeds_for_equivalence if equivalence else seeds_for_direction
    kind = "equivalence" if equivalence else "direction"
    if spread <= 1e-9 * max(1.0, part.margin):
        return "0", "0", str(planned), "0", f"{part.margin:g}", "none", "none", kind
    upper = upper_spread(spread, seeds=count)
    visible = visible_effect(spread, seeds=planned) if planned > 1 else float("nan")
    return (
        f"{spread:.3g}",
        f"{upper:.3g}",
        str(planned),
        f"{visible:.3g}",
        f"{part.margin:g}",
        _count(fewest(part.margin, spread)),
        _count(fewest(part.margin, upper)),
        kind,
    )


def _count(seeds: int | None) -> str:
    return f"over {MOST_SEEDS}" if seeds is None else str(seeds)
