"""`pages()` is a pure function of cards and results."""

import builtins
import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pages.sample import card, claim_result, library, result, results
from tooling.pages import pages

SCRIPTS = {"a": '"""Question?\n\nIdea: text."""'}


def inputs() -> tuple[Any, Any]:
    """A library of two cards with a recording."""
    return library(card("a"), card("b")), results(result("a", {"a/first-claim": claim_result()}))


def test_the_same_input_gives_the_same_pages_without_reading_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, recorded = inputs()
    before = list(pages(shelf, recorded, scripts=SCRIPTS))
    used: list[str] = []

    def watched(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:
            used.append(name)
            return original(*words, **named)

        return call

    with monkeypatch.context() as patched:
        for place, name in ((builtins, "open"), (io, "open"), (Path, "open"), (time, "time"), (os, "listdir")):
            patched.setattr(place, name, watched(name, getattr(place, name)))
        after = list(pages(shelf, recorded, scripts=SCRIPTS))
    assert used == []
    assert before == after


def test_paths_are_unique_and_every_page_names_its_source() -> None:
    made = list(pages(*inputs()))
    assert len({page.path for page in made}) == len(made)
    assert all(page.path.endswith(".md") and page.source.startswith("papers") for page in made)


def test_an_empty_library_makes_pages_all_the_same() -> None:
    assert {page.path for page in pages(library(), results())} >= {"claims/index.md", "works/index.md", "timeline.md"}


def test_a_term_has_a_page_when_several_works_use_it() -> None:
    few = {page.path for page in pages(*inputs())}
    many = {page.path for page in pages(library(card("a"), card("b"), card("c")), results())}
    assert "methods/grpo.md" not in few
    assert "methods/grpo.md" in many
    assert "topics/efficiency.md" in few
