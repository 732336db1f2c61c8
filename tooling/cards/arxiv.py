"""arXiv's query service: the records of works by their ids, or by a title.

| set by | what | by default |
|---|---|---|
| `TOOLING_ARXIV_URL` | service; `/api/query` is added to a bare host | https://export.arxiv.org/api/query |
| `TOOLING_ARXIV_PACE` | seconds between two requests of all processes, for mirrors | 3, as arXiv's terms ask |
| `TOOLING_ARXIV_PATIENCE` | seconds until it gives up on a batch of 50, all waits included | 120 |
| `TOOLING_CACHE` | folder of the answers and of the lock between processes | `~/.cache/post-deepseek-r1` |
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tooling.cards.answer import read_answer, refusal
from tooling.cards.identifier import Identifier
from tooling.cards.record import Record
from tooling.cards.service import Limits, Service, http_address, seconds_from
from tooling.content import cache_folder
from tooling.errors import UsageError

SERVICE = "https://export.arxiv.org/api/query"
# a title that is common has namesakes; a person would give the id then
_MOST_FOUND = 10


def service_address() -> str:
    """The address of arXiv's query service: `TOOLING_ARXIV_URL`, else arXiv's own."""
    given = http_address("TOOLING_ARXIV_URL", SERVICE)
    return given if urlsplit(given).path.strip("/") else f"{given.rstrip('/')}/api/query"


def arxiv_limits(service: str) -> Limits:
    """The limits for `service`, with `TOOLING_ARXIV_PACE` and `TOOLING_ARXIV_PATIENCE` where they are set."""
    limits = Limits()
    pace = seconds_from("TOOLING_ARXIV_PACE", limits.pace)
    patience = seconds_from("TOOLING_ARXIV_PATIENCE", limits.patience)
    if pace < limits.pace and (urlsplit(service).hostname or "").endswith("arxiv.org"):
        raise UsageError(
            f"`TOOLING_ARXIV_PACE` is {pace:g}, but arXiv asks for {limits.pace:g} s between requests; "
            "unset it, or set `TOOLING_ARXIV_URL` to a mirror"
        )
    return replace(limits, pace=pace, patience=patience)


class Arxiv(Service):
    """The records of works, asked of arXiv or taken from the cache; `say` is told, in a line each, of waits."""

    name = "arXiv"
    variable = "TOOLING_ARXIV_URL"
    accept = "application/atom+xml"

    def __init__(self, service: str, cache: Path, *, limits: Limits | None = None, say: Callable[[str], None]) -> None:
        super().__init__(service, cache, limits=limits or Limits(), say=say)

    @classmethod
    def from_environment(cls, *, say: Callable[[str], None]) -> "Arxiv":
        """A client as the environment variables above describe it."""
        service = service_address()
        return cls(service, cache_folder(), limits=arxiv_limits(service), say=say)

    def records(self, works: Sequence[Identifier]) -> Iterator[dict[str, Record]]:
        """The records of the works by bare identifier, batch after batch; those that arXiv does not know are missing.

        Answers younger than a day come from the cache, unless a later version is asked for. Raises `Unavailable` when
        the service cannot be had in time, `UsageError` where it calls an identifier malformed, and `NotFound` where
        there is no service at its address.
        """
        cached = self.cached((each.bare for each in works), seconds=self.limits.fresh)
        known = {each for each in works if each.bare in cached and (each.version or 0) <= cached[each.bare].version}
        if known:
            yield {each.bare: cached[each.bare] for each in known}
        missing = list(dict.fromkeys(each.bare for each in works if each not in known))
        for start in range(0, len(missing), self.limits.batch):
            yield self._batch(missing[start : start + self.limits.batch])

    def _batch(self, batch: Sequence[str]) -> dict[str, Record]:
        query = urlencode({"id_list": ",".join(batch), "start": 0, "max_results": len(batch)}, safe=",/")
        records = self.ask(f"{self.service}?{query}", read=lambda content: read_answer(content, batch))
        for record in records.values():
            self.keep(record)
        return records

    def titled(self, words: Sequence[str]) -> list[Record]:
        """The works whose title has these words in this order, at most ten. Raises what `records` raises."""
        phrase = " ".join(words)
        query = urlencode({"search_query": f'ti:"{phrase}"', "start": 0, "max_results": _MOST_FOUND})
        found = self.ask(f"{self.service}?{query}", read=lambda content: read_answer(content, None))
        for record in found.values():
            self.keep(record)
        return list(found.values())

    def _malformed(self, content: bytes) -> str:
        return refusal(content)
