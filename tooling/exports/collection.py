"""The works that an export is about, joined with their verdicts, and where its links lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tooling.cards import Card
from tooling.pages.citation import REPOSITORY, cited
from tooling.pages.survey import Finding, Survey


class Places(NamedTuple):
    """Where links to a work lead, with `{slug}` for its slug: the page for people and the Markdown twin."""

    page: str
    twin: str


def on_site(start: str) -> Places:
    """Links to the pages of the site, whose start page is at `start`: an address, or the way there (`../`)."""
    return Places(f"{start}papers/{{slug}}/", f"{start}papers/{{slug}}.md")


IN_REPOSITORY = Places(*[f"{REPOSITORY}/blob/main/papers/{{slug}}.yaml"] * 2)


@dataclass(frozen=True)
class Collection:
    """Some works of the survey in order; `topic` is the term of the vocabulary that picked them, if one did."""

    survey: Survey
    cards: Sequence[Card]
    places: Places = IN_REPOSITORY
    topic: str | None = None

    def page(self, slug: str) -> str:
        """Where the page of a work is."""
        return self.places.page.replace("{slug}", slug)

    def twin(self, slug: str) -> str:
        """Where the Markdown of a work is."""
        return self.places.twin.replace("{slug}", slug)


def standing(finding: Finding) -> str:
    """The strongest verdict on a claim as one cites it, or `not tested` or `untestable`."""
    return cited(finding.best) if finding.best else finding.verdict
