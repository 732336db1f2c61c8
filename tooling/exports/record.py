"""A work as one line of JSON: its card with each verdict on each claim; and the JSON Schema of such a line."""

import json
from collections.abc import Mapping
from typing import Any

from tooling.cards import Card
from tooling.cards.reference import doi
from tooling.exports.collection import Collection
from tooling.exports.text import plain
from tooling.pages.citation import cited
from tooling.pages.survey import VERDICTS, Evidence, Finding

TEXT = {"type": "string"}
NUMBER = {"type": ["number", "null"]}
VERDICT = {
    "cite": {**TEXT, "description": "The verdict with scale, recording and commit, as one cites it."},
    "words": {**TEXT, "description": "The verdict with its scale: `contradicted in miniature`."},
    "verdict": {"enum": list(VERDICTS[:3]), "description": "Never to be quoted without the scale."},
    "scale": {"enum": ["paper", "gpu", "mini"]},
    "estimate": NUMBER,
    "low": {**NUMBER, "description": "Lower end of the interval."},
    "high": {**NUMBER, "description": "Upper end of the interval."},
    "level": {"type": "number", "description": "Level of the interval: 0.95."},
    "unit": TEXT,
    "margin": {"type": "number", "description": "The smallest effect that would matter."},
    "seeds": {"type": "array", "items": {"type": "integer"}},
    "scope": {**TEXT, "description": "What was run."},
    "why": {"type": ["string", "null"], "description": "Why an inconclusive verdict decides nothing."},
    "recording": {"type": "integer", "minimum": 1},
    "commit": {"type": ["string", "null"]},
    "script": TEXT,
    "started": TEXT,
    "stale": {"type": "boolean", "description": "Whether something that it rests on has changed since."},
}


def jsonl(collection: Collection) -> str:
    """The works as JSON lines."""
    return "".join(json.dumps(record(collection, card), ensure_ascii=False) + "\n" for card in collection.cards)


def record(collection: Collection, card: Card) -> dict[str, Any]:
    """The work as plain data: where its page is, its DOI, all keys of the card, and the verdicts on its claims."""
    kept = card.model_dump(mode="json")
    findings = collection.survey.of(card)
    kept["claims"] = [{**claim, **_judged(finding)} for claim, finding in zip(kept["claims"], findings, strict=True)]
    return {"page": collection.page(card.slug), "doi": doi(card) or None, **kept}


def _judged(finding: Finding) -> Mapping[str, Any]:
    return {"key": finding.key, "verdict": finding.words, "verdicts": [decision(each) for each in finding.recorded]}


def decision(evidence: Evidence) -> dict[str, Any]:
    """A verdict as plain data, the strongest scale's first on each claim."""
    claim, result = evidence.claim, evidence.result
    return {
        "cite": cited(evidence),
        "words": evidence.words,
        "verdict": claim.verdict,
        "scale": evidence.scale,
        **{name: getattr(claim, name) for name in ("estimate", "low", "high", "level")},
        "unit": plain(claim.unit),
        "margin": claim.margin,
        "seeds": list(claim.seeds),
        "scope": plain(claim.scope),
        "why": plain(claim.why) if claim.why else None,
        **{name: getattr(result, name) for name in ("recording", "commit", "script", "started")},
        "stale": bool(result.stale),
    }


def schema(collection: Collection) -> str:
    """The JSON Schema of a line of `jsonl`; it depends on no work."""
    made = Card.model_json_schema()
    parts = made["$defs"]
    _add(
        parts["Claim"],
        {"key": TEXT, "verdict": TEXT, "verdicts": {"type": "array", "items": {"$ref": "#/$defs/Verdict"}}},
    )
    _add(made, {"page": TEXT, "doi": {"type": ["string", "null"]}})
    for part in (made, *parts.values()):
        # a line has every key; what is not on the card is null or empty
        part["required"] = list(part["properties"])
    parts["Verdict"] = {
        "type": "object",
        "description": "One recorded verdict on a claim.",
        "properties": VERDICT,
        "required": list(VERDICT),
        "additionalProperties": False,
    }
    made["title"], made["description"] = "Work", "A work of the survey with the verdicts on its claims: one line."
    full = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
    return json.dumps(full, indent=1, ensure_ascii=False) + "\n"


def _add(part: dict[str, Any], properties: Mapping[str, Any]) -> None:
    part["properties"] |= properties
