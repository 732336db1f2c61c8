"""A page of the site as data: where it goes, what it says, which file it comes from."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

# controls that reorder text to the left or right of them; harmless inside `<bdi>`, not in a browser's title bar
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Page:
    """One page: `path` below the site's sources (`papers/s1.md`), its Markdown, and the file a reader would edit."""

    path: str
    markdown: str
    source: str


class Kept:
    """Pages as they were last made, so that a preview makes only those of which something has changed."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._last: dict[str, tuple[tuple[Any, ...], Page]] = {}

    def page(self, path: str, shown: tuple[Any, ...], *, make: Callable[[], Page]) -> Page:
        """The page at a path: the last one where all that it shows is as it was then, else the one that `make` gives.

        Whatever else `make` reads belongs into `shown`.
        """
        known, page = self._last.get(path, ((), None))
        if page is None or known != shown:
            page = make()
            self._last[path] = shown, page
        return page

    def forget(self) -> None:
        """Make every page anew from now on."""
        self._last.clear()


def root_of(path: str) -> str:
    """The way from the address of a page back to the start page: `../../` for `papers/s1.md`."""
    stem = path.removesuffix(".md").removesuffix("index")
    return "../" * len(stem.strip("/").split("/")) if stem.strip("/") else ""


def literal(text: str) -> Markup:
    """The text with all that Markdown, HTML or a template could read as markup written as character references."""
    return Markup("".join(char if char.isalnum() or char == " " else f"&#{ord(char)};" for char in one_line(text)))


def one_line(text: str) -> str:
    """The text on one line, without the controls that turn the direction of writing."""
    return " ".join(DIRECTION.sub("", text).split())


def shortened(text: str, length: int) -> str:
    """The text cut at a word's end so that it has at most `length` characters, an ellipsis included."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    if not text[length - 1].isspace() and " " in cut[length // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:.–—-") + "…"


def front_matter(**fields: Any) -> str:
    """The head of a Markdown file; each value is written as JSON, which YAML reads."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value is not None]
    return "\n".join(["---", *lines, "---", "", ""])


def compose(path: str, *, title: str, body: str, source: str, extra: Mapping[str, Any]) -> Page:
    """A page with its title as front matter and as first heading, and `body` below; `extra` is more front matter.

    Its `aliases`, other names of what the page is about, stand below the title, where a search finds them first.
    """
    more = dict(extra)
    aliases = ", ".join(more.pop("aliases", ()))
    heading = f"{literal(title)} <small>{literal(aliases)}</small>" if aliases else literal(title)
    return Page(path, f"{front_matter(title=one_line(title), **more)}# {heading} {{#_top}}\n\n{body.strip()}\n", source)
