"""When a card, or a page that lists cards, last changed: the dates of facts, never the day of a build."""

from collections.abc import Iterable, Iterator

from tooling.cards import Card
from tooling.pages.survey import TERM_SECTIONS, Survey


def changed(survey: Survey, card: Card) -> str:
    """The day of the last fact on a card's page, `2025-03-26` or `2025-03`.

    It is that of the last recording or revalidation of a claim of the card, else of the work's first submission.
    """
    return max(_days(survey, card))


def last_changed(survey: Survey, cards: Iterable[Card]) -> str:
    """The day of the last fact on the cards; empty where there is no card."""
    return max((changed(survey, card) for card in cards), default="")


def page_changed(survey: Survey, address: str) -> str:
    """The day of the last fact on the page at an address, `topics/efficiency/`; empty where no card speaks there.

    A page that is about one work or one term has the days of its cards, any other those of all.
    """
    section, _, term = address.rstrip("/").partition("/")
    library = survey.library
    if section == "papers" and term in library:
        return changed(survey, library[term])
    if section in TERM_SECTIONS and term:
        return last_changed(survey, survey.users[section].get(term, ()))
    if section == "questions" and term:
        asked = (finding.card for finding in survey.findings.values() if term in finding.claim.question)
        return last_changed(survey, asked)
    return last_changed(survey, library.values())


def _days(survey: Survey, card: Card) -> Iterator[str]:
    yield card.date
    results = [*survey.runs(card), *(each.result for finding in survey.of(card) for each in finding.recorded)]
    for result in results:
        yield result.started[:10]
        yield from (past["started"][:10] for past in result.history)
        yield from (again["date"][:10] for again in result.revalidations)
