"""A card from the answers of an issue form: what arXiv knows of the work, and what the form says beside it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tooling.cards.add import Wanted, Wishes, add_all
from tooling.cards.edit import CannotEdit, with_origin, with_value
from tooling.cards.file import replace_file
from tooling.cards.form import ORDER, card_file_text
from tooling.cards.issue import one_line
from tooling.cards.layout import Value
from tooling.cards.load import InvalidLibrary, load_vocabulary, parse_card
from tooling.cards.lock import card_turn
from tooling.cards.schema import Card
from tooling.cards.value import kebab
from tooling.cards.vocabulary import Terms
from tooling.errors import ToolingError, UsageError

if TYPE_CHECKING:
    from tooling.cards.source import Source

ORIGIN = "the issue that proposed it"
ID_WORDS = 5
# what a claim cannot be without; the figure and its place may be missing
OF_A_CLAIM = {
    "claim": "a claim", "test": "how it could be tested", "question": "its question",
    "bearing": "what a small run could say", "why": "why it could or could not",
}  # fmt: skip


@dataclass
class Proposal:
    """A card that an issue yields: its path and text, and what a person has yet to do.

    `before` is the text of a card that was there already, else None. `error` says why there is no card; path and text
    are then empty.
    """

    path: str = ""
    text: str = ""
    before: str | None = None
    left: list[str] = field(default_factory=list)
    error: ToolingError | None = None


def propose(root: Path, answers: Mapping[str, str], *, write: bool = False, source: "Source | None" = None) -> Proposal:
    """The card of the work that the answers name, with their topics, summary and claim where it has none.

    `write` makes or completes the card's file, else nothing is written. `source` gives the records in place of arXiv.
    """
    work = one_line(answers.get("work", ""))
    if not work:
        return Proposal(error=UsageError("the form names no work; give an arXiv id or address, a DOI or a title"))
    topics = tuple(_chosen(answers.get("topics", ""), load_vocabulary(root / "papers").topics))
    wishes = Wishes(draft=True, dry_run=not write)
    (outcome,) = add_all(root, [Wanted(work, topics=topics, origin=ORIGIN)], source=source, wishes=wishes)
    if outcome.error:
        return Proposal(error=outcome.error)
    text = outcome.text or card_file_text(root / outcome.path)
    found = Proposal(outcome.path, text, before=text if outcome.state == "present" else None)
    _complete(found, answers, root)
    if write and found.text != text:
        with card_turn(root):
            replace_file(root / found.path, found.text)
    return found


def _complete(found: Proposal, answers: Mapping[str, str], root: Path) -> None:
    """Put into the card what it lacks and the answers have; what they lack too, or have in vain, is left to do."""
    vocabulary = load_vocabulary(root / "papers")
    _put(found, "topics", _chosen(answers.get("topics", ""), vocabulary.topics))
    _put(found, "summary", one_line(answers.get("summary", "")))
    if any(answers.get(name) for name in OF_A_CLAIM):
        if lacking := [words for name, words in OF_A_CLAIM.items() if not answers.get(name)]:
            found.left.append(f"the claim of the form lacks {', '.join(lacking)}")
        else:
            _put(found, "claims", [_claim(_card(found), answers, vocabulary.questions)])
    card = _card(found)
    empty = [f"`{key}`" for key in ("topics", "summary", "claims") if not getattr(card, key)]
    found.left += [f"still to be written: {', '.join(empty)}"] if empty else []
    found.left += ["`draft: true` goes when the card has been judged"] if card.draft else []


def _put(found: Proposal, key: str, value: Value) -> None:
    """Put a value behind a key of the card that is empty, if the card is valid with it."""
    card = _card(found)
    if not value or getattr(card, key):
        if value and key == "claims":
            found.left.append("the card has claims; whether the one of the form is new is for a person to say")
        return
    try:
        text = with_value(found.text, key, value=value, after=[name for name in ORDER if ORDER[name] < ORDER[key]])
        text = with_origin(text, key, origin=ORIGIN)
        parse_card(text, card.slug, shown=found.path)
    except InvalidLibrary as error:
        found.left += [f"{problem.message}; {problem.remedy}" for problem in error.problems]
    except CannotEdit as error:
        found.left.append(f"`{key}`: the card {error}")
    else:
        found.text = text


def _card(found: Proposal) -> Card:
    return parse_card(found.text, Path(found.path).stem, shown=found.path)


def _claim(card: Card, answers: Mapping[str, str], questions: Terms) -> Mapping[str, Value]:
    """The claim of the form; where no place is given the figure counts as not located."""
    place, statement = one_line(answers.get("place", "")), one_line(answers["claim"])
    reported = one_line(answers.get("reported", ""))
    figure = {"reported": reported} if reported else {"reported_missing": "the issue that proposed it gives none"}
    address = card.links.get("paper") or next(iter(card.links.values()), "")
    return {
        "id": "-".join(kebab(statement).split("-")[:ID_WORDS]),
        "statement": statement,
        **figure,
        "source": {"address": address, "place": place or None, "confidence": "paper" if place else "unlocated"},
        "test": one_line(answers["test"]),
        "question": _chosen(answers["question"], questions)[:2],
        "bearing": {"kind": one_line(answers["bearing"]).partition(":")[0], "why": one_line(answers["why"])},
    }


def _chosen(text: str, terms: Terms) -> list[str]:
    """The terms whose names were chosen; GitHub writes several with commas between, and names have commas too."""
    return [
        term_id for term_id, term in terms.items() if re.search(rf"(?:^|, |\n){re.escape(term.name)}(?:, |\n|$)", text)
    ]
