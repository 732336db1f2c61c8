"""The kinds of value that cards and vocabulary are made of; each refuses what it does not hold, with the remedy.

A validator raises a `Fault` wrapped for pydantic: its words begin after the field's name (`is not ...`).
"""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from tooling.cards.identifier import parse_identifier
from tooling.cards.problem import Fault, Place, hidden_character, quoted
from tooling.errors import UsageError

T = TypeVar("T")

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
CLAIM_KEY = f"{SLUG}/{SLUG}"
CITATION_KEY = r"[A-Za-z][A-Za-z0-9]*(?:[-_:][A-Za-z0-9]+)*"
ADDRESS = r'https?://[^\s<>"{}|\\^`]+'
SOURCE = rf"(?:{ADDRESS}(?: \(.+\))?|secondary: .+|the survey)"
ARXIV = r"(?:[0-9]{4}\.[0-9]{4,5}|[a-z]+(?:-[a-z]+)*/[0-9]{7})"
CATEGORY = r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?"
DAY = r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?"
HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}(?::[0-9]{1,5})?")
SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*(?:\s+|$)")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|vs|cf|al|etc|approx|Fig|Figs|Sec|Eq|No|pp|resp)\.$")


class Strictly(BaseModel):
    """Part of a file of the library: no unknown keys, no conversions, no changes after reading."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)


def refused(fault: Fault, *, at: Place = ()) -> PydanticCustomError:
    """The fault as the exception of a validator; `at` leads from the validated value to the place that is wrong."""
    # pydantic formats the template, so the words travel in the context, braces and all
    return PydanticCustomError("fault", "{says}", {"says": fault.says, "fault": fault, "at": at})


def _matching(pattern: str, fault: Fault) -> tuple[AfterValidator, Any]:
    compiled = re.compile(pattern)

    def match(value: str) -> str:
        if not compiled.fullmatch(value):
            raise refused(fault._replace(says=f"{fault.says}: {quoted(value)}"))
        return value

    return AfterValidator(match), Field(json_schema_extra={"pattern": f"^(?:{pattern})$"})


def kebab(text: str) -> str:
    """The text in kebab-case, `Qwen2.5 Math` as `qwen2-5-math`; empty where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _text(value: str) -> str:
    value = value.strip()
    if not value:
        raise refused(Fault("empty", "is empty", "fill it, or leave the key out where it is optional"))
    fault = hidden_character(value)
    if fault:
        raise refused(fault)
    return value


def _one_line(value: str) -> str:
    if "\n" in value:
        raise refused(Fault("not-one-line", "has several lines", "write it on one line (or after `>-`)"))
    return value


def _slug(value: str) -> str:
    if not re.fullmatch(SLUG, value):
        better = kebab(value)
        short = better and len(better) <= 60
        remedy = f"write `{better}`" if short else "use lower-case letters, digits, single hyphens"
        raise refused(Fault("not-kebab-case", f"is not in kebab-case: {quoted(value)}", remedy))
    return value


def _address(value: str) -> str:
    _no_hidden_host(value)
    if not re.fullmatch(ADDRESS, value):
        remedy = "write `https://...` without blanks, and nothing after it"
        raise refused(Fault("not-an-address", f"is not an http(s) address: {quoted(value)}", remedy))
    return value


def _no_hidden_host(value: str) -> None:
    """Refuses an address whose host is missing, not ASCII, or hidden behind a user name (`https://arxiv.org@host`)."""
    found = re.match(ADDRESS, value)
    if found:
        try:
            host = urlsplit(found.group()).netloc
        except ValueError:
            host = ""
        if not HOST.fullmatch(host):
            remedy = "write the host as plain ASCII letters, such as `arxiv.org`"
            raise refused(Fault("not-an-address", f"names no host of the public web: {quoted(value)}", remedy))


def _source(value: str) -> str:
    _no_hidden_host(value)
    if not re.fullmatch(SOURCE, value):
        remedy = "write `https://...`, `https://... (where in it)`, `secondary: what it is` or `the survey`"
        raise refused(Fault("not-a-source", f"is not a source: {quoted(value)}", remedy))
    return value


def _arxiv(value: str) -> str:
    try:
        found = parse_identifier(value)
    except UsageError as error:
        reason = str(error).split(" as an arXiv id: ", 1)[-1]
        says = f"is not an arXiv id: {quoted(value)} ({reason})"
        raise refused(Fault("not-an-arxiv-id", says, 'write it bare and quoted, such as "2501.12948"')) from None
    if found.bare != value:
        more = f", and `version_read: {found.version}` if that is what was read" if found.version else ""
        remedy = f'write "{found.bare}"{more}'
        raise refused(Fault("not-an-arxiv-id", f"is not a bare arXiv id: {quoted(value)}", remedy))
    return value


def _day(value: str) -> str:
    if not re.fullmatch(DAY, value, re.ASCII):
        remedy = "write `YYYY-MM-DD`, or `YYYY-MM` where the day is not known"
        raise refused(Fault("not-a-date", f"is not a date: {quoted(value)}", remedy))
    try:
        date.fromisoformat(value if len(value) == 10 else f"{value}-01")
    except ValueError:
        raise refused(
            Fault("not-a-date", f"is no day of the calendar: {quoted(value)}", "correct month or day")
        ) from None
    return value


def sentences(text: str) -> int:
    """How many sentences the text has, roughly: `e.g.` and its kind end none."""
    ends = [text[: found.start() + 1] for found in SENTENCE_END.finditer(text)]
    return sum(not ABBREVIATION.search(head) for head in ends)


def _summary(value: str) -> str:
    number = sentences(value)
    if not 2 <= number <= 4 or len(value) > 900:
        says = f"has {number} sentence{'' if number == 1 else 's'} and {len(value)} characters"
        remedy = "write two sentences: what was asked; what was found (at most four, 900 characters)"
        raise refused(Fault("summary", says, remedy))
    return value


def _author(value: str) -> str:
    if not any(letter.isalnum() for letter in value):
        raise refused(
            Fault("not-an-author", f"is no name: {quoted(value)}", "delete it (arXiv puts `:` after a team's name)")
        )
    return value


def _detail(value: object) -> object:
    return "" if value is None else value


def _not_null(value: object) -> object:
    if value is None:
        raise refused(Fault("empty", "is empty", "fill it, or leave the key out"))
    return value


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise refused(
                Fault("duplicate-value", f"stands twice: {quoted(value)}", "keep one of the two"), at=(index,)
            )
    return values


def _some(values: tuple[T, ...]) -> tuple[T, ...]:
    if not values:
        raise refused(
            Fault("empty", "is an empty list", "give at least one, or leave the key out where it is optional")
        )
    return values


def _one_or_two(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(values) > 2:
        raise refused(Fault("too-many", f"has {len(values)} items", "keep the two that matter most"))
    return values


Text = Annotated[str, AfterValidator(_text), Field(json_schema_extra={"minLength": 1})]
"""Prose, in one or more lines."""
Line = Annotated[Text, AfterValidator(_one_line)]
"""Text on one line."""
Author = Annotated[Line, AfterValidator(_author)]
"""A person or a team, as the work writes it."""
Summary = Annotated[Line, AfterValidator(_summary)]
"""Two sentences: what was asked; what was found."""
Slug = Annotated[str, AfterValidator(_slug), Field(json_schema_extra={"pattern": f"^{SLUG}$"})]
"""An id in kebab-case: `wrong-answers-grow`."""
Address = Annotated[str, AfterValidator(_address), Field(json_schema_extra={"pattern": f"^{ADDRESS}$"})]
"""An http(s) address and nothing else."""
Source = Annotated[Line, AfterValidator(_source), Field(json_schema_extra={"pattern": f"^{SOURCE}$"})]
"""Where a fact was read: an address (with the place in it in parentheses), `secondary: ...`, or `the survey`."""
Arxiv = Annotated[str, AfterValidator(_arxiv), Field(json_schema_extra={"pattern": f"^{ARXIV}$"})]
"""An arXiv id without version."""
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"pattern": f"^{DAY}$"})]
"""A date to the day, or to the month where the day is not known."""
Category = Annotated[
    str,
    *_matching(CATEGORY, Fault("not-a-category", "is not a category of arXiv", "write it as arXiv does: `cs.LG`")),
]
"""A category of arXiv: `cs.LG`, `quant-ph`."""
ClaimKey = Annotated[
    str, *_matching(CLAIM_KEY, Fault("not-a-claim-key", "is not a claim's key", "write `slug/claim-id`"))
]
"""A claim of a work: `slug/claim-id`."""
CitationKey = Annotated[
    str,
    *_matching(
        CITATION_KEY,
        Fault("not-a-citation-key", "is not a citation key", "write ASCII letters and digits: `pan2025tinyzero`"),
    ),
]
"""The key of the BibTeX entry, ASCII."""
Detail = Annotated[str, BeforeValidator(_detail, json_schema_input_type=str | None)]
"""What the work itself says about a term; empty where it only names it."""
NotNull = BeforeValidator(_not_null)
Items = Annotated[tuple[T, ...], Strict(False)]
"""A list; kept as a tuple."""
Distinct = Annotated[Items[T], AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True})]
"""A list in which nothing stands twice."""
Some = Annotated[T, AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]
"""A list with at least one item."""
OneOrTwo = Annotated[
    T, AfterValidator(_some), AfterValidator(_one_or_two), Field(json_schema_extra={"minItems": 1, "maxItems": 2})
]
"""A list of one or two items."""
