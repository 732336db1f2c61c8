"""What the exports are tried on: the real cards, and a card whose every text is awkward."""

from functools import cache
from pathlib import Path

from tests.pages.sample import card, claim_result, library, result, results
from tooling.cards import Card, load_library
from tooling.exports import Collection, on_site
from tooling.pages.survey import Survey
from tooling.runs.result import load_results

ROOT = Path(__file__).parents[2]
TITLES = (
    "=cmd|' /C calc'!A1",
    "'=already quoted",
    "+1 and -1 @home, = all",
    "Sums, \"quotes\", 'apostrophes' & <b>ampersands</b> | pipes; 100% #1 _x_ *y* `z` ~ ^",
    "$O(n \\log n)$ and \\alpha from $5 to $10 {braces} [a](javascript:b)",
    "# Heading 1. - + <script>alert(1)</script> ![x](y) &lt; ]]>",
    "2024. A year in review",
    "שלום עולם: العربية مع English",
    "深度学习 и ещё 𝔽 é",
)
PEOPLE = (
    "Ada Bead",
    "Leandro von Werra",
    "Max Quiet Jr.",
    "Jörg Ünal",
    "张三",
    "The Abacus Team",
    "AT&T Research",
    "DeepSeek-AI",
)


@cache
def real() -> Collection:
    """All cards of the survey with their recorded results."""
    shelf = load_library(ROOT / "papers")
    return Collection(Survey(shelf, load_results(ROOT)), tuple(shelf.values()), on_site("https://survey.example/"))


def awkward() -> Collection:
    """A work for each awkward title, with 200 authors and text that tries to be markup, and a verdict on the first."""
    people = (*PEOPLE, *(f"Author Number{'x' * (number % 7)} Q{chr(97 + number % 26)}" for number in range(192)))
    cards = [
        _card(f"work-{number}", title).model_copy(update={"authors": people}) for number, title in enumerate(TITLES)
    ]
    recorded = result("work-0", {"work-0/first-claim": claim_result(verdict="contradicted", scope=TITLES[3])})
    return Collection(Survey(library(*cards), results(recorded)), tuple(cards), on_site("https://survey.example/"))


def _card(slug: str, title: str) -> Card:
    kept = card(slug, title=title, venue="ICML 2025 (oral; R&D)")
    told = kept.claims[0].model_copy(update={"statement": title, "reported": f"{title}\nsecond line"})
    return kept.model_copy(update={"summary": f"{title} It found nothing.", "claims": (told,)})
