"""The works and their claims as tables in CSV."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from tooling.cards.reference import address, doi
from tooling.exports.collection import Collection, standing
from tooling.exports.record import decision
from tooling.exports.text import plain

# spreadsheets run what begins like this; an apostrophe in front makes it text, one more where one is there already
FORMULA = re.compile("'*[=+@＝＋－＠-]")
WORKS = ("slug", "title", "authors", "date", "kind", "venue", "arxiv", "doi", "address", "topics", "methods", "models",
         "benchmarks", "citation_key", "summary", "verdicts", "page")  # fmt: skip
CLAIMS = ("claim", "statement", "reported", "questions", "verdict", "scale", "estimate", "low", "high", "level", "unit",
          "margin", "seeds", "recording", "commit", "started", "stale", "cite", "page")  # fmt: skip


def works_csv(collection: Collection) -> str:
    """A row for each work; several values of a cell are parted by `; `."""
    return _table(WORKS, _works(collection))


def _works(collection: Collection) -> Iterator[tuple[str | float | None, ...]]:
    for card in collection.cards:
        verdicts = [f"{finding.claim.id}: {standing(finding)}" for finding in collection.survey.of(card)]
        terms = ("; ".join(getattr(card, section)) for section in ("topics", "methods", "models", "benchmarks"))
        yield (
            card.slug, card.title, "; ".join(card.authors), card.date, card.kind, card.venue, card.arxiv, doi(card),
            address(card), *terms, card.citation_key, card.summary, "; ".join(verdicts), collection.page(card.slug),
        )  # fmt: skip


def claims_csv(collection: Collection) -> str:
    """A row for each recorded verdict on a claim, and one for each claim that has none."""
    return _table(CLAIMS, _claims(collection))


def _claims(collection: Collection) -> Iterator[tuple[str | float | None, ...]]:
    for card in collection.cards:
        for finding in collection.survey.of(card):
            claim, page = finding.claim, f"{collection.page(card.slug)}#{finding.claim.id}"
            about = (finding.key, claim.statement, claim.reported, "; ".join(claim.question))
            for evidence in finding.recorded:
                made = decision(evidence)
                made |= {"verdict": made["words"], "seeds": len(made["seeds"]), "stale": "yes" if made["stale"] else ""}
                yield (*about, *[made[name] for name in CLAIMS[4:-1]], page)
            if not finding.recorded:
                yield (*about, finding.verdict, *[None] * 13, page)


def _table(names: Iterable[str], rows: Iterable[tuple[str | float | None, ...]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(names)
    writer.writerows([cell(value) if isinstance(value, str) else value for value in row] for row in rows)
    return stream.getvalue()


def cell(text: str) -> str:
    """The text as a cell that no spreadsheet runs: `=1+1` becomes `'=1+1`."""
    shown = plain(text)
    return f"'{shown}" if FORMULA.match(shown) else shown
