"""What other works say of a card: those that name it, and claims that speak for or against its claims.

A work that many build on is named by a growing share of the library, so its page shows some and leads to a page of all.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tooling.cards import Card
from tooling.pages.page import Page, compose, root_of
from tooling.pages.survey import Finding, Survey
from tooling.pages.template import render, short_title

WORKS_SHOWN = 5  # on the card's own page, the newest
CLAIMS_SHOWN = 2  # for and against each of its claims; where there are more, all stand elsewhere


class Tie(NamedTuple):
    """Claims of other works that speak for or against one, and what they do to it."""

    name: str
    claims: list[Finding]

    @property
    def apart(self) -> bool:
        """Whether there are too many for the card's own page."""
        return len(self.claims) > CLAIMS_SHOWN


def naming(survey: Survey, card: Card) -> list[Card]:
    """The works that name a card without being named back; the newest first where they are too many for its page."""
    works = [survey.library[slug] for slug in survey.mentions.get(card.slug, ())]
    return survey.by_date(works) if len(works) > WORKS_SHOWN else works


def ties(survey: Survey, finding: Finding) -> list[Tie]:
    """The claims that contradict or support one without being named by it."""
    kinds = {"Disputed by": survey.against(finding), "Backed by": survey.behind(finding)}
    return [Tie(name, survey.pick(keys)) for name, keys in kinds.items() if keys]


def has_more(survey: Survey, card: Card) -> bool:
    """Whether the page of a card leaves out something that other works say of it."""
    claims = (tie for finding in survey.of(card) for tie in ties(survey, finding))
    return len(naming(survey, card)) > WORKS_SHOWN or any(tie.apart for tie in claims)


def mention_pages(survey: Survey) -> Iterator[Page]:
    """The page at `/named/<slug>/` of each card whose own page leaves something out."""
    for card in survey.library.values():
        if has_more(survey, card):
            yield _page(survey, card)


def _page(survey: Survey, card: Card) -> Page:
    path = f"named/{card.slug}.md"
    claims = [(finding, ties(survey, finding)) for finding in survey.of(card)]
    title = f"Other works on {short_title(card)}"
    body = render(
        "mention.html",
        root=root_of(path),
        survey=survey,
        card=card,
        works=naming(survey, card),
        claims_of=[(finding, some) for finding, some in claims if some],
    )
    extra = {"section": "Works", "description": f"Works that name {short_title(card)}, and claims on its claims."}
    return compose(path, title=title, body=body, source=f"papers/{card.slug}.yaml", extra=extra)
