"""The benchmark of the site says what misses its bar, and what it could not measure."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.benchmarks import site
from tests.benchmarks.site import SIZES, Bar, Row, growth, over, page_rows, recalled, slowest
from tests.browser.queries import QUERIES

REAL, MIDDLE, LAST = SIZES


def built(*cpu_seconds: float) -> list[Row]:
    """The rows of a build at each size."""
    return [Row("build", size, taken, "CPU s", Bar(90)) for size, taken in zip(SIZES, cpu_seconds, strict=False)]


def test_a_figure_over_its_bar_is_named_with_both() -> None:
    assert over(built(5, 20, 90)) == []
    assert over(built(5, 20, 91.5)) == ["build at 5,000 cards: 91.5 CPU s, at most 90"]


def test_some_figures_have_a_least() -> None:
    recall = Row("recall", REAL, 94.9, "%", Bar(95, "at least"))
    assert over([recall]) == [f"recall at {REAL} cards: 94.9 %, at least 95"]
    assert over([recall._replace(value=95)]) == over([recall._replace(bar=None)]) == []


def test_a_card_may_take_half_as_long_again_in_a_larger_library() -> None:
    [kept], [missed] = growth(built(5, 10, 75)), growth(built(5, 10, 76))
    assert (kept.value, kept.cards, over([kept])) == (1.5, LAST, [])
    assert over([missed]) == [f"build of a card, against {MIDDLE:,} cards at {LAST:,} cards: 1.52 times, at most 1.5"]


def test_where_a_size_was_left_out_there_is_no_growth() -> None:
    assert growth(built(5, 10)) == growth(built(5)) == []


@contextmanager
def no_chromium() -> Iterator[None]:
    """A machine without the browser."""
    raise FileNotFoundError("no `chromium` on this machine")
    yield


def test_without_a_browser_the_figures_are_lacking_and_said_to_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    conftest = pytest.importorskip("tests.browser.conftest")
    monkeypatch.setattr(conftest, "launched", no_chromium)
    with site.browser() as chromium:
        rows = page_rows(chromium, tmp_path, LAST)
    assert len(rows) == 2 and all(row.value is None for row in rows)
    assert [line.partition("; ")[2] for line in over(rows)] == ["no `chromium` on this machine"] * 2


def test_a_choice_counts_at_its_best_and_the_worst_of_them_tells() -> None:
    rounds = [{f"topic: {number}": 10.0 * number + turn for number in range(10)} for turn in (5, 0, 900)]
    assert slowest(rounds) == 90
    with pytest.raises(RuntimeError, match="only 3 choices"):
        slowest([{"a": 1.0, "b": 1.0, "c": 1.0}])


def test_a_copy_of_a_card_is_found_in_place_of_the_card_and_another_card_is_not() -> None:
    wanted = list(QUERIES.values())
    copies = [f"{page.rstrip('/')}-4711/" if page.startswith("papers/") else page for page in wanted]
    assert recalled([[page] for page in wanted]) == recalled([["about/", page] for page in copies]) == 100
    # a real card whose name ends in a number is no copy
    assert recalled([["papers/open-r1-issue-100/"]] * len(wanted)) == 0
