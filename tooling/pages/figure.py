"""Intervals as inline SVG, all on one scale, and the shapes of the verdicts.

Every interval is drawn in multiples of its claim's margin, the smallest size that would matter, with "as claimed" to
the right. Contrasts in different units can so share one axis, and a column of them reads as a forest plot.
"""

import math
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup, escape

from tooling.pages import amount
from tooling.runs.result import ClaimResult

WIDTH, HEIGHT, EDGE = 200.0, 22.0, 8.0
NARROWEST, WIDEST = 2.0, 8.0  # limits of an axis, in margins: a far outlier must not flatten all other rows
GLYPHS = {
    "supported": '<circle r="5" class="fill"/>',
    "contradicted": '<circle r="4.2" class="hollow"/>',
    "inconclusive": '<circle r="4.2" class="hollow"/><path d="M0-5A5 5 0 0 0 0 5Z" class="fill"/>',
    "not tested": '<circle r="4.2" class="dashed"/>',
    "untestable": '<circle r="4.2" class="dashed"/><path d="M-2.8 2.8 2.8-2.8" class="line"/>',
}


class Span(NamedTuple):
    """An interval in multiples of the margin, turned so that positive is as claimed; `low` and `high` may be absent."""

    value: float
    low: float | None
    high: float | None
    seeds: tuple[float, ...]
    side: str

    @property
    def reach(self) -> float:
        """How far from zero the row needs the axis to go."""
        return max(abs(number) for number in (self.value, self.low, self.high) if number is not None)


def span(claim: ClaimResult) -> Span | None:
    """The claim's estimate in multiples of its margin; None where there is nothing to draw.

    The numbers of a claim of several parts are those of its weakest part.
    """
    if claim.estimate is None or not claim.margin > 0:
        return None
    unit = -claim.margin if claim.side == "below" else claim.margin
    low, high = (None, None) if claim.low is None or claim.high is None else (claim.low / unit, claim.high / unit)
    if low is not None and high is not None and low > high:
        low, high = high, low
    seeds = tuple(contrast / unit for contrast in claim.contrast_per_seed if contrast is not None)
    return Span(claim.estimate / unit, low, high, seeds, claim.side)


def extent(spans: Iterable[Span | None]) -> float:
    """How many margins the common axis of some rows reaches to either side."""
    widest = max((span.reach for span in spans if span), default=0.0)
    return float(math.ceil(min(max(widest, NARROWEST), WIDEST)))


def glyph(verdict: str) -> Markup:
    """The shape of a verdict: filled, hollow, half, dashed, or dashed and struck.

    It stands beside the word, in an element whose class is the verdict: from there it has its colour.
    """
    return Markup(f'<svg class="glyph" viewBox="-6 -6 12 12" aria-hidden="true">{GLYPHS[verdict]}</svg>')


def drawn_once(body: str) -> str:
    """The body of a page with each shape of a verdict drawn once, at its end, and used wherever it stood."""
    shapes = ""
    for number, (verdict, shape) in enumerate(GLYPHS.items()):
        name = f"_v{number}"
        small = f'<svg class="glyph" aria-hidden="true"><use href="#{name}s"/></svg>'
        on_interval = re.compile(rf'<g transform="translate\(([\d.]+) ([\d.]+)\)" class="glyph">{re.escape(shape)}</g>')
        used = on_interval.sub(rf'<use href="#{name}" x="\1" y="\2"/>', body.replace(glyph(verdict), small))
        if used != body:
            drawing = f'<g id="{name}" class="shape">{shape}</g>'
            shapes += f'<symbol id="{name}s" viewBox="-6 -6 12 12">{drawing}</symbol>'
            body = used
    return f"{body.rstrip()}\n\n<div hidden><svg>{shapes}</svg></div>\n" if shapes else body


def interval(claim: ClaimResult, axis: float, *, words: str, ground: str = "") -> Markup:
    """One row of a forest plot, `axis` margins to either side of zero; `words` say what the claim or part is.

    Without words it is hidden from screen readers: for where the numbers stand beside it as text. `ground` is the name
    of an axis on the page that holds the tint and the line at zero; else they are drawn here.
    """
    drawn = span(claim)
    if drawn is None:
        return Markup("")

    def place(number: float) -> float:
        return round(WIDTH / 2 + max(-1.04, min(1.04, number / axis)) * (WIDTH / 2 - EDGE), 1)

    middle = HEIGHT / 2
    point = _point(drawn.value, axis, place(drawn.value))
    ticks = _ticks([place(seed) for seed in drawn.seeds])
    marks = [f'<path d="{ticks}" class="seed"/>'] if ticks else []
    if drawn.low is not None and drawn.high is not None:
        low, high = min(point, place(drawn.low)), max(point, place(drawn.high))
        ends = _end(low, -1, drawn.low < -axis) + _end(high, 1, drawn.high > axis)
        marks.append(f'<path d="M{low:g} {middle:g}H{high:g}{ends}" class="bar"/>')
    shape = GLYPHS[claim.verdict]
    name = claim.verdict.replace(" ", "-")
    marks.append(f'<g transform="translate({point:g} {middle:g})" class="glyph">{shape}</g>')
    behind = f'<use href="#{ground}-{_region(drawn.side)}"/>' if ground else _ground(drawn.side, axis)
    label = f'role="img" aria-label="{escape(f"{words}: {amount.interval(claim)}")}"' if words else 'aria-hidden="true"'
    return Markup(
        f'<svg class="interval {name} {drawn.side}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" {label}>'
        f"{behind}{''.join(marks)}</svg>"
    )


def _ticks(places: Iterable[float]) -> str:
    """A tick below the bar at each place, from left to right; seeds at one place need one tick."""
    whole = sorted({round(place) for place in places})
    steps = [f"m{right - left}-3v3" for left, right in pairwise(whole)]
    return f"M{whole[0]} {HEIGHT / 2 + 6:g}v3{''.join(steps)}" if whole else ""


def _point(value: float, axis: float, place: float) -> float:
    """Where the shape of an estimate stands: one beyond the axis leaves room for the arrow that says so."""
    return place if abs(value) <= axis else round(place - math.copysign(10, value), 1)


def _end(place: float, side: int, clipped: bool) -> str:
    middle = HEIGHT / 2
    if clipped:
        return f"M{place - 4 * side:g} {middle - 3.5:g}l{4 * side} 3.5l{-4 * side} 3.5"
    return f"M{place:g} {middle - 3:g}v6"


def _region(side: str) -> str:
    """Where a claim puts the effect once it is turned so that positive is as claimed."""
    return "within" if side == "within" else "beyond"


def _ground(side: str, axis: float) -> str:
    """The claimed region as a tint, and the line at zero."""
    middle, margin = WIDTH / 2, round((WIDTH / 2 - EDGE) / axis, 1)
    left, width = (middle - margin, 2 * margin) if side == "within" else (middle + margin, middle - margin)
    # drawn taller than the row: in a column of rows the tint and the line fill the row, whatever its height
    tint = f'<path d="M{left:g}-200h{width:g}v400h-{width:g}z" class="claimed"/>'
    return f'{tint}<path d="M{middle:g}-200V200" class="zero"/>'


def scale(axis: float, name: str = "") -> Markup:
    """The axis below a column of intervals: its ends, minus and plus one margin, and what the sides mean.

    A page that has the same axis many times gives the first a `name`, and draws the others by `scale_again`; intervals
    there take what lies behind them from it too.
    """
    half = WIDTH / 2 - EDGE
    steps = [-axis, -1.0, 0.0, 1.0, axis]
    if axis <= 2:  # the labels of one margin and of the end would touch
        steps = [step for step in steps if abs(step) != axis]
    ticks, labels = f"M{EDGE:g} 0H{WIDTH - EDGE:g}", ""
    for step in steps:
        place = round(WIDTH / 2 + step / axis * half, 1)
        label = "0" if step == 0 else f"{'−' if step < 0 else '+'}{'' if abs(step) == 1 else f'{abs(step):g}'}δ"
        ticks += f"M{place:g} 0v4"
        labels += f'<text x="{place:g}" y="15" class="tick">{label}</text>'
    sides = (
        f'<text x="{EDGE:g}" y="29" class="start">← against</text>'
        f'<text x="{WIDTH - EDGE:g}" y="29" class="end">as claimed →</text>'
    )
    drawn = f'<path d="{ticks}" class="ticks"/>{labels}{sides}'
    if not name:
        return _scale(drawn)
    grounds = "".join(f'<g id="{name}-{side}">{_ground(side, axis)}</g>' for side in ("beyond", "within"))
    return _scale(f'<defs>{grounds}</defs><g id="{name}">{drawn}</g>')


def scale_again(name: str) -> Markup:
    """The axis that stands on the page under this name, once more."""
    return _scale(f'<use href="#{name}"/>')


def _scale(drawn: str) -> Markup:
    return Markup(f'<svg class="scale" viewBox="0 0 {WIDTH:g} 32" aria-hidden="true">{drawn}</svg>')
