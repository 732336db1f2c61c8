"""Terms are suggested where a text mentions them, and not where it only sounds like them."""

import pytest

from tooling.cards.mention import mentioned
from tooling.cards.vocabulary import Term

TERMS = {
    "grpo": Term(name="GRPO", text="A method.", aliases=("Group Relative Policy Optimization",)),
    "dr-grpo": Term(name="Dr. GRPO", text="A method."),
    "star": Term(name="STaR", text="A method."),
    "prm": Term(name="Process reward model", text="A model.", aliases=("PRM",)),
    "tools": Term(name="Agents and tools", text="A topic.", aliases=("tools",)),
    "tts": Term(name="Test-time scaling", text="A topic."),
}
MENTIONS = {
    "We use GRPO.": ["grpo"],
    "A GRPO-based method": ["grpo"],
    "group relative  policy optimization": ["grpo"],
    "We use Dr. GRPO": ["dr-grpo"],
    "We use Dr. GRPO and GRPO": ["grpo", "dr-grpo"],
    "a star is born; grpo in lower case": [],
    "S-GRPO, GRPOX and Quiet-STaR are others": [],
    "PRMs and process reward models": ["prm"],
    "test time scaling": ["tts"],
    "with tools": [],
    "(GRPO)": ["grpo"],
}


@pytest.mark.parametrize(("abstract", "expected"), MENTIONS.items())
def test_an_abstract_mentions_terms_by_name(abstract: str, expected: list[str]) -> None:
    assert mentioned(TERMS, title="A title", abstract=abstract) == expected


def test_a_plain_word_counts_in_the_title_only() -> None:
    assert mentioned(TERMS, title="Learning with tools", abstract="") == ["tools"]


def test_no_terms_are_mentioned_by_nothing() -> None:
    assert mentioned(TERMS, title="", abstract="") == []
    assert mentioned({}, title="GRPO", abstract="GRPO") == []
