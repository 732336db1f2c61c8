"""Reading the library: what is strict about it, and how it says what is wrong."""

import os
import random
import time
from pathlib import Path

import pytest
import yaml

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards import Card, InvalidLibrary, Library, load_library
from tooling.cards.document import SIZE_LIMIT_BYTES, parse_document
from tooling.cards.load import load_vocabulary, parse_card, read_library
from tooling.errors import Invalid, NotFound

REAL = Path(__file__).parents[2] / "papers"
LOADERS = [yaml.BaseLoader, *([yaml.CBaseLoader] if hasattr(yaml, "CBaseLoader") else [])]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


def found(shelf: Shelf) -> list[str]:
    return [str(problem) for problem in read_library(shelf.papers).problems]


# what a sound library gives


def test_a_sound_library_has_every_fact_of_its_files(shelf: Shelf) -> None:
    library = load_library(shelf.papers)
    card = library["counting-aloud"]
    assert list(library) == ["counting-aloud", "silent-sums", "waiting-room"]
    assert (card.slug, card.arxiv, card.version_read, card.date) == ("counting-aloud", "2501.12590", 2, "2025-01-22")
    assert card.authors == ("Ada Bead", "Jörg Ünal", "The Abacus Team")
    assert card.methods == {"grpo": "v1, January 2025", "counting": ""}
    assert card.links["code"] == "https://github.com/abacus/counting-aloud"
    assert card.claims[0].source.place == "Table 2"
    assert card.claims[1].source.place is None
    assert card.claims[1].reported is None
    assert card.provenance.survey is not None
    assert card.provenance.survey.date_given == "2025 Jan"


def test_cards_come_in_the_order_of_their_slugs_and_are_found_by_slug_and_claim_key(shelf: Shelf) -> None:
    library = load_library(shelf.papers)
    assert len(library) == 3
    assert "silent-sums" in library and "nobody" not in library
    assert library.claim("silent-sums/silence-is-enough").statement == "Silence is enough."
    assert [key for key, _ in library.claims()] == [
        "counting-aloud/aloud-beats-silent",
        "counting-aloud/twice-the-price",
        "silent-sums/silence-is-enough",
    ]
    for key in ("nobody/silence", "silent-sums/noise", "silent-sums"):
        with pytest.raises(KeyError):
            library.claim(key)


def test_the_vocabulary_keeps_the_order_of_its_file(shelf: Shelf) -> None:
    vocabulary = load_library(shelf.papers).vocabulary
    assert list(vocabulary.topics) == ["sums", "patience"]
    assert vocabulary.topics["sums"].name == "Sums"
    assert vocabulary.questions["what-it-costs"].short == "Cost"
    assert vocabulary.section("methods")["grpo"].aliases == ("Group Relative Policy Optimization",)
    with pytest.raises(KeyError):
        vocabulary.section("model_config")


def test_an_unquoted_date_stays_text(shelf: Shelf) -> None:
    assert load_library(shelf.papers)["silent-sums"].date == "1999-01-04"


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "12:30", "1_000", "2025-03-26", "0x1F"])
def test_what_other_yaml_readers_convert_stays_text(shelf: Shelf, word: str) -> None:
    shelf.spoil("silent-sums", "title: Silent Sums", f"title: {word}")
    assert load_library(shelf.papers)["silent-sums"].title == word


def test_a_card_without_judgement_is_valid_as_add_paper_writes_it(shelf: Shelf) -> None:
    card = load_library(shelf.papers)["waiting-room"]
    assert (card.summary, card.topics, card.claims) == (None, (), ())


def test_cards_do_not_change_after_reading(shelf: Shelf) -> None:
    card = load_library(shelf.papers)["silent-sums"]
    with pytest.raises(ValueError):
        card.title = "Loud Sums"  # type: ignore[misc]
    assert isinstance(card.authors, tuple)


def test_other_yaml_files_that_begin_with_an_underscore_are_no_cards(shelf: Shelf) -> None:
    shelf.write("_errors", "- anything")
    assert len(load_library(shelf.papers)) == 3


def test_a_missing_folder_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        load_library(tmp_path / "papers")


def test_a_library_can_be_made_of_cards_in_hand(shelf: Shelf) -> None:
    whole = load_library(shelf.papers)
    part = Library({"silent-sums": whole["silent-sums"]}, vocabulary=whole.vocabulary, folder=shelf.papers)
    assert list(part) == ["silent-sums"]
    assert repr(part).endswith("1 cards)")


# each kind of broken card: one line, with file and line


def test_an_unquoted_id_is_refused_with_the_remedy(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "arxiv: '2501.12590'", "arxiv: 2501.12590")
    assert found(shelf) == [
        'papers/counting-aloud.yaml:7: `arxiv` was read as the number 2501.1259; quote it: "2501.12590"'
    ]


def test_an_unknown_key_is_refused_with_a_suggestion(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "venue:", "venu:")
    assert found(shelf) == [
        "papers/counting-aloud.yaml:10: `venu` is not a key of a card; did you mean `venue`?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("date:", "date:", "{minted}"),
        ("authors:", "autors:", "..."),
        ("date: ", "date: soon # ", "..."),
    ],
)
def test_a_missing_citation_key_is_proposed_from_the_card_itself(shelf: Shelf, old: str, new: str, key: str) -> None:
    minted = shelf.library()["waiting-room"].citation_key
    shelf.spoil("waiting-room", "citation_key:", "# ")
    shelf.spoil("waiting-room", old, new)
    said = f"the file has no `citation_key`; add `citation_key: {key.format(minted=minted)}`"
    assert any(line.endswith(said) for line in found(shelf))


def test_a_misspelt_required_key_is_named_as_unknown_and_as_missing(shelf: Shelf) -> None:
    shelf.spoil("waiting-room", "authors:", "autors:")
    assert found(shelf) == [
        "papers/waiting-room.yaml:2: the file has no `authors`; add `authors: ...`",
        "papers/waiting-room.yaml:4: `autors` is not a key of a card; did you mean `authors`?",
    ]


def test_a_duplicate_key_is_refused_at_its_second_place(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "topics: [sums]", "topics: [sums]\ntitle: Loud Sums")
    assert found(shelf) == [
        "papers/silent-sums.yaml:8: `title` stands twice (first in line 2); keep one of the two",
    ]


def test_a_duplicate_key_inside_a_claim_is_refused(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "    place: Table 2", "    place: Table 2\n    place: Table 3")
    assert found(shelf) == [
        "papers/counting-aloud.yaml:35: `claims[0].source.place` stands twice (first in line 34); keep one of the two",
    ]


def test_the_second_of_two_equal_keys_does_not_move_the_lines_of_the_first(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "links: {paper: 'https", "links: {paper: 'ftp")
    shelf.spoil("silent-sums", "summary:", "links:\n  paper: https://a.example\nsummary:")
    assert [(problem.line, problem.code) for problem in read_library(shelf.papers).problems] == [
        (9, "not-an-address"),
        (10, "duplicate-key"),
    ]


def test_a_card_whose_only_problem_is_a_duplicate_key_is_left_out(shelf: Shelf) -> None:
    shelf.spoil("waiting-room", "kind: blog", "kind: blog\nkind: blog")
    assert read_library(shelf.papers).library.broken == {"waiting-room"}


def test_the_slug_is_not_suggested_as_a_key(shelf: Shelf) -> None:
    shelf.spoil("waiting-room", "kind: blog", "slugg: x\nkind: blog")
    assert "did you mean" not in found(shelf)[0]


def test_a_place_that_does_not_exist_has_the_line_of_what_is_around_it() -> None:
    document = parse_document("# comment\na:\n- b: 1\n", "x")
    assert [document.line(place) for place in [(), ("z",), ("a", 0, "b"), ("a", 0, "c"), ("a", 1)]] == [2, 2, 3, 3, 2]
    assert parse_document("", "x").line(("a",)) == 1


def test_a_claim_without_a_source_is_named_by_its_id(shelf: Shelf) -> None:
    shelf.spoil(
        "counting-aloud",
        "  source: {address: 'https://arxiv.org/abs/2501.12590', place: null, confidence: unlocated}\n",
        "",
    )
    assert found(shelf) == [
        "papers/counting-aloud.yaml:40: `claims[1]` (`twice-the-price`) has no `source`; "
        "add `source: {address: ..., place: ..., confidence: ...}`",
    ]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("title: a: b", 1, "a text with `: ` in it has no quotes"),
        ("kind: paper\ntitle: 'open\nauthors: []\n", 2, "a quotation mark that opens here is not closed"),
        ('kind: paper\ntitle: "open\n', 2, "a quotation mark that opens here is not closed"),
        ("kind: paper\nauthors:\n\t- A\n", 3, "a tab stands where YAML wants spaces"),
        ("kind: paper\ntitle: @home\n", 2, "a text begins with `@`"),
        ("kind: paper\ntitle: `x`\n", 2, "a text begins with `'`"),
        ("kind: paper\njust words\ntitle: x\n", 3, "a line above is neither `key: value` nor indented"),
        ("kind: paper\n  title: x\n", 2, "a text with `: ` in it has no quotes"),
        ("kind: paper\nauthors:\n- A\n  - B\n- C: [\n", 6, "a bracket or brace is not closed"),
        ("a: 1\n- b\n", 2, "the indentation does not fit the lines above"),
        ("kind: paper\n---\nkind: blog\n", 2, "a second document begins here"),
        ("title: x\x07\n", 1, "a character stands here that YAML does not allow"),
        ("kind: paper\ntitle: %x\n", 2, "a text begins with `%`"),
        ('kind: "\\q"\n', 1, "a quotation mark"),
        ("? [a]\n: b\n", 1, "a list or mapping stands where a key belongs"),
    ],
)
@pytest.mark.parametrize("loader", LOADERS)
def test_bad_yaml_is_one_line_in_our_words(text: str, line: int, says: str, loader: type) -> None:
    document = parse_document(text, "papers/x.yaml", loader=loader)
    assert document.value is None
    assert len(document.problems) == 1
    problem = document.problems[0]
    if "\\q" not in text:
        assert says in problem.message
        assert problem.line == line
    assert "\n" not in str(problem) and problem.remedy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- kind: paper\n", "the file holds a list where `key: value` lines belong"),
        ("paper\n", "the file holds text where `key: value` lines belong"),
    ],
)
def test_a_file_that_is_no_mapping_says_so(shelf: Shelf, text: str, says: str) -> None:
    shelf.write("waiting-room", text)
    assert [problem.message for problem in read_library(shelf.papers).problems] == [says]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("&a text", "alias"),
        ("*a", "alias"),
        ("!!python/object/apply:os.system ['true']", "tag"),
        ("!secret x", "tag"),
    ],
)
@pytest.mark.parametrize("loader", LOADERS)
def test_anchors_aliases_and_tags_are_refused(value: str, code: str, loader: type) -> None:
    document = parse_document(f"kind: paper\ntitle: {value}\n", "papers/x.yaml", loader=loader)
    assert [(problem.line, problem.code) for problem in document.problems] == [(2, code)]


def test_a_billion_laughs_are_refused_at_the_first(shelf: Shelf) -> None:
    laughs = "a: &a [ha, ha]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    shelf.write("waiting-room", laughs)
    started = time.perf_counter()
    assert found(shelf) == ["papers/waiting-room.yaml:1: the anchor `&a` is not allowed; delete it, or quote the text"]
    assert time.perf_counter() - started < 2


def test_a_merge_key_is_only_an_unknown_key(shelf: Shelf) -> None:
    shelf.write("waiting-room", shelf.text("waiting-room") + "<<: {title: x}\n")
    assert [problem.code for problem in read_library(shelf.papers).problems] == ["unknown-key"]


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "? "])
@pytest.mark.parametrize("loader", LOADERS)
def test_deep_nesting_is_refused_and_no_crash(opening: str, loader: type) -> None:
    document = parse_document("kind: " + opening * 20000 if opening in "[{a: " else opening * 20000, "x", loader=loader)
    assert [problem.code for problem in document.problems] in (["too-deep"], ["yaml"])


def test_a_file_that_is_too_large_is_refused(shelf: Shelf) -> None:
    shelf.write("waiting-room", "# " + "x" * SIZE_LIMIT_BYTES)
    assert found(shelf) == ["papers/waiting-room.yaml:1: the file is larger than 512 KiB; shorten it"]


def test_a_file_that_is_not_utf8_is_refused_with_the_line(shelf: Shelf) -> None:
    (shelf.papers / "waiting-room.yaml").write_bytes(b"kind: blog\ntitle: Caf\xe9\n")
    assert found(shelf) == ["papers/waiting-room.yaml:2: the file is not UTF-8; save the file as UTF-8"]


def test_a_byte_order_mark_is_harmless(shelf: Shelf) -> None:
    (shelf.papers / "waiting-room.yaml").write_bytes(b"\xef\xbb\xbf" + shelf.text("waiting-room").encode())
    assert found(shelf) == []


def test_windows_line_ends_are_harmless_and_keep_the_lines(shelf: Shelf) -> None:
    text = shelf.text("silent-sums").replace("title:", "titel:").replace("\n", "\r\n")
    (shelf.papers / "silent-sums.yaml").write_bytes(text.encode())
    assert [problem.line for problem in read_library(shelf.papers).problems] == [1, 2]


def test_what_is_no_regular_file_is_refused_and_not_waited_for(shelf: Shelf) -> None:
    (shelf.papers / "folder.yaml").mkdir()
    (shelf.papers / "nowhere.yaml").symlink_to("missing")
    os.mkfifo(shelf.papers / "pipe.yaml")
    assert [problem.code for problem in read_library(shelf.papers).problems] == ["unreadable"] * 3


def test_a_card_with_the_ending_yml_is_not_silently_left_out(shelf: Shelf) -> None:
    (shelf.papers / "waiting-room.yaml").rename(shelf.papers / "waiting-room.yml")
    assert found(shelf) == [
        "papers/waiting-room.yml:1: a card's file ends in `.yaml`; rename it to `waiting-room.yaml`"
    ]


def test_a_stem_that_is_not_kebab_case_is_refused_with_a_better_one(shelf: Shelf) -> None:
    (shelf.papers / "waiting-room.yaml").rename(shelf.papers / "Waiting_Room.yaml")
    assert found(shelf) == [
        "papers/Waiting_Room.yaml:2: the file has a name that is not in kebab-case; rename it to `waiting-room.yaml`"
    ]


def test_a_slug_is_no_key(shelf: Shelf) -> None:
    shelf.spoil("waiting-room", "kind: blog", "slug: waiting-room\nkind: blog")
    assert found(shelf) == [
        "papers/waiting-room.yaml:2: `slug` is not a key of a card; delete it: the slug is the file's name"
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"The \\u202eWaiting Room"', "the invisible character U+202E"),
        ('"\\e[31mRoom"', "the invisible character U+001B"),
        ("'The\tRoom'", "a tab"),
        ("The\u200bRoom", "the invisible character U+200B"),
    ],
)
def test_what_a_reader_would_not_see_is_refused_once_even_as_an_escape(shelf: Shelf, written: str, name: str) -> None:
    shelf.spoil("waiting-room", "title: The Waiting Room", f"title: {written}")
    assert found(shelf) == [f"papers/waiting-room.yaml:3: `title` holds {name}; write a space, or delete it"]


def test_invisible_characters_in_details_and_keys_are_refused_too(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "'v1, January 2025'", '"v1\\u202e"')
    shelf.spoil("waiting-room", "title:", '"tit\\u200ble":')
    assert sorted((problem.line, problem.code) for problem in read_library(shelf.papers).problems) == [
        (2, "missing-key"),
        (3, "control-character"),
        (3, "unknown-key"),
        (12, "control-character"),
    ]


def test_a_missing_vocabulary_is_a_problem(shelf: Shelf) -> None:
    (shelf.papers / "_vocabulary.yaml").unlink()
    assert found(shelf) == ["papers/_vocabulary.yaml:1: there is no vocabulary; add the file with the terms"]
    with pytest.raises(InvalidLibrary):
        load_vocabulary(shelf.papers)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (", text: An article.", "", "papers/_vocabulary.yaml:3: `kinds.paper` has no `text`; add `text: ...`"),
        (
            "text: An article.",
            "text: ",
            "papers/_vocabulary.yaml:3: `kinds.paper.text` is empty; "
            "fill it, or leave the key out where it is optional",
        ),
        (
            "counting:",
            "Counting:",
            "papers/_vocabulary.yaml:10: `methods.Counting` is not in kebab-case: `Counting`; write `counting`",
        ),
        (", short: Cost", "", "papers/_vocabulary.yaml:17: `questions.what-it-costs` has no `short`; add `short: ...`"),
        ("models:", "model:", "papers/_vocabulary.yaml:2: the file has no `models`; add `models: ...`"),
    ],
)
def test_a_broken_vocabulary_is_named_with_its_line(shelf: Shelf, old: str, new: str, line: str) -> None:
    shelf.spoil("_vocabulary", old, new)
    assert line in found(shelf)


# all problems at once


def test_two_problems_in_two_files_are_both_reported_at_once(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "arxiv: '2501.12590'", "arxiv: 2501.12590")
    shelf.spoil("silent-sums", "title:", "titel:")
    with pytest.raises(InvalidLibrary) as caught:
        load_library(shelf.papers)
    assert isinstance(caught.value, Invalid)
    assert [(problem.path, problem.line) for problem in caught.value.problems] == [
        ("papers/counting-aloud.yaml", 7),
        ("papers/silent-sums.yaml", 1),
        ("papers/silent-sums.yaml", 2),
    ]
    assert str(caught.value).splitlines()[0] == "3 problems in 2 files"
    assert len(str(caught.value).splitlines()) == 4


def test_many_problems_of_one_file_are_reported_at_once(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "version_read: 2", "version_read: two")
    shelf.spoil("counting-aloud", "date: '2025-01-22'", "date: '2025-02-30'")
    shelf.spoil("counting-aloud", "  code: https", "  cod: https")
    shelf.spoil("counting-aloud", "  reported: 12.1 to 30.4 per cent.\n", "")
    shelf.spoil("counting-aloud", "    confidence: paper", "    confidence: papers")
    assert [(problem.line, problem.code) for problem in read_library(shelf.papers).problems] == [
        (8, "wrong-type"),
        (9, "not-a-date"),
        (17, "unknown-key"),
        (29, "reported"),
        (34, "unknown-word"),
    ]


def test_a_broken_card_does_not_hide_the_others(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "version_read: 2", "version_read: two")
    library = read_library(shelf.papers).library
    assert list(library) == ["silent-sums", "waiting-room"]
    assert library.broken == {"counting-aloud"}


# one card from text


def test_a_card_is_parsed_from_text_as_from_its_file(shelf: Shelf) -> None:
    card = parse_card(shelf.text("silent-sums"), "silent-sums", shown="papers/silent-sums.yaml")
    assert card == load_library(shelf.papers)["silent-sums"]


def test_text_with_problems_names_them_under_the_given_path() -> None:
    with pytest.raises(InvalidLibrary, match=r"<stdin>:1: the file has no `kind`"):
        parse_card("title: x\n", "x", shown="<stdin>")


def test_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(InvalidLibrary, match="not allow"):
        parse_card("title: x\ud800\n", "x", shown="x.yaml")


@pytest.mark.parametrize("loader", LOADERS)
def test_both_yaml_readers_give_the_same_values_and_lines(shelf: Shelf, loader: type) -> None:
    for name in ("counting-aloud", "silent-sums", "_vocabulary"):
        fast = parse_document(shelf.text(name), "x")
        other = parse_document(shelf.text(name), "x", loader=loader)
        assert (other.value, other.lines, other.plain, other.problems) == (fast.value, fast.lines, fast.plain, [])


# whatever stands in a file, the answer is a card or problems


INJURIES = [
    *[
        "",
        "\n",
        "  ",
        ": ",
        "- ",
        "'",
        '"',
        "{",
        "}",
        "[",
        "]",
        "#",
        "&a ",
        "*a",
        "!!int ",
        "\t",
        "null",
        "12.50",
        "true",
    ],
    *["\x00", "\u202e", "é", "|", ">", "? ", "---\n", "%", "\r", "0" * 30, "\\", "1e999", "\ud800", "kind: x\n"],
]


def mutated(text: str, chance: random.Random) -> str:
    """The text with one to four small injuries."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        until = min(len(text), at + chance.randint(0, 12))
        text = text[:at] + chance.choice([*INJURIES, text[at : at + 40]]) + text[until:]
    return text


@pytest.mark.parametrize("seed", range(4))
def test_an_injured_card_is_a_card_or_problems_and_never_a_traceback(seed: int) -> None:
    chance = random.Random(seed)
    good = (Path(__file__).parent / "library" / "papers" / "counting-aloud.yaml").read_text(encoding="utf-8")
    broken = 0
    for _ in range(250):
        text = mutated(good, chance)
        try:
            assert isinstance(parse_card(text, "counting-aloud", shown="papers/x.yaml"), Card)
        except InvalidLibrary as error:
            broken += 1
            lines = text.replace("\r", "\n").count("\n") + 2
            for problem in error.problems:
                assert str(problem).isprintable()
                assert 1 <= problem.line <= lines
                assert problem.code and problem.remedy
                assert "pydantic" not in str(problem) and "Input should" not in str(problem)
                assert problem.code != "invalid"
    assert broken > 100


def junk_value(chance: random.Random, depth: int = 0) -> str:
    """A random YAML value in flow style."""
    kinds = ["text", "12", "1.5", "null", "true", "''", "'2025-01-01'", "https://a.example"]
    if depth < 3:
        kinds += ["list", "map"]
    kind = chance.choice(kinds)
    if kind == "list":
        return "[" + ", ".join(junk_value(chance, depth + 1) for _ in range(chance.randint(0, 3))) + "]"
    if kind == "map":
        keys = chance.sample(
            ["id", "text", "address", "kind", "source", "x", "paper", "sections"], chance.randint(0, 3)
        )
        return "{" + ", ".join(f"{key}: {junk_value(chance, depth + 1)}" for key in keys) + "}"
    return kind


def test_any_value_under_any_key_gives_problems_in_our_words() -> None:
    chance = random.Random(7)
    keys = [key for key in Card.model_fields if key != "slug"]
    for _ in range(600):
        text = "".join(f"{key}: {junk_value(chance)}\n" for key in chance.sample(keys, 8))
        with pytest.raises(InvalidLibrary) as caught:
            parse_card(text, "x", shown="papers/x.yaml")
        for problem in caught.value.problems:
            assert problem.code != "invalid", str(problem)
            assert 1 <= problem.line <= 8


# the real library, and how long it takes


@pytest.mark.skipif(not (REAL / "_vocabulary.yaml").exists(), reason="no cards here")
def test_the_real_library_loads_in_under_two_seconds() -> None:
    started = time.process_time()
    library = load_library(REAL)
    assert time.process_time() - started < 2
    assert len(library) >= 103
    assert sum(1 for _ in library.claims()) >= 264
