"""Sections of lists are told apart: those that are topics of the vocabulary, and those that are not."""

import pytest

from tooling.cards.section import topic_of
from tooling.cards.vocabulary import Term

TOPICS = {
    "efficiency": Term(name="Efficient reasoning", text="A topic.", aliases=("overthinking", "length control")),
    "process-rewards": Term(name="Process rewards", text="A topic.", aliases=("PRM",)),
    "data": Term(name="Data", text="A topic."),
    "code": Term(name="Code", text="A topic."),
}
SECTIONS = {
    "Efficient Reasoning": "efficiency",
    "efficiency": "efficiency",
    "Efficiency (23)": "efficiency",
    "\N{FIRE} Efficient reasoning": "efficiency",
    "3.2 Overthinking": "efficiency",
    "Process Reward (after o1)": "process-rewards",
    "Proces Rewards": "process-rewards",
    "PRMs": "process-rewards",
    "Data": "data",
    "Date": None,
    "Code and data": None,
    "Papers": None,
    "2025": None,
    "": None,
}


@pytest.mark.parametrize(("section", "topic"), SECTIONS.items())
def test_a_section_is_a_topic_by_name_alias_or_spelling(section: str, topic: str | None) -> None:
    assert topic_of([section], TOPICS) == topic


def test_the_innermost_section_that_is_a_topic_counts() -> None:
    assert topic_of(["Efficiency", "Process rewards"], TOPICS) == "process-rewards"
    assert topic_of(["Efficiency", "2025"], TOPICS) == "efficiency"
    assert topic_of([], TOPICS) is None
    assert topic_of(["Efficiency"], {}) is None
