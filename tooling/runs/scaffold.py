"""`tooling new-repro`: a script in the house's shape for a work, which runs at smoke as it stands."""

import sys
import textwrap
from pathlib import Path

from tooling.cards import Card, load_library
from tooling.cards.alias import refuse_unknown
from tooling.errors import Exists, Invalid
from tooling.runs.result import write_atomic
from tooling.runs.script import script_path

TEMPLATE = Path(__file__).with_name("scaffold.py.txt")
LONGEST_NAME = 60  # with it, the question of the first line stays within 120 characters
LINE = 118
MOST_CLAIMS = 12  # with more, the script would be over 150 lines
CLAIM = """\
    "{id}": Claim(
        arms=("scaled", "unscaled"),
        contrast=gain,
        region=Above(),
        margin=0.05,
        unit="pass@1",
        fit=FIT,
    ),
"""


def new_repro(root: Path, slug: str) -> None:
    """Write `repro/<slug>/run.py` with a rule for each claim that a run can test, and say what to do next.

    Raises `NotFound` without a card, `Exists` where there is a script, `Invalid` where no run can test a claim.
    """
    library = load_library(root / "papers")
    refuse_unknown([slug], library, otherwise="`tooling add-paper` makes one")
    path = script_path(root, slug)
    if path.exists():
        raise Exists(f"`repro/{slug}/run.py` exists; it is left as it is")
    claims = claims_to_test(library[slug])
    if not claims:
        raise Invalid(f"`papers/{slug}.yaml` has no claim that a run can test (`untestable`, or `bearing.kind: none`)")
    write_atomic(path, script_text(library[slug]).encode())
    print(path.relative_to(root).as_posix())
    for line in (
        f"{slug}: a rule for {len(claims)} of its claims, all the same until you write them",
        f"next: add `repro: repro/{slug}/run.py` to `papers/{slug}.yaml`,",
        f"      run `tooling repro {slug} --scale smoke`, then write the paper into the script",
    ):
        print(line, file=sys.stderr)


def claims_to_test(card: Card) -> list[str]:
    """The ids of the card's claims that a run in miniature can say something about."""
    found = [claim.id for claim in card.claims if claim.untestable is None and claim.bearing.kind != "none"]
    return found[:MOST_CLAIMS]


def script_text(card: Card) -> str:
    """The text of a new script for a card."""
    name = card.title.partition(":")[0]
    name = name if len(name) <= LONGEST_NAME else card.slug
    claims = "".join(CLAIM.format(id=each) for each in claims_to_test(card))
    address = card.links.get("paper") or next(iter(card.links.values()), f"papers/{card.slug}.yaml")
    paper = textwrap.fill(f"Paper: {_quoted(card.title)}, {address}.", LINE, break_long_words=False)
    text = TEMPLATE.read_text(encoding="utf-8")
    for mark, value in (("NAME", _quoted(name)), ("PAPER", paper), ("CLAIMS", claims.rstrip("\n"))):
        text = text.replace(f"<<{mark}>>", value)
    return text


def _quoted(text: str) -> str:
    """Text of a card as it can stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"', "'")
