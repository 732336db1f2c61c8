"""The works of a list in Markdown, in whatever style it is kept.

A work stands in a heading, an item, a row or a paragraph: with its title as a link, in bold, in quotes or in front of
links such as `[paper]` and `[code]`, with badges, authors, venues and emoji around it. What follows, up to the next
work or heading, is what the list says of it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tooling.cards.entry import Entry, Finding, Listing
from tooling.cards.identifier import MIRRORS, find_identifier, parse_identifier
from tooling.cards.markup import Block, Piece, joined, read_blocks
from tooling.cards.problem import quoted
from tooling.cards.work import find_doi
from tooling.errors import UsageError

# what links are called that lead to a work or to what belongs to it, none of which is a title
LABELS = frozenset(
    "abs abstract appendix arxiv article blog blogpost code colab dataset datasets data demo doi docs download github "
    "hf homepage html huggingface here link links model models notebook openreview page paper papers pdf poster post "
    "preprint proceedings project publication pub repo repository review site slides source star stars talk thread "
    "tweet twitter url video website web webpage weights x youtube".split()
)
_FILLERS = frozenset("a an and full official our original project the this to v1 v2 v3".split())
_MOST_REMARK = 1500
_LEAST_WORDS = 3
_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
# what lists put in front of a title: a date, a venue, a number, an emoji
_BEFORE = re.compile(
    r"(?:[^\w\"“‘(\[$]+|[(\[]\s*[^()\[\]]{0,24}?(?:19|20)[0-9]{2}[^()\[\]]{0,24}\s*[)\]]|"
    r"(?:19|20)[0-9]{2}[-./][0-9]{1,2}(?:[-./][0-9]{1,2})?(?=[\s,:|])|[(\[](?:new|hot|paper|code|arxiv)[)\]])\s*",
    re.IGNORECASE,
)
_PICTURES_BEHIND = re.compile(r"[\s\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+$")
_IMPOSSIBLE = re.compile(r"[0-9]{4}\.[0-9]{2,}|/[0-9]{7}")
_COLUMNS = {"title": ("title", "paper", "work", "name", "article"), "remark": (
    "remark", "comment", "note", "description", "summary", "tl;dr", "tldr", "highlight", "takeaway", "contribution",
    "about", "idea",
)}  # fmt: skip
_VENUE = re.compile(
    r"(?:19|20)?[0-9]{2}|[A-Z][A-Za-z]{0,10}[A-Z]\w*|(?i:arxiv|preprint|oral|spotlight|poster|workshops?|findings|in|of|"
    r"on|at|the|proc|proceedings|conference|journal|blog|post|github|under|review|submitted|to|accepted|by|best|award)"
)


@dataclass
class _Draft:
    """An entry that is still being read; `depth` is that of its item, 0 outside of lists."""

    block: Block
    title: str
    sections: tuple[str, ...]
    works: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    line: int = 0
    listed: bool = True

    @property
    def depth(self) -> int:
        """How deep its item lies in others."""
        return self.block.level if self.block.kind == "item" else 0

    def entry(self) -> Entry:
        """The entry as it was read."""
        works, addresses = tuple(dict.fromkeys(self.works)), tuple(dict.fromkeys(self.addresses))
        remark = _cut(". ".join(text.rstrip(".") for text in dict.fromkeys(self.remarks) if text))
        line = self.line or self.block.line
        return Entry(line, self.title, works, addresses, self.sections, remark=remark, listed=self.listed)


def read_list(text: str, name: str) -> Listing:
    """The works of the Markdown `text`, with its first heading as its name (`name` where there is none)."""
    blocks = read_blocks(text)
    titles = (block.text for block in blocks if block.kind == "heading" and block.level == 1)
    reading = _Reading()
    for block in blocks:
        reading.read(block)
    entries = [each for each in (draft.entry() for draft in reading.drafts) if _says_something(each)]
    own = {id(draft.block): draft.title for draft in reading.drafts if draft.listed}
    prose = [
        (block.line, block.text.replace(own.get(id(block)) or "\n", " ")) for block in blocks if block.kind != "code"
    ]
    return Listing(_plain(next(titles, "")) or name, entries, reading.findings, prose=prose)


class _Reading:
    """One pass over the blocks of a list, which keeps the headings above and the entry that is open."""

    def __init__(self) -> None:
        self.drafts: list[_Draft] = []
        self.findings: list[Finding] = []
        self._headings: list[tuple[int, str]] = []
        self._open: _Draft | None = None
        self._named = False

    def read(self, block: Block) -> None:
        """Take in the next block."""
        if block.kind == "code":
            self._leave_code(block)
            return
        links = [piece for piece in block.pieces if _is_outward(piece.address) and not self._is_broken(piece)]
        named = list(_works(links))
        if block.kind == "heading" and not links:
            self._open = None
            if block.level == 1 and not self._named:
                # the list's own name is no section of it
                self._named = True
                return
            self._headings = [each for each in self._headings if each[0] < block.level]
            self._headings.append((block.level, _plain(block.text)))
        elif named:
            self._read_works(block, links, named)
        elif links:
            self._read_links(block, links)
        else:
            self._read_words(block)

    def _leave_code(self, block: Block) -> None:
        if ids := sorted({found[0] for found in re.finditer(r"\b[0-9]{4}\.[0-9]{4,5}\b", block.text)}):
            says = f"a block of code names {', '.join(map(quoted, ids[:5]))}, which is not read as part of the list"
            self.findings.append(Finding(block.line, "no-identifier", f"{says}; add it by hand"))

    def _is_broken(self, piece: Piece) -> bool:
        """Whether a link would lead to a work on arXiv if its id were possible, which is a finding."""
        reason = _impossible(piece.address)
        if reason:
            self.findings.append(Finding(piece.line, "unreadable", reason))
        return bool(reason)

    def _read_works(self, block: Block, links: Sequence[Piece], named: list[tuple[Piece, str]]) -> None:
        if len({text for _, text in named}) == 1 or _is_pair(named):
            self._read_one(block, links, named)
            return
        if self._is_told_of(block):
            self._tell(block)
        for piece, text in named:
            draft = self._draft(block, _title_of_link(piece))
            draft.works, draft.line, draft.listed = [text], piece.line, False
            self.drafts.append(draft)
        known = {piece for piece, _ in named}
        self._pass_by(block, [piece for piece in links if piece not in known])

    def _read_one(self, block: Block, links: Sequence[Piece], named: list[tuple[Piece, str]]) -> None:
        """Take in a block that names a single work, by an id, a DOI or both."""
        texts = sorted((text for _, text in named), key=lambda text: text.startswith("10."))
        known = {piece for piece, _ in named}
        others = [piece for piece in links if piece not in known]
        label = all(_is_label(piece.text) for piece, _ in named)
        parent = self._open
        if label and parent and not parent.works and self._is_told_of(block):
            # `Title` with `paper: <address>` below it
            parent.works, parent.line, parent.listed = texts, named[0][0].line, True
            parent.addresses += [piece.address for piece in others]
            return
        title = _title(block)
        in_passing = not label and self._is_told_of(block) and not _leads(block, named[0][0])
        if in_passing:
            self._tell(block)
            title = _title_of_link(named[0][0])
        draft = self._draft(block, title)
        draft.works, draft.line, draft.listed = texts, named[0][0].line, not in_passing
        if in_passing:
            self._pass_by(block, others)
        else:
            draft.addresses = [piece.address for piece in others]
            draft.remarks = _remarks(block, title)
            self._open = draft
        self.drafts.append(draft)

    def _read_links(self, block: Block, links: Sequence[Piece]) -> None:
        """Take in a block whose links lead to no id: a work without one, or more about the last."""
        told = self._is_told_of(block)
        if told and (not _leads(block, links[0]) or _is_label(links[0].text)):
            self._tell(block)
            self._pass_by(block, links)
            return
        draft = self._draft(block, _title(block))
        draft.addresses = [piece.address for piece in links]
        # a list is no prose: what an item begins with is what it lists
        draft.listed = block.kind != "paragraph" or _leads(block, links[0])
        # a picture that leads somewhere is a badge or a banner
        draft.listed &= bool(joined(links))
        draft.line = links[0].line
        draft.remarks = _remarks(block, draft.title)
        self.drafts.append(draft)
        self._open = draft if draft.listed else self._open

    def _read_words(self, block: Block) -> None:
        text = _plain(block.text)
        dated = _BEFORE.match(block.text.strip()) and re.search(r"(?:19|20)[0-9]{2}", block.text[:24])
        bold = bool(block.pieces) and block.pieces[0].style == "strong" and block.kind in ("item", "row")
        if dated and len(_WORD.findall(text)) >= _LEAST_WORDS and block.kind != "heading":
            self._open = self._draft(block, _title(block) if bold else text)
            self.drafts.append(self._open)
        elif self._is_told_of(block) and not (bold and block.level <= (self._open.depth if self._open else 0)):
            self._tell(block)
        elif block.kind in ("item", "row"):
            # its links may stand below it; without any it is no entry
            self._open = self._draft(block, _title(block))
            self._open.remarks = _remarks(block, self._open.title)
            self.drafts.append(self._open)
            self._open.listed = bold

    def _draft(self, block: Block, title: str) -> _Draft:
        return _Draft(block, title, tuple(text for _, text in self._headings if text))

    def _is_told_of(self, block: Block) -> bool:
        """Whether the block may be about the entry that is open: it lies in its item, or follows it in prose."""
        above = self._open
        if above is None or block.kind in ("heading", "row"):
            return False
        if above.block.kind == "row":
            return False
        return block.level > above.depth or block.kind == "more" or (not above.depth and block.kind == "paragraph")

    def _tell(self, block: Block) -> None:
        if self._open is not None and not _is_names(block.text) and not _is_venue(block.text):
            self._open.remarks.append(_tidy(block.text))

    def _pass_by(self, block: Block, links: Iterable[Piece]) -> None:
        """Keep links that are named in passing: the library may have what they lead to."""
        for piece in links:
            draft = self._draft(block, _title_of_link(piece))
            draft.addresses, draft.line, draft.listed = [piece.address], piece.line, False
            self.drafts.append(draft)


def _works(links: Sequence[Piece]) -> Iterator[tuple[Piece, str]]:
    """The links that lead to a work with an id or a DOI, and that name without a version."""
    for piece in links:
        found = find_doi(piece.address) or find_identifier(piece.address)
        if found is not None:
            yield piece, found.bare


def _is_outward(address: str) -> bool:
    """Whether an address leads out of the list's own folder; those of works are known without `https://` too."""
    scheme = re.match(r"https?://|www\.|arxiv:|doi:|10\.[0-9]{4}", address, re.IGNORECASE)
    return bool(scheme or (not address.startswith("#") and find_identifier(address)))


def _impossible(address: str) -> str | None:
    """Why an address that looks like a work's page on arXiv is none; None for other pages."""
    host = re.sub(r"^https?://(?:www\.|export\.)?", "", address.lower()).partition("/")[0]
    if not (host in MIRRORS or address.lower().startswith("arxiv:")) or not _IMPOSSIBLE.search(address):
        return None
    try:
        parse_identifier(address)
    except UsageError as error:
        return str(error)
    return None


def _is_pair(named: Sequence[tuple[Piece, str]]) -> bool:
    """Whether an id and a DOI are those of one work: each stands once, and at most one of them has a title."""
    kinds = {text: text.startswith("10.") for _, text in named}
    titled = sum(not _is_label(piece.text) for piece, _ in named)
    return len(kinds) == 2 and len(set(kinds.values())) == 2 and titled <= 1


def _is_label(text: str) -> bool:
    """Whether a link's text is `paper`, `[arXiv]`, an address or a picture rather than a title."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not words or "://" in text or find_identifier(text) or find_doi(text):
        return True
    kept = [word for word in words if word not in _FILLERS and not word.isdecimal()]
    return all(word in LABELS or bool(re.fullmatch(r"[0-9.]+(?:v[0-9])?", word)) for word in kept)


def _leads(block: Block, link: Piece) -> bool:
    """Whether nothing but a date, a venue or an emoji stands in front of the link."""
    before = joined(block.pieces[: block.pieces.index(link)])
    return not _WORD.search(_plain(before)) or bool(re.fullmatch(r"[\W\d]*", _plain(before)))


def _title_of_link(piece: Piece) -> str:
    return "" if _is_label(piece.text) else _plain(piece.text)


def _title(block: Block) -> str:
    """The title that a block gives its work, or nothing."""
    for cell in sorted(block.cells, key=lambda cell: not _is_column(cell.column, "title")):
        if title := _title_among(cell.pieces):
            return title
    return _title_among(block.pieces)


def _title_among(pieces: Sequence[Piece]) -> str:
    groups = _grouped(pieces)
    marked = [text for text, piece in groups if (piece.address or piece.style == "strong") and not _is_label(text)]
    first = next((group for group in groups if _WORD.search(group[0])), None)
    if first and first[1].style == "em" and not _is_names(first[0]):
        marked.append(first[0])
    long = [title for text in marked if len(_WORD.findall(title := _plain(text))) >= _LEAST_WORDS]
    before = ""
    for text, piece in groups:
        if (piece.address and _is_label(text)) or (before.strip() and piece.style == "em" and _is_apart(before, text)):
            break
        before += text
    lead = _plain(re.split(r"\s[–—-]\s|[.?!]\s+(?=[A-Z])|\s\|\s|[\n\[]", _without_front(before), maxsplit=1)[0])
    short = [title for text in marked if (title := _plain(text))]
    if first and first[1].address and not _is_label(first[0]):
        return _plain(first[0])
    quotes = re.search(r"[\"“]([^\"“”]{8,300})[\"”]", joined(pieces))
    if quotes and not long:
        return _plain(quotes[1])
    return next(iter([*long[:1], *([lead] if len(_WORD.findall(lead)) >= _LEAST_WORDS else []), *short]), "")


def _is_apart(before: str, stressed: str) -> bool:
    """Whether stressed words are no part of the title before them: names, or what follows a period."""
    return _is_names(stressed) or before.rstrip().endswith((".", ",", ";", "?", "!", "|"))


def _grouped(pieces: Sequence[Piece]) -> list[tuple[str, Piece]]:
    """The texts of neighbours in one style and link put together, each with the first of its pieces."""
    groups: list[tuple[str, Piece]] = []
    for piece in pieces:
        if groups and groups[-1][1].address == piece.address and groups[-1][1].style == piece.style:
            groups[-1] = (groups[-1][0] + piece.text, groups[-1][1])
        else:
            groups.append((piece.text, piece))
    return groups


def _is_column(name: str, what: str) -> bool:
    return any(word in name for word in _COLUMNS[what])


def _remarks(block: Block, title: str) -> list[str]:
    """What a block says of its work beside the title, its links, its authors and its venue."""
    if block.cells:
        cells = [joined(cell.pieces) for cell in block.cells if _is_column(cell.column, "remark")]
        return [text for text in map(_tidy, cells) if text and text != title]
    if block.kind == "heading":
        return []
    words = []
    for text, piece in _grouped(block.pieces):
        if _plain(text) == title or (piece.address and _is_label(text)):
            continue
        if piece.style == "em" and _is_names(text):
            continue
        words.append(text)
    rest = " ".join("".join(words).split())
    # a title that was not marked stands at the beginning of what is left
    at = rest.find(title) if title else -1
    rest = _tidy(rest[at + len(title) :] if at >= 0 else rest)
    parts = [part for part in re.split(r"(?<=[.;])\s+", rest) if not _is_names(part) and not _is_venue(part)]
    told = _tidy(" ".join(parts))
    return [told] if len(_WORD.findall(told)) >= _LEAST_WORDS else []


def _is_names(text: str) -> bool:
    """Whether the text is a list of people: two or more capitalised names between commas, or `et al.`."""
    if re.search(r"\bet al\b", text):
        return True
    names = [name for name in re.split(r",|;|\band\b|&", text.strip(" .*†")) if _WORD.search(name)]
    names = names[:-1] if names and re.fullmatch(r"\s*(?:19|20)[0-9]{2}\s*", names[-1]) else names
    return len(names) > 1 and all(
        len(name) < 60 and re.fullmatch(r"(?:\s*[^\W\d_a-z][\w.'’-]*){2,4}[\s*†‡]*", name) for name in names
    )


def _is_venue(text: str) -> bool:
    words = _WORD.findall(text)
    return len(words) < 9 and all(_VENUE.fullmatch(word) or find_identifier(word) for word in words)


def _tidy(text: str) -> str:
    """A remark without brackets that have become empty and marks around it."""
    text = re.sub(r"[(\[]\s*[|,/\s]*[)\]]|\[!\w+\]", " ", text)
    text = " ".join(text.split())
    text = text[1:] if text[:1] == '"' and text.count('"') % 2 else text
    return re.sub(r"^[^\w\"“‘('<$`~\[]+|^-+>?\s*|[\s,;:|–—-]+$", "", text.removeprefix("->").strip())


def _plain(text: str) -> str:
    """A title or heading without what lists put around it."""
    text = _without_front(" ".join(text.split()))
    text = _PICTURES_BEHIND.sub("", text).strip(" *_~`,;:|·•–—-")
    quoted_whole = re.fullmatch(r"[\"“]([^\"“”]+)[\"”][.,]?", text)
    text = quoted_whole[1] if quoted_whole else text
    return text.rstrip(" .,;:([|–—-") if text.count("(") > text.count(")") else text.rstrip(" .,;:|–—-")


def _without_front(text: str) -> str:
    """The text without the dates, venues and pictures that stand in front of a title."""
    text = text.strip()
    while front := _BEFORE.match(text):
        text = text[front.end() :]
    return text


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_REMARK else f"{text[:_MOST_REMARK].rsplit(' ', 1)[0]} …"


def _says_something(entry: Entry) -> bool:
    """Whether anything in it could name a work; a line in bold without a link may be no work at all."""
    return bool(entry.works or entry.addresses or (entry.listed and entry.title))
