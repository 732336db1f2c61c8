"""Where a claim says that its contrast lies: above, below or within a margin. Decision rules of one estimate.

A contrast is signed in the claim's words; the margin is the smallest size that would matter, in the contrast's unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tooling.runs.statistic import Estimate

Verdict = Literal["supported", "contradicted", "inconclusive"]


class Region(Protocol):
    """A side of 0, or a band around it, with its rule of decision."""

    name: str

    def verdict(self, estimate: Estimate, margin: float) -> Verdict:
        """What the estimate says about the claim; the estimate has an interval."""

    def rule(self, margin: str) -> str:
        """The rule in one sentence, with the margin (a number and its unit) filled in."""

    def why(self, estimate: Estimate, margin: float) -> str:
        """Why an inconclusive estimate decides nothing."""

    def worst(self, values: Sequence[float]) -> float:
        """The least favourable of the values for the claim."""

    def p_value(self, estimate: Estimate, margin: float) -> float:
        """The p-value of the null hypothesis that the verdict rejects (or would have had to reject)."""


@dataclass(frozen=True)
class Above:
    """The contrast is positive and at least the margin.

    Supported if the 95% interval lies above 0 and the estimate reaches the margin; contradicted if the 95% interval
    lies wholly below the margin; else inconclusive.
    """

    name: str = "above"

    def verdict(self, estimate: Estimate, margin: float) -> Verdict:
        """What the estimate says about the claim."""
        low, high = estimate.interval(0.95)
        if low > 0 and estimate.value >= margin:
            return "supported"
        return "contradicted" if high < margin else "inconclusive"

    def rule(self, margin: str) -> str:
        """The rule in one sentence."""
        return (
            f"supported if the 95% interval lies above 0 and the estimate is at least {margin}; "
            f"contradicted if the whole interval lies below {margin}; else inconclusive"
        )

    def why(self, estimate: Estimate, margin: float) -> str:
        """Why an inconclusive estimate decides nothing."""
        if estimate.interval(0.95).low > 0:
            return "there is an effect on the claimed side, but it may be smaller than the margin"
        return "the interval holds both 0 and effects of the size of the margin"

    def worst(self, values: Sequence[float]) -> float:
        """The smallest of the values."""
        return min(values)

    def p_value(self, estimate: Estimate, margin: float) -> float:
        """Two-sided p-value: of "no effect", or of "an effect as large as the margin" where that is contradicted."""
        return estimate.p_value(margin if self.verdict(estimate, margin) == "contradicted" else 0.0)


@dataclass(frozen=True)
class Below:
    """The contrast is negative and at most minus the margin: `Above` in the mirror."""

    name: str = "below"

    def verdict(self, estimate: Estimate, margin: float) -> Verdict:
        """What the estimate says about the claim."""
        low, high = estimate.interval(0.95)
        if high < 0 and estimate.value <= -margin:
            return "supported"
        return "contradicted" if low > -margin else "inconclusive"

    def rule(self, margin: str) -> str:
        """The rule in one sentence."""
        return (
            f"supported if the 95% interval lies below 0 and the estimate is at most -{margin}; "
            f"contradicted if the whole interval lies above -{margin}; else inconclusive"
        )

    def why(self, estimate: Estimate, margin: float) -> str:
        """Why an inconclusive estimate decides nothing."""
        if estimate.interval(0.95).high < 0:
            return "there is an effect on the claimed side, but it may be smaller than the margin"
        return "the interval holds both 0 and effects of the size of the margin"

    def worst(self, values: Sequence[float]) -> float:
        """The largest of the values."""
        return max(values)

    def p_value(self, estimate: Estimate, margin: float) -> float:
        """Two-sided p-value: of "no effect", or of "an effect as large as the margin" where that is contradicted."""
        return estimate.p_value(-margin if self.verdict(estimate, margin) == "contradicted" else 0.0)


@dataclass(frozen=True)
class Within:
    """The contrast is smaller than the margin in either direction: the arms are equivalent.

    Supported if the 90% interval lies inside (-margin, margin), which is two one-sided tests at 5%; contradicted if the
    95% interval excludes 0 and the estimate is beyond the margin; else inconclusive.
    """

    name: str = "within"

    def verdict(self, estimate: Estimate, margin: float) -> Verdict:
        """What the estimate says about the claim."""
        inner, outer = estimate.interval(0.90), estimate.interval(0.95)
        if -margin < inner.low and inner.high < margin:
            return "supported"
        excludes_zero = outer.low > 0 or outer.high < 0
        return "contradicted" if excludes_zero and abs(estimate.value) > margin else "inconclusive"

    def rule(self, margin: str) -> str:
        """The rule in one sentence."""
        return (
            f"supported if the 90% interval lies between -{margin} and {margin}; contradicted if the 95% interval "
            f"excludes 0 and the estimate is beyond {margin} on either side; else inconclusive"
        )

    def why(self, estimate: Estimate, margin: float) -> str:
        """Why an inconclusive estimate decides nothing."""
        low, high = estimate.interval(0.95)
        if low > 0 or high < 0:
            return "the arms differ, but by less than the margin as far as one can tell"
        return "the interval is too wide to call the arms equal, and holds 0"

    def worst(self, values: Sequence[float]) -> float:
        """The value farthest from 0."""
        return max(values, key=abs)

    def p_value(self, estimate: Estimate, margin: float) -> float:
        """The larger p-value of the two one-sided tests, or that of "no difference" where equality is contradicted."""
        if self.verdict(estimate, margin) == "contradicted":
            return estimate.p_value(0.0)
        return max(estimate.below(margin), estimate.above(-margin))
