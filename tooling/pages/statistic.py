"""The collection in numbers: its works, its claims and their sources, its reproductions, and what is not known.

Every figure is counted from the cards and the recorded results; a bar stands in the row of its number.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, get_args

from tooling.cards import Card
from tooling.cards.schema import ClaimSource
from tooling.pages.explorer import narrowed
from tooling.pages.listing import by_month
from tooling.pages.page import Page, compose, root_of
from tooling.pages.survey import SCALES, VERDICTS, Finding, Survey
from tooling.pages.template import render
from tooling.runs.result import ClaimResult, Result

PATH = "statistics.md"
BEARINGS = {"direct": "directly", "analogue": "by an analogue", "none": "not at all"}
CONFIDENCES: Sequence[str] = get_args(ClaimSource.model_fields["confidence"].annotation)
WIDEST = 4.0  # margins at which the bar of a smallest visible effect ends
SHARPEST = 200  # claims whose smallest visible effects are listed


class Bar(NamedTuple):
    """One row of a chart: what is counted, how many there are, and where to look at them, from the start page."""

    name: str
    number: int
    address: str = ""


class Chart(NamedTuple):
    """Numbers of one kind, each with a bar; `noun` is what is counted, `note` what a reader has to know."""

    title: str
    noun: str
    bars: Sequence[Bar]
    note: str = ""

    @property
    def largest(self) -> int:
        """The number whose bar is the longest, at least 1."""
        return max((bar.number for bar in self.bars), default=0) or 1


class Run(NamedTuple):
    """A recorded result in numbers: trained or evaluated cells, of which some diverged, and the seeds of its claims."""

    card: Card
    result: Result
    cells: int
    diverged: int
    seeds: Sequence[int]


class Sight(NamedTuple):
    """How small an effect a recorded claim's run could see, in multiples of its margin."""

    finding: Finding
    claim: ClaimResult
    margins: float


def statistics_page(survey: Survey) -> Page:
    """The page of numbers; with no cards and no results it says so and shows no chart."""
    runs = recorded_runs(survey)
    sights = sharpness(survey)
    body = render(
        "statistics.html",
        root=root_of(PATH),
        survey=survey,
        works=work_charts(survey),
        claims=claim_charts(survey),
        sources=sources(survey.findings.values()),
        runs=runs,
        devices=Counter(run.result.device for run in runs),
        sights=sights[:SHARPEST],
        unseen=len(survey.recorded) - len(sights),
        sharp=sum(sight.margins <= 1 for sight in sights),
        widest=WIDEST,
        gaps=unknown(survey),
    )
    extra = {
        "section": "How it works",
        "style_attributes": True,  # the lengths of the bars
        "description": "The collection in numbers: works, claims, sources, reproductions, and what is not known.",
    }
    return compose(PATH, title="Statistics", body=body, source="papers", extra=extra)


def work_charts(survey: Survey) -> list[Chart]:
    """The works by month, kind and topic; charts without a work are left out."""
    months, earlier = by_month(survey)
    field = months if any(month.cards for month in months) else []
    bars = [Bar(month.name, len(month.cards), f"timeline/#{month.name}" if month.cards else "") for month in field]
    before = [Bar(f"before {months[0].name}", len(earlier), "timeline/#earlier")] if earlier else []
    kinds = Counter(card.kind for card in survey.library.values())
    topics = {topic: len(cards) for topic, cards in survey.users["topics"].items()}
    several = "A work may stand under several topics."
    charts = [
        Chart("By month of the first version", "works", [*before, *bars]),
        Chart("By kind", "works", _terms(survey, "kinds", kinds)),
        Chart("By topic", "works", _terms(survey, "topics", topics), several),
    ]
    return [chart for chart in charts if chart.bars]


def _terms(survey: Survey, section: str, numbers: Mapping[str, int]) -> list[Bar]:
    """A bar for each term that is used, the most used first, leading to its works."""
    known = survey.vocabulary.section(section)
    bars = [Bar(known[term].name, number, narrowed(section, term)) for term, number in numbers.items()]
    return sorted(bars, key=lambda bar: (-bar.number, bar.name.lower()))


def claim_charts(survey: Survey) -> list[Chart]:
    """The claims by verdict, by what a miniature can say, and by question; nothing where there is no claim."""
    findings = list(survey.findings.values())
    if not findings:
        return []
    verdicts = Counter(finding.words for finding in findings)
    order = {verdict: place for place, verdict in enumerate(VERDICTS)}
    ranked = sorted(findings, key=lambda finding: order[finding.verdict])
    kinds = Counter(finding.claim.bearing.kind for finding in findings)
    asked = Counter(term for finding in findings for term in finding.claim.question)
    questions = survey.vocabulary.questions
    return [
        Chart(
            "By verdict", "claims", [Bar(words, verdicts[words]) for words in dict.fromkeys(f.words for f in ranked)]
        ),
        Chart("By how a miniature can test it", "claims", [Bar(BEARINGS[kind], kinds[kind]) for kind in BEARINGS]),
        Chart(
            "By question",
            "claims",
            [Bar(questions[term].name, asked[term], f"questions/{term}/") for term in questions if asked[term]],
            "A claim may speak to two questions.",
        ),
    ]


def sources(findings: Iterable[Finding]) -> Mapping[str, tuple[int, int]]:
    """For each kind of source the number of claims with a place in it and without one; kinds of no claim left out."""
    met = Counter((each.claim.source.confidence, each.claim.source.place is not None) for each in findings)
    found = {kind: (met[kind, True], met[kind, False]) for kind in CONFIDENCES}
    return {kind: pair for kind, pair in found.items() if any(pair)}


def recorded_runs(survey: Survey) -> list[Run]:
    """The recorded results of works that have a card, by title and the strength of the scale."""
    found = []
    for card in survey.by_title(survey.library[slug] for slug in survey.results if slug in survey.library):
        for result in survey.runs(card):
            cells = sum(len(arm.measures) for arm in result.arms.values())
            diverged = sum(len(arm.diverged) for arm in result.arms.values())
            seeds = sorted({len(claim.seeds) for claim in result.claims.values()})
            found.append(Run(card, result, cells, diverged, seeds))
    return found


def sharpness(survey: Survey) -> list[Sight]:
    """The recorded claims whose smallest visible effect and margin are known, the sharpest first."""
    found = []
    for finding in survey.recorded:
        claim = finding.recorded[0].claim
        if claim.smallest_visible is not None and claim.margin > 0:
            found.append(Sight(finding, claim, claim.smallest_visible / claim.margin))
    return sorted(found, key=lambda sight: (sight.margins, sight.finding.key))


def unknown(survey: Survey) -> list[tuple[str, int, int]]:
    """What cards and results leave open: in words, how many, and of how many; complete matters are left out."""
    cards, claims = list(survey.library.values()), [finding.claim for finding in survey.findings.values()]
    numbered = [card for card in cards if card.arxiv]
    runs = [result for by_scale in survey.results.values() for result in by_scale.values() if result.scale in SCALES]
    gaps = [
        ("claims whose place in the source was not located", [claim.source.place is None for claim in claims]),
        ("claims for which the work gives no figure", [claim.reported is None for claim in claims]),
        ("claims that nobody has run, though a miniature can test them", _untested(survey)),
        ("works on arXiv whose card does not say which version was read", [c.version_read is None for c in numbered]),
        ("works on arXiv of which a later version is out than was read", [bool(c.version_latest) for c in numbered]),
        ("works whose date is known to the month only", [len(card.date) == 7 for card in cards]),
        ("works whose card states no claim", [not card.claims for card in cards]),
        ("works with a remark that could not be confirmed", [_doubtful(card) for card in cards]),
        ("recorded results that are stale", [bool(result.stale) for result in runs]),
    ]
    return [(words, sum(open_), len(open_)) for words, open_ in gaps if any(open_)]


def _untested(survey: Survey) -> list[bool]:
    testable = [finding for finding in survey.findings.values() if finding.claim.bearing.kind != "none"]
    return [not finding.recorded for finding in testable]


def _doubtful(card: Card) -> bool:
    return any(note.kind == "uncertain" for note in card.notes)
