"""New cards: from arXiv identifiers to valid files in `papers/`, each work once, whatever is interrupted."""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import click

from tooling.cards.draft import clean_authors, clean_title, draft_card, is_withdrawn
from tooling.cards.file import create_file, sweep_scratch
from tooling.cards.identifier import Identifier, parse_identifier
from tooling.cards.layout import card_text
from tooling.cards.load import InvalidLibrary, Library, load_library, parse_card, shown_path
from tooling.cards.lock import NoTurn, lock
from tooling.cards.mint import mint_key, mint_slug
from tooling.cards.problem import counted, quoted
from tooling.cards.record import Record
from tooling.cards.schema import Card
from tooling.cards.value import SLUG, kebab
from tooling.errors import Exists, Invalid, NotFound, ToolingError, TryLater, UsageError
from tooling.repository import find_root

State = Literal["added", "would add", "present"]
Source = Callable[[Sequence[Identifier]], Iterable[Mapping[str, Record]]]
"""Gives the records of works by their bare identifiers, batch after batch; works that it does not know are missing."""
Write = Callable[[str, str], None]
"""Takes the slug and the text of a new card."""

# another process holds the lock while it writes its cards, which takes milliseconds each
_WRITING_SECONDS = 30.0
_BAR_AFTER_SECONDS = 2.0
# slugs that pages of the site need for themselves
_RESERVED = frozenset({"index"})


@dataclass(frozen=True)
class Wishes:
    """The options of `tooling add-paper`."""

    slug: str | None = None
    dry_run: bool = False
    offline: bool = False
    as_json: bool = False


class Outcome(NamedTuple):
    """What became of one identifier; `path` is relative to the repository."""

    given: str
    arxiv: str
    state: State
    path: str


@dataclass
class Shelf:
    """What the library has already: works by arXiv id and by title, and the names that are taken."""

    library: Library
    works: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=lambda: set(_RESERVED))
    keys: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, folder: Path) -> "Shelf":
        """The shelf of the library in `folder`; raises `InvalidLibrary` where a card is broken."""
        shelf = cls(load_library(folder))
        for slug, card in shelf.library.items():
            shelf.slugs |= {slug, *card.aliases}
            shelf.note(slug, title=card.title, arxiv=card.arxiv, key=card.citation_key)
        return shelf

    def note(self, slug: str, *, title: str, arxiv: str | None, key: str) -> None:
        """Put a work on the shelf."""
        self.slugs.add(slug)
        self.keys.add(key)
        if letters := _letters(title):
            self.titles.setdefault(letters, slug)
        if arxiv:
            self.works[arxiv] = slug


class Asked(NamedTuple):
    """A work that was asked for, and the words that it was asked for in."""

    given: str
    identifier: Identifier


def add_papers(root: Path, identifiers: Sequence[str], **options: Any) -> None:
    """Add a card for each of the works that the library lacks; `options` are those of `Wishes`.

    Prints the paths of all cards (or JSON, or with `dry_run` the cards themselves) on stdout, and what happened on
    stderr. Raises `UsageError` for an impossible identifier before anything is asked or written, `TryLater` when arXiv
    cannot be had, `NotFound` for works that arXiv does not know, `Exists` for those whose title the library has under
    another name and `Invalid` for those that make no valid card; these last three after all others have been written.
    """
    wishes = Wishes(**options)
    talk = Talk()
    source = _offline if wishes.offline else _online(talk)
    asked = _read(identifiers)
    if wishes.slug and len(asked) > 1:
        raise UsageError(f"`--slug` names one card, but {len(asked)} works were given; add them one by one")
    intake = Intake(root, slug=wishes.slug, talk=talk)
    try:
        (intake.rehearse if wishes.dry_run else intake.take)(asked, source)
    finally:
        intake.report(wishes)
    if intake.refusals:
        raise _together(intake.refusals)


def add_paper(identifier: str, *, slug: str | None = None, source: Source | None = None) -> Path:
    """The path of the card of this work in the repository around the current folder, made where there was none.

    `source` gives the records in place of arXiv. Raises what `add_papers` raises.
    """
    talk = Talk()
    intake = Intake(find_root(Path.cwd()), slug=slug, talk=talk)
    intake.take(_read([identifier]), source or _online(talk))
    if intake.refusals:
        raise _together(intake.refusals)
    return intake.root / intake.outcomes[0].path


class Talk:
    """What is said on stderr, beside a progress bar where one is shown."""

    def __init__(self) -> None:
        self.say: Callable[[str], None] = lambda text: click.echo(text, err=True)

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int], None]]:
        """A function that moves the bar on by so many works; the bar is shown to people who wait for over 2 s."""
        if total < 2 or not sys.stderr.isatty():
            yield lambda _count: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        class Patient(Progress):
            """A bar that stays hidden for the first two seconds."""

            begun = time.monotonic()

            def get_renderables(self) -> Iterator[Any]:
                if time.monotonic() - self.begun > _BAR_AFTER_SECONDS:
                    yield from super().get_renderables()

        columns = (TextColumn("asking arXiv"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Patient(*columns, console=Console(stderr=True), transient=True) as bar:
            task, echo = bar.add_task("", total=total), self.say
            self.say = lambda text: bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
            try:
                yield lambda count: bar.advance(task, count)
            finally:
                self.say = echo


class Intake:
    """One call of the command: what was asked for, what became of it, and what was refused."""

    def __init__(self, root: Path, *, slug: str | None, talk: Talk) -> None:
        if slug is not None and (not _is_slug(slug) or slug in _RESERVED):
            better = f"; `{kebab(slug)}` would do" if kebab(slug) not in {"", slug} else ""
            raise UsageError(f"{quoted(slug)} cannot be a file stem: lower-case words joined by hyphens{better}")
        self.root = root
        self.slug = slug
        self.talk = talk
        self.outcomes: list[Outcome] = []
        self.refusals: list[ToolingError] = []
        self.texts: dict[str, str] = {}
        self._folder = root / "papers"

    def take(self, asked: Sequence[Asked], source: Source) -> None:
        """Make a card of each work that was asked for and is not there."""
        seen, shelf = _stamps(self._folder), Shelf.of(self._folder)
        records = self._records(asked, shelf, source)
        if records is None:
            # nothing to make: no lock, no scratch file, nothing touched
            self._settle(asked, {}, shelf, write=self._write)
            return
        with self._turn():
            if _stamps(self._folder) != seen:
                # another process has added cards while this one was asking
                shelf = Shelf.of(self._folder)
            self._settle(asked, records, shelf, write=self._write)

    def rehearse(self, asked: Sequence[Asked], source: Source) -> None:
        """Do what `take` does, but keep the texts of the new cards for the report and write nothing."""
        shelf = Shelf.of(self._folder)
        records = self._records(asked, shelf, source)
        self._settle(asked, records or {}, shelf, write=self.texts.__setitem__)

    def _records(self, asked: Sequence[Asked], shelf: Shelf, source: Source) -> dict[str, Record] | None:
        """The records of the works that the shelf lacks, or None where it lacks none.

        All of them are there before the first card is written: what fails here leaves nothing behind.
        """
        missing = [each.identifier for each in asked if each.identifier.bare not in shelf.works]
        if not missing:
            return None
        records: dict[str, Record] = {}
        try:
            with self.talk.progress(len(missing)) as advance:
                for batch in source(missing):
                    records |= batch
                    advance(len(batch))
        except TryLater as error:
            raise TryLater(f"{error}; nothing was written") from error
        return records

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold the lock under which cards are written."""
        try:
            with lock(self.root / ".build" / "papers.lock", seconds=_WRITING_SECONDS):
                sweep_scratch(self._folder)
                yield
        except NoTurn as error:
            raise TryLater("another process is adding cards; nothing was written, try again later") from error
        except OSError as error:
            raise TryLater(f"cannot write below `{self.root}` ({_reason(error)}); nothing was written") from error

    def _settle(self, asked: Sequence[Asked], records: Mapping[str, Record], shelf: Shelf, *, write: Write) -> None:
        for each in asked:
            try:
                self._settle_one(each, records.get(each.identifier.bare), shelf, write=write)
            except (NotFound, Exists, Invalid) as refusal:
                self.refusals.append(refusal)

    def _settle_one(self, asked: Asked, record: Record | None, shelf: Shelf, *, write: Write) -> None:
        bare, version = asked.identifier.bare, asked.identifier.version
        if bare in shelf.works:
            self._present(asked, shelf.works[bare])
            return
        if record is None:
            raise NotFound(f"arXiv has no work `{bare}` (it lists new ones a day later); look for a mistyped digit")
        if version and version > record.version:
            has = counted(record.version, "version")
            raise NotFound(f"`{bare}` has {has} on arXiv and no v{version}; leave out the `v{version}`")
        slug = self._slug_for(record, shelf)
        key = mint_key(clean_authors(record), record.published[:4], title=clean_title(record), taken=shelf.keys)
        text = card_text(draft_card(record, shelf.library.vocabulary, version=version, citation_key=key))
        try:
            # the card is read as it will be read later; what cannot be read back is never written
            card = parse_card(text, slug, shown=shown_path(self._folder, f"{slug}.yaml"))
        except InvalidLibrary as error:
            problem = error.problems[0]
            raise Invalid(f"what arXiv says of `{bare}` makes no valid card: {problem.message}") from error
        write(slug, text)
        shelf.note(slug, title=card.title, arxiv=card.arxiv, key=card.citation_key)
        state: State = "would add" if slug in self.texts else "added"
        self.outcomes.append(Outcome(asked.given, bare, state, f"papers/{slug}.yaml"))
        self.talk.say(_summary(self.outcomes[-1], card))
        if is_withdrawn(record):
            self.talk.say(f"`{bare}` was withdrawn, says its comment: {quoted(record.comment, 100)}; the card notes it")

    def _present(self, asked: Asked, slug: str) -> None:
        path = f"papers/{slug}.yaml"
        if self.slug not in (None, slug):
            raise Exists(f"`{asked.identifier.bare}` is already {path}; a work has one card, so leave `--slug` out")
        self.outcomes.append(Outcome(asked.given, asked.identifier.bare, "present", path))
        self.talk.say(f"`{asked.identifier.bare}` is already {path}; nothing changed")

    def _slug_for(self, record: Record, shelf: Shelf) -> str:
        """The slug that was asked for, else one from the title; raises `Exists` where it or the title is taken."""
        if self.slug is not None:
            if self.slug in shelf.slugs:
                raise Exists(f"`{self.slug}` is, or once was, the name of another work's card; choose another `--slug`")
            return self.slug
        title = clean_title(record)
        twin = shelf.titles.get(_letters(title))
        if twin is not None:
            raise Exists(
                f"papers/{twin}.yaml has the title of `{record.bare}`, {quoted(title)}; if it is the same work add "
                f"`arxiv: '{record.bare}'` there, if not pass `--slug`"
            )
        return mint_slug(title, shelf.slugs, fallback=f"arxiv {record.bare}")

    def _write(self, slug: str, text: str) -> None:
        path = self._folder / f"{slug}.yaml"
        try:
            create_file(path, text)
        except FileExistsError as error:
            raise Exists(f"papers/{slug}.yaml has appeared meanwhile; run the command again") from error
        except OSError as error:
            written = sum(outcome.state == "added" for outcome in self.outcomes)
            before = f"written before it: {counted(written, 'card')}" if written else "nothing was written"
            raise TryLater(f"cannot write papers/{slug}.yaml ({_reason(error)}); {before}") from error

    def report(self, wishes: Wishes) -> None:
        """Print what became of the identifiers on stdout: paths, JSON, or the cards of a dry run."""
        if wishes.as_json:
            found = [outcome._asdict() | self._text(outcome) for outcome in self.outcomes]
            click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        elif wishes.dry_run:
            # the documents of one stream, each with the name that its file would have
            new = [outcome for outcome in self.outcomes if outcome.state == "would add"]
            click.echo("---\n".join(f"# {outcome.path}\n{self._text(outcome)['text']}" for outcome in new), nl=False)
        else:
            for path in dict.fromkeys(outcome.path for outcome in self.outcomes):
                click.echo(os.path.relpath(self.root / path))

    def _text(self, outcome: Outcome) -> dict[str, str]:
        slug = Path(outcome.path).stem
        return {"text": self.texts[slug]} if slug in self.texts else {}


def _summary(outcome: Outcome, card: Card) -> str:
    about = f"{quoted(card.title, 100)} ({counted(len(card.authors), 'author')}, {card.date})"
    if outcome.state == "would add":
        return f"would add {outcome.path}: {about}"
    return f"added {outcome.path}: {about}; still to write: summary, claims; to review: topics, methods"


def _read(identifiers: Sequence[str]) -> list[Asked]:
    """The works that were asked for, each once; raises `UsageError` with every identifier that is none."""
    asked: dict[str, Asked] = {}
    refusals = []
    for given in identifiers:
        try:
            identifier = parse_identifier(given)
        except UsageError as error:
            refusals.append(error)
        else:
            asked.setdefault(identifier.bare, Asked(given, identifier))
    if refusals:
        raise _together(refusals)
    return list(asked.values())


def _together(refusals: Sequence[ToolingError]) -> ToolingError:
    """One error for all refusals, of the first one's kind, with a line for each."""
    return type(refusals[0])("\n".join(map(str, refusals)))


def _online(talk: Talk) -> Source:
    """arXiv, and the cache of its answers."""

    def source(works: Sequence[Identifier]) -> Iterable[Mapping[str, Record]]:
        from tooling.cards.arxiv import Arxiv

        return Arxiv.from_environment(say=lambda text: talk.say(text)).records(works)

    return source


def _offline(works: Sequence[Identifier]) -> Iterable[Mapping[str, Record]]:
    """The cache of arXiv's answers, whatever their age."""
    from tooling.cards.arxiv import Arxiv

    found = Arxiv.from_environment(say=lambda _text: None).cached(each.bare for each in works)
    if lacking := [each.bare for each in works if each.bare not in found]:
        names = ", ".join(f"`{bare}`" for bare in lacking)
        raise TryLater(f"no answer about {names} is cached; run it once without `--offline`")
    return [found]


def _is_slug(text: str) -> bool:
    return re.fullmatch(SLUG, text, re.ASCII) is not None and len(text) <= 100


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _letters(title: str) -> str:
    """What two spellings of one title have in common."""
    return "".join(letter for letter in title.casefold() if letter.isalnum())


def _stamps(folder: Path) -> frozenset[tuple[str, int, int]]:
    """What tells whether a file of the folder has changed: names, times and sizes."""
    with os.scandir(folder) as entries:
        files = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".yaml")]
    return frozenset((name, found.st_mtime_ns, found.st_size) for name, found in files)
