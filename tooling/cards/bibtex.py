r"""A card as a BibTeX entry that BibTeX and biber read without a warning and typeset as the work writes itself.

Bibliography styles put titles into lower case, so what must keep its capitals stands in braces. Text is UTF-8; what TeX
would take for a command is escaped, and formulas are kept as they are unless they hold a command that does more than
typeset.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from tooling.cards.name import SUFFIX, is_team
from tooling.cards.reference import Venue, address, doi, read_venue, year
from tooling.cards.schema import Card

ESCAPES = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "_": r"\_",
        "#": r"\#",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        # an escaped brace would still count as one in BibTeX's eyes
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
    }
)
# a formula opens before a visible character and closes after one, not before a digit: "from $5 to $10" is money
FORMULA = re.compile(r"(?<!\\)(\$(?=\S)[^$]{0,500}?(?<=[^\s\\$])\$)(?![0-9])")
# TeX that reads or writes files, defines commands or hides characters has no place in a formula
UNSAFE_TEX = re.compile(
    r"\\(?:input|include|open|read|write|immediate|catcode|[egx]?def|let|csname|special|directlua|new|use|loop|every)"
    r"|\\expandafter|\^\^|%"
)
QUOTATION = re.compile(r'"([^"]*)"')
WORD = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
KINDS = {"preprint": "misc", "article": "article", "proceedings": "inproceedings"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def entry(card: Card) -> str:
    """The card's BibTeX entry, without a newline at the end."""
    venue = read_venue(card.venue or "")
    kind = KINDS[venue.form]
    fields = {"title": title(card.title), "author": authors(card.authors)}
    fields |= _published(kind, venue) if venue.name else {}
    fields |= {"year": year(card), **_identifiers(card), "url": _balanced(address(card))}
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    if kind == "misc":
        # a macro, so that each style writes the month in its own way; a publication's month is not on the card
        lines.append(f"  month = {MONTHS[int(card.date[5:7]) - 1]}")
    return f"@{kind}{{{card.citation_key},\n" + ",\n".join(lines) + "\n}"


@lru_cache(maxsize=20_000)  # a title is asked for by each export of its work
def title(text: str) -> str:
    """The title with words that must keep their capitals in braces: `{GRPO} for Text-to-{SQL}`."""
    parts = FORMULA.split(_quoted_as_tex(_normal(text)))
    return "".join(
        f"{{{part}}}" if index % 2 and _is_safe(part) else _braced_words(part) for index, part in enumerate(parts)
    )


def authors(names: Sequence[str]) -> str:
    """The names joined as BibTeX wants them; teams in braces of their own, arXiv's pseudo-author `:` left out."""
    return " and ".join(_author(_normal(name)) for name in names if any(letter.isalnum() for letter in name))


def escape(text: str) -> str:
    r"""The text with everything that TeX would take for a command escaped: `R&D` as `R\&D`."""
    return text.translate(ESCAPES)


def _quoted_as_tex(text: str) -> str:
    """Pairs of straight quotation marks as TeX wants them: ``aha''."""
    return QUOTATION.sub(r"``\1''", text)


def _published(kind: str, venue: Venue) -> Mapping[str, str]:
    where = {"journal": _plain(venue.without_year)} if kind == "article" else {"booktitle": title(venue.name)}
    series = {"series": "{PMLR}", "volume": venue.volume} if venue.volume else {}
    return {**where, **series, "pages": venue.pages, "note": _plain(venue.note)}


def _identifiers(card: Card) -> Mapping[str, str | None]:
    found = {"eprint": card.arxiv, "archivePrefix": "arXiv", "primaryClass": card.category} if card.arxiv else {}
    return {"doi": _balanced(doi(card)), **found}


def _balanced(text: str) -> str:
    """The address or DOI with braces and backslashes percent-encoded; the rest is verbatim in these fields."""
    return text.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _plain(text: str) -> str:
    return escape(_quoted_as_tex(_normal(text)))


def _is_safe(formula: str) -> bool:
    depth = 0
    for letter in re.sub(r"\\.", "", formula):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    # BibTeX counts escaped braces too
    return depth == 0 and formula.count("{") == formula.count("}") and not UNSAFE_TEX.search(formula)


def _braced_words(text: str) -> str:
    return "".join(_braced_pieces(text))


def _braced_pieces(text: str) -> Iterator[str]:
    for piece in re.split(r"(\s+)", text):
        before, word, after = WORD.fullmatch(piece).groups()  # type: ignore[union-attr]  # matches any text
        kept = f"{{{escape(word)}}}" if _keeps_capitals(word) else escape(word)
        yield escape(before) + kept + escape(after)


def _keeps_capitals(word: str) -> bool:
    """Whether lower case would spoil the word: `LLMs`, `R1-Zero`, `1.5B`, `I`; not `Test-Time`, `A`."""
    return word != "A" and any(_is_acronym(part) for part in re.split(r"[-–—/]", word))


def _is_acronym(part: str) -> bool:
    capitals = [index for index, letter in enumerate(part) if letter.isupper()]
    if not capitals:
        return False
    return len(part) == 1 or capitals != [0] or any(letter.isdigit() for letter in part)


@lru_cache(maxsize=50_000)  # as titles are
def _author(name: str) -> str:
    suffixed = SUFFIX.fullmatch(name)
    if suffixed and "," not in suffixed[1]:
        return escape(f"{suffixed[2]}, {suffixed[3]}, {suffixed[1]}")
    return f"{{{escape(name)}}}" if is_team(name) else escape(name)
