"""Generated Markdown as HTML, without reading it as Markdown.

The generated pages are closed blocks of HTML between headings. Markdown hands such blocks through as they are, but
looks at each character several times to learn that, which took half of the time of a build.
"""

import re
from typing import Any, NamedTuple

HEADING = r"^(?P<marks>\#{1,6})\ (?P<text>.+)\ \{\#(?P<anchor>[\w-]+)\}$"
TAG = r"""<(?P<closing>/?)(?P<name>[a-z][a-z0-9]*)\b(?:[^<>"']|"[^"]*"|'[^']*')*?(?P<empty>/?)>"""
PIECE = re.compile(f"{HEADING}|{TAG}", re.MULTILINE | re.VERBOSE)
# letters, punctuation that means nothing to Markdown, references to characters, and the small print below a title
PLAIN = re.compile(r"(?:[^\W_]|[ ,.?:;’“”–—…()/+'%-]|&#\d+;|</?small>)+")
BLOCKS = frozenset(("details", "div", "dl", "figure", "form", "h3", "ol", "p", "script", "section", "table", "ul"))
VOID = frozenset(("br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))
ANCHOR = re.compile(r'\s(?:id|name)="([^"]+)"')
SMALL = re.compile(r"</?small>")
LISTED = 2  # the lowest heading in a page's contents, as `toc_depth` in mkdocs.yml


class Conversion(NamedTuple):
    """A page's HTML, its headings as Markdown's `toc` extension has them, and the anchors that links can lead to."""

    html: str
    toc: list[dict[str, Any]]
    anchors: set[str]


def conversion(markdown: str) -> Conversion | None:
    """What Markdown makes of headings and closed blocks of HTML, but for blank lines between them.

    None where the text is anything else: then Markdown has to read it. The front matter has been taken away.
    """
    found = None if "<!" in markdown else _found(markdown)
    if found is None:
        return None
    blocks, headings = found
    anchors = {heading["anchor"] for heading in headings} | set(ANCHOR.findall(markdown))
    return Conversion("\n".join(blocks), _toc(headings), anchors)


def _found(markdown: str) -> tuple[list[str], list[re.Match[str]]] | None:
    """The blocks with the headings among them as HTML, and the headings; None for what is neither."""
    blocks: list[str] = []
    headings: list[re.Match[str]] = []
    unclosed: list[str] = []
    start = end = 0
    for piece in PIECE.finditer(markdown):
        if not unclosed and not _begins(piece, markdown[end : piece.start()]):
            return None
        if piece["marks"]:
            if unclosed or not PLAIN.fullmatch(piece["text"]):
                return None
            headings.append(piece)
            blocks.append(_heading(piece))
        elif piece["closing"]:
            if not unclosed or unclosed.pop() != piece["name"]:
                return None
            if not unclosed:
                blocks.append(markdown[start : piece.end()])
        elif piece["name"] not in VOID and not piece["empty"]:
            start = start if unclosed else piece.start()
            unclosed.append(piece["name"])
        end = piece.end()
    return None if unclosed or markdown[end:].strip() else (blocks, headings)


def _begins(piece: re.Match[str], gap: str) -> bool:
    """Whether a heading or a block starts here, on a line of its own and with nothing before it since the last one."""
    block = piece["name"] in BLOCKS and not piece["closing"] and not piece["empty"]
    own_line = piece.start() == 0 or piece.string[piece.start() - 1] == "\n"
    return own_line and not gap.strip() and (piece["marks"] is not None or block)


def _heading(found: re.Match[str]) -> str:
    level = len(found["marks"])
    return f'<h{level} id="{found["anchor"]}">{found["text"]}</h{level}>'


def _toc(headings: list[re.Match[str]]) -> list[dict[str, Any]]:
    """The headings of the page's contents, each with those below it as its children."""
    top: list[dict[str, Any]] = []
    for found in headings:
        level = len(found["marks"])
        if level > LISTED:
            continue
        name = SMALL.sub("", found["text"])
        token = {"level": level, "id": found["anchor"], "name": name, "children": []}
        inside = level > 1 and top and top[-1]["level"] < level
        (top[-1]["children"] if inside else top).append(token)
    return top
