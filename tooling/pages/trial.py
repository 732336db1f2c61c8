"""The page "claims you can test": what a doubter can run, how long it takes, and what still waits for a script."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tooling.cards.vocabulary import Question
from tooling.pages.page import Page, compose, root_of
from tooling.pages.script import declared
from tooling.pages.survey import VERDICTS, Evidence, Finding, Survey
from tooling.pages.template import render

PATH = "testable.md"
CORES = 2  # the machine that a reader's time is reckoned for
LENGTHS = {900.0: "Within a quarter of an hour", 1800.0: "Within half an hour", float("inf"): "Longer"}
KINDS = {"direct": "directly", "analogue": "by an analogue", "none": "not at all"}
LISTED = 40  # claims of one question and kind that are written out; the question's page has all


class Trial(NamedTuple):
    """A recorded claim that a reader can run again; `seconds` is the time on two cores, None where it is not known."""

    finding: Finding
    evidence: Evidence
    seconds: float | None
    cost_usd: float
    command: str


class Waiting(NamedTuple):
    """A claim that a script has a rule for, without a recording yet."""

    finding: Finding
    command: str


class Untested(NamedTuple):
    """The claims under one question that no script tests, newest works first; `count` is the number of all."""

    id: str
    question: Question
    findings: Sequence[Finding]
    count: int


def trials_page(survey: Survey, scripts: Mapping[str, str]) -> Page:
    """Every claim by what a reader can do with it: recorded ones by their time, what waits, what is not testable."""
    tried = trials(survey)
    queue = waiting(survey, scripts)
    queued = {each.finding.key for each in queue}
    idle = [f for f in survey.findings.values() if not f.recorded and f.key not in queued]
    body = render(
        "testable.html",
        root=root_of(PATH),
        survey=survey,
        table=_table(survey, queued),
        lengths=_by_length(tried),
        longest=max((trial.seconds or 0.0 for trial in tried), default=0.0),
        trials=tried,
        waiting=queue,
        untested=[(kind, _by_question(survey, [f for f in idle if _open(f, kind)])) for kind in ("direct", "analogue")],
        closed=[f for f in idle if f.verdict == "untestable" or f.claim.bearing.kind == "none"],
        kinds=KINDS,
    )
    extra = {
        "section": "Claims",
        "description": "Which claims can be run on a laptop, how long each takes, and how.",
        "style_attributes": bool(tried),  # the lengths of the bars
    }
    return compose(PATH, title="Claims you can test", body=body, source="papers", extra=extra)


def trials(survey: Survey) -> list[Trial]:
    """The recorded claims, the quickest first; those whose time on cores is not known stand last."""
    found = [_trial(finding) for finding in survey.recorded]
    return sorted(found, key=lambda trial: (trial.seconds is None, trial.seconds or 0.0, trial.finding.key))


def _trial(finding: Finding) -> Trial:
    """The trial of a claim in miniature where that is recorded, else at the strongest scale."""
    evidence = next((each for each in finding.recorded if each.scale == "mini"), finding.recorded[0])
    result, spent = evidence.result, core_seconds(evidence)
    share = spent / result.seconds if spent is not None and result.seconds else 1.0
    seconds = spent / CORES if spent is not None and evidence.scale == "mini" else None
    return Trial(
        finding, evidence, seconds, result.cost_usd * share, command(finding, result.slug, scale=evidence.scale)
    )


def core_seconds(evidence: Evidence) -> float | None:
    """What the cells took that the claim alone needs: its arms over its seeds; None where a cell has no time."""
    claim, arms = evidence.claim, evidence.result.arms
    cells = [(arm, seed) for arm in claim.arms if arm in arms for seed in claim.seeds]
    times = [arms[arm].seconds.get(seed) for arm, seed in cells]
    known = [each for each in times if each is not None]
    return sum(known) if times and len(known) == len(times) else None


def command(finding: Finding, slug: str, *, scale: str) -> str:
    """What a reader types to run one claim with the script of the work `slug`."""
    name = finding.claim.id if finding.card.slug == slug else finding.key
    return f"tooling repro {slug} --scale {scale} --claim {name}"


def waiting(survey: Survey, scripts: Mapping[str, str]) -> list[Waiting]:
    """The claims that a script has a rule for and nobody has recorded yet, each once, in the order of the scripts."""
    found: dict[str, Waiting] = {}
    for slug in sorted(scripts):
        for finding in survey.pick(declared(scripts[slug], slug)):
            if not finding.recorded:
                found.setdefault(finding.key, Waiting(finding, command(finding, slug, scale="mini")))
    return list(found.values())


def _by_length(tried: Sequence[Trial]) -> list[tuple[str, Sequence[Trial]]]:
    groups: dict[str, list[Trial]] = {name: [] for name in LENGTHS.values()}
    unknown = [trial for trial in tried if trial.seconds is None]
    for trial in tried:
        if trial.seconds is not None:
            groups[next(name for limit, name in LENGTHS.items() if trial.seconds <= limit)].append(trial)
    return [(name, group) for name, group in (*groups.items(), ("Time on two cores not known", unknown)) if group]


def _open(finding: Finding, kind: str) -> bool:
    return finding.claim.bearing.kind == kind and finding.verdict != "untestable"


def _by_question(survey: Survey, findings: Sequence[Finding]) -> list[Untested]:
    groups: dict[str, list[Finding]] = {term: [] for term in survey.vocabulary.questions}
    for finding in sorted(findings, key=lambda each: (each.card.date, each.key), reverse=True):
        groups[finding.claim.question[0]].append(finding)
    known = survey.vocabulary.questions
    return [Untested(term, known[term], group[:LISTED], len(group)) for term, group in groups.items() if group]


def _table(survey: Survey, queued: set[str]) -> Mapping[str, Sequence[int]]:
    """For each standing the number of claims by kind of bearing; those whose script is not recorded are `waiting`."""
    stands = Counter(
        ("waiting" if finding.key in queued else finding.verdict, finding.claim.bearing.kind)
        for finding in survey.findings.values()
    )
    return {
        standing: [stands[standing, kind] for kind in KINDS] for standing in (*VERDICTS[:3], "waiting", *VERDICTS[3:])
    }
