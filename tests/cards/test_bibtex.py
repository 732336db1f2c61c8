"""BibTeX entries, read back with an independent parser."""

import unicodedata
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
from pylatexenc.latex2text import LatexNodes2Text

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards import Card, load_library
from tooling.cards.bibtex import authors, entry, escape, title
from tooling.cards.name import is_team
from tooling.cards.reference import read_venue

REAL = Path(__file__).parents[2] / "papers"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


@pytest.fixture
def card(shelf: Shelf) -> Card:
    return load_library(shelf.papers)["counting-aloud"]


def parsed(card: Card) -> tuple[str, dict[str, str]]:
    """The entry's type and fields as bibtexparser sees them."""
    library = bibtexparser.parse_string(entry(card))
    assert not library.failed_blocks and len(library.entries) == 1
    found = library.entries[0]
    assert found.key == card.citation_key
    return found.entry_type, {field.key: str(field.value) for field in found.fields}


def changed(card: Card, **changes: Any) -> Card:
    return card.model_copy(update=changes)


def test_a_published_work_has_its_venue_and_its_preprint(card: Card) -> None:
    kind, fields = parsed(card)
    assert kind == "inproceedings"
    assert fields == {
        "title": "Counting Aloud: Do Models Add Better When They Say It?",
        "author": "Ada Bead and Jörg Ünal and {The Abacus Team}",
        "booktitle": "{ICML} 2025",
        "note": "oral",
        "year": "2025",
        "eprint": "2501.12590",
        "archivePrefix": "arXiv",
        "url": "https://arxiv.org/abs/2501.12590",
    }


def test_a_preprint_is_misc_with_month_and_the_doi_of_arxiv(card: Card) -> None:
    kind, fields = parsed(changed(card, venue=None))
    assert kind == "misc"
    assert (fields["year"], fields["month"]) == ("2025", "jan")
    assert fields["doi"] == "10.48550/arXiv.2501.12590"
    assert fields["eprint"] == "2501.12590"
    assert "booktitle" not in fields


def test_the_month_is_a_macro_and_not_text(card: Card) -> None:
    assert "month = jan\n" in entry(changed(card, venue=None))


def test_an_old_id_is_kept_whole(shelf: Shelf) -> None:
    _, fields = parsed(load_library(shelf.papers)["silent-sums"])
    assert fields["eprint"] == "hep-th/9901001"
    assert fields["author"] == "Quiet, Jr., Max"


def test_a_post_has_neither_eprint_nor_doi(shelf: Shelf) -> None:
    kind, fields = parsed(load_library(shelf.papers)["waiting-room"])
    assert kind == "misc"
    assert fields == {
        "title": "The Waiting Room",
        "author": "{Waiting-AI}",
        "year": "2025",
        "url": "https://waiting.example.org/room",
        "month": "mar",
    }


def test_a_work_without_any_link_has_no_url(card: Card) -> None:
    assert "url" not in parsed(changed(card, links={}, arxiv=None))[1]
    assert parsed(changed(card, links={}))[1]["url"] == "https://arxiv.org/abs/2501.12590"


def test_the_doi_of_a_publisher_is_bare(card: Card) -> None:
    _, fields = parsed(changed(card, links={"paper": "https://doi.org/10.1038/s41586%2D025"}))
    assert fields["doi"] == "10.1038/s41586-025"


@pytest.mark.parametrize(
    ("venue", "kind", "expected"),
    [
        ("Nature 2025 (as \"Another title\")", "article", {"journal": "Nature", "note": "as ``Another title''"}),
        ("TMLR 2026", "article", {"journal": "TMLR", "year": "2026"}),
        ("Journal of Beads 12", "article", {"journal": "Journal of Beads 12", "year": "2025"}),
        ("Findings of ACL 2025 (pp. 11597-11614)", "inproceedings",
         {"booktitle": "Findings of {ACL} 2025", "pages": "11597--11614"}),
        ("ICML 2026 (PMLR 267, pp. 1-9)", "inproceedings",
         {"series": "{PMLR}", "volume": "267", "pages": "1--9", "year": "2026"}),
        ("COLM 2025 (oral; also R&D track)", "inproceedings", {"note": r"oral; also R\&D track"}),
        ("NeurIPS 2025 Sums & Beads", "inproceedings", {"booktitle": r"{NeurIPS} 2025 Sums \& Beads"}),
    ],
)  # fmt: skip
def test_venues_are_taken_apart(card: Card, venue: str, kind: str, expected: dict[str, str]) -> None:
    found, fields = parsed(changed(card, venue=venue))
    assert found == kind
    assert {key: fields[key] for key in expected} == expected
    assert "month" not in fields


def test_a_venue_of_nothing_but_a_note_is_no_venue(card: Card) -> None:
    assert read_venue("")[:4] == ("", "", "", "")
    assert parsed(changed(card, venue="(rejected)"))[0] == "misc"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DeepSeek-R1: RL for LLMs", "{DeepSeek-R1}: {RL} for {LLMs}"),
        ("Test-Time Scaling of Text-to-Image Models", "Test-Time Scaling of Text-to-Image Models"),
        ("Understanding R1-Zero-Like Training", "Understanding {R1-Zero-Like} Training"),
        ("A Model That Thinks", "A Model That Thinks"),
        ("What I Learned from Q-learning (GRPO)", "What {I} Learned from {Q-learning} ({GRPO})"),
        ("Scaling a 1.5B LLM with o1 in 3D", "Scaling a {1.5B} {LLM} with o1 in {3D}"),
        ("RL's Razor", "{RL's} Razor"),
        ("S*: Test Time", "{S}*: Test Time"),
        ("R&D at 100% for $450_000 #1", r"{R\&D} at 100\% for \$450\_000 \#1"),
        ("From $5 to $10", r"From \$5 to \$10"),
        ("Sampling at $\\tau = 0$ and $\\pi_{k}$-Bench", "Sampling at {$\\tau = 0$} and {$\\pi_{k}$}-Bench"),
        ('The "aha" moment', "The ``aha'' moment"),
        ("Übermut und ÉTUDE", "Übermut und {ÉTUDE}"),
        ("a{b}c\\d ~ ^", r"a\textbraceleft{}b\textbraceright{}c\textbackslash{}d \textasciitilde{} \textasciicircum{}"),
        ("  two \n lines ", "two lines"),
    ],
)
def test_titles_keep_their_capitals_formulas_and_signs(text: str, expected: str) -> None:
    assert title(text) == expected


@pytest.mark.parametrize(
    "text", [r"$\input{/etc/passwd}$", r"$\write18{x}$", "$^^5cinput x$", r"$\def\x{}$", "$a}{b$", "$a{b$", r"$\{$"]
)
def test_a_formula_that_does_more_than_typeset_is_escaped(text: str) -> None:
    written = title(text)
    assert written.startswith(r"\$")
    assert written.count("{") == written.count("}")


@pytest.mark.parametrize(
    "name",
    ["DeepSeek-AI", "OpenAI", "Google", "Qwen Team", "The Abacus Group", "Hugging Face", "Meta AI", "Bespoke Labs",
     "Google DeepMind", "iamansinha (opener)", "user42 x", "Tom and Jerry", "张三"],
)  # fmt: skip
def test_teams_and_accounts_stand_in_braces(name: str) -> None:
    assert is_team(name)
    assert authors([name]) == f"{{{name}}}"


@pytest.mark.parametrize(
    "name", ["Ada Bead", "Leandro von Werra", "Bo Ai", "Jie-Jing Shao", "Z. F. Wu", "Ai Xu", "Max O'Neill"]
)
def test_people_do_not(name: str) -> None:
    assert not is_team(name)
    assert authors([name]) == name


def test_the_pseudo_author_of_arxiv_is_dropped() -> None:
    assert authors(["DeepSeek-AI", ":", "Aixin Liu"]) == "{DeepSeek-AI} and Aixin Liu"


def test_names_are_composed_and_escaped() -> None:
    decomposed = unicodedata.normalize("NFD", "Jörg Ünal")
    assert decomposed != "Jörg Ünal"
    assert authors([decomposed, "AT&T Research"]) == r"Jörg Ünal and {AT\&T Research}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Max Quiet Jr.", "Quiet, Jr., Max"),
        ("Max Quiet, Jr.", "Quiet, Jr., Max"),
        ("Ada M. Bead III", "Bead, III, Ada M."),
    ],
)
def test_a_suffix_goes_where_bibtex_looks_for_it(name: str, expected: str) -> None:
    assert authors([name]) == expected


def test_braces_are_balanced_whatever_a_card_says(card: Card) -> None:
    nasty = '} , evil = {x} \\ $ { % @misc{a, & # _ ^ ~ " \u00e9'
    hostile = changed(
        card,
        title=nasty,
        authors=(nasty, "A } B"),
        venue=f"{nasty} 2025 ({nasty})",
        links={"paper": "https://a.example/}{%5C"},
    )
    _, fields = parsed(hostile)
    assert "evil" not in fields
    assert all(value.count("{") == value.count("}") for value in fields.values())
    assert escape(nasty).count("{") == escape(nasty).count("}")


@pytest.mark.skipif(not (REAL / "_vocabulary.yaml").exists(), reason="no cards here")
def test_the_whole_library_survives_the_way_there_and_back() -> None:
    library = load_library(REAL)
    bulk = bibtexparser.parse_string("\n\n".join(entry(card) for card in library.values()))
    assert not bulk.failed_blocks
    assert len(bulk.entries) == len(library)
    to_text = LatexNodes2Text(math_mode="verbatim").latex_to_text
    for card, found in zip(library.values(), bulk.entries, strict=True):
        fields = {field.key: str(field.value) for field in found.fields}
        assert found.key == card.citation_key
        straight = str.maketrans("“”’", '""\'')
        written = to_text(fields["title"]).translate(straight)
        assert written == unicodedata.normalize("NFC", card.title).translate(straight), card.slug
        assert fields["author"].count(" and ") == len(card.authors) - 1, card.slug
        assert fields.get("eprint") == card.arxiv
        assert fields.get("url", "").startswith("http") == bool(card.links or card.arxiv)
        assert fields["year"].isdigit()
