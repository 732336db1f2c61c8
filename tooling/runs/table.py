"""The end of a run as text: a table of claims with their verdicts, and the means of the measures by arm."""

import statistics
from collections.abc import Iterable, Sequence

from tooling.runs.result import ClaimResult, Result


def verdict_table(result: Result) -> str:
    """The claims with verdict, estimate and interval, seeds, margin and smallest visible effect; parts are indented."""
    rows = [("claim", "verdict", "estimate [95% interval]", "unit", "seeds", "margin", "smallest visible")]
    remarks = []
    for key, claim in result.claims.items():
        rows.append(_row(key, claim))
        rows.extend(_row(f"  {part.name}", part) for part in claim.parts)
        remarks += [f"{key}: {remark}" for remark in (claim.why, claim.sensitivity) if remark]
    scope = next(iter(result.claims.values())).scope
    return "\n".join([f"Verdicts {scope}", *columns(rows), *remarks])


def _row(name: str, claim: ClaimResult) -> tuple[str, ...]:
    visible = "" if claim.smallest_visible is None else f"{claim.smallest_visible:.3g}"
    return (name, claim.verdict, _estimate(claim), claim.unit, str(len(claim.seeds)), f"{claim.margin:g}", visible)


def _estimate(claim: ClaimResult) -> str:
    if claim.estimate is None:
        return "none"
    interval = "no interval" if claim.low is None else f"{claim.low:+.3g}, {claim.high:+.3g}"
    return f"{claim.estimate:+.3g} [{interval}]"


def arm_table(result: Result) -> str:
    """The mean over seeds of each measure, by arm."""
    names = list(dict.fromkeys(name for arm in result.arms.values() for own in arm.measures.values() for name in own))
    rows: list[tuple[str, ...]] = [("mean over seeds", *result.arms)]
    for name in names:
        means = [_mean(own.get(name) for own in arm.measures.values()) for arm in result.arms.values()]
        rows.append((name, *means))
    return "\n".join(columns(rows))


def _mean(values: Iterable[float | None]) -> str:
    present = [value for value in values if value is not None]
    return f"{statistics.fmean(present):.4g}" if present else "none"


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The rows as lines with their columns aligned."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
