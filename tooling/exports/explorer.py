"""What the explorer looks through, as compact JSON that its page loads once: one column for each thing known of works.

At 5,000 works it is to weigh no more than 300 KB on the way, so a term is a number and each text stands once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tooling.cards import Card
from tooling.cards.name import read_name
from tooling.exports.text import plain
from tooling.pages.explorer import facets, tally, values
from tooling.pages.survey import Survey

PATH = "explore.json"
FIRST, LAST = 5, 2  # authors whose names can be found; of a team of hundreds, those whom people remember


def explorer(survey: Survey) -> str:
    """The works, in the order of the whole exports, as columns of one length, with the tables that numbers point into.

    `facets` has for each facet its `values` and for each work which of them it has; `standings` the verdicts with their
    scales, and `claims` for each work `[standing, number of claims, standing, ...]`; `others` the number of authors and
    family names after the first; `words` for each method the names under which works that use it are found.
    """
    cards = list(survey.library.values())
    standings: dict[tuple[str, str], int] = {}
    claims = [_flat(standings, tally(survey.of(card))) for card in cards]
    venues = _table(card.venue or "" for card in cards)
    return _json(
        {
            "slug": [card.slug for card in cards],
            "title": [plain(card.title) for card in cards],
            "author": [plain(card.authors[0]) for card in cards],
            "others": [_others(card) for card in cards],
            "date": [card.date for card in cards],
            "arxiv": [card.arxiv or "" for card in cards],
            "venue": [venues[card.venue or ""] for card in cards],
            "claims": claims,
            "venues": [plain(venue) for venue in venues],
            "standings": list(standings),
            "facets": _facets(survey, cards),
            "words": _words(survey),
        }
    )


def _facets(survey: Survey, cards: Sequence[Card]) -> Mapping[str, Any]:
    kept = [values(survey, card) for card in cards]
    found = {}
    for facet in facets(survey):
        number = {choice.value: place for place, choice in enumerate(facet.choices)}
        of = [[number[value] for value in each[facet.name]] for each in kept]
        found[facet.name] = {"values": list(number), "of": of}
    return found


def _words(survey: Survey) -> list[str]:
    """For each method, in the order of its facet, its name and other names."""
    known = survey.vocabulary.methods
    methods = next(facet for facet in facets(survey) if facet.name == "method")
    terms = [known[choice.value] for choice in methods.choices]
    return [plain(" ".join((term.name, *term.aliases))) for term in terms]


def _others(card: Card) -> str:
    """The number of all authors and the family names of some after the first; of two, the whole name: `3 Two Three`."""
    leading, last = card.authors[:FIRST], card.authors[FIRST:][-LAST:]
    names = [plain(name) for name in (*leading[1:], *last)]
    shown = names if len(card.authors) == 2 else [read_name(name).family for name in names]
    return " ".join((str(len(card.authors)), *shown))


def _flat(standings: dict[tuple[str, str], int], stands: Iterable[tuple[str, str, int]]) -> list[int]:
    """Pairs of a standing's number and how many claims stand so; a new standing gets the next number."""
    numbered = [(standings.setdefault((verdict, words), len(standings)), count) for verdict, words, count in stands]
    return [number for pair in numbered for number in pair]


def _table(texts: Iterable[str]) -> dict[str, int]:
    """Each text with its number, in the order of first appearance."""
    return {text: place for place, text in enumerate(dict.fromkeys(texts))}


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
