"""A small library and its results, made up for the tests of the pages."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tooling.cards import Card, Library, Vocabulary
from tooling.runs.result import ArmResult, ClaimResult, Result, Results

VOCABULARY = Vocabulary.model_validate(
    {
        "kinds": {"paper": {"name": "Paper", "text": "An article."}},
        "topics": {
            "efficiency": {"name": "Efficient reasoning", "text": "Shorter thought.", "aliases": ["overthinking"]}
        },
        "methods": {"grpo": {"name": "GRPO", "text": "Groups.", "aliases": ["Group Relative Policy Optimization"]}},
        "models": {"qwen": {"name": "Qwen", "text": "A base model."}},
        "benchmarks": {"countdown": {"name": "Countdown", "text": "A puzzle."}},
        "questions": {
            "algorithm-details": {"name": "Which detail matters?", "short": "Details", "text": "What is at stake."},
            "what-scales": {"name": "What scales?", "short": "Scaling", "text": "What grows."},
        },
    }
)


def claim(claim_id: str, **changes: Any) -> dict[str, Any]:
    """The keys of a claim."""
    return {
        "id": claim_id,
        "statement": f"Statement of {claim_id}.",
        "reported": f"Figure of {claim_id}.",
        "source": {"address": "https://example.org/paper", "place": None, "confidence": "paper"},
        "test": f"Test of {claim_id}.",
        "question": ["algorithm-details"],
        "bearing": {"kind": "direct", "why": f"Bearing of {claim_id}."},
        **changes,
    }


def card(slug: str, **changes: Any) -> Card:
    """A valid card with one claim."""
    keys = {
        "slug": slug,
        "kind": "paper",
        "title": f"Title of {slug}",
        "authors": ["Ada One", "Ben Two"],
        "arxiv": "2503.20783",
        "date": "2025-03-26",
        "topics": ["efficiency"],
        "methods": {"grpo": "version 1"},
        "models": {"qwen": "7B"},
        "benchmarks": {"countdown": ""},
        "links": {"paper": "https://example.org/paper"},
        "summary": "It asked something. It found something else.",
        "claims": [claim("first-claim")],
        "citation_key": f"one2025{slug.replace('-', '')}",
        "provenance": {"sources": ["https://example.org/paper"]},
        **changes,
    }
    return Card.model_validate({name: value for name, value in keys.items() if value is not None})


def library(*cards: Card) -> Library:
    """A library of these cards."""
    return Library({card.slug: card for card in cards}, vocabulary=VOCABULARY, folder=Path("papers"))


def claim_result(**changes: Any) -> ClaimResult:
    """A decision: supported, +0.12 [+0.05, +0.19] pass@1 with a margin of 0.05."""
    decided = ClaimResult(
        verdict="supported",
        estimate=0.12,
        low=0.05,
        high=0.19,
        level=0.95,
        unit="pass@1",
        margin=0.05,
        region="above",
        side="above",
        rule="supported if it is so",
        seeds=(1000, 1001),
        contrast_per_seed=(0.1, 0.14),
        diverged=(),
        smallest_visible=0.04,
        fit=True,
        unfit=(),
        sensitivity=None,
        arms=("large", "small"),
        p_value=0.01,
        scope="0.6M parameters",
    )
    return replace(decided, **changes)


def result(slug: str, claims: Mapping[str, ClaimResult], **changes: Any) -> Result:
    """A recording at scale mini with two arms of two seeds."""
    arms = {
        name: ArmResult(
            note=f"the {name} base",
            settings={"recipe.width": width},
            measures={1000: {"pass@1": 0.2}, 1001: {"pass@1": 0.4}},
            curves={
                1000: {"step": [0, 10, 20], "pass@1": [0.1, None, 0.2]},
                1001: {"step": [0, 10], "pass@1": [0.3, 0.4]},
            },
        )
        for name, width in (("large", 96), ("small", 48))
    }
    recorded = Result(
        slug=slug,
        scale="mini",
        recording=1,
        quick=False,
        commit="4f1c9a7e" * 5,
        script=f"repro/{slug}/run.py",
        claims=claims,
        arms=arms,
        sizes={},
        hashes={},
        versions={"torch": "2.13.0"},
        device="2 cores",
        seconds=1411.0,
        tokens=2_104_000,
        cost_usd=0.021,
        price="$0.05 per core-hour",
        started="2026-11-22T21:00:00Z",
        history=(),
    )
    return replace(recorded, **changes)


def results(*recorded: Result, quick: tuple[Result, ...] = ()) -> Results:
    """Results by slug and scale."""
    return Results({one.slug: {one.scale: one} for one in recorded}, quick={one.slug: {"quick": one} for one in quick})
