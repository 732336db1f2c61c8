"""The models of a card and its parts, and their JSON Schema for editors.

Keys stand in the order in which a card's file has them; the description of a key says what belongs there.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from tooling.cards.problem import Fault, suggestion
from tooling.cards.value import (
    Address,
    Arxiv,
    Author,
    Category,
    CitationKey,
    ClaimKey,
    Day,
    Detail,
    Distinct,
    Items,
    Line,
    NotNull,
    OneOrTwo,
    Slug,
    Some,
    Source,
    Strictly,
    Summary,
    Text,
    refused,
)
from tooling.cards.vocabulary import Terms, Vocabulary

Version = Annotated[int, Field(ge=1)]
LinkKind = Literal["paper", "code", "weights", "data", "blog", "demo", "discussion"]
SCHEMA_FILE = "card.schema.json"


class ReportedResult(Strictly):
    """A result that the work or somebody else reports."""

    text: Text = Field(description="The result in our own words, with its figures.")
    source: Source = Field(description="Where it was read: an address, or `secondary: ...`.")


class Note(Strictly):
    """A remark about the work that is not a result."""

    kind: Literal["fact", "opinion", "uncertain", "erratum"] = Field(
        description="`opinion`: of who says it; `uncertain`: could not be confirmed; `erratum`: corrects the survey."
    )
    text: Text = Field(description="The remark in our own words.")
    by: Literal["survey", "curator", "catalogue"] = Field(description="Who says it.")


class ClaimSource(Strictly):
    """Where a claim's figure stands."""

    address: Address = Field(description="Address of the work, or of what reports the figure.")
    place: Line | None = Field(description="Table, figure or section; null where it was not located, never guessed.")
    confidence: Literal["paper", "author page", "secondary", "unlocated"] = Field(description="Kind of source.")

    @field_validator("confidence")
    @classmethod
    def _unlocated_has_no_place(cls, value: str, info: ValidationInfo) -> str:
        if value == "unlocated" and info.data.get("place") is not None:
            says = "is `unlocated` although `place` is given"
            raise refused(Fault("confidence", says, "name the kind of source, or set `place: null`"))
        return value


class Bearing(Strictly):
    """What a run in miniature can say about a claim."""

    kind: Literal["direct", "analogue", "none"] = Field(description="How near a miniature comes to the claim.")
    why: Text = Field(description="One sentence: what a miniature can say about it, or why it can say nothing.")


class Claim(Strictly):
    """A statement of the work that could turn out false."""

    id: Slug = Field(description="The sentence cut short: `wrong-answers-grow`. The claim's key is `<slug>/<id>`.")
    statement: Text = Field(description="The claim as one statement with a direction.")
    reported: Annotated[Text | None, NotNull] = Field(default=None, description="The work's own figure.")
    reported_missing: Text | None = Field(
        default=None, validate_default=True, description="Why there is no figure; stands instead of `reported`."
    )
    source: ClaimSource = Field(
        description="Where the figure stands.",
        examples=[{"address": "https://arxiv.org/abs/2503.20783", "place": None, "confidence": "unlocated"}],
    )
    test: Text = Field(description="How it could be tested in miniature, and what would support or contradict it.")
    question: OneOrTwo[Distinct[Slug]] = Field(description="One or two terms of `questions`.")
    bearing: Bearing = Field(
        description="What a miniature can say about it.", examples=[{"kind": "analogue", "why": "..."}]
    )
    untestable: Annotated[Text | None, NotNull] = Field(
        default=None, description="Why no run here can test it; only where `bearing.kind` is `none`."
    )
    contradicts: Distinct[ClaimKey] = Field(default=(), description="Claims of other works that it disagrees with.")
    supports: Distinct[ClaimKey] = Field(default=(), description="Claims of other works that it agrees with.")

    @field_validator("reported_missing")
    @classmethod
    def _reported_or_the_reason(cls, value: str | None, info: ValidationInfo) -> str | None:
        # a `reported` that is wrong in itself is not in `data`, and has its own fault
        if "reported" not in info.data:
            return value
        if value is None and info.data["reported"] is None:
            says = "has neither `reported` nor `reported_missing`"
            raise refused(
                Fault("reported", says, "give the work's figure, or the reason why there is none"), at=("..",)
            )
        if value is not None and info.data["reported"] is not None:
            raise refused(Fault("reported", "stands beside `reported`", "keep one of the two"))
        return value

    @model_validator(mode="after")
    def _missing_is_never_null(self) -> Self:
        # the default is validated too, so the field's own validator cannot tell null from an absent key
        if self.reported_missing is None and "reported_missing" in self.model_fields_set:
            raise refused(Fault("empty", "is empty", "fill it, or leave the key out"), at=("reported_missing",))
        return self

    @field_validator("untestable")
    @classmethod
    def _untestable_has_no_bearing(cls, value: str | None, info: ValidationInfo) -> str | None:
        bearing = info.data.get("bearing")
        if value is not None and bearing is not None and bearing.kind != "none":
            says = f"is given although `bearing.kind` is `{bearing.kind}`"
            raise refused(Fault("untestable", says, "set `bearing.kind: none`, or delete `untestable`"))
        return value


class Response(Strictly):
    """A reply of the authors, or another work's dispute."""

    text: Text = Field(description="What is replied or disputed, in our own words.")
    address: Address = Field(description="Where.")


class SurveyEntry(Strictly):
    """Where the curator's survey lists the work."""

    sections: Some[Items[Line]] = Field(description="Headings under which it stands.")
    date_given: Annotated[Line | None, NotNull] = Field(default=None, description="The survey's date, as written.")


class Provenance(Strictly):
    """Where the card's facts come from."""

    survey: Annotated[SurveyEntry | None, NotNull] = Field(default=None, description="Where the survey lists the work.")
    sources: Items[Source] = Field(default=(), description="Addresses, or `secondary: ...`.")
    fields: dict[str, Line] = Field(default={}, description="Key of the card -> where its value came from.")

    @field_validator("fields")
    @classmethod
    def _known_keys(cls, value: dict[str, str]) -> dict[str, str]:
        known = [key for key in Card.model_fields if key != "slug"]
        for key in value:
            if key.split(".")[0] not in known:
                remedy = suggestion(key, known, otherwise="name a key of the card")
                raise refused(Fault("unknown-key", "is not a key of a card", remedy), at=(key,))
        return value


class Card(Strictly):
    """What a work says and what the curator thinks of it: one file of `papers/`, whose stem is `slug`."""

    slug: Slug = Field(description="The file's stem: address of the page and name of the reproduction's folder.")
    kind: Slug = Field(description="Term of the vocabulary's `kinds`.", examples=["paper"])
    draft: Annotated[Literal[True] | None, NotNull] = Field(
        default=None, description="`true` where the card is shown although nobody has written summary and claims yet."
    )
    title: Line = Field(description="Exact title.")
    authors: Some[Items[Author]] = Field(description="All authors in order, as the work writes them.")
    arxiv: Annotated[Arxiv | None, NotNull] = Field(default=None, description="arXiv id, quoted, without version.")
    version_read: Annotated[Version | None, NotNull] = Field(default=None, description="arXiv version that was read.")
    version_latest: Annotated[Version | None, NotNull] = Field(
        default=None, description="Latest arXiv version where it is later than `version_read`; `refresh` writes it."
    )
    withdrawn: Annotated[Line | None, NotNull] = Field(
        default=None, description="That arXiv shows the work as withdrawn, and since which version."
    )
    date: Day = Field(description="First submission: YYYY-MM-DD, or YYYY-MM where the day is not known.")
    category: Annotated[Category | None, NotNull] = Field(
        default=None, description="arXiv's primary category, for BibTeX's `primaryClass`: `cs.LG`."
    )
    venue: Annotated[Line | None, NotNull] = Field(default=None, description="Where it was published: `ICLR 2026`.")
    topics: Distinct[Slug] = Field(default=(), description="Terms of the vocabulary's `topics`.")
    methods: dict[Slug, Detail] = Field(default={}, description="Term of `methods` -> what the work says of it.")
    models: dict[Slug, Detail] = Field(default={}, description="Term of `models` -> what the work says of it.")
    benchmarks: dict[Slug, Detail] = Field(default={}, description="Term of `benchmarks` -> what the work says of it.")
    links: dict[LinkKind, Address] = Field(default={}, description="Addresses; only those that exist.")
    summary: Annotated[Summary | None, NotNull] = Field(
        default=None, description="Two sentences: what was asked; what was found."
    )
    results: Items[ReportedResult] = Field(default=(), description="Reported results.")
    notes: Items[Note] = Field(default=(), description="Facts, opinions, uncertainties and corrections.")
    claims: Items[Claim] = Field(default=(), description="Statements that could turn out false.")
    related: Distinct[Slug] = Field(default=(), description="Slugs of related works.")
    aliases: Distinct[Slug] = Field(
        default=(), description="Earlier slugs of this card; addresses with them lead to it."
    )
    responses: Items[Response] = Field(default=(), description="Replies of authors, disputes by other works.")
    repro: Annotated[Line | None, NotNull] = Field(default=None, description="The reproduction: `repro/<slug>/run.py`.")
    citation_key: CitationKey = Field(description="Key of the BibTeX entry, unique.", examples=["pan2025tinyzero"])
    provenance: Provenance = Field(
        description="Where the facts come from.", examples=[{"sources": ["https://arxiv.org/abs/2503.20783"]}]
    )

    @field_validator("version_read")
    @classmethod
    def _version_of_something(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and "arxiv" in info.data and info.data["arxiv"] is None:
            raise refused(Fault("version_read", "is given without `arxiv`", 'add `arxiv: "..."`, or delete it'))
        return value

    @field_validator("claims")
    @classmethod
    def _claims_are_distinct(cls, value: tuple[Claim, ...]) -> tuple[Claim, ...]:
        ids = [claim.id for claim in value]
        for index, claim_id in enumerate(ids):
            if claim_id in ids[:index]:
                says = f"names two claims of this card: `{claim_id}`"
                raise refused(Fault("duplicate-claim", says, "give each claim an id of its own"), at=(index, "id"))
        return value

    @model_validator(mode="after")
    def _judged_cards_are_summarised(self) -> Self:
        # a card that `add-paper` has just made has no judgement yet; one with claims is shown as finished
        for key in ("topics", "summary"):
            if self.claims and not getattr(self, key):
                raise refused(Fault("missing-key", f"has claims but no `{key}`", f"add `{key}: ...`"))
        return self

    def claim(self, claim_id: str) -> Claim:
        """The claim with this id; raises `KeyError` where there is none."""
        for claim in self.claims:
            if claim.id == claim_id:
                return claim
        raise KeyError(f"{self.slug}/{claim_id}")

    def claim_key(self, claim: Claim) -> str:
        """The claim's full key, `<slug>/<id>`."""
        return f"{self.slug}/{claim.id}"


def card_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The JSON Schema of a card's file, in which editors find the vocabulary's terms with their sentences."""
    schema = Card.model_json_schema()
    properties, parts = schema["properties"], schema["$defs"]
    # the slug is the file's name, so no file has it as a key
    del properties["slug"]
    schema["required"].remove("slug")
    schema["description"] = "What a work says and what the curator thinks of it."
    for part in (schema, *parts.values()):
        for name, value in part["properties"].items():
            part["properties"][name] = _without_null(value)
    parts["ClaimSource"]["properties"]["place"] = {
        **parts["ClaimSource"]["properties"]["place"],
        "type": ["string", "null"],
    }
    properties["kind"]["enum"] = list(vocabulary.kinds)
    properties["topics"]["items"]["enum"] = list(vocabulary.topics)
    parts["Claim"]["properties"]["question"]["items"]["enum"] = list(vocabulary.questions)
    parts["Claim"]["oneOf"] = [{"required": ["reported"]}, {"required": ["reported_missing"]}]
    for section in ("methods", "models", "benchmarks"):
        properties[section] |= _terms_as_keys(vocabulary.section(section))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _without_null(value: dict[str, Any]) -> dict[str, Any]:
    """The property without the null and the default of a key that may be absent but never empty."""
    kept = {key: part for key, part in value.items() if key not in ("anyOf", "default", "title")}
    for option in value.get("anyOf", ()):
        if option != {"type": "null"}:
            kept |= option
    return kept


def _terms_as_keys(terms: Terms) -> dict[str, Any]:
    """The mapping whose keys are these terms: `properties`, which editors complete with the description."""
    keys = {
        name: {"type": ["string", "null"], "description": f"{term.name}: {term.text}"} for name, term in terms.items()
    }
    return {"properties": keys, "propertyNames": {"enum": list(terms)}, "additionalProperties": False}


def schema_text(root: Path) -> str:
    """The JSON Schema as the text of `papers/card.schema.json`; raises `InvalidLibrary` for a broken vocabulary."""
    # imported here because the loader needs the models of this module
    from tooling.cards.load import load_vocabulary

    schema = card_schema(load_vocabulary(root / "papers"))
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def print_schema(root: Path, *, write: bool = False) -> None:
    """Print the JSON Schema of a card, or with `write` put it into `papers/card.schema.json`."""
    text = schema_text(root)
    if not write:
        sys.stdout.write(text)
        return
    from tooling.cards.file import replace_file

    file = root / "papers" / SCHEMA_FILE
    replace_file(file, text)
    print(f"wrote papers/{SCHEMA_FILE}", file=sys.stderr)
