"""What a page says of itself to programs: JSON-LD for those that index it, COinS for those that collect references.

The page is ours and the work is not: a card's page is a `WebPage` by the survey, *about* a work by its authors.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from tooling.cards import Card
from tooling.cards.name import read_name
from tooling.cards.reference import address, doi, read_venue
from tooling.exports.day import changed, last_changed
from tooling.exports.text import plain
from tooling.pages.citation import NAME
from tooling.pages.survey import Survey
from tooling.pages.template import short_title

AUTHORS = 8  # as many as the page shows unfolded: all 200 of a work would outweigh its page, and `cite.bib` has them
LICENSE = "https://creativecommons.org/licenses/by/4.0/"  # of the cards: papers/LICENSE
DESCRIPTION = (
    "Works on reasoning and reinforcement learning after DeepSeek-R1: what each claims, where the figure stands, and"
    " the verdict of re-running it in miniature, with interval, seeds and cost."
)
# kind of the vocabulary -> type in schema.org and item type in Zotero; an unknown kind is a work like any other
TYPES = {
    "paper": ("ScholarlyArticle", "preprint"),
    "survey": ("ScholarlyArticle", "preprint"),
    "model": ("Report", "report"),
    "library": ("SoftwareSourceCode", "computerProgram"),
    "environment": ("SoftwareSourceCode", "computerProgram"),
    "project": ("CreativeWork", "computerProgram"),
    "blog": ("BlogPosting", "blogPost"),
    "discussion": ("DiscussionForumPosting", "forumPost"),
    "video": ("VideoObject", "videoRecording"),
}
PUBLISHED = {"article": "journalArticle", "proceedings": "conferencePaper"}
DOWNLOADS = {
    "exports/works.jsonl": "application/jsonl",
    "exports/works.csv": "text/csv",
    "exports/claims.csv": "text/csv",
    "exports/works.bib": "application/x-bibtex",
    "exports/works.csl.json": "application/vnd.citationstyles.csl+json",
    "exports/works.ris": "application/x-research-info-systems",
}


class Metadata(NamedTuple):
    """JSON-LD that is safe inside a `script` element, a COinS title or nothing, and the kind of page in OpenGraph."""

    linked: Markup
    coins: str
    kind: str


def metadata(survey: Survey) -> Mapping[str, Metadata]:
    """What pages say to programs, by the path of their source: each card's page, `papers/s1.md`, and the start page."""
    cards = {
        f"papers/{card.slug}.md": Metadata(_safe(card_page(survey, card)), coins(card), "article")
        for card in survey.library.values()
    }
    return {"index.md": Metadata(_safe(start_page(survey)), "", "website"), **cards}


def _safe(data: Mapping[str, Any]) -> Markup:
    """The data as JSON in ASCII, in which nothing can close a `script` element or open a comment."""
    return htmlsafe_json_dumps({"@context": "https://schema.org", **data}, separators=(",", ":"))


def card_page(survey: Survey, card: Card) -> dict[str, Any]:
    """A card's page in JSON-LD: a page of the survey about a work."""
    place = {"url": f"{survey.site}papers/{card.slug}/"} if survey.site else {}
    return {
        "@type": "WebPage",
        "name": f"{NAME} on {plain(short_title(card))}",
        **place,
        "author": {"@type": "Organization", "name": NAME},
        "dateModified": changed(survey, card),
        "about": work(card),
    }


def work(card: Card) -> dict[str, Any]:
    """The work itself in JSON-LD, with its first eight authors; keys without a value are left out."""
    arxiv = f"https://arxiv.org/abs/{card.arxiv}" if card.arxiv else ""
    resolved = f"https://doi.org/{doi(card)}" if doi(card) else ""
    identifiers = (f"arXiv:{card.arxiv}" if card.arxiv else "", f"doi:{doi(card)}" if doi(card) else "")
    found = {
        "@type": TYPES.get(card.kind, ("CreativeWork", ""))[0],
        "name": plain(card.title),
        "author": [_author(plain(name)) for name in card.authors[:AUTHORS]],
        "datePublished": card.date,
        "identifier": [each for each in identifiers if each],
        "sameAs": list(dict.fromkeys(each for each in (address(card), arxiv, resolved) if each)),
    }
    return {name: value for name, value in found.items() if value}


def _author(name: str) -> dict[str, str]:
    return {"@type": "Organization" if read_name(name).team else "Person", "name": name}


def start_page(survey: Survey) -> dict[str, Any]:
    """The site and its data in JSON-LD; addresses are relative to the start page where the site's is not known."""
    place = {"url": survey.site} if survey.site else {}
    maker = {"@type": "Organization", "name": NAME}
    data = {
        "@type": "Dataset",
        "name": f"{NAME}: works, claims and verdicts",
        "description": DESCRIPTION,
        **place,
        "creator": maker,
        "license": LICENSE,
        "dateModified": last_changed(survey, survey.library.values()),
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "contentUrl": survey.site + path, "encodingFormat": kind}
            for path, kind in DOWNLOADS.items()
        ],
    }
    site = {"@type": "WebSite", "name": NAME, **place, "publisher": maker}
    return {"@graph": [site, {name: value for name, value in data.items() if value}]}


def coins(card: Card) -> str:
    """The work as a ContextObject in a span, as Zotero reads it from a page; with its first eight authors.

    The Dublin Core format is used for every kind, as the one for journals has no place for programs and posts.
    """
    venue = read_venue(card.venue or "")
    fields = [
        ("rft.type", PUBLISHED.get(venue.form, TYPES.get(card.kind, ("", "document"))[1])),
        ("rft.title", card.title),
        *[("rft.creator", name) for name in card.authors[:AUTHORS]],
        ("rft.date", card.date),
        ("rft.source", venue.without_year if venue.form == "article" else venue.name),
        ("rft.identifier", address(card)),
        ("rft_id", f"info:doi/{doi(card)}" if doi(card) else ""),
    ]
    head = [("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc")]
    return urlencode([*head, *((name, plain(value)) for name, value in fields if value)], safe=":/")
