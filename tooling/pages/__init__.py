"""The pages of the site as a pure function of the cards and the results; two thin adapters hand them to an engine.

`hook` gives them to mkdocs, `command` writes them to a folder for any other engine.
"""

from collections.abc import Iterator, Mapping

from tooling.cards import Library
from tooling.cards.standing import Standing
from tooling.pages.author import authors_page
from tooling.pages.card import card_page
from tooling.pages.change import changes_page
from tooling.pages.claims import disputes_page, matrix_page, question_pages
from tooling.pages.explorer import explorer_page
from tooling.pages.found import found_page
from tooling.pages.listing import errata_page, term_pages, timeline_page, works_page
from tooling.pages.map import map_page
from tooling.pages.mention import mention_pages
from tooling.pages.page import Page
from tooling.pages.statistic import statistics_page
from tooling.pages.survey import Survey
from tooling.pages.trial import trials_page
from tooling.runs.result import Results

__all__ = ["Page", "pages"]

NO_SCRIPTS: Mapping[str, str] = {}
NO_STANDINGS: Mapping[str, Standing] = {}


def pages(
    library: Library,
    results: Results,
    *,
    scripts: Mapping[str, str] = NO_SCRIPTS,
    standings: Mapping[str, Standing] = NO_STANDINGS,
    site: str = "",
) -> Iterator[Page]:
    """All generated pages: the same input gives the same pages, nothing is read and no clock is asked.

    `scripts` has the sources of the reproductions by slug; their docstrings explain the run on the card's page.
    `standings` says of addresses how they stood when `tooling links` last asked them. `site` is the
    address of the start page with a slash at its end, for citations; empty where it is not known.
    """
    survey = Survey(library, results, standings=standings, site=site)
    for card in library.values():
        yield card_page(survey, card, scripts=scripts)
    yield from mention_pages(survey)
    yield from question_pages(survey)
    yield matrix_page(survey)
    yield disputes_page(survey)
    yield found_page(survey, scripts)
    yield trials_page(survey, scripts)
    yield changes_page(survey)
    yield explorer_page(survey)
    yield works_page(survey)
    yield from term_pages(survey)
    yield timeline_page(survey)
    yield map_page(survey)
    yield authors_page(survey)
    yield errata_page(survey)
    yield statistics_page(survey)
