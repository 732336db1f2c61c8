"""The text of a card's file as the library writes it: keys in order, 120 columns, quotes only where they are needed."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

import yaml

WIDTH = 120
# keys of a card whose values other YAML readers take for numbers and dates
QUOTED = frozenset({"arxiv", "date"})
ON_ONE_LINE = frozenset({"topics"})

Value = str | int | bool | None | Sequence["Value"] | Mapping[str, "Value"]


def card_text(card: Mapping[str, Value]) -> str:
    """The YAML of the card, which reads back as the same values; texts must hold single blanks only."""
    return "\n".join(_mapping(card, "")) + "\n"


def _mapping(values: Mapping[str, Value], indent: str) -> Iterator[str]:
    for key, value in values.items():
        lead = f"{indent}{key}:"
        if value is None:
            yield lead
        elif isinstance(value, Mapping):
            yield lead
            yield from _mapping(value, f"{indent}  ")
        elif isinstance(value, str):
            yield from _text(f"{lead} ", value, f"{indent}  ", quoted=key in QUOTED and not indent)
        elif isinstance(value, Sequence):
            line = f"{lead} [{', '.join(map(str, value))}]"
            if key in ON_ONE_LINE and len(line) <= WIDTH:
                yield line
            else:
                yield lead
                yield from _items(value, indent)
        elif isinstance(value, bool):
            yield f"{lead} {str(value).lower()}"
        else:
            yield f"{lead} {value}"


def _items(values: Sequence[Value], indent: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping):
            first, *rest = _mapping(value, f"{indent}  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield from _text(f"{indent}- ", str(value), f"{indent}  ")


def _text(lead: str, text: str, indent: str, *, quoted: bool = False) -> Iterator[str]:
    """The lines of one text behind `lead`: plain, in quotes, or folded where it is too long for one line."""
    plain = not quoted and _is_plain(text)
    line = lead + (text if plain else "'" + text.replace("'", "''") + "'")
    if len(line) <= WIDTH or " " not in text:
        yield line
        return
    folded = textwrap.TextWrapper(width=WIDTH, break_long_words=False, break_on_hyphens=False)
    folded.subsequent_indent = indent
    if plain:
        lines = folded.wrap(line)
        # a line that opens with a dash or a hash would be read as something else
        if _reads_as("\n".join(lines), lead, text):
            yield from lines
            return
    folded.initial_indent = indent
    yield f"{lead}>-"
    yield from folded.wrap(text)


def _is_plain(text: str) -> bool:
    return _reads_as(f"- {text}", "- ", text) and _reads_as(f"key: {text}", "key: ", text)


def _reads_as(lines: str, lead: str, text: str) -> bool:
    """Whether these lines, which begin with `lead`, are YAML for `text`."""
    body = lines[len(lead) :].replace("\n", "\n  ")
    try:
        return bool(yaml.safe_load(f"key: {body}") == {"key": text})
    except yaml.YAMLError:
        return False
