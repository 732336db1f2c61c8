"""Markdown with HTML in it, as the lists of this world are written, taken apart into blocks with their lines.

Both are read by parsers: markdown-it turns the Markdown into HTML in which each part carries its line, and lxml reads
that together with whatever HTML stood in the file already. Nothing of it is run or fetched.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

Style = Literal["plain", "strong", "em"]
Kind = Literal["heading", "item", "more", "row", "paragraph", "code"]

LINE = "data-source-line"
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_SILENT = frozenset("head script style template svg math iframe object title".split())
_OPENS = re.compile(r"<(a|li|p|tr|td|h[1-6]|div|summary|dt|dd|img)(?=[\s>])", re.IGNORECASE)
# the badge of a work: `https://img.shields.io/badge/arXiv-2503.20783-b31b1b.svg`
_BADGE = re.compile(r"arxiv(?:[-_:]|%3a)+([0-9]{4}\.[0-9]{4,5})(?![0-9])", re.IGNORECASE)
_BARE = re.compile(
    r"https?://[^\s<>\"`|]{3,2000}|(?<![\w/.])arxiv:\s?[0-9]{4}\.[0-9]{4,5}(?:v[0-9]{1,3})?", re.IGNORECASE
)


class Piece(NamedTuple):
    """A run of text in one style; with an address where it is a link (an empty text is that of a picture)."""

    text: str
    line: int
    address: str = ""
    style: Style = "plain"


class Cell(NamedTuple):
    """A cell of a table's row under the name of its column (empty where the table has no head)."""

    column: str
    pieces: tuple[Piece, ...]


class Block(NamedTuple):
    """A heading, an item of a list, a further paragraph of an item, a row of a table, a paragraph, or code.

    `level` is that of a heading, and for items how deep the list lies in others (1: in none); `cells` are a row's.
    """

    kind: Kind
    line: int
    pieces: tuple[Piece, ...]
    level: int = 0
    cells: tuple[Cell, ...] = ()

    @property
    def text(self) -> str:
        """What a reader sees of it, on one line."""
        return joined(self.pieces)


def joined(pieces: Sequence[Piece]) -> str:
    """The text of the pieces, on one line."""
    return " ".join("".join(piece.text for piece in pieces).split())


def read_blocks(text: str) -> list[Block]:
    """All blocks of a Markdown text, in order; total: whatever is no Markdown is text."""
    from lxml.html import document_fromstring

    html = _numbered_html(text)
    if not html.strip():
        return []
    walk = _Walk()
    walk.container(document_fromstring(f"<div>{html}</div>"), _Context(line=1))
    return walk.blocks


def _numbered_html(text: str) -> str:
    """The HTML of the Markdown, in which blocks and links carry the line where they stand."""
    from markdown_it import MarkdownIt

    # an indented block is a sloppy list rather than code
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("code")
    tokens = reader.parse("".join(letter for letter in text if letter >= " " or letter in "\n\t"))
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        if token.nesting == 1 or token.type == "fence":
            token.attrSet(LINE, str(line))
        elif token.type == "html_block":
            token.content = _numbered_tags(token.content, line)
        elif token.type == "inline":
            _number_links(token.children or [], line)
    return reader.renderer.render(tokens, reader.options, {})


def _numbered_tags(html: str, line: int) -> str:
    """A piece of HTML whose tags carry the line where they stand, the first line being `line`."""
    starts = [found.end() for found in re.finditer("\n", html)]

    def mark(found: re.Match[str]) -> str:
        return f'{found[0]} {LINE}="{line + bisect_right(starts, found.start())}"'

    return _OPENS.sub(mark, html)


def _number_links(tokens: Sequence[Any], line: int) -> None:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            line += 1
        elif token.type in ("link_open", "image"):
            token.attrSet(LINE, str(line))
        elif token.type == "html_inline":
            token.content = _numbered_tags(token.content, line)
            line += token.content.count("\n")


class _Context(NamedTuple):
    """Where the walk stands: the kind of block that text here belongs to, the depth of lists, the line."""

    line: int
    kind: Kind = "paragraph"
    level: int = 0


class _Walk:
    """Takes blocks out of a tree, each element once."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def container(self, node: Any, context: _Context) -> None:
        """The blocks in an element: runs of inline text, and the blocks between them."""
        run: list[Piece] = _pieces_of(node.text, context.line, style="plain")
        for child in node:
            tag = child.tag if isinstance(child.tag, str) else ""
            here = context._replace(line=_line(child, context.line))
            if tag in _BLOCKS:
                context = self._flush(run, context)
                self._block(tag, child, here._replace(kind=context.kind))
                context = context._replace(kind="more") if context.kind == "item" else context
                run = []
            elif tag not in _SILENT and tag:
                run += _inline(child, here.line, style="plain")
            run += _pieces_of(child.tail, here.line, style="plain")
        self._flush(run, context)

    def _block(self, tag: str, node: Any, context: _Context) -> None:
        if tag in _HEADINGS:
            self._whole(node, context._replace(kind="heading", level=_HEADINGS[tag]))
        elif tag == "li":
            self.container(node, context._replace(kind="item", level=context.level + 1))
        elif tag == "table":
            self._table(node, context)
        elif tag == "pre":
            text = " ".join(node.text_content().split())
            line = _line(node[0], context.line) if len(node) else context.line
            self.blocks.append(Block("code", line, (Piece(text, line),)))
        else:
            # the first paragraph of an item is the item itself
            first = tag == "p" and context.kind == "item"
            kind = context.kind if first or context.kind == "more" else "paragraph"
            self.container(node, context._replace(kind=kind))

    def _table(self, table: Any, context: _Context) -> None:
        columns: list[str] = []
        for row in table.iter("tr"):
            line = _line(row, context.line)
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            if cells and all(cell.tag == "th" for cell in cells):
                columns = [" ".join(cell.text_content().split()).lower() for cell in cells]
                continue
            read = [tuple(_inline(cell, _line(cell, line), style="plain")) for cell in cells]
            named = [columns[index] if index < len(columns) else "" for index in range(len(read))]
            pieces = tuple(piece for cell in read for piece in (*cell, Piece(" ", line)))
            if joined(pieces) or any(piece.address for piece in pieces):
                made = tuple(Cell(name, cell) for name, cell in zip(named, read, strict=True))
                self.blocks.append(Block("row", line, pieces, cells=made))

    def _whole(self, node: Any, context: _Context) -> None:
        self._flush(_inline(node, context.line, style="plain"), context)

    def _flush(self, run: list[Piece], context: _Context) -> _Context:
        """Make a block of what has been collected; the context for what follows it."""
        if not (joined(run) or any(piece.address for piece in run)):
            return context
        self.blocks.append(Block(context.kind, run[0].line, tuple(run), context.level))
        return context._replace(kind="more") if context.kind == "item" else context


def _inline(node: Any, line: int, *, style: Style, address: str = "") -> list[Piece]:
    """The pieces of an element and all that is in it; of a picture only the work that its badge names."""
    tag = node.tag if isinstance(node.tag, str) else ""
    line = _line(node, line)
    if tag == "br":
        return [Piece("\n", line)]
    if tag == "img":
        badge = _BADGE.search(node.get("src") or "")
        named = f"arXiv:{badge[1]}" if badge else ""
        return [Piece("", line, address or named)] if address or named else []
    if tag in _SILENT or not tag:
        return []
    address = (node.get("href") or "").strip() or address if tag == "a" else address
    style = {"b": "strong", "strong": "strong", "em": "em", "i": "em"}.get(tag, style)  # type: ignore[assignment]
    found = _pieces_of(node.text, line, style=style, address=address)
    for child in node:
        found += _inline(child, line, style=style, address=address)
        found += _pieces_of(child.tail, line, style=style, address=address)
    return found


def _pieces_of(text: str | None, line: int, *, style: Style, address: str = "") -> list[Piece]:
    """The text in pieces: addresses that stand bare in it are links of their own."""
    if not text:
        return []
    if address:
        return [Piece(text, line, address, style)]
    return list(_bare_links(text, line, style))


def _bare_links(text: str, line: int, style: Style) -> Iterator[Piece]:
    end = 0
    for found in _BARE.finditer(text):
        if found.start() > end:
            yield Piece(text[end : found.start()], line, "", style)
        line += text.count("\n", end, found.start())
        bare = found[0].rstrip(".,;:!?'*)]}")
        yield Piece(bare, line, bare, style)
        end = found.start() + len(bare)
    if end < len(text):
        yield Piece(text[end:], line, "", style)


def _line(node: Any, otherwise: int) -> int:
    """The line that the element carries, else that of what surrounds it."""
    written = node.get(LINE) if isinstance(node.tag, str) else None
    return int(written) if written and written.isdecimal() else otherwise
