"""`tooling planted-truth`: the page on how often the rules of decision are wrong, made from a simulation."""

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

from tooling.runs.planted_truth import (
    COVERAGE,
    EFFECTS,
    FALSE_DIRECTION,
    FALSE_EQUIVALENCE,
    ITEMS,
    MARGIN,
    SHARES,
    SPREADS,
    START,
    Case,
    Found,
    Kind,
    collapsed,
    planted,
    planted_share,
    planted_shares,
    pooled,
)
from tooling.runs.result import write_atomic

PATH = Path("site") / "planted-truth.md"
SHARE_SEEDS = 30
NAMES = {0.0: "0", 0.5: "δ/2", 1.0: "δ", 2.0: "2δ"}
LUCKY = 0.15  # what the collapsed arm solves where the collapse flatters the claim

HEAD = """---
title: Planted truth
section: How it works
---

# Planted truth {{#_top}}

<div class="lead"><p>How often are the rules wrong? Here they judge effects that are known, because they were
planted: {repeats} repeats of every case. The page is written by <code>tooling planted-truth
--write</code>.</p></div>

A repeat is a recording of two arms. Each seed moves the true effect by a normal draw with the standard deviation
*spread*, and each arm is tested on {items} items of its own, of which the first arm solves 30%. The margin δ is
{margin:g}. A cell is marked **over** where it misses a bar that was set before any recording.
"""
DIRECTION = """
## A direction {#_direction}

The bars: with no effect, at most 3.5% are called supported; with an effect of δ, at most 3.5% are called
contradicted; the interval holds the truth in 94 to 96% of cases. An effect of exactly δ reaches δ in half of all
cases.
"""
EQUIVALENCE = """
## No effect that matters {#_equivalence}

The bars: with an effect of δ, at most 6% are called supported; the interval holds the truth in 94 to 96% of cases.
"""
ACROSS = """
## A statistic over seeds {{#_share}}

Some claims exist only across seeds: training *collapses more often*. Each of {seeds} seeds succeeds or fails, the
margin is {margin:g} of the seeds, and the interval is a bootstrap over seeds. Nothing is repeated here: every outcome
above one in a million is judged and weighed by its probability. The bars are those of a direction.

Two arms are compared, independent of one another; the first succeeds at {start:.0%} of seeds:

{shares}

One arm is held against a half. A share of {seeds} is one of {values} numbers, and how often an interval holds one fixed
share jumps with its place between two of them, so these are means over the step of one seed around each share.
Where every seed succeeds the bootstrap has no width and decides nothing, which counts as not holding the truth:

{share}
"""
DIVERGED = """
## One seed in eight diverges {{#_diverged}}

The first arm collapses at one of eight seeds, to {lucky:.0%} solved, which flatters the second arm. A seed that is
flagged as diverged is judged as measured, at the worst value and dropped, and the verdict stands only if all three
agree. The bar is 3.5% supported where there is no effect.
"""
POOLED = """
## The analysis that is not used {#_pooled}

Pooling items and seeds as if all were independent calls an effect where there is none, the more often the more
seeds differ. The true effect here is 0, and the bars are those of a direction.
"""
NEEDED = """
## How many seeds a claim needs {#_seeds}

The spread between seeds decides how much eight of them can see. `tooling power SLUG` takes it from explored seeds, or
from the last recording, and says per claim the smallest effect that is visible and the seeds that the margin asks for.
"""


def page(repeats: int) -> str:
    """The page as Markdown; the same for the same number of repeats."""
    parts = [
        HEAD.format(repeats=f"{repeats:,}", items=ITEMS, margin=MARGIN),
        DIRECTION,
        _table(_rows("direction", (8, 5), repeats=repeats)),
        EQUIVALENCE,
        _table(_rows("equivalence", (12, 5), repeats=repeats)),
        _across(),
        DIVERGED.format(lucky=LUCKY),
        _table(_diverged_rows(repeats)),
        POOLED,
        _table(_pooled_rows(repeats)),
        NEEDED,
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def missed(kind: Kind, effect: float, *, found: Found) -> dict[str, bool]:
    """By column, whether a case misses its bar; `effect` is in margins."""
    direction = kind == "direction"
    return {
        "supported": (direction and effect == 0 and found.supported > FALSE_DIRECTION)
        or (not direction and effect == 1 and found.supported > FALSE_EQUIVALENCE),
        "contradicted": direction and effect == 1 and found.contradicted > FALSE_DIRECTION,
        "coverage": not COVERAGE[0] <= found.coverage <= COVERAGE[1],
    }


def _rows(kind: Kind, seeds: Sequence[int], *, repeats: int) -> Iterator[tuple[str, ...]]:
    yield "seeds", "spread", "true effect", "supported", "contradicted", "interval holds the truth"
    for count, spread, effect in product(seeds, SPREADS, EFFECTS):
        case = Case(kind=kind, effect=effect * MARGIN, spread=spread, seeds=count, repeats=repeats)
        found = planted(case)
        yield str(count), f"{spread:g}", NAMES[effect], *_shares(found, missed(kind, effect, found=found))


def _across() -> str:
    return ACROSS.format(
        seeds=SHARE_SEEDS,
        values=SHARE_SEEDS + 1,
        margin=SHARES.margin,
        start=START,
        shares=_table(_share_rows("difference", planted_shares)),
        share=_table(_share_rows("share less a half", planted_share)),
    )


def _share_rows(what: str, rule: Callable[..., Found]) -> Iterator[tuple[str, ...]]:
    yield "seeds", f"true {what}", "supported", "contradicted", "interval holds the truth"
    for effect in EFFECTS:
        found = rule(effect * SHARES.margin, seeds=SHARE_SEEDS)
        yield str(SHARE_SEEDS), NAMES[effect], *_shares(found, missed("direction", effect, found=found))


def _diverged_rows(repeats: int) -> Iterator[tuple[str, ...]]:
    yield "seeds", "spread", "true effect", "supported, flagged", "supported, had it not been flagged"
    for spread, effect in product(SPREADS, (0.0, 0.5)):
        case = Case(effect=effect * MARGIN, spread=spread, repeats=repeats)
        flagged, bare = collapsed(case, LUCKY), collapsed(case, LUCKY, flagged=False)
        over = effect == 0 and flagged > FALSE_DIRECTION
        yield str(case.seeds), f"{spread:g}", NAMES[effect], _share(flagged, over=over), _share(bare)


def _pooled_rows(repeats: int) -> Iterator[tuple[str, ...]]:
    yield "seeds", "spread", "called an effect on the claimed side", "interval holds the truth"
    for spread in SPREADS:
        found = pooled(Case(spread=spread, repeats=repeats))
        covered = _share(found.coverage, over=not COVERAGE[0] <= found.coverage <= COVERAGE[1])
        yield "8", f"{spread:g}", _share(found.supported, over=found.supported > FALSE_DIRECTION), covered


def _shares(found: Found, over: dict[str, bool]) -> Iterator[str]:
    for name in ("supported", "contradicted", "coverage"):
        yield _share(getattr(found, name), over=over[name])


def _share(value: float, *, over: bool = False) -> str:
    return f"{value:.1%}{' **over**' if over else ''}"


def _table(rows: Iterator[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = [head, ("---",) * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def run_planted_truth(root: Path, *, repeats: int, write: bool) -> None:
    """Print the page, or write it to `site/planted-truth.md`."""
    text = page(repeats)
    if not write:
        print(text, end="")
        return
    write_atomic(root / PATH, text.encode())
    print(f"{PATH.as_posix()} written", file=sys.stderr)
