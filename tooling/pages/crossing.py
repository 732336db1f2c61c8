"""Links between the pages of a built site: which of them lead nowhere, files and anchors alike.

mkdocs checks the links of Markdown; most of ours are HTML from templates, which it does not look into.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from lxml import etree


class Built(NamedTuple):
    """What a page offers and where it leads."""

    ids: frozenset[str]
    targets: frozenset[str]


def broken_crossings(site: Path) -> list[str]:
    """A line for each link of the site's pages to a file or an anchor of the site that is not there."""
    pages = {path.relative_to(site).as_posix(): _read(path) for path in sorted(site.rglob("*.html"))}
    # the page for addresses that do not exist is served at any depth, so its links depend on the host
    return [line for name, page in pages.items() if name != "404.html" for line in _broken(site, name, pages)]


def _broken(site: Path, name: str, pages: dict[str, Built]) -> Iterator[str]:
    for target in sorted(pages[name].targets):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        address, anchor = urldefrag(urljoin(f"/{name.removesuffix('index.html')}", target))
        file = unquote(urlsplit(address).path).lstrip("/")
        if not file or file.endswith("/"):
            file += "index.html"
        if file not in pages and not (site / file).is_file():
            yield f"`{name}` links to `{target}`, and there is no `{file}`"
        elif anchor and file in pages and unquote(anchor) not in pages[file].ids:
            yield f"`{name}` links to `{target}`, and `{file}` has no anchor `{anchor}`"


def _read(path: Path) -> Built:
    root = etree.fromstring(path.read_bytes(), etree.HTMLParser(encoding="utf-8", huge_tree=True))
    if root is None:
        return Built(frozenset(), frozenset())
    ids = frozenset(map(str, root.xpath("//@id | //a/@name")))
    return Built(ids, frozenset(str(found).strip() for found in root.xpath("//@href | //@src")))
