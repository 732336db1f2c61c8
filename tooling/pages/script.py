"""What a reproduction's script says about itself: the sections of its docstring, read without running it."""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache

from tooling.runs.staleness import full_key
from tooling.runs.syntax import written_out

HEADINGS = ("Paper", "Idea", "Miniature", "Supports", "Contradicts", "Not tested", "Differs")
# a heading begins a line at the margin, alone (perhaps underlined) or before a colon: `Idea: ...`
HEADING = re.compile(rf"^(?:#+ )?({'|'.join(HEADINGS)})(?:[:.] *(.*)| *)$")
UNDERLINE = re.compile(r"^[-=~]{3,}$")


@dataclass(frozen=True)
class Explanation:
    """The docstring of a `run.py`: its question, and per heading the paragraphs below it."""

    question: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=500)
def explanation(source: str) -> Explanation | None:
    """The explanation in a script's source; None where it has no docstring or does not parse."""
    try:
        text = ast.get_docstring(ast.parse(source))
    except SyntaxError:
        return None
    if not text:
        return None
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        found = HEADING.match(line)
        if found:
            blocks.append((found[1], [found[2] or ""]))
        elif not UNDERLINE.match(line):
            blocks[-1][1].append(line.strip())
    opening, *rest = [(name, _paragraphs(lines)) for name, lines in blocks]
    question, *more = opening[1] or ("",)
    sections = ([("", tuple(more))] if more else []) + rest
    return Explanation(question, tuple(sections))


@lru_cache(maxsize=500)
def declared(source: str, slug: str) -> tuple[str, ...]:
    """The full keys of the claims that a script has a rule for; empty where its `CLAIMS` is not written out."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return ()
    return tuple(full_key(slug, key) for key in written_out(body, "CLAIMS"))


def _paragraphs(lines: list[str]) -> tuple[str, ...]:
    text = "\n".join(lines)
    return tuple(" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=- )", text) if block.strip())
