"""What a citation of a work says beside title and authors, in whatever form it is written: venue, identifiers, year."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import unquote

from tooling.cards.schema import Card

JOURNAL = re.compile(r"Nature|Science|PNAS|TMLR|JMLR|TACL|.*\b(?:Journal|Transactions|Letters|Reviews?|Magazine)\b.*")
PAGES = re.compile(r"pp?\. ?(\d+) ?[-–]+ ?(\d+)")
PMLR = re.compile(r"PMLR (\d+)")
DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(10\..+)")
Form = Literal["preprint", "article", "proceedings"]


class Venue(NamedTuple):
    """Where a work was published: `ICML 2025 (PMLR 267, pp. 1-9)` taken apart; what is not there is empty."""

    name: str
    year: str
    volume: str
    pages: str
    note: str

    @property
    def without_year(self) -> str:
        """The name alone: `Nature` of `Nature 2025`."""
        return " ".join(self.name.replace(self.year, " ").split()) if self.year else self.name

    @property
    def form(self) -> Form:
        """What was published there: an article, a part of proceedings, or nothing yet."""
        if not self.name:
            return "preprint"
        return "article" if JOURNAL.fullmatch(self.without_year) else "proceedings"


@lru_cache(maxsize=2_000)
def read_venue(text: str) -> Venue:
    """The venue taken apart; all parts are empty for an empty text."""
    name = re.split(r" ?[(,;]", text, maxsplit=1)[0].strip()
    rest = text[len(name) :]
    year = re.search(r"\b(?:19|20)\d\d\b", name)
    pages, volume = PAGES.search(rest), PMLR.search(rest)
    note = re.sub(r"\(\W*\)", "", PMLR.sub("", PAGES.sub("", rest))).strip(" ,;")
    whole = re.fullmatch(r"\(([^()]*)\)", note)
    return Venue(
        name=name,
        year=year.group() if year else "",
        volume=volume[1] if volume else "",
        pages=f"{pages[1]}--{pages[2]}" if pages else "",
        note=whole[1] if whole else note,
    )


def doi(card: Card) -> str:
    """The bare DOI: the publisher's, else the one that arXiv gives a preprint; empty where there is none."""
    published = DOI.fullmatch(card.links.get("paper", ""))
    if published:
        return unquote(published[1])
    # of a published work, arXiv's would be the wrong one
    preprint = card.arxiv and read_venue(card.venue or "").form == "preprint"
    return f"10.48550/arXiv.{card.arxiv}" if preprint else ""


def address(card: Card) -> str:
    """Where the work itself is read: the paper, else arXiv, else any other link; empty where there is none."""
    arxiv = f"https://arxiv.org/abs/{card.arxiv}" if card.arxiv else None
    return next((found for found in (card.links.get("paper"), arxiv, *card.links.values()) if found), "")


def year(card: Card) -> str:
    """The year of publication, else that of the first submission."""
    return read_venue(card.venue or "").year or card.date[:4]
