"""The survey in the forms that other programs read, as a pure function of the cards and the results.

`exports` gives every file of the site; `FORMATS` has the same forms by name for `tooling export`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tooling.cards import Library
from tooling.cards.bibtex import entry
from tooling.exports import explorer
from tooling.exports.citation import bibtex, csl_json, ris
from tooling.exports.collection import IN_REPOSITORY, Collection, on_site
from tooling.exports.feed import verdicts_feed, works_feed
from tooling.exports.prose import llms, readme, twin, twins
from tooling.exports.record import jsonl, schema
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


class File(NamedTuple):
    """A file of the site that is no page: its path from the start page, and its text."""

    path: str
    text: str


def exports(library: Library, results: Results, *, site: str = "") -> Iterator[File]:
    """All exported files: the same input gives the same files, nothing is read and no clock is asked.

    `site` is the address of the start page with a slash at its end; where it is empty, links are relative to the file.
    """
    survey = Survey(library, results, site=site)
    cards = tuple(library.values())
    yield File(explorer.PATH, explorer.explorer(survey))
    for path, name in FILES.items():
        yield File(path, FORMATS[name](Collection(survey, cards, on_site(site or "../" * path.count("/")))))
    for topic in survey.vocabulary.topics:
        chosen = survey.users["topics"].get(topic, ())
        yield File(f"feeds/{topic}.xml", works_feed(Collection(survey, chosen, on_site(site or "../"), topic)))
    apart = Collection(survey, cards, on_site(site or "../"))
    for card in cards:
        yield File(f"papers/{card.slug}.md", twin(apart, card))
        yield File(f"papers/{card.slug}/cite.bib", entry(card) + "\n")
        if verdicts := verdicts_bibtex(survey, card):
            yield File(f"papers/{card.slug}/verdicts.bib", verdicts)
