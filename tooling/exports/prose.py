"""The works as Markdown: the twin of a card, `llms.txt`, and a README in the manner of awesome lists."""

from collections.abc import Iterator, Mapping

from tooling.cards import Card, Claim
from tooling.cards.bibtex import entry
from tooling.cards.reference import address
from tooling.exports.collection import Collection, standing
from tooling.exports.text import markdown, plain, target
from tooling.pages import amount
from tooling.pages.citation import NAME, REPOSITORY, cited
from tooling.pages.survey import Finding
from tooling.pages.template import finding_sentence, short_title

LEAD = (
    "A living survey of what followed DeepSeek-R1, in which the claims run: each work has a card, its claims are "
    "re-run in miniature, and a verdict is always quoted with its scale."
)
UNPLACED = "Not placed yet"


def twins(collection: Collection) -> str:
    """The works as Markdown, one below the other."""
    return "\n".join(twin(collection, card) for card in collection.cards)


def twin(collection: Collection, card: Card) -> str:
    """All that a card's page says of the work and its claims, as Markdown."""
    parts = [f"# {markdown(card.title)}", "\n".join(_facts(collection, card))]
    parts += [markdown(card.summary)] if card.summary else []
    if card.claims:
        parts += ["## Claims", *(_claim(finding) for finding in collection.survey.of(card))]
    if card.results:
        parts += ["## Reported results", "\n".join(f"- {markdown(each.text)}" for each in card.results)]
    if card.notes:
        notes = (f"- {each.kind} ({each.by}): {markdown(each.text)}" for each in card.notes)
        parts += ["## Notes", "\n".join(notes)]
    # a fence longer than any within
    parts += ["## Cite", f"````bibtex\n{entry(card)}\n````"]
    return "\n\n".join(parts) + "\n"


def _facts(collection: Collection, card: Card) -> Iterator[str]:
    terms = collection.survey.vocabulary
    links = (f"[{name}]({target(place)})" for name, place in card.links.items())
    facts: Mapping[str, str] = {
        "Authors": markdown(", ".join(card.authors)),
        "Kind": markdown(terms.kinds[card.kind].name),
        "Date": card.date,
        "Venue": markdown(card.venue or ""),
        "arXiv": f"[{card.arxiv}](https://arxiv.org/abs/{card.arxiv})" if card.arxiv else "",
        "Topics": markdown(", ".join(terms.topics[topic].name for topic in card.topics)),
        "Methods": markdown(", ".join(terms.methods[term].name for term in card.methods)),
        "Models": markdown(", ".join(terms.models[term].name for term in card.models)),
        "Benchmarks": markdown(", ".join(terms.benchmarks[term].name for term in card.benchmarks)),
        "Links": ", ".join(links),
        "Card": f"[{card.slug}]({target(collection.page(card.slug))})",
    }
    return (f"- {name}: {value}" for name, value in facts.items() if value)


def _claim(finding: Finding) -> str:
    claim = finding.claim
    lines = [f"### {markdown(claim.statement)}", ""]
    lines += [f"- Key: `{finding.key}`", f"- Verdict: {markdown(standing(finding))}"]
    for evidence in finding.recorded:
        lines.append(f"- Measured: {markdown(_measured(cited(evidence), amount.interval(evidence.claim)))}")
        lines += [f"- Why it decides nothing: {markdown(evidence.claim.why)}"] if evidence.claim.why else []
    lines += [f"- {name}: {markdown(text)}" for name, text in _told(claim).items() if text]
    return "\n".join(lines)


def _measured(words: str, interval: str) -> str:
    return f"{interval}; {words}"


def _told(claim: Claim) -> Mapping[str, str]:
    return {
        "The work reports": claim.reported or f"no figure: {claim.reported_missing}",
        "Source": f"{claim.source.address}, {claim.source.place or 'place not located'}",
        "How it could be tested": claim.test,
        "What a miniature can say": f"{claim.bearing.kind}; {claim.bearing.why}",
        "Why it is untestable": claim.untestable or "",
    }


def llms(collection: Collection) -> str:
    """The works for language models, as llmstxt.org describes it: links to the Markdown twins with a sentence each."""
    parts = [f"# {NAME}", f"> {LEAD}"]
    for name, cards in by_topic(collection).items():
        parts += [f"## {markdown(name)}", "\n".join(_llms_line(collection, card) for card in cards)]
    return "\n\n".join(parts) + "\n"


def _llms_line(collection: Collection, card: Card) -> str:
    return f"- [{markdown(card.title)}]({target(collection.twin(card.slug))}): {_remark(collection, card)}"


def _remark(collection: Collection, card: Card) -> str:
    """What was found, and the verdicts there are."""
    recorded = [finding for finding in collection.survey.of(card) if finding.recorded]
    verdicts = "; ".join(f"{finding.claim.id}: {standing(finding)}" for finding in recorded)
    said = finding_sentence(card) or "No summary yet."
    return markdown(said + (f" Verdicts: {verdicts}." if verdicts else ""))


def readme(collection: Collection) -> str:
    """The works as a list by topic, each in full once, under the first of its topics in the survey's order."""
    topics = by_topic(collection)
    parts = [f"# {NAME}", markdown(LEAD), f"The cards, scripts and results: <{REPOSITORY}>."]
    also = _elsewhere(collection)
    for name, cards in topics.items():
        parts += [f"## {markdown(name)}", "\n".join(_readme_line(collection, card) for card in cards)]
        if also.get(name):
            parts.append(f"Also: {', '.join(also[name])}.")
    return "\n\n".join(parts) + "\n"


def by_topic(collection: Collection) -> Mapping[str, list[Card]]:
    """Names of topics in the survey's order with their works, newest first; each work once."""
    terms, left = collection.survey.vocabulary.topics, collection.survey.by_date(collection.cards)
    found: dict[str, list[Card]] = {}
    first = {card.slug: _first_topic(collection, card) for card in left}
    for topic, term in terms.items():
        found[term.name] = [card for card in left if first[card.slug] == topic]
    found[UNPLACED] = [card for card in left if first[card.slug] is None]
    return {name: cards for name, cards in found.items() if cards}


def _first_topic(collection: Collection, card: Card) -> str | None:
    return next((topic for topic in collection.survey.vocabulary.topics if topic in card.topics), None)


def _elsewhere(collection: Collection) -> Mapping[str, list[str]]:
    """For each topic, links to the works that stand in full under an earlier one."""
    found: dict[str, list[str]] = {}
    for card in collection.survey.by_date(collection.cards):
        for topic in card.topics:
            if topic != _first_topic(collection, card):
                name = collection.survey.vocabulary.topics[topic].name
                link = f"[{markdown(short_title(card))}]({target(collection.page(card.slug))})"
                found.setdefault(name, []).append(link)
    return found


def _readme_line(collection: Collection, card: Card) -> str:
    page = target(collection.page(card.slug))
    who = plain(card.authors[0]) + (" et al." if len(card.authors) > 1 else "")
    about = markdown(f"{who}, {card.venue or card.date[:7]}")
    title = f"[{markdown(card.title)}]({target(address(card)) or page})"
    return f"- {title} ({about}; [card]({page})). {_remark(collection, card)}"
