"""What the pages are made from, read from the repository: cards, results, scripts and the hand-written pages."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
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

PATTERNS = ("papers/*.yaml", "repro/*/run.py", "repro/*/results/*.json", ".build/quick/*/quick.json", str(FILE))
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
        return fill(markdown, Survey(self.library, self.results), path=path)


def files(root: Path) -> list[Path]:
    """The files that generated pages depend on."""
    return [path for pattern in PATTERNS for path in sorted(root.glob(pattern))]


def read_source(root: Path) -> Source:
    """The cards, results and scripts of the repository, read again only when one of their files has changed.

    Raises `InvalidLibrary` with every problem of the cards, and `Invalid` for results that cannot be read.
    """
    stamp = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files(root))
    return _read(root, stamp)


@lru_cache(maxsize=1)
def _read(root: Path, _stamp: Stamp) -> Source:
    library = load_library(root / "papers")
    problems = check(library, root)
    if problems:
        raise InvalidLibrary(problems)
    scripts = {path.parent.name: path.read_text(encoding="utf-8") for path in sorted(root.glob("repro/*/run.py"))}
    return Source(library, load_results(root), scripts, load_standings(root))
