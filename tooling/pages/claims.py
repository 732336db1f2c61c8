"""Pages that list claims: the field's questions, the matrix of all claims, open disputes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from tooling.cards.alias import current_key
from tooling.cards.known import pieces
from tooling.cards.vocabulary import Question
from tooling.pages.figure import extent, span
from tooling.pages.listing import VOCABULARY
from tooling.pages.page import Page, compose, root_of, shortened
from tooling.pages.survey import DECIDED, VERDICTS, Finding, Survey
from tooling.pages.template import render

Pair = tuple[Finding, Finding]
BEARINGS = ("direct", "analogue", "none")  # the nearest first
ERROR_RATES = {"within": 0.05}  # one-sided rates of the rules: both intervals of an equivalence are 90% ones
ERROR_RATE = 0.025


class Group(NamedTuple):
    """The claims under one question."""

    id: str
    question: Question
    findings: tuple[Finding, ...]


class Said(NamedTuple):
    """Words of the paragraph on what is known: where they lead, and what the recorded run of that claim says.

    `address` begins at the start page; both are empty where there is nothing.
    """

    words: str
    address: str = ""
    verdict: str = ""


class Chance(NamedTuple):
    """The findings that were run and those of them that were decided, with the wrong decisions that chance makes.

    `expected` is their number at the rules' error rates, at most; `q` has the q-value of each decided finding.
    """

    tested: Sequence[Finding]
    decided: Sequence[Finding]
    expected: float
    q: Mapping[str, float]

    @property
    def kept(self) -> int:
        """How many decisions stand where the share of false ones among them is held to 5%."""
        return sum(value <= 0.05 for value in self.q.values())


def forest_axis(findings: Sequence[Finding]) -> float:
    """How many margins the common axis of these findings reaches to either side."""
    return extent(span(finding.best.claim) for finding in findings if finding.best)


def asked(survey: Survey) -> list[Group]:
    """Each question with the claims that speak to it, decided ones first, in the order of the vocabulary."""
    found = survey.findings.values()
    return [
        Group(term, question, tuple(sorted((f for f in found if term in f.claim.question), key=_order)))
        for term, question in survey.vocabulary.questions.items()
    ]


def _order(finding: Finding) -> tuple[int, str, str]:
    return VERDICTS.index(finding.verdict), finding.card.date, finding.key


def question_pages(survey: Survey) -> Iterator[Page]:
    """The index of the questions, and a page for each."""
    groups = asked(survey)
    body = render("questions.html", root=root_of("questions/index.md"), survey=survey, questions=groups)
    extra = {"section": "Questions"}
    yield compose("questions/index.md", title="Questions", body=body, source=VOCABULARY, extra=extra)
    for group in groups:
        yield _question(survey, group)


def _question(survey: Survey, group: Group) -> Page:
    path = f"questions/{group.id}.md"
    findings = group.findings
    recorded = [finding for finding in findings if finding.recorded]
    by_card = sorted(findings, key=lambda finding: (finding.card.date, finding.card.slug))
    by_work = [(card, list(found)) for card, found in groupby(by_card, key=lambda finding: finding.card)]
    keys = {finding.key for finding in findings}
    body = render(
        "question.html",
        root=root_of(path),
        survey=survey,
        term=group.question,
        known=known(survey, group.question),
        findings=findings,
        cards=[card for card, _ in by_work],
        recorded=recorded,
        axis=forest_axis(recorded),
        testable=sum(finding.claim.bearing.kind != "none" for finding in findings),
        by_work=by_work,
        disputes=[pair for pair in disputes(survey) if pair[0].key in keys or pair[1].key in keys],
    )
    extra = {
        "description": shortened(group.question.text, 300),
        "section": "Questions",
    }
    return compose(path, title=group.question.name, body=body, source=VOCABULARY, extra=extra)


def known(survey: Survey, question: Question) -> list[Said]:
    """The paragraph on what is known about a question, in pieces; a link to what does not exist is left out."""
    found = []
    for piece in pieces(question.known.text) if question.known else ():
        key = current_key(piece.key, survey.former)
        slug, _, claim_id = key.partition("/")
        finding = survey.findings.get(key)
        if slug not in survey.library:
            found.append(Said(piece.words))
        elif finding is None:
            found.append(Said(piece.words, f"papers/{slug}/"))
        else:
            verdict = finding.verdict if finding.recorded else ""
            found.append(Said(piece.words, f"papers/{slug}/#{claim_id}", verdict))
    return found


def disputes(survey: Survey) -> list[Pair]:
    """Pairs of claims of which one names the other as contradicted, each pair once."""
    found: dict[frozenset[str], Pair] = {}
    for finding in survey.findings.values():
        for other in survey.pick(finding.claim.contradicts):
            found.setdefault(frozenset((finding.key, other.key)), (finding, other))
    return sorted(found.values(), key=lambda pair: (min(map(_order, pair)), pair[0].key))


def disputes_page(survey: Survey) -> Page:
    """Claims that contradict each other, in pairs."""
    path = "claims/disputes.md"
    body = render("disputes.html", root=root_of(path), survey=survey, pairs=disputes(survey))
    extra = {"section": "Claims"}
    return compose(path, title="Open disputes", body=body, source="papers", extra=extra)


def matrix_page(survey: Survey) -> Page:
    """All claims with verdict, bearing and, where some are run, the interval and the q-value."""
    path = "claims/index.md"
    findings = list(survey.findings.values())
    chance = by_chance(survey)
    kinds = Counter(finding.claim.bearing.kind for finding in findings)
    groups = [
        group._replace(findings=tuple(f for f in group.findings if f.claim.question[0] == group.id))
        for group in asked(survey)
    ]
    body = render(
        "matrix.html",
        root=root_of(path),
        survey=survey,
        findings=findings,
        works=len({finding.card.slug for finding in findings}),
        chance=chance,
        axis=forest_axis(chance.tested),
        groups=[group for group in groups if group.findings],
        bearings=[(kind, number) for kind in BEARINGS if (number := kinds[kind])],
    )
    extra = {"section": "Claims", "layout": "wide"}
    return compose(path, title="All claims", body=body, source="papers", extra=extra)


def by_chance(survey: Survey) -> Chance:
    """What chance makes of the recorded verdicts: no correction is made inside a script, so it is counted here."""
    tested = survey.recorded
    decided = [finding for finding in tested if finding.verdict in DECIDED]
    p_values = {finding.key: p for finding in decided if (p := finding.best.claim.p_value) is not None}
    expected = sum(ERROR_RATES.get(finding.best.claim.side, ERROR_RATE) for finding in tested)
    return Chance(tested, decided, expected, q_values(p_values))


def q_values(p_values: Mapping[str, float]) -> dict[str, float]:
    """Benjamini-Hochberg q-values: the smallest false discovery rate at which each decision stands.

    For p-values 0.01, 0.02 and 0.9 they are 0.03, 0.03 and 0.9.
    """
    ranked = sorted(p_values, key=p_values.__getitem__)
    found, smallest = {}, 1.0
    for rank in range(len(ranked), 0, -1):
        key = ranked[rank - 1]
        smallest = min(smallest, p_values[key] * len(ranked) / rank)
        found[key] = smallest
    return found
