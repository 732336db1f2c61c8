"""The comment on an issue: the card in a fence that nothing closes, and the way to propose it."""

import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards.issue import FORM
from tooling.cards.proposal import Proposal
from tooling.cli import main
from tooling.errors import NotFound
from tooling.exports.proposal import LONGEST_ADDRESS, comment

ROOT = Path(__file__).parents[2]
HOSTILE = "````\n</details> @everyone [x](javascript:y)\n``````"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The small library with the form."""
    made = new_shelf(tmp_path)
    (made.root / "mkdocs.yml").touch()
    (made.root / FORM).parent.mkdir(parents=True)
    shutil.copy(ROOT / FORM, made.root / FORM)
    return made


def call(shelf: Shelf, body: str, *more: str) -> Result:
    """What the command says of an issue."""
    return CliRunner().invoke(main, ["from-issue", "-", "--root", str(shelf.root), *more], input=body)


def outside_fences(text: str) -> str:
    """The Markdown without its blocks of code."""
    return re.sub(r"^(`{3,})\w+\n(?:.*?\n)??\1`*$", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "found",
    [
        Proposal("papers/a.yaml", HOSTILE, left=[HOSTILE]),
        Proposal("papers/a.yaml", HOSTILE, before="kind: paper\n", left=[HOSTILE]),
        Proposal(error=NotFound(HOSTILE)),
    ],
)
def test_nothing_of_an_issue_is_markup_in_the_comment(found: Proposal) -> None:
    text = comment(found)
    assert text.count("@everyone") >= 1
    assert "@everyone" not in outside_fences(text)
    assert "javascript" not in outside_fences(text.replace("javascript%3A", ""))


def test_the_link_opens_the_card_as_a_new_file() -> None:
    (link,) = re.findall(r"\((https://[^)]+)\)", comment(Proposal("papers/a-b.yaml", "kind: paper\ntitle: 'A & B'\n")))
    assert urlsplit(link).path.endswith("/new/main/papers")
    assert parse_qs(urlsplit(link).query) == {"filename": ["a-b.yaml"], "value": ["kind: paper\ntitle: 'A & B'\n"]}


def test_a_card_that_is_too_long_for_an_address_is_to_be_pasted() -> None:
    (link,) = re.findall(r"\((https://[^)]+)\)", comment(Proposal("papers/a.yaml", "x" * LONGEST_ADDRESS)))
    assert parse_qs(urlsplit(link).query) == {"filename": ["a.yaml"]}


def test_a_work_that_has_a_card_is_named_with_what_the_form_adds(shelf: Shelf) -> None:
    said = call(shelf, "### Work\n\n2501.12590\n\n### Topics\n\nPatience\n")
    assert said.exit_code == 0
    assert "has a card, `papers/counting-aloud.yaml`, and nothing of the form is new to it." in said.stdout
    shelf.spoil("counting-aloud", "topics: [sums, patience]\n", "")
    shelf.spoil("counting-aloud", "fields: {title: arxiv, authors: arxiv}", "fields:\n    title: arxiv")
    shelf.write("counting-aloud", re.sub(r"summary: >-\n.*\n|claims:\n(?:[- ].*\n)*", "", shelf.text("counting-aloud")))
    added = call(shelf, "### Work\n\n2501.12590\n\n### Topics\n\nPatience\n", "--write")
    assert "\n+topics: [patience]\n" in added.stdout
    assert shelf.library()["counting-aloud"].topics == ("patience",)


def test_an_issue_that_yields_no_card_says_why_and_ends_with_the_code_of_the_reason(shelf: Shelf) -> None:
    said = call(shelf, "### Work\n\nhttps://127.0.0.1/x\n")
    assert said.exit_code == 2
    assert said.stdout.startswith("No card can be made of this issue yet:")
    assert "127.0.0.1" in said.stderr
    assert call(shelf, "no form at all").exit_code == 2
