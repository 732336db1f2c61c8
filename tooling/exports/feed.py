"""Atom feeds: works, newest first, and verdicts that are new or have changed. Their dates are those of the facts."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tooling.cards import Card
from tooling.cards.reference import address
from tooling.exports.collection import Collection, standing
from tooling.exports.text import plain
from tooling.pages.change import Change, changes
from tooling.pages.citation import NAME
from tooling.pages.survey import SCALES

NEWEST = 500  # a reader of feeds fetches the whole file each time
NEVER = "1970-01-01T00:00:00Z"  # an Atom feed has a date even where it is empty
# ids that stay when the site moves; entries have the citation key, which is minted once, as a slug may change and a
# reader takes an entry with a new id for news
ID = "tag:github.com,2025:jzhou316/Post-DeepSeek-R1_LLM-RL:"


def works_feed(collection: Collection) -> str:
    """The newest works, of one topic where the collection has one."""
    topic = collection.topic
    about = f": {collection.survey.vocabulary.topics[topic].name}" if topic else ": works"
    cards = collection.survey.by_date(collection.cards)[:NEWEST]
    return _feed(f"feeds/{topic or 'all'}", NAME + about, entries=[_work(collection, card) for card in cards])


def verdicts_feed(collection: Collection) -> str:
    """The newest verdicts that are a claim's first or differ from the one before."""
    slugs = {card.slug for card in collection.cards}
    found = sorted(
        changes(collection.survey, slugs), key=lambda each: (each.recording["started"], each.key), reverse=True
    )
    entries = [_verdict(collection, each) for each in found[:NEWEST]]
    return _feed("feeds/verdicts", f"{NAME}: verdicts that are new or have changed", entries=entries)


def _work(collection: Collection, card: Card) -> Element:
    names = [collection.survey.vocabulary.topics[topic].name for topic in card.topics]
    findings = collection.survey.of(card)
    text = [card.summary or "", *[f"{finding.claim.statement} {standing(finding)}." for finding in findings]]
    day = card.date if len(card.date) == 10 else f"{card.date}-01"
    made = _entry(
        f"papers/{card.citation_key}", card.title, link=collection.page(card.slug), updated=f"{day}T00:00:00Z"
    )
    for name in card.authors:
        _child(_child(made, "author"), "name", name)
    if address(card):
        SubElement(made, "link", rel="related", href=address(card))
    for name in names:
        SubElement(made, "category", term=plain(name))
    _child(made, "summary", " ".join(text))
    return made


def _verdict(collection: Collection, change: Change) -> Element:
    slug, _, claim_id = change.key.partition("/")
    card = collection.survey.library[slug]
    scale, finding = change.result.scale, collection.survey.findings.get(change.key)
    recording, statement = change.recording, finding.claim.statement if finding else change.key
    made = _entry(
        f"verdicts/{card.citation_key}/{claim_id}/{scale}/{recording['recording']}",
        f"{change.words}: {statement}",
        link=f"{collection.page(slug)}#{claim_id}",
        updated=recording["started"],
    )
    before = f" Before: {change.before} {SCALES.get(scale, scale)}." if change.before else " The first verdict on it."
    where = f"recording {recording['recording']} of {change.result.slug}, commit {(recording['commit'] or 'none')[:12]}"
    _child(made, "summary", f"{change.key}: {change.words} ({where}).{before}")
    return made


def _feed(name: str, title: str, *, entries: list[Element]) -> str:
    feed = Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _child(feed, "id", ID + name)
    _child(feed, "title", title)
    _child(feed, "updated", max((each.findtext("updated", NEVER) for each in entries), default=NEVER))
    _child(_child(feed, "author"), "name", NAME)
    feed.extend(entries)
    indent(feed, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, encoding="unicode") + "\n"


def _entry(name: str, title: str, *, link: str, updated: str) -> Element:
    made = Element("entry")
    fields: Iterable[tuple[str, str]] = (("id", ID + name), ("title", title), ("updated", updated))
    for field, text in fields:
        _child(made, field, text)
    SubElement(made, "link", rel="alternate", href=link)
    return made


def _child(parent: Element, name: str, text: str = "") -> Element:
    made = SubElement(parent, name)
    made.text = plain(text) or None
    return made
