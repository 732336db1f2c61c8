"""The Jinja templates of the pages, with all text escaped, and the small words that they use."""

import os
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from unicodedata import bidirectional

from jinja2 import BytecodeCache, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from tooling.cards import Card
from tooling.pages import amount, figure
from tooling.pages.citation import REPOSITORY, citation, earlier, recording_anchor, verdict_anchor
from tooling.pages.curve import curves, leading, plot
from tooling.pages.page import DIRECTION, one_line, shortened
from tooling.pages.replication import expectation, foreseen, rule_changed
from tooling.pages.survey import SCALES, counts

BEARINGS = {
    "direct": "A miniature can test this directly.",
    "analogue": "A miniature can test an analogue.",
    "none": "A miniature says nothing about this.",
}
NOTE_KINDS = {
    "fact": "Facts",
    "opinion": "Opinions",
    "uncertain": "Not confirmed",
    "erratum": "Corrections to the survey",
}
SOURCE_KINDS = {
    "paper": "read in the paper",
    "author page": "read on a page of its authors",
    "secondary": "read in a secondary source",
    "unlocated": "not checked in the text",
}
NOTE_AUTHORS = {"survey": "from the survey", "curator": "of the curator", "catalogue": "from the catalogue"}
HEADINGS = {
    "Supports": "What would support it",
    "Contradicts": "What would contradict it",
    "Not tested": "What was not tested",
    "Differs": "How the run differs from the paper",
}
SENTENCE = re.compile(r"(?<!\b(?:Dr|vs|al|cf|No|Mr|Ms))(?<!\b(?:e\.g|i\.e|St\.))\.\s+(?=[A-Z0-9“\"'(])")


class Compiled(BytecodeCache):
    """Compiled templates, kept as long as the process lasts; one whose source has changed is compiled again."""

    def __init__(self) -> None:
        """Nothing is compiled yet."""
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket where its template was compiled before."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._code[bucket.key] = bucket.bytecode_to_string()


class Unhidden(FileSystemLoader):
    """The templates in some folders, of which a list has only those that are not hidden.

    The theme has 14,000 icons in a hidden folder; mkdocs goes through the list at each build and drops them.
    """

    def list_templates(self) -> list[str]:
        """The names of the templates that are not hidden, sorted."""
        found = set()
        for start in self.searchpath:
            for folder, inner, names in os.walk(start):
                inner[:] = [name for name in inner if not name.startswith(".")]
                place = Path(folder).relative_to(start)
                found |= {(place / name).as_posix() for name in names if not name.startswith(".")}
        return sorted(found)


@cache
def environment() -> Environment:
    """The templates; a name that does not exist is an error, never an empty string."""
    env = Environment(
        loader=PackageLoader("tooling.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        comment_start_string="{##",  # a heading's `{#id}` is Markdown, no comment
        comment_end_string="##}",
    )
    env.globals.update(
        amount=amount,
        bearings=BEARINGS,
        bare_address=bare_address,
        citation=citation,
        code=code,
        counts=counts,
        curves=curves,
        earlier=earlier,
        expectation=expectation,
        foreseen=foreseen,
        rule_changed=rule_changed,
        leading=leading,
        glyph=figure.glyph,
        headings=HEADINGS,
        interval=figure.interval,
        isolated=isolated,
        level=level,
        note_authors=NOTE_AUTHORS,
        note_kinds=NOTE_KINDS,
        plot=plot,
        recording_anchor=recording_anchor,
        repository=REPOSITORY,
        scale=figure.scale,
        scale_again=figure.scale_again,
        scales=SCALES,
        sentence=sentence,
        source_kinds=SOURCE_KINDS,
        short_title=short_title,
        verdict_anchor=verdict_anchor,
        zip=zip,
    )
    env.filters["finding"] = finding_sentence
    return env


def render(name: str, **values: Any) -> str:
    """The text of a template with these values."""
    return environment().get_template(name).render(**values)


def short_title(card: Card) -> str:
    """The title's first part where that names the work, else the title cut at 56 characters."""
    title = one_line(card.title)
    head = title.split(":")[0]
    return head if 2 < len(head) <= 40 and head != title else shortened(title, 56)


def finding_sentence(card: Card) -> str:
    """What was found, in one sentence: the last of the summary."""
    return SENTENCE.split(card.summary)[-1] if card.summary else ""


def bare_address(address: str) -> str:
    """An address as people read it: without scheme and final slash, at most 60 characters."""
    return shortened_address(re.sub(r"^https?://(?:www\.)?", "", address).rstrip("/"))


def shortened_address(text: str, length: int = 60) -> str:
    """An address cut in the middle, so that host and last part stay."""
    return text if len(text) <= length else f"{text[: length // 2]}…{text[-(length // 2 - 1) :]}"


def code(text: str) -> Markup:
    """The text with what stands between backticks set as code."""
    parts = str(escape(text)).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts)))


@lru_cache(maxsize=50_000, typed=True)  # equal texts, one of them escaped already, are not the same
def isolated(text: str) -> Markup:
    """The text, kept apart from what stands around it where it holds letters or controls of the other direction."""
    shown = escape(text)
    if text.isascii():
        return shown
    turns = DIRECTION.search(text) or any(bidirectional(char) in ("R", "AL", "AN") for char in text)
    return Markup(f"<bdi>{shown}</bdi>") if turns else shown


def sentence(text: str) -> str:
    """The text as a sentence: first letter large, one full stop; empty text stays empty."""
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""


def level(findings: Any) -> str:
    """The level of the intervals of some findings: `95%`."""
    levels = {finding.best.claim.level for finding in findings if finding.best}
    return " or ".join(f"{number * 100:g}%" for number in sorted(levels))
