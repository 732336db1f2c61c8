"""The versions of a work, from arXiv's OAI-PMH service: when each came, and which withdrew the work.

`TOOLING_OAI_URL` replaces the service's address. Its answers are never cached: it is asked only about works that have
changed. Pace and lock are those of the query service, since arXiv counts all its services together.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from lxml import etree

from tooling.cards.answer import Garbled
from tooling.cards.arxiv import Arxiv, arxiv_limits
from tooling.cards.problem import quoted
from tooling.cards.service import Service, http_address
from tooling.content import cache_folder

SERVICE = "https://oaipmh.arxiv.org/oai"
_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
_VERSION = re.compile(r"v([1-9][0-9]{0,2})", re.ASCII)
_NOTHING = re.compile(r"0\s*(kb|b)?", re.IGNORECASE)


class Version(NamedTuple):
    """One version of a work: its number, its date as arXiv writes it, and whether it withdraws the work."""

    number: int
    date: str
    withdraws: bool


class Oai(Service):
    """The versions of works, asked of arXiv's OAI-PMH service in turn with `arxiv`, a client of its query service."""

    name = "OAI-PMH"
    variable = "TOOLING_OAI_URL"
    accept = "text/xml"

    def __init__(self, service: str, *, arxiv: Arxiv, say: Callable[[str], None]) -> None:
        super().__init__(service, cache_folder(), limits=arxiv.limits, say=say)
        self._neighbour = arxiv

    @classmethod
    def beside(cls, arxiv: Arxiv, *, say: Callable[[str], None]) -> "Oai":
        """The service at `TOOLING_OAI_URL`, else arXiv's own."""
        given = http_address(cls.variable, SERVICE)
        # arXiv's own is never hurried, whatever the address of the query service
        arxiv_limits(given)
        return cls(given, arxiv=arxiv, say=say)

    def versions(self, bare: str) -> tuple[Version, ...]:
        """The versions of a work in order; empty where the service does not know it. Raises what `ask` raises."""
        words = {"verb": "GetRecord", "identifier": f"oai:arXiv.org:{bare}", "metadataPrefix": "arXivRaw"}
        return self.ask(
            f"{self.service}?{urlencode(words, safe=':/')}", read=lambda content: read_versions(content, bare)
        )

    def pace_file(self) -> Path:
        """The file of the query service: arXiv counts the requests to all its services together."""
        return self._neighbour.pace_file()


def read_versions(content: bytes, bare: str) -> tuple[Version, ...]:
    """The versions in an answer about the work `bare`; raises `Garbled` for an answer that cannot be trusted."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Garbled("sent XML that breaks off or is not well-formed instead of OAI-PMH") from error
    if root.tag != f"{_OAI}OAI-PMH" or root.getroottree().docinfo.doctype:
        raise Garbled("answered with something else than OAI-PMH")
    error = root.find(f"{_OAI}error")
    if error is not None:
        if error.get("code") in ("idDoesNotExist", "noRecordsMatch"):
            return ()
        raise Garbled(f"refuses the request ({quoted(error.get('code') or 'no reason')})")
    raw = root.find(f".//{_RAW}arXivRaw")
    if raw is None or (raw.findtext(f"{_RAW}id") or "").strip() != bare:
        raise Garbled(f"answered about another work than `{bare}`")
    versions = sorted(filter(None, map(_version, raw.findall(f"{_RAW}version"))))
    if not versions:
        raise Garbled(f"left out the versions of `{bare}`")
    return tuple(versions)


def _version(node: etree._Element) -> Version | None:
    number = _VERSION.fullmatch(node.get("version") or "")
    if number is None:
        return None
    size = (node.findtext(f"{_RAW}size") or "").strip()
    # a withdrawal is a version without files: arXiv gives it the type I and no size
    ignored = "I" in (node.findtext(f"{_RAW}source_type") or "")
    date = " ".join((node.findtext(f"{_RAW}date") or "").split())[:40]
    return Version(int(number[1]), date, ignored or _NOTHING.fullmatch(size) is not None)
