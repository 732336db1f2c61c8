"""Curves over training as inline SVG, with the numbers for the table beside them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from markupsafe import Markup, escape

from tooling.runs.result import ArmResult

WIDTH, HEIGHT = 460, 200
LEFT, TOP, RIGHT, BOTTOM = 44, 10, 336, 168  # the frame; names of arms stand to its right
LINE_HEIGHT = 13.0
POINTS = 16  # of a line: a page with several arms stays light, and the figure is 292 pixels wide
STYLES = 6  # dashes and colours of arms in the style sheet


class Point(NamedTuple):
    """A measure at one step: the mean over seeds, the lowest and the highest seed."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """One measure over the steps of a run, per arm; an arm has no point at steps that none of its seeds recorded."""

    measure: str
    axis: str
    steps: tuple[float, ...]
    arms: Mapping[str, Mapping[float, Point]]

    def table(self, rows: int = 5) -> list[tuple[float, list[Point | None]]]:
        """At most `rows` of the steps, evenly spread, each with a point per arm or None."""
        return [(step, [points.get(step) for points in self.arms.values()]) for step in _spread(self.steps, most=rows)]


def leading(found: Sequence[Curve]) -> Curve:
    """The curve that a page draws: the reward, or else the first."""
    return next((curve for curve in found if curve.measure == "reward"), found[0])


def _spread(steps: Sequence[float], *, most: int) -> list[float]:
    """At most `most` of the steps, evenly spread, the first and the last among them."""
    count = len(steps)
    picked = range(count) if count <= most else [round(i * (count - 1) / (most - 1)) for i in range(most)]
    return [steps[i] for i in picked]


def curves(arms: Mapping[str, ArmResult]) -> list[Curve]:
    """The curves of a result's arms, one per measure that has more than one step, over `step` or the first series."""
    names: dict[str, str] = {}
    for arm in arms.values():
        for series in arm.curves.values():
            if series:
                axis = "step" if "step" in series else next(iter(series))
                names.update((measure, axis) for measure in series if measure != axis)
    drawn = [_curve(measure, axis, arms) for measure, axis in names.items()]
    return [curve for curve in drawn if len(curve.steps) > 1]


def _curve(measure: str, axis: str, arms: Mapping[str, ArmResult]) -> Curve:
    points = {name: found for name, arm in arms.items() if (found := _points(arm, measure, axis))}
    return Curve(measure, axis, tuple(sorted({step for found in points.values() for step in found})), points)


def _points(arm: ArmResult, measure: str, axis: str) -> dict[float, Point]:
    columns: dict[float, list[float]] = {}
    for series in arm.curves.values():
        for step, value in zip(series.get(axis, ()), series.get(measure, ()), strict=False):
            if step is not None and value is not None:
                columns.setdefault(step, []).append(value)
    return {step: Point(fmean(seeds), min(seeds), max(seeds)) for step, seeds in sorted(columns.items())}


def plot(curve: Curve) -> Markup:
    """A line per arm with the range of its seeds, named at its end; dashes tell the arms apart without colour."""
    points = [point for arm in curve.arms.values() for point in arm.values()]
    ticks = nice_ticks(min(point.low for point in points), max(point.high for point in points))
    first, last = curve.steps[0], curve.steps[-1]

    def across(step: float) -> int:
        return round(LEFT + (step - first) / (last - first) * (RIGHT - LEFT))

    def up(value: float) -> int:
        return round(BOTTOM - (value - ticks[0]) / (ticks[-1] - ticks[0]) * (BOTTOM - TOP))

    parts = [f'<path d="{"".join(f"M{LEFT} {up(tick)}H{RIGHT}" for tick in ticks)}" class="grid"/>']
    beside = [_label(LEFT - 6, up(tick) + 4, f"{tick:g}") for tick in ticks]
    below = [_label(across(step), BOTTOM + 16, f"{step:g}") for step in (first, last)]
    below.append(_label((LEFT + RIGHT) // 2, BOTTOM + 16, curve.axis))
    parts += [*beside, f'<g class="middle">{"".join(below)}</g>']
    ends = _apart([up(list(arm.values())[-1].mean) for arm in curve.arms.values()])
    for number, ((name, arm), end) in enumerate(zip(curve.arms.items(), ends, strict=True)):
        label = f'<text x="{RIGHT + 8}" y="{end + 4:g}">{escape(name)}</text>'
        parts.append(f'<g class="arm arm-{number % STYLES}">{_lines(arm, across, up)}{label}</g>')
    words = escape(f"{curve.measure} over {curve.axis}: per arm the mean and the range over seeds, as in the table")
    return Markup(
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">{"".join(parts)}</svg>'
    )


def _lines(arm: Mapping[float, Point], across: Callable[[float], int], up: Callable[[float], int]) -> str:
    arm = {step: arm[step] for step in _spread(list(arm), most=POINTS)}
    line = " ".join(f"{across(step)},{up(point.mean)}" for step, point in arm.items())
    lower = [f"{across(step)},{up(point.low)}" for step, point in arm.items()]
    upper = [f"{across(step)},{up(point.high)}" for step, point in arm.items()]
    return f'<polygon points="{" ".join(lower + upper[::-1])}"/><polyline points="{line}"/>'


def _label(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}">{escape(text)}</text>'


def _apart(places: Sequence[float]) -> list[float]:
    """The places moved apart so that labels at them do not overlap; none moves below the frame if there is room."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for above, below in zip(order, order[1:], strict=False):
        moved[below] = max(moved[below], moved[above] + LINE_HEIGHT)
    excess = max(0.0, max(moved, default=0.0) - BOTTOM)
    return [place - excess for place in moved]


def nice_ticks(low: float, high: float, *, most: int = 5) -> list[float]:
    """Round numbers that enclose low to high: `[0.0, 0.1, 0.2, 0.3]` for 0.02 to 0.27."""
    if not high > low:
        low, high = min(low, 0.0), max(high, 0.0) or 1.0
    rough = (high - low) / (most - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]
