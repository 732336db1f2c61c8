"""The survey as pages see it: each claim of each card joined with the results that speak to it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from types import MappingProxyType
from typing import NamedTuple

from tooling.cards import Card, Claim, Library
from tooling.cards.alias import former_slugs
from tooling.cards.mint import latin
from tooling.cards.name import read_name
from tooling.cards.standing import Standing
from tooling.runs.result import ClaimResult, Result, Results

SCALES = {  # the strongest first
    "paper": "at the paper’s scale",
    "gpu": "on one GPU",
    "mini": "in miniature",
    "quick": "in a quick look",
}
VERDICTS = ("supported", "contradicted", "inconclusive", "not tested", "untestable")
DECIDED = ("supported", "contradicted")
TERM_SECTIONS = ("topics", "methods", "models", "benchmarks")
WORKS_FOR_A_PAGE = 3  # below it, a page of a method or model would say no more than its line in the index


class Evidence(NamedTuple):
    """One measurement of a claim: its scale, the decision, and the result that it belongs to."""

    scale: str
    claim: ClaimResult
    result: Result

    @property
    def words(self) -> str:
        """The verdict with its scale: `contradicted in miniature`."""
        return f"{self.claim.verdict} {SCALES[self.scale]}"


@dataclass(frozen=True)
class Finding:
    """A claim of a card with all that was measured for it; `recorded` has the strongest scale first."""

    card: Card
    claim: Claim
    recorded: tuple[Evidence, ...]
    quick: tuple[Evidence, ...]

    @property
    def key(self) -> str:
        """The claim's full name, `<slug>/<claim id>`."""
        return f"{self.card.slug}/{self.claim.id}"

    @property
    def best(self) -> Evidence | None:
        """The recording at the strongest scale, if there is one."""
        return self.recorded[0] if self.recorded else None

    @property
    def verdict(self) -> str:
        """One of the five words: the strongest recording's, else `not tested` or `untestable`."""
        if self.best:
            return self.best.claim.verdict
        return "untestable" if self.claim.untestable else "not tested"

    @property
    def words(self) -> str:
        """The verdict with its scale, where it has one."""
        return self.best.words if self.best else self.verdict


class Survey:
    """The library and the results together, with the look-ups that pages need."""

    def __init__(
        self,
        library: Library,
        results: Results,
        *,
        standings: Mapping[str, Standing] = MappingProxyType({}),
        site: str = "",
    ) -> None:
        """Join each claim with its results; `standings` says of addresses how they stood when they were last asked.

        `site` is the address of the start page with a slash at its end, empty where it is not known.
        """
        self.standings = standings
        self.site = site
        self.library = library
        self.vocabulary = library.vocabulary
        self.results = results
        self.findings = {finding.key: finding for card in library.values() for finding in self._of(card)}
        self._against, self._behind = self._ties("contradicts"), self._ties("supports")

    def _ties(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """For each claim the claims of other works that say of themselves that they contradict (or support) it."""
        found: dict[str, tuple[str, ...]] = {}
        for finding in self.findings.values():
            for key in getattr(finding.claim, name):
                found[key] = (*found.get(key, ()), finding.key)
        return found

    @cached_property
    def former(self) -> Mapping[str, str]:
        """Earlier slugs of cards, with those that they have now."""
        return former_slugs(self.library.values())

    def against(self, finding: Finding) -> list[str]:
        """The keys of the claims that contradict this one without being named by it."""
        return [key for key in self._against.get(finding.key, ()) if key not in finding.claim.contradicts]

    def behind(self, finding: Finding) -> list[str]:
        """The keys of the claims that support this one without being named by it."""
        return [key for key in self._behind.get(finding.key, ()) if key not in finding.claim.supports]

    def _of(self, card: Card) -> Iterator[Finding]:
        for claim in card.claims:
            key = f"{card.slug}/{claim.id}"
            found = [Evidence(*evidence) for evidence in self.results.verdicts(key) if evidence[0] in SCALES]
            recorded = sorted(found, key=lambda evidence: list(SCALES).index(evidence.scale))
            yield Finding(card, claim, tuple(recorded), tuple(self._quick(key)))

    def _quick(self, key: str) -> Iterator[Evidence]:
        for scales in self.results.quick.values():
            for scale, result in scales.items():
                if key in result.claims:
                    yield Evidence(scale, result.claims[key], result)

    def of(self, card: Card) -> list[Finding]:
        """The findings of one card, in the card's order."""
        return [self.findings[f"{card.slug}/{claim.id}"] for claim in card.claims]

    @cached_property
    def recorded(self) -> list[Finding]:
        """All findings with a recording: decided ones first, then by the strength of the scale and the name."""
        found = [finding for finding in self.findings.values() if finding.recorded]
        order = {verdict: place for place, verdict in enumerate(VERDICTS)}
        return sorted(found, key=lambda finding: (order[finding.verdict], finding.key))

    def pick(self, keys: Iterable[str]) -> list[Finding]:
        """The findings with these keys; a key of a card that is not there is left out."""
        return [self.findings[key] for key in keys if key in self.findings]

    @cached_property
    def mentions(self) -> Mapping[str, tuple[str, ...]]:
        """For each card the slugs of the cards that name it as related without being named back."""
        found: dict[str, tuple[str, ...]] = {}
        for card in self.library.values():
            for slug in card.related:
                if slug in self.library and card.slug not in self.library[slug].related:
                    found[slug] = (*found.get(slug, ()), card.slug)
        return found

    @cached_property
    def authors(self) -> Mapping[str, tuple[Card, ...]]:
        """Each name that cards have as an author, by family name -> the works, newest first."""
        works: dict[str, list[Card]] = {}
        for card in self.by_date(self.library.values()):
            for name in dict.fromkeys(card.authors):
                works.setdefault(name, []).append(card)
        return {name: tuple(works[name]) for name in sorted(works, key=sort_key)}

    @cached_property
    def author_anchors(self) -> Mapping[str, str]:
        """The place of each author on the page of authors: `yejin-choi`, a second one of the kind `yejin-choi-2`."""
        taken: dict[str, str] = {}
        for name in self.authors:
            plain = "-".join(re.findall(r"[a-z0-9]+", latin(name).lower())) or "author"
            numbered = chain([plain], (f"{plain}-{number}" for number in count(2)))
            taken[next(each for each in numbered if each not in taken)] = name
        return {name: anchor for anchor, name in taken.items()}

    @cached_property
    def users(self) -> Mapping[str, Mapping[str, tuple[Card, ...]]]:
        """Section of the vocabulary -> term -> the cards that use it, newest first."""
        found: dict[str, dict[str, list[Card]]] = {section: {} for section in TERM_SECTIONS}
        for card in self.by_date(list(self.library.values())):
            for section in TERM_SECTIONS:
                for term in getattr(card, section):
                    found[section].setdefault(term, []).append(card)
        return {section: {term: tuple(cards) for term, cards in terms.items()} for section, terms in found.items()}

    def has_page(self, section: str, term: str) -> bool:
        """Whether a term has a page of its own: topics always, others when several works use it."""
        return section == "topics" or len(self.users[section].get(term, ())) >= WORKS_FOR_A_PAGE

    def term_address(self, section: str, term: str) -> str:
        """Where a term is explained, from the start page: its own page, or its place in the index."""
        return f"{section}/{term}/" if self.has_page(section, term) else f"{section}/#{term}"

    def runs(self, card: Card) -> list[Result]:
        """The recorded results of a card's own script, the strongest scale first."""
        scales = self.results.get(card.slug, {})
        return [scales[scale] for scale in SCALES if scale in scales]

    def by_title(self, cards: Iterable[Card]) -> list[Card]:
        """The cards in the order of their titles."""
        return sorted(cards, key=lambda card: card.title.lower())

    def by_date(self, cards: Iterable[Card]) -> list[Card]:
        """The cards with the newest first; of one day, by title."""
        return sorted(self.by_title(cards), key=lambda card: card.date, reverse=True)


def sort_key(name: str) -> tuple[str, ...]:
    """What authors are sorted by, without accents: `("von werra", "leandro", "Leandro von Werra")`."""
    parts = read_name(name)
    family = latin(f"{parts.particle} {parts.family}").strip().lower()
    return family, latin(parts.given).lower(), name


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings have each verdict, in the fixed order, words without any left out."""
    tally = Counter(finding.verdict for finding in findings)
    return {verdict: tally[verdict] for verdict in VERDICTS if tally[verdict]}
