"""`tooling import`: the works of a list that others keep, as cards."""

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from tooling.cards.add import Asked, Intake, Outcome, Wishes, as_data, raise_for, read_wanted
from tooling.cards.awesome import read_list
from tooling.cards.bibliography import is_bibtex, read_bibliography
from tooling.cards.entry import Listing
from tooling.cards.load import load_library
from tooling.cards.plan import Missing, Plan, plan_import
from tooling.cards.problem import counted, quoted
from tooling.cards.talk import Talk
from tooling.errors import Invalid, UsageError

MOST_BYTES = 20_000_000
_KNOWN_BY = {"id": "by arXiv id", "doi": "by DOI", "address": "by address", "title": "by title", "name": "by name"}


class _Import(NamedTuple):
    """One call of the command: the list, what is to be done, and the intake that does it."""

    shown: str
    listing: Listing
    plan: Plan
    intake: Intake

    @property
    def place_of(self) -> Mapping[str, str]:
        """Where the list has each work, by the text that names it."""
        return {each.text: f"{self.shown}:{each.lines[0]}" for each in self.plan.missing}


def run_import(root: Path, file: Path, **options: Any) -> None:
    """Add a card for each work of the list `file` that the library lacks; `options` are those of `Wishes`.

    Prints the paths of the cards of all works on stdout, or JSON, or with `dry_run` the works that would be added, for
    which nobody is asked. Raises `UsageError` for a file that cannot be read, what `raise_for` raises for works that
    were refused or put off, and `Invalid` where places of the list could not be read; Ctrl-C exits with 130.
    """
    wishes = Wishes(**options)
    listing = read_listing(file)
    plan = plan_import(listing, load_library(root / "papers"))
    shown = "stdin" if str(file) == "-" else os.path.relpath(file)
    job = _Import(shown, listing, plan, Intake(root, wishes=wishes, talk=Talk()))
    for finding in plan.findings:
        click.echo(f"{shown}:{finding.line}: {finding.message}", err=True)
    try:
        if not wishes.dry_run:
            job.intake.take_until_interrupted(_asked(job))
    finally:
        _report(job)
    raise_for([_placed(outcome, job.place_of) for outcome in job.intake.outcomes])
    if unreadable := [each for each in plan.findings if each.code == "unreadable"]:
        rest = "would be" if wishes.dry_run else "was"
        raise Invalid(f"{counted(len(unreadable), 'place')} of `{shown}` could not be read; all else {rest} taken over")


def read_listing(file: Path) -> Listing:
    """The works of a file of BibTeX or Markdown (`-`: of stdin); raises `UsageError` where it cannot be read."""
    shown = "stdin" if str(file) == "-" else file.name
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if shown == "stdin" else _bytes(file)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"cannot read `{file}` ({reason})") from error
    if len(data) > MOST_BYTES:
        raise UsageError(f"`{file}` is larger than {MOST_BYTES // 1_000_000} MB; split it")
    suffix = file.suffix.lower()
    if suffix in (".bib", ".bibtex") or (suffix not in (".md", ".markdown") and is_bibtex(text)):
        return read_bibliography(text, shown)
    return read_list(text, shown)


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def _asked(job: _Import) -> list[Asked]:
    origin = f"{job.listing.name} ({Path(job.shown).name})" if job.listing.name != job.shown else job.shown
    read = [read_wanted(each.wanted(" ".join(origin.split())[:150])) for each in job.plan.missing]
    return [each for each in read if isinstance(each, Asked)]


def _report(job: _Import) -> None:
    """Print what the list has and what became of it: data on stdout, a sentence on stderr."""
    wishes, slugs = job.intake.wishes, list(dict.fromkeys(each.slug for each in job.plan.present))
    if wishes.as_json:
        click.echo(json.dumps(_data(job), indent=2, ensure_ascii=False))
    elif wishes.dry_run:
        for each in job.plan.missing:
            click.echo(f"{each.text}\t{','.join(dict.fromkeys(each.topics)) or '-'}\t{_line(each.title) or '-'}")
    else:
        paths = [f"papers/{slug}.yaml" for slug in slugs] + [each.path for each in job.intake.outcomes if each.path]
        for path in dict.fromkeys(paths):
            click.echo(os.path.relpath(job.intake.root / path))
    click.echo(_summary(job), err=True)


def _summary(job: _Import) -> str:
    how = Counter(_KNOWN_BY[each] for each in {each.slug: each.how for each in reversed(job.plan.present)}.values())
    known = ", ".join(f"{how[words]} {words}" for words in _KNOWN_BY.values() if how[words])
    present = f"{counted(sum(how.values()), 'work')} of {quoted(job.listing.name)} in the library"
    done = Counter(outcome.state for outcome in job.intake.outcomes)
    if job.intake.wishes.dry_run:
        became = f"{counted(len(job.plan.missing), 'work')} would be asked for and added"
    else:
        states = [f"{done[state]} {state}" for state in ("added", "present", "refused", "put off") if done[state]]
        became = ", ".join(states) or "nothing to add"
    left = f"; {counted(len(job.plan.findings), 'place')} left out or in doubt" if job.plan.findings else ""
    return f"{present}{f' ({known})' if known else ''}; {became}{left}"


def _data(job: _Import) -> dict[str, object]:
    """All of it for JSON."""
    became = {outcome.given: outcome for outcome in job.intake.outcomes}
    return {
        "list": job.listing.name,
        "present": [{"line": each.line, "slug": each.slug, "known_by": each.how} for each in job.plan.present],
        "works": [_work(each, became.get(each.text)) for each in job.plan.missing],
        "findings": [each._asdict() for each in job.plan.findings],
    }


def _work(missing: Missing, outcome: Outcome | None) -> dict[str, object]:
    facts = {"lines": missing.lines, "title": missing.title, "topics": list(dict.fromkeys(missing.topics))}
    said = {"remarks": list(dict.fromkeys(missing.remarks))} if missing.remarks else {}
    return (as_data(outcome) if outcome else {"given": missing.text, "state": "would add"}) | facts | said


def _placed(outcome: Outcome, places: Mapping[str, str]) -> Outcome:
    """The outcome with the place in the list in front of why a work was refused."""
    if outcome.error is None or outcome.state != "refused" or outcome.given not in places:
        return outcome
    return outcome._replace(error=type(outcome.error)(f"{places[outcome.given]}: {outcome.error}"))


def _line(text: str) -> str:
    return quoted(text, 200).strip("`")
