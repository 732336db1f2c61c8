"""References, read back by other people's parsers: bibtexparser, bibtex, biber, citeproc-py, rispy."""

import json
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rispy

from tests.exports.shelf import awkward, real
from tooling.cards.reference import address, doi, year
from tooling.exports import FORMATS, Collection
from tooling.exports.text import plain

SHELVES = pytest.mark.parametrize("shelf", [real, awkward])
Shelf = Callable[[], Collection]


def whole(parts: dict[str, str]) -> str:
    """A name of CSL-JSON as it was."""
    if "literal" in parts:
        return parts["literal"]
    order = ("given", "non-dropping-particle", "family", "suffix")
    return " ".join(parts[name] for name in order if name in parts)


@SHELVES
def test_csl_json_keeps_titles_names_dates_and_identifiers(shelf: Shelf) -> None:
    items = json.loads(FORMATS["csl-json"](shelf()))
    assert len(items) == len(shelf().cards)
    for card, item in zip(shelf().cards, items, strict=True):
        assert item["id"] == card.citation_key
        assert item["title"] == plain(card.title)
        assert [whole(name) for name in item["author"]] == [
            name.replace(", Jr", " Jr") for name in map(plain, card.authors)
        ]
        assert str(item["issued"]["date-parts"][0][0]) == year(card)
        assert item.get("DOI", "") == doi(card) and item.get("URL", "") == address(card)


@SHELVES
def test_a_citation_processor_reads_every_item_of_csl_json(shelf: Shelf) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package's own making
        from citeproc.source.json import CiteProcJSON

        source = CiteProcJSON(json.loads(FORMATS["csl-json"](shelf())))
    assert set(source) == {card.citation_key.lower() for card in shelf().cards}
    for card in shelf().cards:
        assert len(source[card.citation_key.lower()]["author"]) == len(card.authors)


@SHELVES
def test_ris_keeps_titles_names_and_identifiers(shelf: Shelf) -> None:
    text = FORMATS["ris"](shelf())
    assert re.sub("\r\n", "", text).count("\n") == 0
    entries: list[dict[str, Any]] = rispy.loads(text)
    assert len(entries) == len(shelf().cards)
    for card, found in zip(shelf().cards, entries, strict=True):
        assert found["id"] == card.citation_key
        assert found.get("title", found.get("primary_title")) == plain(card.title)
        assert len(found["authors"]) == len(card.authors)
        assert str(found["year"]) == year(card)
        assert found.get("doi", "") == doi(card)


def test_names_of_ris_begin_with_the_family_name_and_teams_stay_whole() -> None:
    names = rispy.loads(FORMATS["ris"](awkward()))[0]["authors"]
    assert names[:8] == [
        "Bead, Ada", "von Werra, Leandro", "Quiet, Max, Jr.", "Ünal, Jörg", "张三", "The Abacus Team", "AT&T Research",
        "DeepSeek-AI",
    ]  # fmt: skip


@SHELVES
def test_bibtex_has_every_work_once(shelf: Shelf) -> None:
    found = bibtexparser.parse_string(FORMATS["bibtex"](shelf()))
    assert not found.failed_blocks
    assert [entry.key for entry in found.entries] == [card.citation_key for card in shelf().cards]


@SHELVES
@pytest.mark.skipif(not shutil.which("bibtex"), reason="Debian's texlive-binaries is not installed")
def test_bibtex_itself_reads_the_bulk_file_without_a_warning(shelf: Shelf, tmp_path: Path) -> None:
    if not subprocess.run(["kpsewhich", "plain.bst"], capture_output=True, check=False).stdout:
        pytest.skip("Debian's texlive-base is not installed")
    (tmp_path / "works.bib").write_text(FORMATS["bibtex"](shelf()), encoding="utf-8")
    (tmp_path / "a.aux").write_text("\\citation{*}\n\\bibstyle{plain}\n\\bibdata{works}\n")
    outcome = subprocess.run(["bibtex", "a"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout
    assert [line for line in outcome.stdout.splitlines() if line.startswith("Warning")] == []
    assert (tmp_path / "a.bbl").read_text(encoding="utf-8", errors="replace").count("\\bibitem") == len(shelf().cards)


@SHELVES
@pytest.mark.skipif(not shutil.which("biber"), reason="Debian's biber is not installed")
def test_biber_reads_the_bulk_file_without_a_warning(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "works.bib").write_text(FORMATS["bibtex"](shelf()), encoding="utf-8")
    command = ["biber", "--tool", "--output-file", "out.bib", "works.bib"]
    outcome = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout
    assert [line for line in outcome.stdout.splitlines() if line.startswith(("WARN", "ERROR"))] == []
