"""The command `tooling preview`: what changed cards will look like, as Markdown, beside what they look like now.

Two trees are read as the site reads them, the one of a commit and the one on disk, and every card's twin is compared: a
card also shows up where a result, a term of the vocabulary or a claim of another work changes what it says.
"""

import difflib
import re
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from tooling.cards import Card, check
from tooling.cards.advice import advice
from tooling.cards.load import read_library
from tooling.cards.problem import Problem, counted, quoted
from tooling.errors import Invalid, NotFound
from tooling.exports.collection import Collection
from tooling.exports.prose import twin
from tooling.exports.text import fenced, markdown
from tooling.pages.survey import Survey
from tooling.runs.git import git
from tooling.runs.result import Results, load_results

# what a card's page is made from; the code, because a verdict is stale where it has changed
PATHS = ("papers", "repro", "tooling")
# a summary on GitHub holds a mebibyte
LARGEST_BYTES = 900_000
MOST_LINES = 60


class Tree(NamedTuple):
    """The cards of a tree that can be read, with their verdicts; what is wrong, and what could be better."""

    collection: Collection
    broken: frozenset[str]
    problems: list[Problem]
    unread: str
    advice: list[Problem]


class Changed(NamedTuple):
    """A card that says something else than before: its twins, an empty one where it was not there or is gone."""

    slug: str
    title: str
    before: str
    after: str


def run_preview(root: Path, base: str) -> None:
    """Print what the cards on disk will look like that differ from the commit `base`; raises `NotFound` without it."""
    commit = (git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}") or "").strip()
    if not commit:
        raise NotFound(f"git knows no commit {quoted(base)} here; name a branch, a tag or a commit")
    with tempfile.TemporaryDirectory() as folder:
        before = _tree(_at(root, commit, folder=Path(folder)))
        click.echo(preview(before, _tree(root)), nl=False)


def _at(root: Path, commit: str, *, folder: Path) -> Path:
    """A folder with what the commit has of the paths that matter."""
    known = (git(root, "ls-tree", "--name-only", commit, *PATHS) or "").split()
    if known:
        archive = folder / "tree.tar"
        if git(root, "archive", f"--output={archive}", commit, *known) is None:
            raise NotFound(f"git cannot give the files of {commit}; fetch the whole of it first")
        with tarfile.open(archive) as packed:
            for member in packed:
                _unpack(packed, member, folder=folder)
    (folder / "papers").mkdir(exist_ok=True)
    return folder


def _unpack(packed: tarfile.TarFile, member: tarfile.TarInfo, *, folder: Path) -> None:
    """Write a regular file of the archive where it lies within the folder; pass over links and all else.

    The filters of `tarfile` do as much, but early releases of Python 3.11 have none.
    """
    target, content = (folder / member.name).resolve(), packed.extractfile(member) if member.isreg() else None
    if content and folder.resolve() in target.parents:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.read())


def _tree(root: Path) -> Tree:
    library, problems = read_library(root / "papers")
    try:
        results, unread = load_results(root), ""
    except Invalid as error:
        results, unread = Results({}, quick={}), str(error)
    cards = tuple(library.values())
    found = sorted([*problems, *check(library, root)])
    return Tree(Collection(Survey(library, results), cards), library.broken, found, unread, advice(library))


def preview(before: Tree, after: Tree) -> str:
    """What changes between two trees, as Markdown: problems first, then each card that says something else."""
    changed = list(_changed(before, after))
    parts = [f"# {counted(len(changed), 'card')} will look different" if changed else "# No card will look different"]
    parts += _told(after, {card.slug for card in changed})
    size = sum(len(part.encode()) for part in parts)
    for number, card in enumerate(changed):
        shown = _shown(card)
        size += len(shown.encode())
        if size > LARGEST_BYTES:
            left = ", ".join(f"`{each.slug}`" for each in changed[number:])
            parts.append(f"Too long to be shown here: {left}.")
            break
        parts.append(shown)
    return "\n\n".join(parts) + "\n"


def _changed(before: Tree, after: Tree) -> Iterator[Changed]:
    """The cards that say something else, those that are new and those that are gone; a renamed one is none of these."""
    old, new = _by_slug(before), _by_slug(after)
    kept = set(after.broken)
    for slug, card in new.items():
        earlier = next((old[name] for name in (slug, *reversed(card.aliases)) if name in old), None)
        kept |= {slug, earlier.slug} if earlier else {slug}
        texts = twin(before.collection, earlier) if earlier else "", twin(after.collection, card)
        if texts[0] != texts[1]:
            yield Changed(slug, card.title, *texts)
    for slug in old.keys() - kept:
        yield Changed(slug, old[slug].title, twin(before.collection, old[slug]), "")


def _by_slug(tree: Tree) -> dict[str, Card]:
    return {card.slug: card for card in tree.collection.cards}


def _told(after: Tree, slugs: set[str]) -> list[str]:
    """What `tooling check` says of the tree, and what could be better in the cards that change."""
    problems = [*map(str, after.problems), *after.unread.splitlines()]
    hints = [str(each) for each in after.advice if Path(each.path).stem in slugs]
    parts = ["No problems."] if not problems else ["## Problems", fenced("text", _first(problems))]
    return parts + (["## Could be better", fenced("text", _first(hints))] if hints else [])


def _first(lines: Sequence[str]) -> str:
    more = [f"... and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more])


def _shown(card: Changed) -> str:
    """One card: new as it will be, changed as the lines that differ with the whole below, gone by its name."""
    name = f"{markdown(card.title)} (`{card.slug}`)"
    if not card.after:
        return f"## Gone: {name}"
    if not card.before:
        return f"## New: {name}\n\n{_whole(card.after)}"
    lines = difflib.unified_diff(card.before.splitlines(), card.after.splitlines(), n=1, lineterm="")
    # the two lines with the names of files say nothing here
    difference = fenced("diff", "\n".join(list(lines)[2:]))
    folded = f"<details><summary>The whole card</summary>\n\n{_whole(card.after)}\n\n</details>"
    return f"## Changed: {name}\n\n{difference}\n\n{folded}"


def _whole(text: str) -> str:
    """The twin below a heading of the second level."""
    return re.sub(r"^(#{1,3}) ", r"##\1 ", text.rstrip("\n"), flags=re.MULTILINE)
