"""What the search box looks through, as compact JSON that a page loads when somebody searches.

The first file answers most questions: titles, names, ids, terms of the vocabulary. The second has what is said of the
works, and takes over once it is there. At 5,000 works the first is to weigh no more than 300 KB on the way.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from tooling.cards import Card
from tooling.cards.name import read_name
from tooling.exports.text import plain
from tooling.pages.page import shortened
from tooling.pages.survey import TERM_SECTIONS, Survey

FIRST, MORE = "search.json", "search-more.json"
# of a team of hundreds the first file has those whom people remember
NAMES = 5
LONGEST_EXCERPT = 600
KINDS = {"topics": "topic", "methods": "method", "models": "model", "benchmarks": "benchmark"}


def first(survey: Survey, titles: Mapping[str, str]) -> str:
    """Works as `[slug, title, first author, families of the next, arXiv id, year]`, terms and pages as
    `[address, name, kind, other names]`; `titles` has the titles of hand-written pages by their addresses.
    """
    works = [_work(card) for card in survey.library.values()]
    pages = [[address, plain(title), "page", ""] for address, title in titles.items()]
    return _json({"works": works, "terms": [*_terms(survey), *pages]})


def more(survey: Survey) -> str:
    """For each work, in the order of the first file, `[all names, terms, what is said of it]`; for each claim `[number
    of its work, id, statement, verdict]`; for each term its explanation.
    """
    cards = list(survey.library.values())
    claims = [
        [number, finding.claim.id, plain(finding.claim.statement), finding.words]
        for number, card in enumerate(cards)
        for finding in survey.of(card)
    ]
    works = [[", ".join(map(plain, card.authors)), _words(survey, card), _said(card)] for card in cards]
    return _json({"works": works, "claims": claims, "terms": _explanations(survey)})


def _work(card: Card) -> list[Any]:
    leading, *others = card.authors
    families = " ".join(read_name(plain(name)).family for name in others[: NAMES - 1])
    return [card.slug, plain(card.title), plain(leading), families, card.arxiv or "", int(card.date[:4])]


def _terms(survey: Survey) -> list[list[str]]:
    vocabulary = survey.vocabulary
    named = [
        [survey.term_address(section, term), known.name, KINDS[section], ", ".join(known.aliases)]
        for section in TERM_SECTIONS
        for term, known in vocabulary.section(section).items()
    ]
    asked = [
        [f"questions/{term}/", known.name, "question", ", ".join((known.short, *known.aliases))]
        for term, known in vocabulary.questions.items()
    ]
    return [[address, *map(plain, texts)] for address, *texts in (*named, *asked)]


def _explanations(survey: Survey) -> list[str]:
    sections: Sequence[str] = (*TERM_SECTIONS, "questions")
    terms = chain.from_iterable(survey.vocabulary.section(section).values() for section in sections)
    return [plain(term.text) for term in terms]


def _words(survey: Survey, card: Card) -> str:
    """The names of the terms that the card uses, with their other names."""
    found = []
    for section in TERM_SECTIONS:
        known = survey.vocabulary.section(section)
        for term in getattr(card, section):
            found += [known[term].name, *known[term].aliases] if term in known else []
    return ", ".join(map(plain, found))


def _said(card: Card) -> str:
    notes = " ".join(note.text for note in card.notes)
    return f"{plain(shortened(card.summary or '', LONGEST_EXCERPT))}\n{plain(notes)}"


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
