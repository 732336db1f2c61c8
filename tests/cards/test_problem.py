"""How problems are worded, wherever the words come from."""

import pytest

from tooling.cards.problem import (
    InvalidLibrary,
    Problem,
    counted,
    field_name,
    nearest,
    quoted,
    suggestion,
    tally,
)
from tooling.cards.value import kebab, sentences


def test_a_problem_reads_as_place_message_and_remedy() -> None:
    problem = Problem("papers/x.yaml", 2, "arxiv", "`arxiv` was read as the number 1", 'quote it: "1.0"', "not-quoted")
    assert str(problem) == 'papers/x.yaml:2: `arxiv` was read as the number 1; quote it: "1.0"'
    assert str(Problem("a", 1, "", "nothing works", "")) == "a:1: nothing works"


def test_the_error_lists_every_problem_in_the_order_of_files_and_lines() -> None:
    problems = [Problem("b", 1, "", "x", "y"), Problem("a", 10, "", "x", "y"), Problem("a", 9, "", "x", "y")]
    error = InvalidLibrary(problems)
    assert error.exit_code == 5
    assert str(error).splitlines() == ["3 problems in 2 files", "a:9: x; y", "a:10: x; y", "b:1: x; y"]
    assert tally(problems[:1]) == "1 problem in 1 file"
    assert counted(0, "card") == "0 cards"


def test_places_read_as_a_person_would_write_them() -> None:
    assert field_name(("claims", 2, "source", "address")) == "claims[2].source.address"
    assert field_name(()) == ""


def test_hostile_keys_and_values_stay_on_one_short_line() -> None:
    nasty = "a\n`b`\x1b[31m\u202ec" + "x" * 500
    for text in (quoted(nasty), field_name((nasty, 1))):
        assert text.isprintable() and len(text) <= 90
        assert text.strip("`").count("`") == 0


@pytest.mark.parametrize(("word", "meant"), [("autors", "authors"), ("AUTHORS", "authors"), ("zzz", None), ("", None)])
def test_a_suggestion_needs_some_likeness(word: str, meant: str | None) -> None:
    assert nearest(word, ["authors", "title"]) == meant
    wanted = f"did you mean `{meant}`?" if meant else "look it up"
    assert suggestion(word, ["authors", "title"], otherwise="look it up") == wanted


def test_a_very_long_word_is_compared_quickly() -> None:
    assert nearest("a" * 400_000, [f"term-{number}" for number in range(300)]) is None


@pytest.mark.parametrize(
    ("text", "slug"), [("Qwen2.5 Math", "qwen2-5-math"), ("Überholen!", "uberholen"), ("数学", ""), ("--a--b--", "a-b")]
)
def test_kebab_case_of_names(text: str, slug: str) -> None:
    assert kebab(text) == slug


@pytest.mark.parametrize(
    ("text", "number"),
    [("One. Two.", 2), ("One, e.g. this. Two (see Fig. 3)!", 2), ("It is 2.5 now", 0), ('He said "no." Then yes.', 2)],
)
def test_sentences_are_counted_roughly(text: str, number: int) -> None:
    assert sentences(text) == number
