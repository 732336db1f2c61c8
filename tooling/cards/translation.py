"""What pydantic found wrong in a card, in our own words and at the line where it stands."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from tooling.cards.document import Document
from tooling.cards.mint import mint_key
from tooling.cards.problem import Fault, Place, Problem, field_name, quoted, suggestion

Details = Mapping[str, Any]
KINDS = ((bool, "the boolean"), (int, "the number"), (float, "the number"))
WANTED = {
    "string_type": ("text", "write text"),
    "int_type": ("a whole number", "write a whole number without quotes"),
    "tuple_type": ("a list", "write each item on a line of its own after `- `"),
    "dict_type": ("a mapping", "write `key: value` lines below it"),
    "model_type": ("a mapping", "write `key: value` lines below it"),
    "model_attributes_type": ("a mapping", "write `key: value` lines below it"),
}


def translate(error: ValidationError, document: Document, *, model: type[BaseModel]) -> Iterator[Problem]:
    """Each fault that `error` reports about the document, as a problem with its line."""
    for found in error.errors(include_url=False):
        place: Place = tuple(found["loc"])
        if place and place[-1] == "[key]":
            place = place[:-1]
        context: Details = found.get("ctx", {})
        if found["type"] == "fault":
            yield document.problem(_within(place, context["at"]), context["fault"])
        else:
            yield document.problem(*_fault(found, place, document, model))


def _within(place: Place, at: Place) -> Place:
    """The place that `at` leads to from `place`; `..` is one step up."""
    for step in at:
        place = place[:-1] if step == ".." else (*place, step)
    return place


def _fault(found: Details, place: Place, document: Document, model: type[BaseModel]) -> tuple[Place, Fault]:
    """The place to name, and the fault, for an error of pydantic's own."""
    kind, value = found["type"], found["input"]
    if kind == "missing":
        return place[:-1], _missing(place, value, model)
    if kind == "extra_forbidden":
        return place, _unknown_key(place, model)
    if kind in WANTED:
        return place, _wrong_type(*WANTED[kind], value, document.plain.get(place))
    if kind == "literal_error":
        return place, _not_one_of(found, place, document)
    if kind == "greater_than_equal":
        return place, Fault("too-small", f"is {value}", f"write {found['ctx']['ge']} or more")
    return place, Fault("invalid", f"is not valid ({found['msg'].lower()})", "see the schema")


def _missing(place: Place, value: Any, model: type[BaseModel]) -> Fault:
    key = str(place[-1])
    field = _model_at(place[:-1], model).model_fields[key]
    example = field.examples[0] if field.examples else "..."
    if key == "citation_key":
        example = _key_of(value)
    elif isinstance(example, dict):
        example = "{" + ", ".join(f"{name}: ..." for name in example) + "}"
    # a claim is known by its id, not by its number
    name = value.get("id") if isinstance(value, dict) else None
    whose = f"({quoted(name)}) " if name else ""
    return Fault("missing-key", f"{whose}has no `{key}`", f"add `{key}: {example}`")


def _key_of(value: Mapping[str, Any]) -> str:
    """The citation key that `tooling add-paper` would give a card with these values, as far as they are right."""
    authors, day, title = value.get("authors"), value.get("date"), value.get("title")
    if not (isinstance(authors, list) and authors and isinstance(authors[0], str)):
        return "..."
    if not (isinstance(day, str) and day[:4].isdecimal() and isinstance(title, str)):
        return "..."
    return mint_key(authors, day[:4], title=title, taken=())


def _unknown_key(place: Place, model: type[BaseModel]) -> Fault:
    key = str(place[-1])
    owner = _model_at(place[:-1], model)
    known = [name for name in owner.model_fields if name != "slug"]
    whole = {"Card": "a card", "Vocabulary": "the vocabulary"}.get(owner.__name__, f"`{field_name(place[:-1])}`")
    return Fault(
        "unknown-key", f"is not a key of {whole}", suggestion(key, known, otherwise=f"known are {_listed(known)}")
    )


def _wrong_type(wanted: str, remedy: str, value: Any, plain: str | None) -> Fault:
    if value is None:
        return Fault("empty", "is empty", "fill it, or leave the key out where it is optional")
    for kind, name in KINDS:
        if isinstance(value, kind) and wanted == "text":
            shown = plain if isinstance(value, bool) else repr(value)
            return Fault("not-quoted", f"was read as {name} {shown}", f'quote it: "{plain or value}"')
    is_what = {dict: "a mapping", list: "a list", str: "text"}.get(type(value), "something else")
    if isinstance(value, dict) and wanted == "text":
        remedy = "quote a text that has `: ` in it"
    return Fault("wrong-type", f"is {is_what}, not {wanted}", remedy)


def _not_one_of(found: Details, place: Place, document: Document) -> Fault:
    value = found["input"]
    if not isinstance(value, str):
        return _wrong_type("text", "write one of the words", value, document.plain.get(place))
    known = [word.strip(" '") for word in found["ctx"]["expected"].replace(" or ", ", ").split(",")]
    remedy = suggestion(value, known, otherwise=f"known are {_listed(known)}")
    if found["loc"][-1] == "[key]":
        return Fault("unknown-key", f"is not a key of `{field_name(place[:-1])}`", remedy)
    return Fault("unknown-word", f"cannot be {quoted(value)}", remedy)


def _model_at(place: Place, model: type[BaseModel]) -> type[BaseModel]:
    """The model whose keys stand at `place`."""
    for step in place:
        if isinstance(step, str) and step in model.model_fields:
            model = next(_models(model.model_fields[step].annotation), model)
        elif isinstance(step, str):
            continue  # the key of a mapping whose values are models: `topics.efficiency`
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models named anywhere in an annotation: `tuple[Claim, ...]` gives `Claim`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _listed(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
