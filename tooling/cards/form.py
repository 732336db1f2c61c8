"""The form of a card's file, which no reader of the card sees: the order of keys, blanks, how characters are composed.

Each check has the repair beside it. A repair moves and drops what says nothing; the card that it gives says the same.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tooling.cards.edit import CannotEdit
from tooling.cards.load import Library, parse_card, shown_path
from tooling.cards.problem import InvalidLibrary, Problem
from tooling.cards.schema import Card

ORDER = {key: number for number, key in enumerate(key for key in Card.model_fields if key != "slug")}
KEY = re.compile(r"([A-Za-z_]+):(?:\s|$)")
STRAY = re.compile(r"[ \t\r]+$", re.MULTILINE)


class Block(NamedTuple):
    """A key at the top of a card with its lines, comments above it included."""

    key: str
    lines: list[str]


def forms(library: Library) -> Iterator[Problem]:
    """Blanks at the ends of lines, and characters that are put together from several where there is one."""
    for path, text in _texts(library):
        if line := _stray_line(text):
            message = "the file has blanks or line ends that nobody sees"
            yield Problem(path, line, "", message, "delete them, as `tooling check --fix` does", "stray-space")
        if line := _loose_line(text):
            message = "the file has a letter and its accent as two characters (it is not in NFC)"
            yield Problem(
                path, line, "", message, "write the one letter, as `tooling check --fix` does", "not-composed"
            )


def orders(library: Library) -> Iterator[Problem]:
    """The first key of each card that does not stand where the schema has it."""
    for path, text in _texts(library):
        blocks = _blocks(text.split("\n")).blocks
        line = 1
        for before, block in zip(blocks, blocks[1:], strict=False):
            if ORDER.get(block.key, len(ORDER)) < ORDER.get(before.key, -1):
                line = text[: text.index(f"\n{block.key}:") + 1].count("\n") + 1
                message = f"`{block.key}` stands below `{before.key}`"
                remedy = "let `tooling check --fix` bring the keys in the order of the schema"
                yield Problem(path, line, block.key, message, remedy, "key-order")
                break


def tidied(text: str, path: str) -> str:
    """The card's text without blanks at the ends of lines, with plain line ends and one at the end of the file."""
    new = STRAY.sub("", text.replace("\r\n", "\n")).rstrip("\n") + "\n"
    return _same(new, text, path=path, said=_without_blanks)


def composed(text: str, path: str) -> str:
    """The card's text in Unicode's form NFC."""
    new = unicodedata.normalize("NFC", text)
    return _same(new, text, path=path, said=lambda card: unicodedata.normalize("NFC", card.model_dump_json()))


def ordered(text: str, path: str) -> str:
    """The card's text with its keys in the order of the schema; comments move with the key below them."""
    parts = _blocks(text.removesuffix("\n").split("\n"))
    keys = [block.key for block in parts.blocks]
    if len(set(keys)) < len(keys) or not set(keys) <= set(ORDER):
        raise CannotEdit("has keys whose order is not known")
    sorted_blocks = sorted(parts.blocks, key=lambda block: ORDER[block.key])
    lines = [*parts.head, *(line for block in sorted_blocks for line in block.lines), *parts.tail]
    return _same("\n".join(lines) + "\n", text, path=path, said=Card.model_dump_json)


class _Parts(NamedTuple):
    head: list[str]
    blocks: list[Block]
    tail: list[str]


def _blocks(lines: list[str]) -> _Parts:
    """The lines above the first key, each key with its lines, and comments below the last one."""
    parts = _Parts([], [], [])
    waiting = parts.tail
    for line in lines:
        found = KEY.match(line)
        if found:
            parts.blocks.append(Block(found[1], [*waiting, line]))
            waiting.clear()
        elif not parts.blocks:
            parts.head.append(line)
        elif not line.strip() or line.startswith("#"):
            # whose it is only the next line tells
            waiting.append(line)
        else:
            parts.blocks[-1].lines.extend([*waiting, line])
            waiting.clear()
    return parts


def _texts(library: Library) -> Iterator[tuple[str, str]]:
    """Each card's file with its path, line ends as they are."""
    for slug in library:
        name = f"{slug}.yaml"
        yield shown_path(library.folder, name), card_file_text(library.folder / name)


def card_file_text(file: Path) -> str:
    """The text of a card's file with its own line ends."""
    return file.read_bytes().decode("utf-8-sig")


def _stray_line(text: str) -> int:
    """The first line that ends in blanks, or the end of a file that does not end in one line end; else 0."""
    # most files are sound, and a search for every run of blanks is slow
    if "\r" in text or " \n" in text or "\t\n" in text or text.endswith((" ", "\t")):
        found = STRAY.search(text)
        if found:
            return text.count("\n", 0, found.start()) + 1
    return 0 if text.endswith("\n") and not text.endswith("\n\n") else text.rstrip("\n").count("\n") + 1


def _loose_line(text: str) -> int:
    """The first line that is not in NFC; else 0."""
    if unicodedata.is_normalized("NFC", text):
        return 0
    lines = text.split("\n")
    # an accent may stand on the line below its letter, where no line by itself is wrong
    return next((number for number, line in enumerate(lines, 1) if not unicodedata.is_normalized("NFC", line)), 1)


def _without_blanks(card: Card) -> str:
    return " ".join(card.model_dump_json().replace("\\n", " ").split())


def _same(new: str, text: str, *, path: str, said: Callable[[Card], str]) -> str:
    """The new text, if its card says the same as that of the old one."""
    try:
        cards = [parse_card(each, Path(path).stem, shown=path) for each in (text, new)]
    except InvalidLibrary as error:
        raise CannotEdit("cannot be read") from error
    if said(cards[0]) != said(cards[1]):
        raise CannotEdit("would say something else")
    return new
