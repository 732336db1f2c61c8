"""How each address stood when it was last asked: the file `.build/links.json`.

It is kept out of git. Standings are observations that can be made again, and change every week whatever people do; a
commit for each would bury the changes that people make. Where the file is lost, no fact is: an address that fails is
called broken a day later. The workflows hand it on in their cache, and the pages show what it says.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tooling.cards.file import replace_file
from tooling.cards.schema import Card

if TYPE_CHECKING:
    from tooling.cards.probe import Probe

State = Literal["ok", "broken", "unknown"]
FILE = Path(".build") / "links.json"
_DAY = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s<>\"'\\^`{|}]{1,2000}")
_STATES = ("ok", "broken", "unknown")


@dataclass(frozen=True)
class Standing:
    """How an address stood on the day `checked`; `gone_since` is the first day of an unbroken row of failures."""

    state: State
    checked: str
    reason: str = ""
    gone_since: str | None = None
    moved: str | None = None
    archived: str | None = None


def card_addresses(card: Card) -> list[str]:
    """The addresses that a card's page links to, each once."""
    named = [
        *card.links.values(),
        *(claim.source.address for claim in card.claims),
        *(result.source for result in card.results),
        *(response.address for response in card.responses),
        *card.provenance.sources,
    ]
    return list(dict.fromkeys(each.partition(" ")[0] for each in named if each.startswith(("http://", "https://"))))


def settled(before: Standing | None, probe: "Probe", *, day: str) -> Standing:
    """The standing after a probe: an address is broken when it was gone on two different days and never ok between.

    A day on which nothing could be learnt neither confirms nor clears what was seen before.
    """
    since = before.gone_since if before else None
    if probe.state == "ok":
        return Standing("ok", day, probe.reason, moved=probe.moved)
    if probe.state == "unknown":
        state: State = "broken" if before and before.state == "broken" else "unknown"
        kept = before.archived if before else None
        return Standing(state, day, probe.reason, gone_since=since, archived=kept)
    first = since or day
    found = Standing("broken" if first < day else "unknown", day, probe.reason, gone_since=first)
    return replace(found, archived=before.archived) if before else found


def load_standings(root: Path) -> dict[str, Standing]:
    """The standings by address; empty without the file. What is damaged or no standing is left out."""
    try:
        stored = json.loads((root / FILE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    found = stored.get("addresses") if isinstance(stored, dict) else None
    pairs = found.items() if isinstance(found, dict) else ()
    read = {address: _standing(value) for address, value in pairs if _ADDRESS.fullmatch(address)}
    return {address: standing for address, standing in read.items() if standing}


def save_standings(root: Path, standings: Mapping[str, Standing]) -> None:
    """Write the standings in one step, in the order of the addresses."""
    (root / FILE).parent.mkdir(exist_ok=True)
    stored = {address: _plain(standings[address]) for address in sorted(standings)}
    replace_file(root / FILE, json.dumps({"schema": 1, "addresses": stored}, indent=1, ensure_ascii=False) + "\n")


def _plain(standing: Standing) -> dict[str, str]:
    return {key: value for key, value in asdict(standing).items() if value}


def _standing(value: object) -> Standing | None:
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        return None
    days = [value.get("checked", ""), value.get("gone_since") or "2000-01-01"]
    addresses = [value[key] for key in ("moved", "archived") if value.get(key)]
    sound = value.get("state") in _STATES and all(map(_DAY.fullmatch, days))
    if not sound or not all(map(_ADDRESS.fullmatch, addresses)):
        return None
    known = set(Standing.__dataclass_fields__)
    return Standing(**{key: part for key, part in value.items() if key in known})
