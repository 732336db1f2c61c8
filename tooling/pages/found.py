"""The page "what we found": the verdicts side by side, what went against the claims, and the limits work by work."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from tooling.cards import Card
from tooling.pages.claims import by_chance, disputes, forest_axis
from tooling.pages.figure import span
from tooling.pages.page import Page, compose, root_of
from tooling.pages.script import explanation
from tooling.pages.survey import DECIDED, Finding, Survey
from tooling.pages.template import HEADINGS, render
from tooling.runs.result import Result

GROUPS = {
    "supported": "What held in miniature",
    "contradicted": "What did not",
    "inconclusive": "What stays open",
}
LIMITS = {name: HEADINGS[name] for name in ("Differs", "Not tested")}


class Work(NamedTuple):
    """A work that was re-run: its recordings, the claims that they decide (of other cards too), and its limits."""

    card: Card
    runs: Sequence[Result]
    own: Sequence[Finding]
    others: Sequence[Finding]
    limits: Mapping[str, str]


def found_page(survey: Survey, scripts: Mapping[str, str]) -> Page:
    """Everything that was recorded, on one page; says so where nothing was."""
    path = "found.md"
    groups = [(word, name, [f for f in survey.recorded if f.verdict == word]) for word, name in GROUPS.items()]
    pairs = [pair for pair in disputes(survey) if any(finding.verdict in DECIDED for finding in pair)]
    body = render(
        "found.html",
        root=root_of(path),
        survey=survey,
        chance=by_chance(survey),
        axis=forest_axis(survey.recorded),
        groups=[group for group in groups if group[2]],
        reversed=[finding for finding in survey.recorded if went_the_other_way(finding)],
        refuted=[finding for finding in survey.recorded if finding.verdict == "contradicted"],
        pairs=pairs,
        works=_works(survey, scripts),
    )
    extra = {"section": "Claims", "description": "What the re-run claims showed, side by side."}
    return compose(path, title="What we found", body=body, source="papers", extra=extra)


def went_the_other_way(finding: Finding) -> bool:
    """Whether a claim of a direction was contradicted by an effect beyond the margin on the other side.

    For a claim of several parts it is the part that decided: the numbers of the claim are those of its weakest part.
    """
    if finding.verdict != "contradicted" or finding.best is None or finding.best.claim.side == "within":
        return False
    drawn = span(finding.best.claim)
    return drawn is not None and drawn.value <= -1 and drawn.high is not None and drawn.high < 0


def _works(survey: Survey, scripts: Mapping[str, str]) -> list[Work]:
    found = []
    for slug in survey.results:
        if slug not in survey.library:
            continue
        card = survey.library[slug]
        runs = survey.runs(card)
        keys = dict.fromkeys(chain.from_iterable(run.claims for run in runs))
        findings = survey.pick(keys)
        own, others = ([f for f in findings if (f.card is card) == mine] for mine in (True, False))
        if findings:
            found.append(Work(card, runs, own, others, limits(scripts.get(slug, ""))))
    return sorted(found, key=lambda work: (work.card.date, work.card.slug))


def limits(source: str) -> dict[str, str]:
    """What a script says of its limits, as paragraphs under our headings; empty where it says nothing."""
    explained = explanation(source)
    sections = dict(explained.sections) if explained else {}
    return {words: " ".join(sections[name]) for name, words in LIMITS.items() if sections.get(name)}
