"""New cards: from ids, DOIs and titles to valid files in `papers/`, each work once, whatever is interrupted."""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from tooling.cards.draft import NOTHING_GIVEN, Given, clean_authors, clean_title, draft_card, is_withdrawn
from tooling.cards.file import create_file, sweep_scratch
from tooling.cards.identifier import Identifier
from tooling.cards.layout import card_text
from tooling.cards.load import InvalidLibrary, parse_card, shown_path
from tooling.cards.lock import NoTurn, lock
from tooling.cards.mint import mint_key, mint_slug
from tooling.cards.problem import counted, quoted
from tooling.cards.record import Record
from tooling.cards.schema import Card
from tooling.cards.shelf import RESERVED, Shelf, stamps
from tooling.cards.talk import Talk
from tooling.cards.value import SLUG, kebab
from tooling.cards.work import Work, letters, parse_work
from tooling.errors import INTERRUPTED, Exists, Invalid, NotFound, ToolingError, TryLater, UsageError
from tooling.repository import find_root

if TYPE_CHECKING:
    from tooling.cards.source import Found, Source

State = Literal["added", "would add", "present", "refused", "put off"]

# another process holds the lock while it writes its cards, which takes milliseconds each
_WRITING_SECONDS = 30.0


@dataclass(frozen=True)
class Wishes:
    """The options of `tooling add-paper`."""

    slug: str | None = None
    draft: bool = False
    dry_run: bool = False
    offline: bool = False
    as_json: bool = False


NO_WISHES = Wishes()


class Wanted(NamedTuple):
    """A work to be added: what a person pasted, and what the card shall say beside what arXiv says.

    `topics` are terms or names of the vocabulary, `note` a remark; both go to a new card with `origin` as their
    provenance, and a card that is there already is left alone.
    """

    text: str
    topics: tuple[str, ...] = ()
    note: str | None = None
    origin: str = NOTHING_GIVEN.origin


class Outcome(NamedTuple):
    """What became of one work that was wanted.

    `arxiv` is its id (or DOI), as far as it is known; `path` that of its card, relative to the repository; `error` why
    it was refused, or put off because nobody answered; `text` the card that a dry run would have written.
    """

    given: str
    arxiv: str
    state: State
    path: str = ""
    error: ToolingError | None = None
    text: str = ""


class Asked(NamedTuple):
    """A work that was asked for; `key` is that of the name that it was asked for by."""

    wanted: Wanted
    work: Work
    key: str


def add_papers(root: Path, identifiers: Sequence[str], *, listed: Path | None = None, **options: Any) -> None:
    """Add a card for each of the works that the library lacks; `options` are those of `Wishes`.

    `-` among the identifiers stands for the lines of stdin, `listed` for those of a file. Prints the paths of all cards
    (or JSON, or with `dry_run` the cards themselves) on stdout, and what happened on stderr. Raises `UsageError` for
    impossible identifiers before anything is asked or written, and afterwards what `raise_for` raises; Ctrl-C exits
    with 130.
    """
    wishes = Wishes(**options)
    intake = Intake(root, wishes=wishes, talk=Talk())
    texts = _texts(identifiers, listed)
    asked = {place: read_wanted(Wanted(text)) for place, text in texts.items()}
    if errors := [_placed(place, each) for place, each in asked.items() if isinstance(each, UsageError)]:
        raise together(errors)
    if wishes.slug and len({each.key for each in asked.values() if isinstance(each, Asked)}) > 1:
        raise UsageError(f"`--slug` names one card, but {len(asked)} works were given; add them one by one")
    try:
        intake.take_until_interrupted([each for each in asked.values() if isinstance(each, Asked)])
    finally:
        intake.report()
    raise_for(intake.outcomes)


def add_all(
    root: Path, wanted: Sequence[Wanted], *, source: "Source | None" = None, wishes: Wishes = NO_WISHES
) -> list[Outcome]:
    """What became of each work that was wanted, in order; a work that is named twice has one outcome.

    Cards are written batch by batch, and what was finished stays: where nobody answers any more, the works that are
    left are `put off` with the reason, and the next call goes on there. `source` gives the records in place of arXiv
    and DataCite. Raises `InvalidLibrary` for a broken library before anything is asked; `raise_for` raises the rest.
    """
    intake = Intake(root, wishes=wishes, talk=Talk())
    readings = {each.text: read_wanted(each) for each in reversed(wanted)}
    refused = {
        text: Outcome(text, "", "refused", error=error)
        for text, error in readings.items()
        if isinstance(error, UsageError)
    }
    asked = [read for each in wanted if isinstance(read := readings[each.text], Asked)]
    intake.take(asked, source or source_of(wishes, intake.talk))
    keys = {text: read.key for text, read in readings.items() if isinstance(read, Asked)}
    became = {each.text: refused.get(each.text) or intake.settled[keys[each.text]] for each in wanted}
    return list(dict.fromkeys(became.values()))


def add_paper(identifier: str, *, slug: str | None = None, source: "Source | None" = None) -> Path:
    """The path of the card of this work in the repository around the current folder, made where there was none.

    `source` gives the records in place of arXiv. Raises what `add_papers` raises.
    """
    root = find_root(Path.cwd())
    outcomes = add_all(root, [Wanted(identifier)], source=source, wishes=Wishes(slug=slug))
    raise_for(outcomes)
    return root / outcomes[0].path


def raise_for(outcomes: Sequence[Outcome]) -> None:
    """Raise one error with a line for each work that was refused or put off; return where there is none.

    `TryLater` where works were put off, else the kind of the first: `UsageError` for what names no work, `NotFound` for
    works that nobody knows, `Exists` for those that the library has under another name, `Invalid` for those that make
    no valid card.
    """
    errors = list(dict.fromkeys(outcome.error for outcome in outcomes if outcome.error is not None))
    if errors:
        raise together(sorted(errors, key=lambda error: not isinstance(error, TryLater)))


def together(errors: Sequence[ToolingError]) -> ToolingError:
    """One error for all of them, of the first one's kind, with a line for each."""
    kinds = (TryLater, UsageError, NotFound, Exists, Invalid, ToolingError)
    kind = next(each for each in kinds if isinstance(errors[0], each))
    return kind("\n".join(dict.fromkeys(map(str, errors))))


def source_of(wishes: Wishes, talk: Talk) -> "Source":
    """Where these wishes let records come from; imported when it is needed, as it brings the network client."""

    def source(works: Sequence[Work]) -> "Iterable[Mapping[str, Found]]":
        from tooling.cards.source import Online, cached

        return cached(works) if wishes.offline else Online(lambda text: talk.say(text))(works)

    return source


class Intake:
    """One call of the command: what was asked for, and what became of it."""

    def __init__(self, root: Path, *, wishes: Wishes, talk: Talk) -> None:
        slug = wishes.slug
        if slug is not None and (not _is_slug(slug) or slug in RESERVED):
            better = f"; `{kebab(slug)}` would do" if kebab(slug) not in {"", slug} else ""
            raise UsageError(f"{quoted(slug)} cannot be a file stem: lower-case words joined by hyphens{better}")
        self.root = root
        self.wishes = wishes
        self.talk = talk
        self.settled: dict[str, Outcome] = {}
        self._folder = root / "papers"
        self._seen = frozenset[tuple[str, int, int]]()
        self._order: list[str] = []

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of the works so far, in the order in which they were asked for."""
        return [self.settled[key] for key in self._order if key in self.settled]

    def take_until_interrupted(self, asked: Sequence[Asked]) -> None:
        """Take from where the wishes say; Ctrl-C exits with 130 and says what has been written."""
        try:
            self.take(asked, source_of(self.wishes, self.talk))
        except KeyboardInterrupt:
            written = sum(outcome.state == "added" for outcome in self.outcomes)
            self.talk.say(f"interrupted; {counted(written, 'card')} written, the same command goes on there")
            sys.exit(INTERRUPTED)

    def take(self, asked: Sequence[Asked], source: "Source") -> None:
        """Make a card of each work that was asked for and is not there, batch by batch.

        Where the source fails, what it has given stays, and the works that are left are put off.
        """
        self._seen, shelf = stamps(self._folder), Shelf.of(self._folder)
        wanted = {each.key: each for each in reversed(asked)}
        self._order = list(dict.fromkeys(each.key for each in asked))
        missing = [wanted[key] for key in self._order if not self._is_there(wanted[key], shelf)]
        if not missing:
            # nothing to make: no lock, no scratch file, nothing touched
            return
        try:
            with self.talk.progress(len(missing)) as advance:
                for batch in source([each.work for each in missing]):
                    shelf = self._settle([wanted[key] for key in self._order if key in batch], batch, shelf)
                    advance(len(batch))
            for each in missing:
                if each.key not in self.settled:
                    self._refuse(each, NotFound(_unknown(each.work)))
        except ToolingError as error:
            self._put_off(missing, error)

    def _is_there(self, asked: Asked, shelf: Shelf) -> bool:
        """Whether the library has the work, or it cannot be added under its name; either is an outcome."""
        slug = shelf.slug_of(asked.work)
        if slug is None:
            return False
        path = f"papers/{slug}.yaml"
        name = quoted(asked.work.bare if isinstance(asked.work, Identifier) else asked.work, 100)
        if self.wishes.slug not in (None, slug):
            self._refuse(asked, Exists(f"{name} is already {path}; a work has one card, so leave `--slug` out"))
            return True
        arxiv = shelf.library[slug].arxiv if slug in shelf.library else None
        self._note(asked, Outcome(asked.wanted.text, arxiv or asked.work.key, "present", path))
        self.talk.say(f"{name} is already {path}; nothing changed")
        return True

    def _settle(self, asked: Sequence[Asked], found: "Mapping[str, Found]", shelf: Shelf) -> Shelf:
        """Make the cards of one batch; the shelf with them on it."""
        with self._turn():
            if not self.wishes.dry_run and stamps(self._folder) != self._seen:
                # another process has added cards while this one was asking
                shelf = Shelf.of(self._folder)
            for each in asked:
                try:
                    self._settle_one(each, found[each.key], shelf)
                except (UsageError, NotFound, Exists, Invalid) as refusal:
                    self._refuse(each, refusal)
            if not self.wishes.dry_run:
                self._seen = stamps(self._folder)
        return shelf

    def _settle_one(self, asked: Asked, found: "Found", shelf: Shelf) -> None:
        if isinstance(found, ToolingError):
            if isinstance(found, TryLater):
                self._note(asked, Outcome(asked.wanted.text, asked.work.key, "put off", error=found))
                return
            raise found
        if self._is_there(asked._replace(work=_named(asked.work, found)), shelf):
            return
        version = asked.work.version if isinstance(asked.work, Identifier) else None
        if version and found.version and version > found.version:
            has = counted(found.version, "version")
            raise NotFound(f"`{found.bare}` has {has} on arXiv and no v{version}; leave out the `v{version}`")
        slug = self._slug_for(found, shelf)
        text, card = self._card(slug, asked, record=found, shelf=shelf)
        if not self.wishes.dry_run:
            self._write(slug, text)
        shelf.note(card)
        state: State = "would add" if self.wishes.dry_run else "added"
        kept = text if self.wishes.dry_run else ""
        outcome = Outcome(asked.wanted.text, found.bare, state, f"papers/{slug}.yaml", text=kept)
        self._note(asked, outcome)
        self.talk.say(_summary(outcome, card))
        if is_withdrawn(found):
            said = quoted(found.comment, 100)
            self.talk.say(f"`{found.bare}` was withdrawn, says its comment: {said}; the card notes it")

    def _card(self, slug: str, asked: Asked, *, record: Record, shelf: Shelf) -> tuple[str, Card]:
        """The text of a new card, and the card: it is read as it will be read later."""
        wanted = asked.wanted
        given = Given(wanted.topics, wanted.note, origin=wanted.origin, draft=self.wishes.draft)
        version = asked.work.version if isinstance(asked.work, Identifier) else None
        key = mint_key(clean_authors(record), record.published[:4], title=clean_title(record), taken=shelf.keys)
        keys = draft_card(record, shelf.library.vocabulary, version=version, citation_key=key, given=given)
        text = card_text(keys)
        try:
            return text, parse_card(text, slug, shown=shown_path(self._folder, f"{slug}.yaml"))
        except InvalidLibrary as error:
            problem = error.problems[0]
            who = "arXiv" if record.origin == "arxiv" else "its registrar"
            raise Invalid(f"what {who} says of `{record.bare}` makes no valid card: {problem.message}") from error

    def _slug_for(self, record: Record, shelf: Shelf) -> str:
        """The slug that was asked for, else one from the title; raises `Exists` where it or the work is there."""
        if self.wishes.slug is not None:
            if self.wishes.slug in shelf.slugs:
                taken = f"`{self.wishes.slug}` is, or once was, the name of another work's card"
                raise Exists(f"{taken}; choose another `--slug`")
            return self.wishes.slug
        title = clean_title(record)
        doi = (record.doi or "").strip().lower().removeprefix("https://doi.org/")
        twin = shelf.titles.get(letters(title)) or shelf.works.get(doi)
        if twin is not None:
            has = "title" if letters(title) in shelf.titles else "DOI"
            what = quoted(title) if has == "title" else f"`{doi}`"
            add = f"`arxiv: '{record.bare}'`" if record.on_arxiv else f"`https://doi.org/{record.bare}` to the sources"
            raise Exists(
                f"papers/{twin}.yaml has the {has} of `{record.bare}`, {what}; if it is the same work add {add} there, "
                "if not pass `--slug`"
            )
        return mint_slug(title, shelf.slugs, fallback=f"{'arxiv' if record.on_arxiv else 'doi'} {record.bare}")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold the lock under which cards are written."""
        held: AbstractContextManager[object] = lock(self.root / ".build" / "papers.lock", seconds=_WRITING_SECONDS)
        try:
            with nullcontext() if self.wishes.dry_run else held:
                if not self.wishes.dry_run:
                    sweep_scratch(self._folder)
                yield
        except NoTurn as error:
            raise TryLater("another process is adding cards") from error
        except OSError as error:
            raise TryLater(f"cannot write below `{self.root}` ({_reason(error)})") from error

    def _write(self, slug: str, text: str) -> None:
        try:
            create_file(self._folder / f"{slug}.yaml", text)
        except FileExistsError as error:
            raise Exists(f"papers/{slug}.yaml has appeared meanwhile; run the command again") from error
        except OSError as error:
            raise TryLater(f"cannot write papers/{slug}.yaml ({_reason(error)})") from error

    def _note(self, asked: Asked, outcome: Outcome) -> None:
        """Keep what became of a work, under the key that it was asked for by."""
        self.settled[asked.key] = outcome

    def _refuse(self, asked: Asked, refusal: ToolingError) -> None:
        self._note(asked, Outcome(asked.wanted.text, asked.work.key, "refused", error=refusal))

    def _put_off(self, missing: Sequence[Asked], error: ToolingError) -> None:
        """Note of all works that are left that this error ended the call, with what was done before it."""
        if isinstance(error, TryLater):
            written = sum(outcome.state == "added" for outcome in self.settled.values())
            went_on = f"written before it: {counted(written, 'card')}; the same command goes on there"
            error = TryLater(f"{error}; {went_on if written else 'nothing was written'}")
        for each in missing:
            if each.key not in self.settled:
                self._note(each, Outcome(each.wanted.text, each.work.key, "put off", error=error))

    def report(self) -> None:
        """Print what became of the works on stdout: paths, JSON, or the cards of a dry run."""
        outcomes = self.outcomes
        if self.wishes.as_json:
            click.echo(json.dumps([as_data(each) for each in outcomes], indent=2, ensure_ascii=False))
        elif self.wishes.dry_run:
            # the documents of one stream, each with the name that its file would have
            new = [f"# {each.path}\n{each.text}" for each in outcomes if each.state == "would add"]
            click.echo("---\n".join(new), nl=False)
        else:
            for path in dict.fromkeys(each.path for each in outcomes if each.path):
                click.echo(os.path.relpath(self.root / path))


def as_data(outcome: Outcome) -> dict[str, str]:
    """The outcome for JSON: with its card where there is a text, with the reason where there is no card."""
    kept = {"given": outcome.given, "arxiv": outcome.arxiv, "state": outcome.state, "path": outcome.path}
    if outcome.error is not None:
        return kept | {"reason": str(outcome.error)}
    return kept | ({"text": outcome.text} if outcome.text else {})


def _summary(outcome: Outcome, card: Card) -> str:
    about = f"{quoted(card.title, 100)} ({counted(len(card.authors), 'author')}, {card.date})"
    if outcome.state == "would add":
        return f"would add {outcome.path}: {about}"
    return f"added {outcome.path}: {about}; still to write: summary, claims; to review: topics, methods"


def _unknown(work: Work) -> str:
    name = quoted(work, 100)
    if isinstance(work, Identifier):
        return f"arXiv has no work `{work.bare}` (it lists new ones a day later); look for a mistyped digit"
    return f"nobody knows a work {name}; look for a mistyped letter"


def _named(work: Work, record: Record) -> Work:
    """The work by the name that its record gives it, so that a title finds the card of its id."""
    return work if isinstance(work, Identifier) else parse_work(record.bare)


def _texts(identifiers: Sequence[str], listed: Path | None) -> dict[str, str]:
    """What was pasted, by the place where it stands: the arguments, then the lines of stdin and of a file."""
    texts = {}
    for number, given in enumerate(identifiers, start=1):
        if given == "-":
            texts |= _lines(sys.stdin.read(), "stdin")
        else:
            texts[f"{number}"] = given
    if listed is not None:
        try:
            texts |= _lines(listed.read_text("utf-8-sig"), str(listed))
        except (OSError, UnicodeDecodeError) as error:
            reason = _reason(error) if isinstance(error, OSError) else "it is no UTF-8 text"
            raise UsageError(f"cannot read `{listed}` ({reason})") from error
    if not texts:
        raise UsageError("no work is named; give ids, DOIs or titles, or a file with one in each line")
    return texts


def _lines(text: str, shown: str) -> dict[str, str]:
    """The lines that name a work; what stands behind a hash at the beginning or after a blank is a comment."""
    lines = {f"{shown}:{number}": line for number, line in enumerate(text.splitlines(), start=1)}
    bare = {place: re.sub(r"(^|\s)#.*", "", line).strip() for place, line in lines.items()}
    return {place: line for place, line in bare.items() if line}


def _placed(place: str, error: UsageError) -> UsageError:
    return error if place.isdecimal() else UsageError(f"{place}: {error}")


def read_wanted(wanted: Wanted) -> Asked | UsageError:
    """The work that is wanted, or why the text names none."""
    try:
        work = parse_work(wanted.text)
    except UsageError as error:
        return error
    return Asked(wanted, work, work.key)


def _is_slug(text: str) -> bool:
    return re.fullmatch(SLUG, text, re.ASCII) is not None and len(text) <= 100


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
