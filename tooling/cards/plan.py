"""What taking over a list would do: which of its works have a card, which are lacking, and what is left out and why."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tooling.cards.add import Wanted
from tooling.cards.entry import Entry, Finding, Listing
from tooling.cards.load import Library
from tooling.cards.mention import is_named
from tooling.cards.problem import counted, quoted
from tooling.cards.schema import Card
from tooling.cards.section import topic_of
from tooling.cards.shelf import Shelf
from tooling.cards.twin import Titles
from tooling.cards.work import Doi, Work, letters, parse_work

How = Literal["id", "doi", "address", "title", "name"]
# shorter titles are names, which several works may have
_TELLING = 16
_SHORTEST_NAME = 5
_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+)*")


class Present(NamedTuple):
    """A card of a work that the list has too: where in the list, and by what it was known."""

    line: int
    slug: str
    how: How


@dataclass
class Missing:
    """A work of the list that has no card, with what all entries about it say."""

    text: str
    title: str
    lines: list[int] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def wanted(self, origin: str) -> Wanted:
        """The work as `add_all` takes it; `origin` names the list."""
        note = " ".join(dict.fromkeys(self.remarks)) or None
        topics = tuple(dict.fromkeys(self.topics))
        return Wanted(self.text, topics, note, origin=f"{origin}, line {self.lines[0]}")


class Plan(NamedTuple):
    """Works that have a card, works to be added, and what is left out, each in the order of the list."""

    present: list[Present]
    missing: list[Missing]
    findings: list[Finding]


def plan_import(listing: Listing, library: Library) -> Plan:
    """What the library has of the list and what it lacks; asks nobody and changes nothing.

    A work is present where a card has its id or DOI, one of its addresses, or a title that differs in a letter in
    twelve. Works that the text only names are present where a card has that name, and are otherwise nothing.
    """
    planning = _Planning(library)
    for entry in listing.entries:
        planning.take(entry)
    missing = list({id(each): each for each in planning.missing.values()}.values())
    findings = [*listing.findings, *planning.findings, *_unknown_sections(missing)]
    known = {each.slug for each in planning.present}
    named = [each for each in _named(library, listing.prose) if each.slug not in known]
    return Plan([*planning.present, *named], missing, sorted(dict.fromkeys(findings)))


class _Planning:
    """Goes through the entries of a list, and takes each work once."""

    def __init__(self, library: Library) -> None:
        self.present: list[Present] = []
        self.missing: dict[str, Missing] = {}
        self.findings: list[Finding] = []
        self._library = library
        self._shelf = Shelf.around(library)
        self._titles = Titles((slug, card.title) for slug, card in library.items())
        self._pages = _pages(library)

    def take(self, entry: Entry) -> None:
        """Sort an entry in: a card has it, a card is to be made, or it is left out."""
        works = [parse_work(text) for text in entry.works]
        places = [Present(entry.line, slug, "address") for slug in self._at(entry.addresses)]
        known = [
            Present(entry.line, slug, "doi" if isinstance(work, Doi) else "id")
            for work in works
            if (slug := self._shelf.slug_of(work))
        ]
        self.present += [*known[:1], *places]
        if known or (places and not works):
            return
        near = self._titles.near(entry.title)
        if near and not works:
            self.present.append(Present(entry.line, near[0], "title"))
        elif works:
            self._take_new(entry, works, near)
        elif entry.listed:
            self.findings.append(Finding(entry.line, "no-identifier", _without_id(entry)))

    def _take_new(self, entry: Entry, works: Sequence[Work], near: Sequence[str]) -> None:
        """Take an entry whose id no card has, unless a card with its title may be about the same work."""
        on_arxiv = not isinstance(works[0], Doi)
        for slug in near:
            card = self._library[slug]
            if not on_arxiv:
                self.present.append(Present(entry.line, slug, "title"))
                return
            if card.arxiv is None:
                says = f"`{works[0]}` has the title of papers/{slug}.yaml, {quoted(card.title)}, which has no arXiv id"
                remedy = f"add `arxiv: '{works[0].key}'` there if it is the same work, else `tooling add-paper` it"
                self.findings.append(Finding(entry.line, "perhaps-present", f"{says}; {remedy}"))
                self.present.append(Present(entry.line, slug, "title"))
                return
        self._miss(entry, works)

    def _miss(self, entry: Entry, works: Sequence[Work]) -> None:
        names = [work.key for work in works]
        if len(letters(entry.title)) >= _TELLING:
            names.append(letters(entry.title))
        found = next((self.missing[name] for name in names if self._is_same(name, works)), None)
        missing = found or Missing(entry.works[0], entry.title)
        self.missing |= {name: missing for name in names if name not in self.missing}
        if isinstance(parse_work(missing.text), Doi):
            # arXiv knows more of a work than a registrar does
            missing.text = entry.works[0]
        missing.lines.append(entry.line)
        missing.title = missing.title or entry.title
        missing.remarks += [entry.remark] if entry.remark else []
        topic = topic_of(entry.sections, self._library.vocabulary.topics)
        missing.topics += [topic] if topic else []
        missing.unknown += list(entry.sections[-1:]) if not topic else []

    def _is_same(self, name: str, works: Sequence[Work]) -> bool:
        """Whether a work of the list has this name already; two with a title in common have no two arXiv ids."""
        other = self.missing.get(name)
        if other is None:
            return False
        both = isinstance(works[0], Doi) == isinstance(parse_work(other.text), Doi)
        return name in {work.key for work in works} or not both

    def _at(self, addresses: Iterable[str]) -> list[str]:
        """The slugs of the works whose page is one of the addresses."""
        return list(dict.fromkeys(slug for each in addresses for slug in self._pages.get(page_of(each), ())))


def page_of(address: str) -> str:
    """What the addresses of one page have in common: host and path, and of YouTube the film.

    >>> page_of("https://www.github.com/Jiayi-Pan/TinyZero/tree/main?tab=readme#top")
    'github.com/jiayi-pan/tinyzero'
    """
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return address
    path = parts.path.rstrip("/").lower()
    if host == "github.com":
        path = re.sub(r"(?:\.git|/tree/(?:main|master)|/blob/(?:main|master)/readme\.md)$", "", path)
    film = parse_qs(parts.query).get("v", [""])[0] if host == "youtube.com" else ""
    return f"{host}{path}{film}"


def _pages(library: Library) -> dict[str, list[str]]:
    """The slugs of the works by their pages, those first whose own link it is.

    A page that a card gives as a source is the work's only where no card has it as a link.
    """
    linked: dict[str, list[str]] = defaultdict(list)
    sources: dict[str, list[str]] = defaultdict(list)
    for slug, card in library.items():
        for address in card.links.values():
            linked[page_of(address)].append(slug)
        for source in card.provenance.sources:
            if re.match(r"https?://", source):
                sources[page_of(source.partition(" (")[0])].append(slug)
    return {**{page: slugs for page, slugs in sources.items() if len(slugs) == 1}, **linked}


def _named(library: Library, prose: Sequence[tuple[int, str]]) -> Iterator[Present]:
    """The works that the prose names without more, each at the first line that does."""
    places: dict[str, list[int]] = defaultdict(list)
    for index, (_, text) in enumerate(prose):
        for word in _words(text):
            places[word].append(index)
    for slug, card in library.items():
        for name in _names(card):
            # the rarest word of a name leads to the few pieces that could hold it
            rarest = min((places.get(word, []) for word in _words(name)), key=len, default=[])
            line = next((prose[index][0] for index in rarest if is_named(name, prose[index][1])), None)
            if line is not None:
                yield Present(line, slug, "name")
                break


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


def _names(card: Card) -> Iterator[str]:
    """The names under which people know a work: its title, what stands before the colon, what stands in brackets.

    A model is named without its version too: `Gemini Flash Thinking`.
    """
    bare, _, bracket = card.title.partition(" (")
    head = bare.partition(":")[0]
    for name in (bare, head, bracket.rstrip(")")):
        if len(name) >= _SHORTEST_NAME and (" " in name or any(letter.isupper() for letter in name[1:])):
            yield name
    if card.kind == "model":
        words = [word for word in bare.split() if not _VERSION.fullmatch(word)]
        if len(words) > 2:
            yield " ".join(words)


def _without_id(entry: Entry) -> str:
    title = quoted(entry.title, 100) if entry.title else "a work"
    where = f" ({entry.addresses[0][:200]})" if entry.addresses else ""
    search = f", or try `tooling add-paper {_as_word(entry.title)}`" if len(entry.title) >= _TELLING else ""
    return f"{title}{where} has no arXiv id and no DOI; add it by hand{search}"


def _as_word(title: str) -> str:
    """The title as a word for a shell, without what a shell would read."""
    return '"' + re.sub(r"[\"$`\\!]", "", title)[:200] + '"'


def _unknown_sections(missing: Iterable[Missing]) -> Iterator[Finding]:
    """The sections that are no topic, with how many works got no topic from the list for that."""
    lines: dict[str, list[int]] = defaultdict(list)
    for each in missing:
        if not each.topics:
            for section in dict.fromkeys(each.unknown):
                lines[section].append(each.lines[0])
    for section, numbers in lines.items():
        says = f"the section {quoted(section)} is no topic of the vocabulary"
        left = f"{counted(len(numbers), 'work')} of it get only the topics that title and abstract suggest"
        yield Finding(numbers[0], "unknown-section", f"{says}; {left}")
