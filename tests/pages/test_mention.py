"""What other works say of a card: its page stays light however many there are, and a page of its own has them all."""

import re

from tests.pages.reader import html_of
from tests.pages.sample import card, claim, library, results
from tooling.cards import Card
from tooling.pages.card import card_page
from tooling.pages.mention import CLAIMS_SHOWN, WORKS_SHOWN, mention_pages
from tooling.pages.survey import Survey

HUB = "hub/first-claim"


def survey(naming: int, against: int) -> Survey:
    """A work that so many others name, and whose claim so many others contradict."""
    named: list[Card] = [
        card(f"work-{number:03}", date=f"2025-01-{number % 28 + 1:02}", related=["hub"]) for number in range(naming)
    ]
    ties = [card(f"foe-{number:03}", claims=[claim("no", contradicts=[HUB])]) for number in range(against)]
    return Survey(library(card("hub"), *named, *ties), results())


def linked(html: str) -> list[str]:
    """The works that a page leads to, each time it does."""
    return re.findall(r'href="(?:\.\./)+(?:papers/)?((?:work|foe)-\d+)/', html)


def page_of_hub(made: Survey) -> str:
    """The hub's page as HTML."""
    return html_of(card_page(made, made.library["hub"], scripts={}))


def test_a_few_works_stand_on_the_cards_own_page_and_no_other_page_is_made() -> None:
    made = survey(WORKS_SHOWN, CLAIMS_SHOWN)
    html = page_of_hub(made)
    assert len(set(linked(html))) == WORKS_SHOWN + CLAIMS_SHOWN
    assert "named/" not in html and list(mention_pages(made)) == []


def test_of_many_the_newest_stand_there_and_all_on_a_page_of_their_own() -> None:
    made = survey(100, 40)
    html = page_of_hub(made)
    works = [slug for slug in linked(html) if slug.startswith("work")]
    newest = made.by_date([each for slug, each in made.library.items() if slug.startswith("work")])
    assert works == [each.slug for each in newest[:WORKS_SHOWN]]
    assert f'<a href="../../named/hub/#_works">{100 - WORKS_SHOWN} more</a>' in html
    assert '<a href="../../named/hub/#first-claim">40 claims of other works</a>' in html
    [page] = mention_pages(made)
    assert page.path == "named/hub.md"
    whole = html_of(page)
    assert sorted(set(linked(whole))) == sorted(set(made.library) - {"hub"})
    assert 'id="_works"' in whole and 'id="first-claim"' in whole


def test_a_cards_page_grows_no_further_with_the_library() -> None:
    assert abs(len(page_of_hub(survey(1_000, 400))) - len(page_of_hub(survey(100, 40)))) < 20


def test_a_claim_alone_with_many_against_it_has_a_page_without_a_list_of_works() -> None:
    [page] = mention_pages(survey(0, CLAIMS_SHOWN + 1))
    assert "_works" not in page.markdown
