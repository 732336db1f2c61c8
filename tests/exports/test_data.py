"""Tables and JSON lines, read back by the csv module, json and jsonschema."""

import csv
import io
import json
import re
from collections.abc import Callable

import jsonschema
import pytest

from tests.exports.shelf import awkward, real
from tooling.exports import FORMATS, Collection
from tooling.exports.table import cell
from tooling.exports.text import plain

SHELVES = pytest.mark.parametrize("shelf", [real, awkward])
Shelf = Callable[[], Collection]


def unquoted(text: str) -> str:
    """A cell without the apostrophe that keeps it from being a formula."""
    return re.sub("^'(?='*[=+@＝＋－＠-])", "", text)


@SHELVES
def test_a_line_of_json_is_the_card_with_its_verdicts_and_keeps_the_schema(shelf: Shelf) -> None:
    schema = json.loads(FORMATS["schema"](shelf()))
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    lines = FORMATS["jsonl"](shelf()).splitlines()
    for card, line in zip(shelf().cards, lines, strict=True):
        found = json.loads(line)
        assert list(judge.iter_errors(found)) == []
        assert found["title"] == card.title and tuple(found["authors"]) == card.authors
        assert [claim["statement"] for claim in found["claims"]] == [claim.statement for claim in card.claims]


def test_the_schema_refuses_a_verdict_without_its_scale() -> None:
    judge = jsonschema.Draft202012Validator(json.loads(FORMATS["schema"](awkward())))
    found = json.loads(FORMATS["jsonl"](awkward()).splitlines()[0])
    verdict = found["claims"][0]["verdicts"][0]
    assert (verdict["words"], verdict["recording"]) == ("contradicted in miniature", 1)
    assert verdict["cite"] == "contradicted in miniature (recording 1 of work-0, commit 4f1c9a7e4f1c)"
    del verdict["scale"]
    assert list(judge.iter_errors(found))


@SHELVES
def test_the_table_of_works_keeps_every_title_and_name(shelf: Shelf) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](shelf()))))
    for card, row in zip(shelf().cards, rows, strict=True):
        assert unquoted(row["title"]) == plain(card.title)
        assert row["authors"].split("; ") == [plain(name) for name in card.authors]
        assert (row["slug"], row["arxiv"], row["citation_key"]) == (card.slug, card.arxiv or "", card.citation_key)


@SHELVES
def test_no_cell_of_text_is_a_formula(shelf: Shelf) -> None:
    for name in ("csv", "csv-claims"):
        for row in csv.reader(io.StringIO(FORMATS[name](shelf()))):
            risky = [value for value in row if re.match("[=+@＝＋－＠\t\r-]", value)]
            assert [value for value in risky if not re.fullmatch(r"-\d+(\.\d+)?(e-?\d+)?", value)] == []


@pytest.mark.parametrize("text", ["=1", "'=1", "''@x", "-x", "＝1", "plain", "'plain"])
def test_what_an_apostrophe_keeps_from_being_a_formula_can_be_read_back(text: str) -> None:
    assert unquoted(cell(text)) == text


def test_every_recorded_verdict_has_a_row_with_scale_recording_and_commit() -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv-claims"](real()))))
    recorded = [row for row in rows if row["scale"]]
    assert len(recorded) == sum(len(finding.recorded) for finding in real().survey.findings.values()) > 0
    assert all(row["verdict"].endswith("in miniature") and row["recording"] and row["commit"] for row in recorded)
    assert {row["verdict"] for row in rows if not row["scale"]} <= {"not tested", "untestable"}
