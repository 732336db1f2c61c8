"""Slugs and citation keys: telling, in ASCII, and nobody else's."""

import re

import pytest

from tooling.cards.mint import family_name, mint_key, mint_slug
from tooling.cards.value import CITATION_KEY, SLUG

SLUGS = {
    "DeepSeek-R1: Incentivizing Reasoning Capability": "deepseek-r1",
    "Understanding R1-Zero-Like Training: A Critical Perspective": "understanding-r1-zero-like-training",
    "S*: Test Time Scaling for Code Generation": "s-test-time-scaling",
    "s1: Simple test-time scaling": "s1",
    "RL's Razor: Why Online Reinforcement Learning Forgets Less": "rls-razor",
    "RL\u2019s Razor": "rls-razor",
    "τ-bench: A Benchmark for Agents": "tau-bench",
    "π₀: A Flow Model": "pi0",
    "Scaling Laws for the Downstream": "scaling-laws-for-the-downstream",
    "The Art of Scaling Compute for the Rest": "the-art-of-scaling-compute",
    "Rényi's Entropy in Ålesund": "renyis-entropy-in-alesund",
    "深度学习的推理": "arxiv-2503-20783",
}
FAMILIES = {
    "Zichen Liu": "liu",
    "Aäron van den Oord": "vandenoord",
    "Łukasz Kaiser": "kaiser",
    "Søren Ærøskøbing": "aeroskobing",
    "Martin Luther King Jr.": "king",
    "Pan, Jiayi": "pan",
    "DeepSeek-AI": "deepseekai",
    "The Qwen Team": "qwenteam",
    "Gemini Team, Google": "geminiteam",
    "Madonna": "madonna",
    "李雷": "anonymous",
}


@pytest.mark.parametrize(("title", "slug"), SLUGS.items())
def test_a_slug_is_the_name_or_the_first_words_of_a_title(title: str, slug: str) -> None:
    assert mint_slug(title, (), fallback="arxiv 2503.20783") == slug
    assert re.fullmatch(SLUG, slug)


@pytest.mark.parametrize(("author", "family"), FAMILIES.items())
def test_a_family_name_is_spelled_in_ascii(author: str, family: str) -> None:
    assert family_name(author) == family


def test_a_taken_slug_gets_a_number() -> None:
    assert mint_slug("LIMO: Less is More", {"limo", "limo-2"}, fallback="x") == "limo-3"


def test_a_citation_key_is_author_year_and_telling_word() -> None:
    assert mint_key(["Zichen Liu"], "2025", title="Understanding R1-Zero", taken=()) == "liu2025understanding"
    assert mint_key(["Yang Yue"], "2025", title="Does Reinforcement Learning", taken=()) == "yue2025reinforcement"
    assert mint_key(["李雷"], "2025", title="学习", taken=()) == "anonymous2025"


def test_a_taken_citation_key_gets_a_letter_and_never_runs_out() -> None:
    taken: set[str] = set()
    for _ in range(60):
        key = mint_key(["Zichen Liu"], "2025", title="S* and more", taken=taken)
        assert re.fullmatch(CITATION_KEY, key)
        assert key not in taken
        taken.add(key)
    assert {"liu2025s", "liu2025sb", "liu2025sz", "liu2025s27"} <= taken
