"""A verdict as one cites it: its place on the card's page, a line of plain text and a BibTeX entry.

What is cited is one recording of one claim at one scale. Its anchor stays when a later recording comes: the evidence
has it while it is the last, and the list of earlier recordings afterwards.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tooling.cards import Card
from tooling.cards.bibtex import title
from tooling.pages.survey import Evidence, Finding, Survey

REPOSITORY = "https://github.com/jzhou316/Post-DeepSeek-R1_LLM-RL"
NAME = "Post-DeepSeek-R1"
DISPUTE = "dispute.yml"  # the issue form; the link fills its fields
COMMIT_DIGITS = 12


class Citation(NamedTuple):
    """A verdict's citation: its anchor, as plain text, as BibTeX, and the address at which one disputes it."""

    anchor: str
    text: str
    bibtex: str
    dispute: str


def recording_anchor(scale: str, recording: int) -> str:
    """The anchor of a recording on the page of the work whose script made it: `_mini-2`."""
    return f"_{scale}-{recording}"


def verdict_anchor(key: str, scale: str, *, recording: int) -> str:
    """The anchor of a verdict on the page of its claim: `wrong-answers-grow_mini-2`."""
    return key.rpartition("/")[2] + recording_anchor(scale, recording)


def short_commit(commit: str | None) -> str:
    """The commit's first digits, `none` where nothing was committed."""
    return (commit or "none")[:COMMIT_DIGITS]


def cited(evidence: Evidence) -> str:
    """A verdict as one cites it: `supported in miniature (recording 2 of limit-of-rlvr, commit e23f14ca708b)`."""
    result = evidence.result
    stale = "; stale: something that it rests on has changed since" if result.stale else ""
    where = f"recording {result.recording} of {result.slug}, commit {short_commit(result.commit)}"
    return f"{evidence.words} ({where}{stale})"


def citation(survey: Survey, finding: Finding, *, evidence: Evidence) -> Citation:
    """The citation of a recorded verdict on a claim."""
    result, key = evidence.result, finding.key
    anchor = verdict_anchor(key, evidence.scale, recording=result.recording)
    address = _address(survey, finding, evidence=evidence)
    year = result.started[:4]
    disputed = {
        "template": DISPUTE,
        "claim": key,
        "recording": f"{evidence.scale} {result.recording}",
        "commit": short_commit(result.commit),
    }
    return Citation(
        anchor,
        f"{NAME} ({year}). Verdict on {key}: {cited(evidence)}. {address}",
        _entry(finding, evidence, address=address),
        f"{REPOSITORY}/issues/new?{urlencode(disputed, safe='/')}",
    )


def bibtex(survey: Survey, card: Card) -> str:
    """The verdicts on a card's claims as BibTeX entries; empty where nothing has been recorded."""
    each = [citation(survey, finding, evidence=one) for finding in survey.of(card) for one in finding.recorded]
    return "\n\n".join(one.bibtex for one in each) + "\n" if each else ""


def _address(survey: Survey, finding: Finding, *, evidence: Evidence) -> str:
    """The verdict's place on the site; where the site has no known address, the script at the commit that ran."""
    result = evidence.result
    if survey.site:
        anchor = verdict_anchor(finding.key, evidence.scale, recording=result.recording)
        return f"{survey.site}papers/{finding.card.slug}/#{anchor}"
    # under the name that the script has in that commit
    folder = result.script.rpartition("/")[0] if result.commit else f"repro/{result.slug}"
    return f"{REPOSITORY}/tree/{short_commit(result.commit) if result.commit else 'main'}/{folder}"


def _entry(finding: Finding, evidence: Evidence, *, address: str) -> str:
    result = evidence.result
    name = finding.key.replace("/", ".")
    fields = {
        "title": title(f"Verdict on {finding.key}: {evidence.words}"),
        "author": f"{{{NAME}}}",
        "year": result.started[:4],
        "note": f"Recording {result.recording}, commit {short_commit(result.commit)}",
        "url": address,
    }
    lines = [f"  {field} = {{{value}}}" for field, value in fields.items()]
    return f"@misc{{{name}.{evidence.scale}.{result.recording},\n" + ",\n".join(lines) + "\n}"


def earlier(finding: Finding, evidence: Evidence) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each recording before this one that decided the claim at this scale, with its decision, the newest first."""
    for past in reversed(evidence.result.history):
        if past["recording"] < evidence.result.recording and finding.key in past["claims"]:
            yield past, past["claims"][finding.key]
