"""What the pages are made from, read from the repository: cards, results, scripts and the hand-written pages."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from tooling.cards import InvalidLibrary, Library, check, load_library
from tooling.cards.standing import FILE, Standing, load_standings
from tooling.exports import NO_TITLES, File, exports
from tooling.exports.metadata import Metadata, metadata
from tooling.exports.sitemap import robots, sitemap
from tooling.pages import Page, pages
from tooling.pages.part import fill
from tooling.pages.survey import Survey
from tooling.runs.result import Results, load_results

MEASURED = ("repro/*/run.py", "repro/*/results/*.json", ".build/quick/*/quick.json")
PATTERNS = ("papers/*.yaml", *MEASURED, str(FILE))
Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Source:
    """The library, the results and the scripts of a repository at one moment."""

    library: Library
    results: Results
    scripts: Mapping[str, str]
    standings: Mapping[str, Standing]

    def pages(self, *, site: str = "") -> Iterator[Page]:
        """The generated pages; `site` is the address of the start page, where it is known."""
        return pages(self.library, self.results, scripts=self.scripts, standings=self.standings, site=site)

    def exports(self, *, site: str = "", titles: Mapping[str, str] = NO_TITLES) -> Iterator[File]:
        """The exported files; `site` is the address of the start page, where it is known.

        `titles` has the titles of hand-written pages by their addresses.
        """
        return exports(self.library, self.results, site=site, titles=titles)

    def metadata(self, *, site: str = "") -> Mapping[str, Metadata]:
        """What pages say to programs, by the path of their source; `site` as for the pages."""
        return metadata(Survey(self.library, self.results, site=site))

    def signposts(self, addresses: Iterable[str], *, prose: Collection[str], site: str) -> Iterator[File]:
        """The files that lead search engines to the pages at these addresses; none where the site's is not known.

        `prose` has the addresses of pages on which nothing comes from a card.
        """
        if site:
            yield File("sitemap.xml", sitemap(Survey(self.library, self.results, site=site), addresses, prose=prose))
        if robots(site):
            yield File("robots.txt", robots(site))

    def filled(self, markdown: str, path: str) -> str:
        """A hand-written page at `path` with its generated parts in place."""
        return fill(markdown, self._survey, path=path)

    @cached_property
    def _survey(self) -> Survey:
        return Survey(self.library, self.results)


def files(root: Path) -> list[Path]:
    """The files that generated pages depend on."""
    return _found(root, PATTERNS)


def _found(root: Path, patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(root.glob(pattern))]


def _stamp(paths: Iterable[Path]) -> Stamp:
    """What tells whether one of the files has changed."""
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)


def read_source(root: Path) -> Source:
    """The cards, results and scripts of the repository, read again only when one of their files has changed.

    Raises `InvalidLibrary` with every problem of the cards, and `Invalid` for results that cannot be read.
    """
    return _read(root, _stamp(files(root)))


@lru_cache(maxsize=1)
def _read(root: Path, _moment: Stamp) -> Source:
    library = load_library(root / "papers")
    problems = check(library, root)
    if problems:
        raise InvalidLibrary(problems)
    scripts = {path.parent.name: path.read_text(encoding="utf-8") for path in sorted(root.glob("repro/*/run.py"))}
    # results have names of today by the aliases of cards, so a renamed card is read anew with them
    names = tuple((slug, card.aliases) for slug, card in library.items())
    return Source(library, _results(root, _stamp(_found(root, MEASURED)), names), scripts, load_standings(root))


@lru_cache(maxsize=1)
def _results(root: Path, _moment: Stamp, _names: tuple[tuple[str, tuple[str, ...]], ...]) -> Results:
    """The results; an edited card leaves them as they are, and comparing them with the code takes most of a second."""
    return load_results(root)
