"""The authors of all works, by family name. Equal names are one entry: a card says a name, not who bears it."""

from itertools import groupby

from tooling.pages.page import Page, compose, root_of
from tooling.pages.survey import Survey, sort_key
from tooling.pages.template import render

PATH = "authors/index.md"
IN_BRIEF = 1500  # authors of one work that are named; of more, the explorer finds those whom its search knows


def authors_page(survey: Survey) -> Page:
    """Authors of several works with all of these, then the others by letter, each with the work."""
    several = [name for name, cards in survey.authors.items() if len(cards) > 1]
    single = [name for name, cards in survey.authors.items() if len(cards) == 1]
    shown = single if len(single) <= IN_BRIEF else []
    body = render(
        "authors.html",
        root=root_of(PATH),
        survey=survey,
        several=several,
        single=len(single),
        letters=[(letter, list(names)) for letter, names in groupby(shown, key=initial)],
    )
    extra = {"section": "Works", "description": "All authors of the works, by family name."}
    return compose(PATH, title="Authors", body=body, source="papers", extra=extra)


def initial(name: str) -> str:
    """The letter under which a name stands: `V` for Leandro von Werra's, `#` for one without a Latin letter."""
    first = sort_key(name)[0][:1].upper()
    return first if first.isalpha() else "#"
