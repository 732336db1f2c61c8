"""The command `tooling from-issue`: the card that an issue yields, as a comment on it."""

import difflib
import sys
from pathlib import Path
from urllib.parse import urlencode

import click

from tooling.cards.issue import MOST_BYTES, read_answers, read_issue, read_labels
from tooling.cards.proposal import Proposal, propose
from tooling.errors import UsageError
from tooling.exports.text import fenced
from tooling.pages.citation import REPOSITORY

# browsers and GitHub refuse longer addresses
LONGEST_ADDRESS = 7000


def run_from_issue(root: Path, file: Path, *, write: bool = False) -> None:
    """Print a comment on the issue in `file` (`-`: stdin): its card, and what is left to do for a person.

    `write` makes or completes the card's file too. Raises `UsageError` for a file that is no issue, and after the
    comment what says why there is no card: `NotFound`, `Exists`, `Invalid`, `UsageError` or `TryLater`.
    """
    shown = "stdin" if str(file) == "-" else file.name
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if shown == "stdin" else _bytes(file)
    except OSError as error:
        raise UsageError(f"cannot read `{file}` ({(error.strerror or str(error)).lower()})") from error
    found = propose(root, read_answers(read_issue(data, shown), read_labels(root)), write=write)
    click.echo(comment(found), nl=False)
    if found.error:
        raise found.error


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def comment(found: Proposal) -> str:
    """What is said on the issue, as Markdown in which nothing of the issue is markup."""
    if found.error:
        return (
            f"No card can be made of this issue yet:\n\n{fenced('text', str(found.error))}\n\nEdit it to try again.\n"
        )
    parts = [_card(found)]
    parts += ["Left for a person:\n\n" + fenced("text", "\n".join(found.left))] if found.left else []
    parts.append(_next(found))
    return "\n\n".join(parts) + "\n"


def _card(found: Proposal) -> str:
    """The new card, or what the form adds to the one that is there."""
    if found.before is None:
        return f"The card of this work would be `{found.path}`:\n\n{fenced('yaml', found.text.rstrip(chr(10)))}"
    if found.text == found.before:
        return f"This work has a card, `{found.path}`, and nothing of the form is new to it."
    lines = difflib.unified_diff(found.before.splitlines(), found.text.splitlines(), lineterm="")
    added = fenced("diff", "\n".join(list(lines)[2:]))
    return f"This work has a card, `{found.path}`, to which the form adds:\n\n{added}"


def _next(found: Proposal) -> str:
    """How the card gets into the survey: by a pull request of whoever has read it, which needs no rights of ours."""
    if found.before is not None:
        return f"To change it, [edit the card]({REPOSITORY}/edit/main/{found.path}) and send a pull request."
    folder, _, name = found.path.rpartition("/")
    place = f"{REPOSITORY}/new/main/{folder}?"
    whole = place + urlencode({"filename": name, "value": found.text})
    if len(whole) <= LONGEST_ADDRESS:
        return f"To propose it, [open it as a new file]({whole}), complete it and send it as a pull request."
    return (
        f"To propose it, [make a new file]({place}{urlencode({'filename': name})}), paste this and send a pull request."
    )
