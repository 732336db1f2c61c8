"""What the library has already: works by the names that people give them, and the names that are taken."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from tooling.cards.identifier import Identifier
from tooling.cards.load import Library, load_library
from tooling.cards.reference import DOI
from tooling.cards.schema import Card
from tooling.cards.work import Work, letters

# slugs that pages of the site need for themselves
RESERVED = frozenset({"index"})
Stamps = frozenset[tuple[str, int, int]]


@dataclass
class Shelf:
    """The works of a library, and the slugs and citation keys that are taken."""

    library: Library
    works: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=lambda: set(RESERVED))
    keys: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, folder: Path) -> "Shelf":
        """The shelf of the library in `folder`; raises `InvalidLibrary` where a card is broken."""
        return cls.around(load_library(folder))

    @classmethod
    def around(cls, library: Library) -> "Shelf":
        """The shelf of a library that has been read."""
        shelf = cls(library)
        for card in shelf.library.values():
            shelf.slugs.update(card.aliases)
            shelf.note(card)
        return shelf

    def note(self, card: Card) -> None:
        """Put a work on the shelf."""
        self.slugs.add(card.slug)
        self.keys.add(card.citation_key)
        if text := letters(card.title):
            self.titles.setdefault(text, card.slug)
        if card.arxiv:
            self.works[card.arxiv] = card.slug
        for name in dois(card):
            self.works.setdefault(name, card.slug)

    def slug_of(self, work: Work) -> str | None:
        """The slug of the card of this work, or None where there is none."""
        found = self.works.get(work.key)
        return found if found or isinstance(work, Identifier) else self.titles.get(work.key)


def dois(card: Card) -> set[str]:
    """The publishers' DOIs that the card gives its work, in lower case."""
    addresses = [card.links.get("paper", ""), *card.provenance.sources]
    found = (DOI.fullmatch(each) for each in addresses)
    return {unquote(match[1]).lower() for match in found if match and " " not in match[1]}


def stamps(folder: Path) -> Stamps:
    """What tells whether a file of the folder has changed: names, times and sizes."""
    with os.scandir(folder) as entries:
        files = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".yaml")]
    return frozenset((name, found.st_mtime_ns, found.st_size) for name, found in files)
