"""The paragraphs on what is known about a question: prose with links to works and to their claims."""

import re
from collections.abc import Iterator
from typing import NamedTuple

LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")


class Piece(NamedTuple):
    """Words of a paragraph, and the work or the claim that they lead to, `slug` or `slug/claim`; empty for none."""

    words: str
    key: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """The paragraph in its order: `A [vote](grpo/x) is` is `A `, `vote` with the key `grpo/x`, ` is`."""
    end = 0
    for link in LINK.finditer(text):
        if link.start() > end:
            yield Piece(text[end : link.start()])
        yield Piece(link[1], link[2])
        end = link.end()
    if end < len(text):
        yield Piece(text[end:])
