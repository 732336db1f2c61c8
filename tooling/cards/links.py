"""`tooling links`: whether every address of the cards and of the hand-written pages still answers.

`TOOLING_WAYBACK_URL` replaces the address of the archive that is asked for copies of broken pages.
"""

import json
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import click
import requests

from tooling.cards.alias import refuse_unknown
from tooling.cards.load import load_library
from tooling.cards.lock import NoTurn, lock
from tooling.cards.probe import USER_AGENT, Manners, Probe, Visitor
from tooling.cards.problem import quoted
from tooling.cards.standing import Standing, card_addresses, load_standings, save_standings, settled
from tooling.errors import INTERRUPTED, Invalid, TryLater, UsageError

ARCHIVE = "https://archive.org/wayback/available"
WORKERS = 8
SAVE_SECONDS = 2.0
PROSE = ("README.md", "CONTRIBUTING.md", "site/**/*.md")
_LETTER = r"[^\s<>\"'\\^`{|}\]()]"
# brackets belong to an address in pairs: Markdown sets one round it
_ADDRESS = re.compile(rf"https?://{_LETTER}+(?:\({_LETTER}*\){_LETTER}*)*")
_LARGEST_ANSWER = 100_000


class Options(NamedTuple):
    """How to ask, which day it is, and how to report."""

    manners: Manners
    day: date
    as_json: bool = False


Places = Mapping[str, Sequence[str]]
"""Address -> the files that name it."""


def run_links(root: Path, slugs: Sequence[str], *, options: Options) -> None:
    """Ask every address that was not asked today yet, and print the report as Markdown or JSON.

    Ctrl-C keeps what was found and exits with 130. Raises `Invalid` where addresses are broken, `NotFound` for unknown
    slugs, `TryLater` where another process is checking or this machine reaches nothing at all.
    """
    places = addresses(root, slugs, local=options.manners.private)
    with _alone(root):
        standings = load_standings(root)
        day = options.day.isoformat()
        todo = [each for each in places if each not in standings or standings[each].checked != day]
        try:
            _check(root, todo, standings=standings, options=options)
        except KeyboardInterrupt:
            click.echo("interrupted; what was found is kept, and the same command goes on from there", err=True)
            sys.exit(INTERRUPTED)
    found = {address: standings[address] for address in places if address in standings}
    click.echo(_as_json(found, places) if options.as_json else markdown(found, places, day=day))
    counts = {state: sum(each.state == state for each in found.values()) for state in ("ok", "broken", "unknown")}
    moved = sum(each.moved is not None for each in found.values())
    again = len(places) - len(todo)
    said = f"{counts['ok']} ok ({moved} moved), {counts['broken']} broken, {counts['unknown']} unknown"
    click.echo(f"addresses asked: {len(todo)}, known from today: {again}; {said}", err=True)
    if counts["broken"]:
        raise Invalid(f"{counts['broken']} broken; the report says which, and proposes archived copies")


def addresses(root: Path, slugs: Sequence[str] = (), *, local: bool = False) -> dict[str, list[str]]:
    """All addresses with the files that name them: of the named cards, else of all cards and hand-written pages.

    Examples of this machine, as prose about servers has them, are among them where `local` is set.
    """
    library = load_library(root / "papers")
    refuse_unknown(slugs, library)
    found: dict[str, list[str]] = {}
    for slug in slugs or library:
        for address in card_addresses(library[slug]):
            found.setdefault(address, []).append(f"papers/{slug}.yaml")
    for path in sorted(each for pattern in PROSE for each in root.glob(pattern)) if not slugs else ():
        text = path.read_text("utf-8", errors="replace")
        for address in dict.fromkeys(match.rstrip(".,;:!?*_") for match in _ADDRESS.findall(text)):
            if local or not _is_local(address):
                found.setdefault(address, []).append(path.relative_to(root).as_posix())
    return found


def _is_local(address: str) -> bool:
    """Whether the address is one of this machine."""
    try:
        return urlsplit(address).hostname in ("127.0.0.1", "localhost", None)
    except ValueError:
        return False


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    try:
        with lock(root / ".build" / "links.lock", seconds=1.0):
            yield
    except NoTurn as error:
        raise TryLater("another process is checking links here; try again later") from error


def _check(root: Path, todo: Sequence[str], *, standings: dict[str, Standing], options: Options) -> None:
    """Ask all addresses and keep what is found in `standings` and in their file, whatever ends the asking."""
    visitor, saved, started = Visitor(options.manners), time.monotonic(), time.monotonic()
    outcomes = _probes(visitor, todo)
    reached, count = False, 0
    fresh: dict[str, Standing] = {}
    try:
        for count, (address, probe) in enumerate(outcomes, start=1):
            reached = reached or probe.state == "ok" or probe.reason.startswith("answers")
            fresh[address] = settled(standings.get(address), probe, day=options.day.isoformat())
            if fresh[address].state == "broken" and not fresh[address].archived:
                fresh[address] = _with_copy(fresh[address], address)
            if time.monotonic() - saved > SAVE_SECONDS:
                saved = time.monotonic()
                left = (saved - started) / count * (len(todo) - count)
                click.echo(f"  links: {count} of {len(todo)}, about {left:.0f} s left", err=True)
                if reached:
                    save_standings(root, standings | fresh)
    finally:
        # a machine without a network learns nothing about others
        if reached:
            standings |= fresh
            save_standings(root, standings)
    if len(todo) > 1 and not reached:
        raise TryLater(f"none of {len(todo)} hosts answered; is this machine online? Nothing was written")


def _probes(visitor: Visitor, todo: Sequence[str]) -> Iterator[tuple[str, Probe]]:
    """What is found at each address, as it comes; the addresses of one host are asked one after the other."""
    hosts: dict[str, list[str]] = {}
    for address in todo:
        hosts.setdefault(address.split("/")[2].lower(), []).append(address)
    waiting: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    # the host with most addresses takes longest
    for group in sorted(hosts.values(), key=len, reverse=True):
        waiting.put(group)
    outcomes: queue.SimpleQueue[tuple[str, Probe | Exception]] = queue.SimpleQueue()

    def work() -> None:
        while True:
            try:
                group = waiting.get_nowait()
            except queue.Empty:
                return
            for address in group:
                try:
                    outcomes.put((address, visitor.probe(address)))
                except Exception as error:
                    outcomes.put((address, error))

    for _ in range(min(WORKERS, len(hosts))):
        threading.Thread(target=work, name="links", daemon=True).start()
    for _ in todo:
        address, outcome = outcomes.get()
        if isinstance(outcome, Exception):
            raise outcome
        yield address, outcome


def _with_copy(standing: Standing, address: str) -> Standing:
    """The standing with the address of an archived copy, where the archive has one and says so at once."""
    service = os.environ.get("TOOLING_WAYBACK_URL") or ARCHIVE
    if urlsplit(service).scheme not in ("http", "https"):
        raise UsageError(f"`TOOLING_WAYBACK_URL` is {quoted(service)}, which is no http address; unset or correct it")
    try:
        with requests.get(
            f"{service}?{urlencode({'url': address})}",
            headers={"User-Agent": USER_AGENT},
            timeout=10,
            stream=True,
            allow_redirects=False,
        ) as response:
            content = response.raw.read(_LARGEST_ANSWER, decode_content=True) if response.status_code == 200 else b""
        closest = json.loads(content)["archived_snapshots"]["closest"]
        copy = closest["url"] if closest["available"] is True and closest["status"] == "200" else None
    except (requests.RequestException, OSError, ValueError, KeyError, TypeError, RecursionError):
        return standing
    sound = isinstance(copy, str) and _ADDRESS.fullmatch(copy)
    return replace(standing, archived=copy) if sound else standing


def _as_json(found: Mapping[str, Standing], places: Places) -> str:
    data = [{"address": address, **vars(found[address]), "places": list(places[address])} for address in found]
    return json.dumps(data, indent=2, ensure_ascii=False)


def markdown(found: Mapping[str, Standing], places: Places, *, day: str) -> str:
    """The report as Markdown: broken addresses, moved ones and those of which nothing could be learnt."""
    lines = [f"# Links on {day}", ""]
    groups = {
        "Broken": [address for address in found if found[address].state == "broken"],
        "Moved for good": [address for address in found if found[address].moved],
        "Unknown": [address for address in found if found[address].state == "unknown"],
    }
    for heading, group in groups.items():
        if group:
            lines += [f"## {heading}", "", *(_line(each, found[each], places[each]) for each in group), ""]
    if not any(groups.values()):
        lines.append("Every address answers.")
    return "\n".join(lines).rstrip()


def _line(address: str, standing: Standing, places: Sequence[str]) -> str:
    said = [standing.reason] if standing.state != "ok" else []
    said += [f"gone since {standing.gone_since}"] if standing.gone_since else []
    said += [f"now {quoted(standing.moved, 500)}"] if standing.moved else []
    said += [f"archived copy {quoted(standing.archived, 500)}"] if standing.archived else []
    return f"- {quoted(address, 500)} ({', '.join(places)}): {'; '.join(said)}"
