"""The records of works by their DOIs, through content negotiation at doi.org: DataCite answers, Crossref for its own.

| set by | what | by default |
|---|---|---|
| `TOOLING_DATACITE_URL` | service, behind whose address the DOI is put | https://doi.org |
| `TOOLING_DATACITE_PACE` | seconds between two requests of all processes | 1 |
| `TOOLING_DATACITE_PATIENCE` | seconds until it gives up on a work | 60, or `TOOLING_ARXIV_PATIENCE` |

It knows arXiv's works too, by `10.48550/arXiv.<id>`, and stands in where arXiv does not answer.
"""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from tooling.cards.lock import Turn
from tooling.cards.negotiated import read_record
from tooling.cards.problem import quoted
from tooling.cards.record import Record
from tooling.cards.service import Answer, Limits, Service, http_address, seconds_from
from tooling.content import cache_folder
from tooling.errors import NotFound

SERVICE = "https://doi.org"
# DataCite allows 3,000 requests in five minutes, Crossref 50 a second; a person's intake needs neither
_PACE, _PATIENCE = 1.0, 60.0
# where registrars answer for doi.org; any other redirect leads to a publisher's page, which is no record
_REGISTRARS = frozenset({"doi.org", "data.crosscite.org", "data.datacite.org", "api.datacite.org", "api.crossref.org"})
_MOVED = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5


class Datacite(Service):
    """The records of works by DOI; `say` is told, in a line each, of waits."""

    name = "DataCite"
    variable = "TOOLING_DATACITE_URL"
    accept = "application/vnd.datacite.datacite+json, application/vnd.citationstyles.csl+json;q=0.9"

    def __init__(self, service: str, cache: Path, *, limits: Limits | None = None, say: Callable[[str], None]) -> None:
        limits = limits or Limits(pace=_PACE, patience=_PATIENCE, attempts=3)
        super().__init__(service.rstrip("/"), cache, limits=limits, say=say)

    @classmethod
    def from_environment(cls, *, say: Callable[[str], None]) -> "Datacite":
        """A client as the environment variables above describe it."""
        patience = seconds_from("TOOLING_DATACITE_PATIENCE", seconds_from("TOOLING_ARXIV_PATIENCE", _PATIENCE))
        limits = Limits(pace=seconds_from("TOOLING_DATACITE_PACE", _PACE), patience=patience, attempts=3)
        return cls(http_address(cls.variable, SERVICE), cache_folder(), limits=limits, say=say)

    def record(self, doi: str, *, name: str | None = None) -> Record:
        """The record of the work with this DOI, which the cache and the card call `name` (default: the DOI).

        An answer younger than a day comes from the cache. Raises `NotFound` for a DOI that is not registered or has no
        record, `Unavailable` when the service cannot be had in time, and `Invalid` for a record without a date.
        """
        bare = name or doi
        kept = self.cached([bare], seconds=self.limits.fresh)
        if kept:
            return kept[bare]
        address = f"{self.service}/{quote(doi, safe='/:;()._-')}"
        record = self.ask(address, read=lambda content: read_record(content, doi, bare=bare))
        self.keep(record)
        return record

    def _fetch(self, address: str, *, seconds: float) -> Answer:
        """The answer at `address`, or where a registrar is to be asked instead, that one's."""
        deadline = time.monotonic() + seconds
        for _ in range(_MOST_REDIRECTS):
            answer = super()._fetch(address, seconds=max(deadline - time.monotonic(), 0.1))
            target = urljoin(address, answer.headers.get("Location") or "")
            if answer.status not in _MOVED or not self._is_registrar(target):
                return answer
            address = target
        return answer

    def _is_registrar(self, address: str) -> bool:
        parts = urlsplit(address)
        # the test servers and mirrors of this machine redirect to themselves
        return (parts.scheme == "https" and parts.netloc in _REGISTRARS) or parts.netloc == urlsplit(
            self.service
        ).netloc

    def _judge(self, answer: Answer, turn: Turn) -> None:
        if answer.status in (404, 410):
            raise NotFound("no such DOI is registered (new ones take a day); look for a mistyped character")
        if answer.status in _MOVED or answer.status in (204, 406):
            where = answer.headers.get("Location")
            leads = f" and leads to {quoted(where, 100)}" if where else ""
            raise NotFound(f"its registrar gives no record of it{leads}; write the card by hand")
        super()._judge(answer, turn)
