"""Cards that may be about one work: the same id, the same DOI, or titles that differ in a few letters."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal, NamedTuple

from rapidfuzz import fuzz

from tooling.cards.load import Library
from tooling.cards.shelf import dois
from tooling.cards.work import SAME_TITLE, letters

Why = Literal["id", "doi", "title"]
# a title is looked up by its rarest words: a misspelt word is rare too, so there are several
_RAREST = 4
# words that more titles have than this tell nothing; a title of such words alone is looked up by all of them
_MOST_SHARING = 60
# two letters of a short name are another name
_SHORTEST = 16


class Twin(NamedTuple):
    """Two cards that may be about one work, the earlier slug first, and what they have in common."""

    slug: str
    other: str
    why: Why


class Titles:
    """Titles by what they are about, so that one that is spelt almost alike is found without looking at all of them."""

    def __init__(self, titles: Iterator[tuple[str, str]]) -> None:
        """Takes pairs of a slug and its title."""
        self._exact: dict[str, list[str]] = defaultdict(list)
        self._words: dict[str, list[str]] = defaultdict(list)
        for slug, title in titles:
            if not (key := letters(title)):
                continue
            if key not in self._exact:
                for word in _words(title):
                    self._words[word].append(key)
            self._exact[key].append(slug)

    def same(self, title: str) -> list[str]:
        """The slugs of the works whose title has the same letters."""
        return self._exact.get(letters(title), [])

    def near(self, title: str) -> list[str]:
        """The slugs of the works whose title is the same, give or take a letter in twelve; the nearest first.

        Numbers must be equal: `Part 1` is not `Part 2`.
        """
        key, numbers = letters(title), _numbers(title)
        found = [(100.0, key)] if key in self._exact else []
        if len(key) >= _SHORTEST:
            others = {other for word in self._rarest(title) for other in self._words[word]} - {key}
            rated = ((fuzz.ratio(key, other, score_cutoff=SAME_TITLE), other) for other in others)
            found += sorted((pair for pair in rated if pair[0] and _numbers(pair[1]) == numbers), reverse=True)
        return [slug for _, other in found for slug in self._exact[other]]

    def _rarest(self, title: str) -> list[str]:
        """The words of the title by which others are looked up: known ones, and not too many works with each."""
        known = sorted((len(self._words[word]), word) for word in _words(title) if word in self._words)
        rare = [word for count, word in known if count <= _MOST_SHARING]
        return rare[:_RAREST] or [word for _, word in known[:1]]


def twins(library: Library) -> Iterator[Twin]:
    """Pairs of cards that may be about one work, each once and by the strongest sign, in the order of the slugs.

    Of three cards with one id the first is paired with both others. A title like another's is a sign only where the two
    cards do not have different ids. The time grows with the number of cards, not with that of their pairs.
    """
    seen: set[tuple[str, str]] = set()
    for twin in (*_by_name(library), *_by_title(library)):
        if (twin.slug, twin.other) not in seen:
            seen.add((twin.slug, twin.other))
            yield twin


def _by_name(library: Library) -> Iterator[Twin]:
    first: dict[str, str] = {}
    for slug, card in library.items():
        if card.arxiv and (other := first.setdefault(card.arxiv, slug)) != slug:
            yield Twin(other, slug, "id")
    for slug, card in library.items():
        for doi in sorted(dois(card)):
            if (other := first.setdefault(doi, slug)) != slug:
                yield Twin(other, slug, "doi")


def _by_title(library: Library) -> Iterator[Twin]:
    titles = Titles((slug, card.title) for slug, card in library.items())
    for slug, card in library.items():
        # of works with one title the first stands for all
        if titles.same(card.title)[:1] not in ([slug], []):
            other = titles.same(card.title)[0]
            if not _have_different_ids(library, slug, other):
                yield Twin(other, slug, "title")
            continue
        for other in titles.near(card.title):
            if other > slug and not _have_different_ids(library, slug, other):
                yield Twin(slug, other, "title")


def _have_different_ids(library: Library, slug: str, other: str) -> bool:
    return bool(library[slug].arxiv and library[other].arxiv and library[slug].arxiv != library[other].arxiv)


def _words(title: str) -> set[str]:
    return {word for word in re.findall(r"[^\W_]+", title.casefold()) if len(word) > 2}


def _numbers(title: str) -> list[str]:
    return re.findall(r"[0-9]+", title)
