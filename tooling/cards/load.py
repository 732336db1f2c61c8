"""The library read from its folder: strictly, all of it, and with the line of whatever is wrong."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from tooling.cards.document import Document, parse_document, read_document, read_text
from tooling.cards.problem import Fault, InvalidLibrary, Problem, field_name
from tooling.cards.schema import Card, Claim
from tooling.cards.translation import translate
from tooling.cards.value import SLUG, kebab
from tooling.cards.vocabulary import Vocabulary, empty_vocabulary
from tooling.errors import NotFound

VOCABULARY = "_vocabulary"
VOCABULARY_FILE = f"{VOCABULARY}.yaml"
Model = TypeVar("Model", bound=BaseModel)


class Library(Mapping[str, Card]):
    """All cards by slug, in the order of the slugs, with their vocabulary and the folder that they were read from.

    `broken` names the slugs whose files could not be read (empty for a library from `load_library`).
    """

    def __init__(
        self,
        cards: Mapping[str, Card],
        *,
        vocabulary: Vocabulary,
        folder: Path,
        broken: frozenset[str] = frozenset(),
    ) -> None:
        self._cards = {slug: cards[slug] for slug in sorted(cards)}
        self._documents: dict[str, Document] = {}
        self.vocabulary = vocabulary
        self.folder = folder
        self.broken = broken

    def __getitem__(self, slug: str) -> Card:
        """The card; raises `KeyError` where there is none."""
        return self._cards[slug]

    def __iter__(self) -> Iterator[str]:
        """The slugs in order."""
        return iter(self._cards)

    def __len__(self) -> int:
        """How many cards there are."""
        return len(self._cards)

    def __repr__(self) -> str:
        """The folder and the number of cards."""
        return f"Library({str(self.folder)!r}, {len(self)} cards)"

    def claims(self) -> Iterator[tuple[str, Claim]]:
        """Each claim with its full key, `<slug>/<id>`."""
        for card in self._cards.values():
            for claim in card.claims:
                yield card.claim_key(claim), claim

    def claim(self, key: str) -> Claim:
        """The claim with this key, `<slug>/<id>`; raises `KeyError` where there is none."""
        slug, _, claim_id = key.partition("/")
        return self[slug].claim(claim_id)

    def document(self, stem: str) -> Document:
        """The file `<stem>.yaml` as it stands in the folder, which knows the line of each value."""
        # lines are wanted only where something is wrong, so the file is read again rather than all lines kept
        if stem not in self._documents:
            name = f"{stem}.yaml"
            self._documents[stem] = read_document(self.folder / name, shown_path(self.folder, name))
        return self._documents[stem]


class Reading(NamedTuple):
    """What could be read of a library, and what was wrong with the rest."""

    library: Library
    problems: list[Problem]


def load_library(folder: Path) -> Library:
    """All cards of the folder and its vocabulary.

    Raises `InvalidLibrary` with every problem of every file, and `NotFound` where there is no folder.
    """
    reading = read_library(folder)
    if reading.problems:
        raise InvalidLibrary(reading.problems)
    return reading.library


def read_library(folder: Path) -> Reading:
    """The cards of the folder that can be read, and the problems of all files; a broken file is left out."""
    if not folder.is_dir():
        raise NotFound(f"no folder `{folder}`; pass the folder with the cards")
    problems = list(_misnamed(folder))
    vocabulary, found = _read_vocabulary(folder)
    problems += found
    cards: dict[str, Card] = {}
    broken = set() if vocabulary else {VOCABULARY}
    for file in sorted(folder.glob("*.yaml")):
        if file.name.startswith(("_", ".")):
            continue
        shown = shown_path(folder, file.name)
        read = read_text(file, shown)
        card, found = _parsed(read, file.stem, shown=shown) if isinstance(read, str) else _card(read, file.stem)
        problems += found
        if card and not found:
            cards[file.stem] = card
        else:
            broken.add(file.stem)
    library = Library(cards, vocabulary=vocabulary or empty_vocabulary(), folder=folder, broken=frozenset(broken))
    return Reading(library, sorted(problems))


def load_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of the folder; raises `InvalidLibrary` with every problem of its file."""
    vocabulary, problems = _read_vocabulary(folder)
    if problems or not vocabulary:
        raise InvalidLibrary(problems)
    return vocabulary


def parse_card(text: str, slug: str, *, shown: str) -> Card:
    """The card that `text` holds, checked as if it stood in the file `<slug>.yaml`; `shown` names it in problems.

    Raises `InvalidLibrary` with every problem.
    """
    card, problems = _parsed(text, slug, shown=shown)
    if problems or not card:
        raise InvalidLibrary(problems)
    return card


@lru_cache(maxsize=1_000)  # a preview reads all cards again after each edit of one
def _parsed(text: str, slug: str, *, shown: str) -> tuple[Card | None, Sequence[Problem]]:
    card, problems = _card(parse_document(text, shown), slug)
    return card, tuple(problems)


def shown_path(folder: Path, name: str) -> str:
    """The file's path as problems name it, from the folder above: `papers/tinyzero.yaml`."""
    return field_name((f"{folder.resolve().name}/{name}",))


def _card(document: Document, slug: str) -> tuple[Card | None, list[Problem]]:
    problems: list[Problem] = []
    if not re.fullmatch(SLUG, slug):
        remedy = f"rename it to `{kebab(slug) or 'name'}.yaml`"
        fault = Fault("not-kebab-case", "has a name that is not in kebab-case", remedy)
        return None, [*document.problems, document.problem((), fault)]
    value = document.value
    if isinstance(value, dict):
        if "slug" in value:
            fault = Fault("unknown-key", "is not a key of a card", "delete it: the slug is the file's name")
            problems.append(document.problem(("slug",), fault))
        value = {**value, "slug": slug}
    card, found = _validated(document._replace(value=value), Card)
    return card, problems + found


def _read_vocabulary(folder: Path) -> tuple[Vocabulary | None, list[Problem]]:
    file = folder / VOCABULARY_FILE
    shown = shown_path(folder, VOCABULARY_FILE)
    if not file.exists():
        return None, [Problem(shown, 1, "", "there is no vocabulary", "add the file with the terms", "no-vocabulary")]
    return _validated(read_document(file, shown), Vocabulary)


def _validated(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """The document as a model, or None, and all that is wrong with it."""
    if not isinstance(document.value, dict):
        return None, document.problems or [document.problem((), _not_a_mapping(document.value))]
    try:
        return model.model_validate(document.value), document.problems
    except ValidationError as error:
        # a character that the reader refused is refused again as part of its value
        found = {(problem.field, problem.code): problem for problem in document.problems}
        again = (problem for problem in translate(error, document, model=model))
        return None, [*document.problems, *(problem for problem in again if (problem.field, problem.code) not in found)]


def _not_a_mapping(value: Any) -> Fault:
    if value is None:
        return Fault("empty", "is empty", "write the card's keys, or delete the file")
    what = "a list" if isinstance(value, list) else "text"
    return Fault("wrong-type", f"holds {what} where `key: value` lines belong", "begin with `kind: paper`")


def _misnamed(folder: Path) -> Iterator[Problem]:
    """Files that were meant as cards and would silently be left out."""
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in (".yml", ".yaml") and file.suffix != ".yaml":
            remedy = f"rename it to `{file.stem}.yaml`"
            yield Problem(shown_path(folder, file.name), 1, "", "a card's file ends in `.yaml`", remedy, "file-name")
