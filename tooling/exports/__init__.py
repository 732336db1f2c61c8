"""The survey in the forms that other programs read, as a pure function of the cards and the results.

`exports` gives every file of the site; `FORMATS` has the same forms by name for `tooling export`.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from tooling.cards import Card, Library
from tooling.cards.bibtex import entry
from tooling.exports import explorer, finder
from tooling.exports.citation import bibtex, csl_json, ris
from tooling.exports.collection import IN_REPOSITORY, Collection, on_site
from tooling.exports.feed import verdicts_feed, works_feed
from tooling.exports.prose import llms, readme, twin, twins
from tooling.exports.record import jsonl, schema
from tooling.exports.redirect import way_on
from tooling.exports.table import claims_csv, works_csv
from tooling.pages.citation import bibtex as verdicts_bibtex
from tooling.pages.survey import Survey
from tooling.runs.result import Results

__all__ = ["FORMATS", "IN_REPOSITORY", "Collection", "File", "exports", "on_site"]

FORMATS: Mapping[str, Callable[[Collection], str]] = {
    "bibtex": bibtex,
    "csl-json": csl_json,
    "ris": ris,
    "jsonl": jsonl,
    "schema": schema,
    "csv": works_csv,
    "csv-claims": claims_csv,
    "readme": readme,
    "atom": works_feed,
    "atom-verdicts": verdicts_feed,
    "llms": llms,
    "markdown": twins,
}
FILES = {
    "exports/works.bib": "bibtex",
    "exports/works.csl.json": "csl-json",
    "exports/works.ris": "ris",
    "exports/works.jsonl": "jsonl",
    "exports/schema.json": "schema",
    "exports/works.csv": "csv",
    "exports/claims.csv": "csv-claims",
    "feeds/all.xml": "atom",
    "feeds/verdicts.xml": "atom-verdicts",
    "llms.txt": "llms",
}


NO_TITLES: Mapping[str, str] = MappingProxyType({})


class File(NamedTuple):
    """A file of the site that is no page: its path from the start page, and its text."""

    path: str
    text: str


def exports(
    library: Library, results: Results, *, site: str = "", titles: Mapping[str, str] = NO_TITLES
) -> Iterator[File]:
    """All exported files: the same input gives the same files, nothing is read and no clock is asked.

    `site` is the address of the start page with a slash at its end; where it is empty, links are relative to the file.
    `titles` has the titles of hand-written pages by their addresses, for the search.
    """
    survey = Survey(library, results, site=site)
    cards = tuple(library.values())
    yield File(finder.FIRST, finder.first(survey, titles))
    yield File(finder.MORE, finder.more(survey))
    yield File(explorer.PATH, explorer.explorer(survey))
    for path, name in FILES.items():
        yield File(path, FORMATS[name](Collection(survey, cards, on_site(site or "../" * path.count("/")))))
    for topic in survey.vocabulary.topics:
        chosen = survey.users["topics"].get(topic, ())
        yield File(f"feeds/{topic}.xml", works_feed(Collection(survey, chosen, on_site(site or "../"), topic)))
    apart = Collection(survey, cards, on_site(site or "../"))
    for card in cards:
        yield from _of(apart, card)


def _of(collection: Collection, card: Card) -> Iterator[File]:
    """The files of one work, under its earlier names too; where its page was, a page leads on to it."""
    verdicts = verdicts_bibtex(collection.survey, card)
    for name in (card.slug, *card.aliases):
        yield File(f"papers/{name}.md", twin(collection, card))
        yield File(f"papers/{name}/cite.bib", entry(card) + "\n")
        if verdicts:
            yield File(f"papers/{name}/verdicts.bib", verdicts)
    for name in card.aliases:
        yield File(f"papers/{name}/index.html", way_on(card, site=collection.survey.site))
