"""What the search loads: every name and claim, and a first file that stays light."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.pages.sample import card, claim, library, results
from tooling.cards import load_library
from tooling.exports.finder import first, more
from tooling.pages.survey import Survey

ROOT = Path(__file__).parents[2]
AT_5000_WORKS_KB = 300


@pytest.fixture(scope="module")
def real() -> Survey:
    return Survey(load_library(ROOT / "papers"), results())


def weight(data: Any) -> int:
    return len(gzip.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 9))


def test_the_first_file_has_ids_titles_and_leading_names(real: Survey) -> None:
    works = {row[0]: row for row in json.loads(first(real, {}))["works"]}
    assert set(works) == set(real.library)
    slug, title, leading, families, arxiv, year = works["understanding-r1-zero"]
    assert (title, leading, arxiv, year) == (real.library[slug].title, "Zichen Liu", "2503.20783", 2025)
    assert families.split()[0] == "Chen"


def test_the_second_file_has_all_names_and_claims(real: Survey) -> None:
    rows = json.loads(more(real))
    for (names, _, said), kept in zip(rows["works"], real.library.values(), strict=True):
        assert names == ", ".join(" ".join(name.split()) for name in kept.authors)
        assert said.split("\n")[0][:40] == " ".join((kept.summary or "").split())[:40]
    keys = [(list(real.library)[number], name) for number, name, *_ in rows["claims"]]
    assert keys == [(slug, each.id) for slug, kept in real.library.items() for each in kept.claims]


def test_a_work_is_found_under_the_other_names_of_its_methods(real: Survey) -> None:
    place = list(real.library).index("grpo")
    terms = json.loads(more(real))["works"][place][1]
    assert "Group Relative Policy Optimization" in terms


def test_terms_lead_to_their_pages_and_come_before_hand_written_pages(real: Survey) -> None:
    terms = json.loads(first(real, {"about/": "About"}))["terms"]
    assert terms[-1] == ["about/", "About", "page", ""]
    assert ["questions/how-little-data/", "question"] in [[row[0], row[2]] for row in terms]
    assert len(json.loads(more(real))["terms"]) == len(terms) - 1
    for address, *_ in terms[:-1]:
        section, _, name = address.rstrip("/").replace("/#", "/").partition("/")
        assert name in real.vocabulary.section(section)


def test_the_first_file_of_5000_works_like_ours_stays_under_its_weight(real: Survey) -> None:
    rows = json.loads(first(real, {}))
    at_5000 = weight(rows["works"]) / len(rows["works"]) * 5000 + weight(rows["terms"])
    assert at_5000 <= AT_5000_WORKS_KB * 1000


def test_markup_in_a_title_stays_text() -> None:
    hostile = card("a", title="</script><b>Title & more", claims=[claim("first-claim")])
    written = first(Survey(library(hostile), results()), {})
    assert json.loads(written)["works"][0][1] == "</script><b>Title & more"
