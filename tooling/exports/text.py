"""Text that is safe in any format: on one line, composed, without characters that hide or that XML refuses."""

import re
import unicodedata

from tooling.pages.page import DIRECTION

REFUSED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# what Markdown would read as markup within a line
INLINE = re.compile(r"([\\`*_\[\]<>|&~$])")
LINE_START = re.compile(r"^(?:([#+=:-])|(\d{1,9})([.)]))")


def plain(text: str) -> str:
    """The text in NFC on one line, without control characters and without those that turn the direction of writing."""
    if text.isascii() and text.isprintable():  # most texts: nothing to take away
        return " ".join(text.split())
    return unicodedata.normalize("NFC", " ".join(REFUSED.sub("", DIRECTION.sub("", text)).split()))


def markdown(text: str) -> str:
    """The text so that Markdown shows it as it is."""
    escaped = INLINE.sub(r"\\\1", plain(text))
    return LINE_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", escaped)


def fenced(kind: str, text: str) -> str:
    """The text as a block of code in Markdown, in a fence that nothing in it can close."""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{fence}{kind}\n{text}\n{fence}"


def target(address: str) -> str:
    """An address as the target of a Markdown link."""
    return address.replace("(", "%28").replace(")", "%29").replace("\\", "%5C").replace(" ", "%20")
