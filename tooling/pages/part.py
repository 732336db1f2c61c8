"""Generated parts of hand-written pages: a line `<!-- part: NAME -->` in `site/*.md` is replaced by its part."""

import math
import re
from collections.abc import Mapping, Sequence

from tooling.errors import Invalid
from tooling.pages.claims import asked, forest_axis
from tooling.pages.figure import span
from tooling.pages.page import root_of
from tooling.pages.survey import Finding, Survey
from tooling.pages.template import render

MARK = re.compile(r"^<!-- part: ([a-z-]+) -->$", re.MULTILINE)
LEGEND = {
    "supported": "The interval lies on the claimed side of zero and the estimate reaches the margin.",
    "contradicted": "The whole interval falls short of the margin, which excludes an effect that would matter.",
    "inconclusive": "The runs decide nothing: a wide interval, an unfit miniature, or diverged cells that tip it.",
    "not tested": "Nobody has run it yet.",
    "untestable": "No run that fits a laptop or one GPU can speak to it; the card says why.",
}


def parts(survey: Survey, path: str) -> Mapping[str, str]:
    """The parts by name, with links as the page at `path` needs them."""
    root = root_of(path)
    recorded = survey.recorded
    cards = [survey.library[slug] for slug in survey.results if slug in survey.library]
    reproduced = [(card, survey.runs(card)) for card in cards]
    devices = list(dict.fromkeys(run.device for _, runs in reproduced for run in runs))
    shown = examples(recorded)
    start = {"recorded": recorded, "axis": forest_axis(recorded), "questions": asked(survey)}
    return {
        "start": render("part-start.html", root=root, survey=survey, findings=list(survey.findings.values()), **start),
        "examples": render("part-examples.html", root=root, findings=shown, axis=forest_axis(shown)),
        "legend": render("part-legend.html", legend=LEGEND.items()),
        "runs": render("part-runs.html", root=root, survey=survey, reproduced=reproduced, devices=devices),
    }


def examples(recorded: Sequence[Finding]) -> Sequence[Finding]:
    """One recorded claim of each verdict: of few parts, in a direction, and nearest to zero in margins."""

    def plainness(finding: Finding) -> tuple[int, bool, float]:
        claim = finding.recorded[0].claim
        drawn = span(claim)
        return len(claim.parts), claim.side != "above", drawn.reach if drawn else math.inf

    plainest = {finding.verdict: finding for finding in sorted(recorded, key=plainness, reverse=True)}
    return [plainest[word] for word in LEGEND if word in plainest]


def has_parts(markdown: str) -> bool:
    """Whether a hand-written page has generated parts."""
    return MARK.search(markdown) is not None


def fill(markdown: str, survey: Survey, *, path: str) -> str:
    """The Markdown of a hand-written page with its parts in place; raises `Invalid` for a part that does not exist."""
    if not has_parts(markdown):
        return markdown
    known = parts(survey, path)

    def part(found: re.Match[str]) -> str:
        if found[1] not in known:
            line = markdown.count("\n", 0, found.start()) + 1
            raise Invalid(f"site/{path}:{line}: no part is called `{found[1]}`; use one of {', '.join(sorted(known))}")
        return known[found[1]].strip()

    return MARK.sub(part, markdown)
