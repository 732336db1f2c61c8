"""The command `tooling rename`: a new slug for a card, its script and all that names them; the old one leads to it.

Results are left as they were written: they have the names of their day, and are read with those of today. Whether a
step was made can be seen from the files, so that the command, run again after an interruption, goes on where it
stopped.
"""

import ast
import io
import os
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tooling.cards.alias import current_key, former_slugs, refuse_unknown
from tooling.cards.edit import CannotEdit, with_item, with_scalar, with_value, without_item
from tooling.cards.file import create_file, replace_file
from tooling.cards.form import ORDER, card_file_text
from tooling.cards.load import Library, parse_card, read_library, shown_path
from tooling.cards.lock import card_turn
from tooling.cards.problem import Place, counted, quoted
from tooling.cards.schema import Card
from tooling.cards.shelf import RESERVED, Shelf
from tooling.cards.tie import ties
from tooling.cards.value import SLUG, kebab
from tooling.errors import Exists, Invalid, UsageError

_BEFORE_ALIASES = tuple(key for key in ORDER if ORDER[key] < ORDER["aliases"])
# what is kept by slug: the script with its results, and the scratch of runs, where recordings under way are known
_FOLDERS = ("repro", ".build/cells", ".build/recordings", ".build/runs", ".build/quick")


class Names(NamedTuple):
    """A rename: the slug that a card had, and the one that it gets."""

    old: str
    new: str


class Rewritten(NamedTuple):
    """A file that names the card: where it is, and its text with the new name."""

    path: Path
    text: str


class Steps(NamedTuple):
    """What is left to do: the card's text where its file is still to be moved, folders, and files that name it."""

    text: str | None
    folders: list[str]
    files: list[Rewritten]


def run_rename(root: Path, names: Names, *, dry_run: bool = False) -> None:
    """Give the card `names.old` the slug `names.new`; prints the card's new path, and on stderr what was changed.

    Where that is done already nothing changes. Raises `NotFound` for a card that does not exist, `Exists` for a name
    that something else has or once had, `UsageError` for a name that cannot be a slug, and `Invalid` where a card
    cannot be edited; all of them before anything is written.
    """
    _check(names)
    with card_turn(root):
        library = read_library(root / "papers").library
        card = _card(root, library, names)
        text = _moved_text(root, names) if (root / f"papers/{names.old}.yaml").is_file() else None
        files = [*_cards(library, names), *_scripts(root, card, names), *_pages(root, names)]
        steps = Steps(text, _folders(root, names), files)
        if not dry_run:
            _make(root, names, steps=steps)
    print(f"papers/{names.new}.yaml")
    _say(root, names, steps=steps, verb="would rename" if dry_run else "renamed")


def _check(names: Names) -> None:
    if not re.fullmatch(SLUG, names.new) or names.new in RESERVED:
        better = f"; `{kebab(names.new)}` would do" if kebab(names.new) not in {"", names.new} else ""
        raise UsageError(f"{quoted(names.new)} cannot be a slug: lower-case words joined by hyphens{better}")
    if names.old == names.new:
        raise UsageError(f"both names are `{names.old}`; give the new one second")


def _card(root: Path, library: Library, names: Names) -> Card:
    """The card that is, or was already, renamed; raises what says why it cannot be."""
    old, new = names
    former = former_slugs(library.values())
    begun = new in library and old in library[new].aliases
    if begun and not (root / f"papers/{old}.yaml").exists():
        return library[new]
    if old in library.broken:
        raise Invalid(f"papers/{old}.yaml cannot be read; `tooling check` says why")
    refuse_unknown([old], library)
    if begun and card_file_text(root / f"papers/{new}.yaml") == _moved_text(root, names):
        return library[old]
    if new in library.broken or (new in Shelf.around(library).slugs and former.get(new) != old):
        raise Exists(f"`{new}` is, or once was, the name of another work's card; choose another")
    return library[old]


def _moved_text(root: Path, names: Names) -> str:
    """The card's text under its new name: the old one among its aliases, and the script at its new place."""
    old, new = names
    shown = shown_path(root / "papers", f"{old}.yaml")
    text = card_file_text(root / f"papers/{old}.yaml")
    card = parse_card(text, old, shown=shown)
    try:
        if card.aliases:
            text = with_item(text, ("aliases",), item=old)
        else:
            text = with_value(text, "aliases", value=[old], after=_BEFORE_ALIASES)
        if new in card.aliases:
            text = without_item(text, ("aliases", card.aliases.index(new)))
        if card.repro == f"repro/{old}/run.py":
            text = with_scalar(text, ("repro",), value=f"repro/{new}/run.py")
    except CannotEdit as error:
        raise Invalid(f"{shown}: {error}; bring it into the usual shape first") from error
    aliases = (*(each for each in card.aliases if each != new), old)
    changed = card.model_copy(update={"slug": new, "aliases": aliases, "repro": card.repro and f"repro/{new}/run.py"})
    if parse_card(text, new, shown=shown) != changed:
        raise Invalid(f"{shown}: is laid out in a way that this command does not know; bring it into the usual shape")
    return text


def _folders(root: Path, names: Names) -> list[str]:
    """The folders that have something under the old name; raises `Exists` where the new one is taken there."""
    found = [folder for folder in _FOLDERS if (root / folder / names.old).is_dir()]
    if taken := [folder for folder in found if (root / folder / names.new).exists()]:
        places = ", ".join(f"`{folder}/{names.new}`" for folder in taken)
        raise Exists(f"{places}: there is something of this name already; put it away first")
    return found


def _cards(library: Library, names: Names) -> Iterator[Rewritten]:
    """The other cards that name this one, or a claim of it."""
    places: dict[str, list[Place]] = {}
    for slug, card in library.items():
        places[slug] = [("related", index) for index, other in enumerate(card.related) if other == names.old]
    for tie in ties(library):
        if tie.other.startswith(f"{names.old}/"):
            places[tie.claim.partition("/")[0]].append(tie.place)
    for slug, found in places.items():
        if not found or slug in names:
            continue
        path = library.folder / f"{slug}.yaml"
        text = card_file_text(path)
        try:
            for place in found:
                key = current_key(_at(library[slug], place), dict([names]))
                text = with_scalar(text, place, value=key)
        except CannotEdit as error:
            raise Invalid(f"{shown_path(library.folder, path.name)}: {error}; edit it by hand first") from error
        yield Rewritten(path, text)


def _at(value: object, place: Place) -> str:
    """The name or key at a place of a card."""
    for step in place:
        value = value[step] if isinstance(step, int) else getattr(value, step)  # type: ignore[index]
    return str(value)


def _scripts(root: Path, card: Card, names: Names) -> Iterator[Rewritten]:
    """The scripts that have a rule for a claim of the card, by its full key."""
    keys = {f"{names.old}/{claim.id}" for claim in card.claims}
    for path in sorted(root.glob("repro/*/run.py")):
        text = path.read_text(encoding="utf-8")
        if new := _with_keys(text, keys, names):
            yield Rewritten(path, new)


def _with_keys(text: str, keys: set[str], names: Names) -> str | None:
    """The script with the new name in each string that is one of the keys; None where there is none."""
    lines, changed = text.splitlines(keepends=True), False
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    for token in reversed(tokens):
        if token.type == tokenize.STRING and token.start[0] == token.end[0] and _is_key(token.string, keys):
            row, start, end = token.start[0] - 1, token.start[1], token.end[1]
            renamed = token.string.replace(f"{names.old}/", f"{names.new}/", 1)
            lines[row] = lines[row][:start] + renamed + lines[row][end:]
            changed = True
    return "".join(lines) if changed else None


def _is_key(literal: str, keys: set[str]) -> bool:
    try:
        return ast.literal_eval(literal) in keys
    except (ValueError, SyntaxError):
        return False


def _pages(root: Path, names: Names) -> Iterator[Rewritten]:
    """The hand-written pages that link to the card or its script."""
    named = re.compile(rf"(?<![\w-])(papers|repro)/{names.old}(?=[/#)\s\"'`]|\.(?:md|yaml)\b|$)", re.MULTILINE)
    for path in sorted([*root.glob("*.md"), *root.glob("site/**/*.md")]):
        # what a changelog says was so at its time
        if path.name != "CHANGELOG.md":
            text = path.read_text(encoding="utf-8")
            if (new := named.sub(rf"\1/{names.new}", text)) != text:
                yield Rewritten(path, new)


def _make(root: Path, names: Names, *, steps: Steps) -> None:
    """Make the steps that are left; the card's new file is whole before the old one goes."""
    if steps.text is not None:
        if not (root / f"papers/{names.new}.yaml").exists():
            create_file(root / f"papers/{names.new}.yaml", steps.text)
        (root / f"papers/{names.old}.yaml").unlink()
    for folder in steps.folders:
        os.rename(root / folder / names.old, root / folder / names.new)
    for file in steps.files:
        # a script has moved with its folder
        moved = root / "repro" / names.new / file.path.name
        replace_file(moved if file.path.parent == root / "repro" / names.old else file.path, file.text)


def _say(root: Path, names: Names, *, steps: Steps, verb: str) -> None:
    text, folders, files = steps
    changed = [file.path.relative_to(root).as_posix() for file in files]
    if text is None and not folders and not changed:
        print(f"`{names.old}` is already called `{names.new}`; nothing changed", file=sys.stderr)
        return
    where = [
        "its card",
        *(["its script"] if "repro" in folders else []),
        counted(len(changed), "file") + " that named it",
    ]
    print(f"{verb} `{names.old}` to `{names.new}`: {', '.join(where)}", file=sys.stderr)
    for path in changed:
        print(f"  {path}", file=sys.stderr)
    print(f"`{names.old}` leads to it; commit the whole, then `tooling check`", file=sys.stderr)
