"""Where the records of works come from: arXiv, DataCite where arXiv does not answer, or what is cached of both."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from tooling.cards.arxiv import Arxiv
from tooling.cards.datacite import Datacite
from tooling.cards.draft import clean_title
from tooling.cards.identifier import Identifier
from tooling.cards.latex import plain_text
from tooling.cards.problem import counted, quoted
from tooling.cards.record import Record
from tooling.cards.service import Unavailable
from tooling.cards.work import SAME_TITLE, Doi, Title, Work, letters
from tooling.errors import Invalid, NotFound, ToolingError, TryLater, UsageError

Found = Record | ToolingError
"""What was found of a work: its record, or why it has none."""
Source = Callable[[Sequence[Work]], Iterable[Mapping[str, Found]]]
"""Gives what was found of works by their keys, batch after batch; works that are not known are missing."""


class Online:
    """arXiv, and DataCite where arXiv is out of reach or does not have the work; `say` is told of waits."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._arxiv = Arxiv.from_environment(say=say)
        self._datacite = Datacite.from_environment(say=say)

    def __call__(self, works: Sequence[Work]) -> Iterator[Mapping[str, Found]]:
        """What was found of the works, as soon as it is known. Raises `TryLater` where nobody answers."""
        sorts = sorted_out(works)
        yield from self._by_id(sorts.ids)
        # titles last: only arXiv knows them, and what ends there ends the call
        for doi in sorts.dois:
            yield {doi.key: self._by_doi(doi)}
        for title in sorts.titles:
            yield {title.key: self._by_title(title)}

    def _by_id(self, works: Sequence[Identifier]) -> Iterator[Mapping[str, Found]]:
        left = {each.bare: each for each in works}
        if not left:
            return
        try:
            for batch in self._arxiv.records(works):
                left = {bare: each for bare, each in left.items() if bare not in batch}
                yield batch
        except Unavailable as fault:
            if not _may_stand_in():
                raise
            said = str(fault).removesuffix("; try again later")
            self._say(f"{said}; asking DataCite about {counted(len(left), 'work')}, one after the other")
            for each in left.values():
                yield {each.key: self._stand_in(each, fault)}

    def _stand_in(self, work: Identifier, fault: Unavailable) -> Found:
        """What DataCite says of a work of arXiv."""
        try:
            return self._datacite.record(f"10.48550/arXiv.{work.bare}", name=work.bare)
        except Unavailable as second:
            said = str(fault).removesuffix("; try again later")
            raise Unavailable(f"{said}; nor does DataCite help: {second}") from second
        except NotFound:
            return TryLater(f"arXiv does not answer, and DataCite has no work `{work.bare}`; try again later")
        except (Invalid, UsageError) as error:
            return TryLater(f"arXiv does not answer, nor does DataCite help ({error}); try again later")

    def _by_doi(self, doi: Doi) -> Found:
        try:
            return self._datacite.record(doi.bare)
        except NotFound as error:
            return NotFound(f"`{doi}`: {error}")
        except (Invalid, UsageError) as error:
            return error

    def _by_title(self, title: Title) -> Found:
        words = re.findall(r"\w+", plain_text(title.text))[:40]
        try:
            return chosen(title, self._arxiv.titled(words))
        except UsageError as error:
            return error


class Sorts(NamedTuple):
    """Works by the way in which they are named."""

    ids: list[Identifier]
    titles: list[Title]
    dois: list[Doi]


def sorted_out(works: Sequence[Work]) -> Sorts:
    """The works by the way in which they are named, each in its order."""
    sorts = Sorts([], [], [])
    for each in works:
        if isinstance(each, Identifier):
            sorts.ids.append(each)
        elif isinstance(each, Title):
            sorts.titles.append(each)
        else:
            sorts.dois.append(each)
    return sorts


def chosen(title: Title, candidates: Sequence[Record]) -> Found:
    """The one candidate that has this title, give or take a letter in twelve; an error names the nearest otherwise."""
    rated = [(fuzz.ratio(title.key, letters(clean_title(each))), each) for each in candidates]
    rated.sort(key=lambda pair: -pair[0])
    exact = [each for score, each in rated if score == 100]
    near = exact or [each for score, each in rated if score >= SAME_TITLE]
    if len(near) == 1:
        return near[0]
    if near:
        ids = ", ".join(f"`{each.bare}`" for each in near)
        return UsageError(f"{quoted(title, 100)} is the title of {len(near)} works on arXiv ({ids}); give the id")
    if not rated:
        return NotFound(f"arXiv has no work with the title {quoted(title, 100)}; check its words, or give the id")
    nearest = rated[0][1]
    return NotFound(
        f"arXiv has no work with the title {quoted(title, 100)}; the nearest is {quoted(clean_title(nearest), 100)}: "
        f"give its id, `{nearest.bare}`, if that is meant"
    )


def cached(works: Sequence[Work]) -> Iterator[Mapping[str, Found]]:
    """What is cached of the works, whatever its age; then raises `TryLater` where something is lacking."""
    names = [each.key for each in works]
    known = Datacite.from_environment(say=_silent).cached(names) | Arxiv.from_environment(say=_silent).cached(names)
    if known:
        yield known
    if lacking := [str(each) for each in works if each.key not in known]:
        raise TryLater(f"no answer about {', '.join(map(quoted, lacking))} is cached; run it once without `--offline`")


def _silent(_text: str) -> None:
    """Nothing: what is cached needs no waiting."""


def _may_stand_in() -> bool:
    """Whether DataCite may be asked for arXiv's works: not where a mirror or a test server stands for arXiv alone."""
    return bool(os.environ.get("TOOLING_DATACITE_URL")) or not os.environ.get("TOOLING_ARXIV_URL")
