"""What a card may hold, field by field, and the JSON Schema that editors read."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards import InvalidLibrary, load_library
from tooling.cards.document import parse_document, read_document
from tooling.cards.load import load_vocabulary, parse_card
from tooling.cards.schema import SCHEMA_FILE, Card, card_schema, print_schema, schema_text

ROOT = Path(__file__).parents[2]
GOOD = Path(__file__).parent / "library" / "papers" / "counting-aloud.yaml"
HAS_CARDS = (ROOT / "papers" / "_vocabulary.yaml").exists()


@pytest.fixture
def good() -> dict[str, Any]:
    return deepcopy(read_document(GOOD, GOOD.name).value)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


def faults(card: dict[str, Any]) -> list[str]:
    """The problems of a card with these values, `field: code`."""
    try:
        parse_card(yaml.safe_dump(card, sort_keys=False, allow_unicode=True), "counting-aloud", shown="papers/x.yaml")
    except InvalidLibrary as error:
        return [f"{problem.field}: {problem.code}" for problem in error.problems]
    return []


def only(card: dict[str, Any]) -> str:
    """The message and remedy of the card's only problem."""
    with pytest.raises(InvalidLibrary) as caught:
        parse_card(yaml.safe_dump(card, sort_keys=False, allow_unicode=True), "counting-aloud", shown="papers/x.yaml")
    assert len(caught.value.problems) == 1
    return str(caught.value.problems[0]).split(": ", 1)[1]


def test_the_good_card_is_good(good: dict[str, Any]) -> None:
    assert faults(good) == []


# bibliographic fields


@pytest.mark.parametrize(
    "arxiv", ["2501.12590", "0704.0001", "1412.9999", "1501.00001", "hep-th/9901001", "math/0309136"]
)
def test_both_shapes_of_arxiv_ids_are_accepted(good: dict[str, Any], arxiv: str) -> None:
    assert faults(good | {"arxiv": arxiv}) == []


@pytest.mark.parametrize(
    ("arxiv", "says"),
    [
        ("2513.12590", "there is no month 13"),
        ("2500.12590", "there is no month 00"),
        ("2501.1259", "its sequence number has 4 digits"),
        ("1401.12590", "its sequence number has 5 digits"),
        ("9901.0001", "lies in the future"),
        ("hep-th/9913001", "there is no month 13"),
        ("poetry/9901001", "never had an archive"),
        ("2501.12590v2", 'write "2501.12590", and `version_read: 2`'),
        ("arXiv:2501.12590", 'write "2501.12590"'),
        ("https://arxiv.org/abs/2501.12590", 'write "2501.12590"'),
        ("math.GT/0309136", 'write "math/0309136"'),
        ("2501.12590 ", 'write "2501.12590"'),
        ("soon", "ids look like"),
    ],
)
def test_an_impossible_or_decorated_arxiv_id_is_refused_with_the_reason(
    good: dict[str, Any], arxiv: str, says: str
) -> None:
    assert says in only(good | {"arxiv": arxiv})


def test_a_version_needs_an_arxiv_id(good: dict[str, Any]) -> None:
    del good["arxiv"]
    assert faults(good) == ["version_read: version_read"]
    assert faults(good | {"arxiv": "2501.12590", "version_read": 0}) == ["version_read: too-small"]
    assert faults(good | {"arxiv": "2501.12590", "version_read": True}) == ["version_read: wrong-type"]


@pytest.mark.parametrize("date", ["2025-01-22", "2025-01", "2024-02-29"])
def test_dates_to_the_day_or_month_are_accepted(good: dict[str, Any], date: str) -> None:
    assert faults(good | {"date": date}) == []


@pytest.mark.parametrize(
    "date",
    ["2025", "2025-13-01", "2025-02-29", "2025-00", "22.01.2025", "2025-1-2", "2025-01-22T00:00:00", "２０２５-01"],
)
def test_days_that_no_calendar_has_are_refused(good: dict[str, Any], date: str) -> None:
    assert faults(good | {"date": date}) == ["date: not-a-date"]


def test_at_least_one_author_with_a_name_is_needed(good: dict[str, Any]) -> None:
    assert faults(good | {"authors": []}) == ["authors: empty"]
    assert faults(good | {"authors": ["Ada Bead", ":"]}) == ["authors[1]: not-an-author"]
    assert faults(good | {"authors": ["Ada Bead", " "]}) == ["authors[1]: empty"]
    assert faults(good | {"authors": "Ada Bead"}) == ["authors: wrong-type"]
    assert faults(good | {"authors": ["Ada Bead", "Ada Bead"]}) == []


@pytest.mark.parametrize(
    "address",
    [
        "ftp://a.example/x",
        "javascript:alert(1)",
        "www.example.org",
        "https://",
        "https://localhost/x",
        "https://arxiv.org@evil.example/abs",
        "https://аrxiv.org/abs/1",
        "https://a.example/<script>",
        "https://a.example/x (the README)",
        "https://a.example/two words",
        "https://[::1/x",
    ],
)
def test_only_plain_web_addresses_are_accepted_as_links(good: dict[str, Any], address: str) -> None:
    assert faults(good | {"links": {"code": address}}) == ["links.code: not-an-address"]


@pytest.mark.parametrize(
    "address",
    ["http://a.example", "https://x.com/@user/1", "https://a.example:8080/ü?q=1&r=%20#top", "https://a-b.co/(x)"],
)
def test_ordinary_addresses_are_accepted(good: dict[str, Any], address: str) -> None:
    assert faults(good | {"links": {"code": address}}) == []


def test_an_unknown_kind_of_link_is_an_unknown_key(good: dict[str, Any]) -> None:
    assert (
        only(good | {"links": {"codes": "https://a.example"}})
        == "`links.codes` is not a key of `links`; did you mean `code`?"
    )


@pytest.mark.parametrize("key", ["bead-2025", "Bead2025counting", "bead:2025_x"])
def test_citation_keys_are_plain_ascii(good: dict[str, Any], key: str) -> None:
    assert faults(good | {"citation_key": key}) == []


@pytest.mark.parametrize("key", ["ünal2025", "2025bead", "bead 2025", "bead,2025", "bead{2025}", "bead2025-"])
def test_other_citation_keys_are_refused(good: dict[str, Any], key: str) -> None:
    assert faults(good | {"citation_key": key}) == ["citation_key: not-a-citation-key"]


# text


@pytest.mark.parametrize("key", ["title", "kind", "date", "citation_key"])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (12, "not-quoted"),
        (1.5, "not-quoted"),
        (True, "not-quoted"),
        (None, "empty"),
        (["a"], "wrong-type"),
        ({"a": "b"}, "wrong-type"),
    ],
)
def test_what_is_no_text_is_refused(good: dict[str, Any], key: str, value: Any, code: str) -> None:
    assert faults(good | {key: value}) == [f"{key}: {code}"]


def test_a_boolean_is_quoted_as_it_stands_in_the_file(good: dict[str, Any]) -> None:
    assert only(good | {"title": True}) == '`title` was read as the boolean true; quote it: "true"'


def test_a_key_that_may_be_absent_is_never_null(good: dict[str, Any]) -> None:
    for key in ("venue", "arxiv", "summary", "repro", "related", "links"):
        card = good | {key: None}
        card.pop("version_read") if key == "arxiv" else None
        assert faults(card)[0] == f"{key}: empty"
    good["claims"][0]["reported_missing"] = None
    assert faults(good) == ["claims[0].reported_missing: empty"]


def test_a_title_on_two_lines_is_refused_but_a_folded_one_is_not(good: dict[str, Any]) -> None:
    assert faults(good | {"title": "Two\nlines"}) == ["title: not-one-line"]
    folded = GOOD.read_text(encoding="utf-8").replace("title: 'Counting Aloud:", "title: >-\n  Counting Aloud:")
    assert parse_card(folded.replace("Say It?'", "Say It?"), "counting-aloud", shown="x").title.endswith("Say It?")


@pytest.mark.parametrize(
    ("summary", "fine"),
    [
        ("It asked why. It found out.", True),
        ("It asked why, e.g. of beads vs. stones? It found 12.5 per cent (see Fig. 2).", True),
        ('It asked "why?" It found "that."', True),
        ("It asked why and found out.", False),
        ("No stop", False),
        ("A. B. C. D. E.", False),
        ("It asked. " + "x" * 900 + ".", False),
    ],
)
def test_a_summary_has_two_sentences_or_so(good: dict[str, Any], summary: str, fine: bool) -> None:
    assert faults(good | {"summary": summary}) == ([] if fine else ["summary: summary"])


def test_a_card_with_claims_needs_summary_and_topics(good: dict[str, Any]) -> None:
    for key in ("summary", "topics"):
        bare = {name: value for name, value in good.items() if name != key}
        assert only(bare) == f"the file has claims but no `{key}`; add `{key}: ...`"
        assert faults({name: value for name, value in bare.items() if name != "claims"}) == []


# terms, slugs, sources


@pytest.mark.parametrize("field", ["topics", "related", "aliases"])
def test_ids_are_kebab_case_and_stand_once(good: dict[str, Any], field: str) -> None:
    assert faults(good | {field: ["Some_Thing"]}) == [f"{field}[0]: not-kebab-case"]
    assert faults(good | {field: ["a", "b", "a"]}) == [f"{field}[2]: duplicate-value"]
    assert "write `some-thing`" in only(good | {field: ["Some_Thing"]})


def test_the_keys_of_methods_are_kebab_case_and_their_values_may_be_empty(good: dict[str, Any]) -> None:
    assert faults(good | {"methods": {"GRPO": "x"}}) == ["methods.GRPO: not-kebab-case"]
    assert faults(good | {"methods": {"grpo": None, "counting": ""}}) == []
    assert faults(good | {"methods": {"grpo": 3}}) == ["methods.grpo: not-quoted"]
    assert faults(good | {"methods": ["grpo"]}) == ["methods: wrong-type"]


@pytest.mark.parametrize(
    "source", ["https://a.example/x", "https://a.example/x (Table 2)", "secondary: a review", "the survey"]
)
def test_a_source_is_an_address_or_says_that_it_is_secondary(good: dict[str, Any], source: str) -> None:
    assert faults(good | {"results": [{"text": "x", "source": source}]}) == []


@pytest.mark.parametrize("source", ["a review", "secondary:", "https://a.example/x Table 2", "https://localhost (x)"])
def test_other_sources_are_refused(good: dict[str, Any], source: str) -> None:
    field = "results[0].source"
    assert faults(good | {"results": [{"text": "x", "source": source}]})[0].startswith(f"{field}: not-a")


def test_provenance_names_fields_that_exist(good: dict[str, Any]) -> None:
    good["provenance"]["fields"] = {"title": "arxiv", "links.paper": "arxiv", "tittle": "arxiv"}
    assert only(good) == "`provenance.fields.tittle` is not a key of a card; did you mean `title`?"
    good["provenance"]["fields"] = {"slug": "arxiv"}
    assert faults(good) == ["provenance.fields.slug: unknown-key"]


def test_a_note_says_what_it_is_and_who_says_it(good: dict[str, Any]) -> None:
    assert faults(good | {"notes": [{"kind": "facts", "text": "x", "by": "me"}]}) == [
        "notes[0].kind: unknown-word",
        "notes[0].by: unknown-word",
    ]


# claims


def test_exactly_one_of_reported_and_reported_missing(good: dict[str, Any]) -> None:
    both, neither = deepcopy(good), deepcopy(good)
    both["claims"][0]["reported_missing"] = "no figure"
    del neither["claims"][0]["reported"]
    assert only(both) == "`claims[0].reported_missing` stands beside `reported`; keep one of the two"
    assert only(neither) == (
        "`claims[0]` has neither `reported` nor `reported_missing`; "
        "give the work's figure, or the reason why there is none"
    )


def test_a_broken_reported_is_not_also_called_missing(good: dict[str, Any]) -> None:
    good["claims"][0]["reported"] = 12.1
    assert faults(good) == ["claims[0].reported: not-quoted"]


def test_untestable_goes_only_with_bearing_none(good: dict[str, Any]) -> None:
    good["claims"][0]["untestable"] = "too large"
    assert faults(good) == ["claims[0].untestable: untestable"]
    good["claims"][0]["bearing"]["kind"] = "none"
    assert faults(good) == []


def test_a_source_that_is_unlocated_has_no_place(good: dict[str, Any]) -> None:
    good["claims"][0]["source"] |= {"confidence": "unlocated"}
    assert faults(good) == ["claims[0].source.confidence: confidence"]
    good["claims"][0]["source"] |= {"place": None}
    assert faults(good) == []


def test_the_place_of_a_source_is_never_left_out_silently(good: dict[str, Any]) -> None:
    del good["claims"][0]["source"]["place"]
    assert only(good) == "`claims[0].source` has no `place`; add `place: ...`"


def test_a_claim_has_one_or_two_questions(good: dict[str, Any]) -> None:
    for questions, code in (([], "empty"), (["a", "b", "c"], "too-many"), (["a", "a"], None), (["a"], "")):
        good["claims"][0]["question"] = questions
        where = "claims[0].question"
        wanted = [f"{where}[1]: duplicate-value"] if code is None else [f"{where}: {code}"] if code else []
        assert faults(good) == wanted


def test_two_claims_of_a_card_have_different_ids(good: dict[str, Any]) -> None:
    good["claims"][1]["id"] = "aloud-beats-silent"
    assert faults(good) == ["claims[1].id: duplicate-claim"]


@pytest.mark.parametrize("key", ["aloud", "a/b/c", "A/b", "a/", "/b"])
def test_a_link_between_claims_is_a_full_key(good: dict[str, Any], key: str) -> None:
    good["claims"][0]["contradicts"] = [key]
    assert faults(good) == ["claims[0].contradicts[0]: not-a-claim-key"]


def test_unknown_keys_inside_a_claim_get_the_suggestion_of_their_own_mapping(good: dict[str, Any]) -> None:
    good["claims"][0]["source"]["adress"] = "x"
    assert only(good) == "`claims[0].source.adress` is not a key of `claims[0].source`; did you mean `address`?"


def test_a_card_finds_its_claims_and_their_keys(shelf: Shelf) -> None:
    card = load_library(shelf.papers)["counting-aloud"]
    claim = card.claim("twice-the-price")
    assert card.claim_key(claim) == "counting-aloud/twice-the-price"
    with pytest.raises(KeyError, match="counting-aloud/nothing"):
        card.claim("nothing")


# the JSON Schema


@pytest.fixture
def validator(shelf: Shelf) -> jsonschema.Draft202012Validator:
    schema = card_schema(load_vocabulary(shelf.papers))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_accepts_what_the_loader_accepts(shelf: Shelf, validator: jsonschema.Draft202012Validator) -> None:
    for name in load_library(shelf.papers):
        assert [error.message for error in validator.iter_errors(parse_document(shelf.text(name), name).value)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "x"},
        {"venu": "x"},
        {"arxiv": 2501.1259},
        {"arxiv": "2501.12590v2"},
        {"kind": "papers"},
        {"topics": ["sum"]},
        {"methods": {"ppo": "x"}},
        {"methods": {"grpo": 2}},
        {"venue": None},
        {"authors": []},
        {"links": {"code": "ftp://a.example"}},
        {"date": "22.1.2025"},
        {"notes": [{"kind": "fact", "text": "x"}]},
        {"provenance": None},
    ],
)
def test_the_schema_refuses_what_an_editor_should_underline(
    good: dict[str, Any], validator: jsonschema.Draft202012Validator, change: dict[str, Any]
) -> None:
    assert list(validator.iter_errors(good)) == []
    assert list(validator.iter_errors(good | change))


def test_the_schema_wants_exactly_one_of_reported_and_its_reason(
    good: dict[str, Any], validator: jsonschema.Draft202012Validator
) -> None:
    good["claims"][0]["reported_missing"] = "x"
    assert list(validator.iter_errors(good))
    del good["claims"][0]["reported"]
    assert list(validator.iter_errors(good)) == []
    good["claims"][0]["source"]["place"] = None
    assert list(validator.iter_errors(good)) == []


def test_every_key_of_the_schema_has_a_description(validator: jsonschema.Draft202012Validator) -> None:
    schema = validator.schema
    assert isinstance(schema, dict)
    for name, part in {"Card": schema, **schema["$defs"]}.items():
        assert part["description"], name
        for key, value in part["properties"].items():
            assert value.get("description"), f"{name}.{key}"
            assert "title" not in value and "default" not in value and "anyOf" not in value


def test_editors_find_each_term_with_its_sentence(validator: jsonschema.Draft202012Validator) -> None:
    schema = validator.schema
    assert isinstance(schema, dict)
    assert schema["properties"]["methods"]["properties"]["counting"]["description"] == "Counting: One after the other."
    assert schema["properties"]["topics"]["items"]["enum"] == ["sums", "patience"]
    assert schema["$defs"]["Claim"]["properties"]["question"]["maxItems"] == 2


def test_the_patterns_of_the_schema_are_plain_enough_for_editors(validator: jsonschema.Draft202012Validator) -> None:
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(validator.schema))
    assert patterns
    for pattern in map(json.loads, patterns):
        # JavaScript knows neither look-behind nor escapes of letters that mean nothing, under its flag u
        assert "(?<" not in pattern and "(?P" not in pattern and '\\"' not in pattern


def test_the_schema_is_printed_on_stdout_and_written_where_editors_look(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    print_schema(shelf.root)
    printed = capsys.readouterr()
    assert json.loads(printed.out)["additionalProperties"] is False
    assert printed.err == ""
    print_schema(shelf.root, write=True)
    assert (shelf.papers / SCHEMA_FILE).read_text(encoding="utf-8") == printed.out
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "wrote papers/card.schema.json\n")


def test_no_schema_is_made_of_a_broken_vocabulary(shelf: Shelf) -> None:
    shelf.spoil("_vocabulary", "topics:", "topic:")
    with pytest.raises(InvalidLibrary, match="did you mean `topics`"):
        print_schema(shelf.root, write=True)
    assert not (shelf.papers / SCHEMA_FILE).exists()


@pytest.mark.skipif(not HAS_CARDS, reason="no cards here")
def test_the_committed_schema_is_fresh() -> None:
    committed = (ROOT / "papers" / SCHEMA_FILE).read_text(encoding="utf-8")
    assert committed == schema_text(ROOT), "run `tooling schema --write`"


@pytest.mark.skipif(not HAS_CARDS, reason="no cards here")
def test_the_committed_schema_accepts_every_real_card() -> None:
    schema = json.loads((ROOT / "papers" / SCHEMA_FILE).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    cards = [file for file in sorted((ROOT / "papers").glob("*.yaml")) if not file.name.startswith("_")]
    assert cards
    for file in cards:
        errors = [error.message for error in validator.iter_errors(read_document(file, file.name).value)]
        assert errors == [], file.name


def test_the_keys_of_a_card_stand_in_the_order_of_the_contract() -> None:
    assert list(Card.model_fields) == [
        "slug", "kind", "draft", "title", "authors", "arxiv", "version_read", "version_latest", "withdrawn", "date",
        "category", "venue", "topics", "methods", "models",
        "benchmarks", "links", "summary", "results", "notes", "claims", "related", "aliases", "responses", "repro",
        "citation_key", "provenance",
    ]  # fmt: skip
