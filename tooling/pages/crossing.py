"""Links between the pages of a built site: which of them lead nowhere, files and anchors alike.

mkdocs checks the links of Markdown; most of ours are HTML from templates, which it does not look into.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from lxml import etree

# most links: some steps up, then down; the general way to read one takes ten times as long
PLAIN = re.compile(r"(?P<up>(?:\.\./)*)(?P<down>(?:[\w-]+/)*(?:[\w-]+\.[\w.-]+)?)(?:#(?P<anchor>[^%]*))?")


class Built(NamedTuple):
    """What a page offers and where it leads."""

    ids: frozenset[str]
    targets: frozenset[str]


def broken_crossings(site: Path) -> list[str]:
    """A line for each link of the site's pages to a file or an anchor of the site that is not there."""
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    pages = {name: _read((site / name).read_bytes()) for name in sorted(files) if name.endswith(".html")}
    # the page for addresses that do not exist is served at any depth, so its links depend on the host
    checked = [name for name in pages if name != "404.html"]
    return [line for name in checked for line in _broken(name, pages, files)]


def _broken(name: str, pages: dict[str, Built], files: Collection[str]) -> Iterator[str]:
    for target in sorted(pages[name].targets):
        found = _led(name, target)
        if found is None:
            continue
        file, anchor = found
        if file not in files:
            yield f"`{name}` links to `{target}`, and there is no `{file}`"
        elif anchor and file in pages and anchor not in pages[file].ids:
            yield f"`{name}` links to `{target}`, and `{file}` has no anchor `{anchor}`"


@lru_cache(maxsize=50_000)
def _led(name: str, target: str) -> tuple[str, str] | None:
    """The file and the anchor that a link on the page `name` leads to; None for a link to another site."""
    if target.startswith(("https://", "http://")):
        return None
    found = _led_plainly(name, target) or _led_anyhow(name, target)
    if found is None:
        return None
    address, anchor = found
    return address if address and not address.endswith("/") else f"{address}index.html", anchor


def _led_plainly(name: str, target: str) -> tuple[str, str] | None:
    """The address and the anchor of a link of plain steps up and down; None for one that is not so plain."""
    plain = PLAIN.fullmatch(target)
    if plain is None:
        return None
    up, folders = len(plain["up"]) // len("../"), name.split("/")[:-1]
    if up > len(folders):
        return None
    steps = "".join(f"{folder}/" for folder in folders[: len(folders) - up]) + plain["down"]
    return (steps if plain["up"] or plain["down"] else name), plain["anchor"] or ""


def _led_anyhow(name: str, target: str) -> tuple[str, str] | None:
    """The address and the anchor of any link, by the rules of addresses; None for a link to another site."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    address, anchor = urldefrag(urljoin(f"/{name.removesuffix('index.html')}", target))
    return unquote(urlsplit(address).path).lstrip("/"), unquote(anchor)


@lru_cache(maxsize=512)
def _read(page: bytes) -> Built:
    root = etree.fromstring(page, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    if root is None:
        return Built(frozenset(), frozenset())
    ids = frozenset(map(str, root.xpath("//@id | //a/@name")))
    return Built(ids, frozenset(str(found).strip() for found in root.xpath("//@href | //@src")))
