"""What a reader sees of a page: its Markdown rendered as mkdocs does it, as text, links and raw HTML."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import markdown
from mkdocs.utils.yaml import yaml_load

from tooling.pages import Page

ROOT = Path(__file__).parents[2]
BLOCK = {"p", "div", "li", "h1", "h2", "h3", "h4", "td", "th", "dt", "dd", "pre", "summary", "tr", "section"}


@cache
def extensions() -> tuple[list[str], dict[str, Any]]:
    """The Markdown extensions of mkdocs.yml with their settings."""
    listed = yaml_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["markdown_extensions"]
    named = [item if isinstance(item, str) else next(iter(item)) for item in listed]
    settings = {name: value for item in listed if isinstance(item, dict) for name, value in item.items()}
    return named, settings


class Reader(HTMLParser):
    """Collects text, addresses of links and the names of elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element; blocks begin a new line."""
        given = dict(attrs)
        self.tags.add(tag)
        self.attributes.update(given)
        self.pieces.append("\n" if tag in BLOCK else "")
        self.links += [value for name in ("href", "src", "data-src") if (value := given.get(name))]
        self.ids += [value for value in [given.get("id")] if value]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.pieces.append(data)

    @property
    def text(self) -> str:
        """The text with white space folded."""
        return " ".join("".join(self.pieces).split())


def html_of(page: Page) -> str:
    """The page's own HTML, without the theme around it."""
    named, settings = extensions()
    body = re.sub(r"\A---\n.*?\n---\n", "", page.markdown, flags=re.DOTALL)
    return markdown.markdown(body, extensions=named, extension_configs=settings)


def read(page: Page) -> Reader:
    """The page as a reader sees it."""
    reader = Reader()
    reader.feed(html_of(page))
    reader.close()
    return reader
