"""A YAML file as plain values, with the line of each, read as the strict part of YAML that the library allows.

Text stays text: dates, `yes` and `no` are strings; only plain numbers, `true`, `false` and `null` are not. A key stands
once. Anchors, aliases, tags and a second document are refused, so a short file cannot grow into a large value.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tooling.cards.problem import UNSAFE, Fault, Place, Problem, field_name, hidden_character, quoted

LOADER: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
SIZE_LIMIT_BYTES = 512 * 1024
DEPTH_LIMIT = 12
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
SYNTAX = (
    ("mapping values", "a text with `: ` in it has no quotes", "put the text in quotes"),
    ("could not find expected ':'", "a line above is neither `key: value` nor indented", "add the colon or indent it"),
    ("block mapping", "the indentation does not fit the lines above", "align the line with its neighbours"),
    ("block collection", "the indentation does not fit the lines above", "align the line with its neighbours"),
    ("flow", "a bracket or brace is not closed", "close it, or put the text in quotes"),
)
"""What the YAML parser's words contain, and our words for it."""


class Document(NamedTuple):
    """The values of one file, where each stands, and what was wrong on the way.

    `value` is None where the file could not be read. `lines` maps a place to its line (from 1), `plain` the places of
    numbers and booleans to the characters in the file.
    """

    path: str
    value: Any
    lines: dict[Place, int]
    plain: dict[Place, str]
    problems: list[Problem]

    def line(self, place: Place) -> int:
        """The line of the value at `place`, or of the nearest thing around it that exists."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, fault: Fault) -> Problem:
        """The fault as a problem of this file: ``papers/x.yaml:2: `field` says; remedy``."""
        return _problem(self.path, (self.line(place), place), fault)


class _Refused(Exception):
    """The file cannot be read any further."""

    def __init__(self, line: int, fault: Fault) -> None:
        super().__init__(fault.says)
        self.line = line
        self.fault = fault


def read_document(file: Path, shown: str, *, loader: type | None = None) -> Document:
    """The file's values and lines; whatever is wrong with it is in `problems`, never raised. `shown` names it there."""
    text = read_text(file, shown)
    return parse_document(text, shown, loader=loader) if isinstance(text, str) else text


def read_text(file: Path, shown: str) -> str | Document:
    """The file's text, or where it has none that can be read, a document without values that says why."""
    # a pipe or a device would keep the reader waiting
    if not file.is_file():
        return _unread(shown, 1, Fault("unreadable", "this is no regular file", "put the card's text there"))
    try:
        with file.open("rb") as stream:
            data = stream.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        says = f"the file cannot be read ({error.strerror or 'unknown error'})"
        return _unread(shown, 1, Fault("unreadable", says, "make it readable"))
    if len(data) > SIZE_LIMIT_BYTES:
        fault = Fault("too-large", f"the file is larger than {SIZE_LIMIT_BYTES // 1024} KiB", "shorten it")
        return _unread(shown, 1, fault)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _unread(shown, line, Fault("encoding", "the file is not UTF-8", "save the file as UTF-8"))


def parse_document(text: str, shown: str, *, loader: type | None = None) -> Document:
    """The text's values and lines; whatever is wrong with it is in `problems`, never raised."""
    reader = _Reader(shown)
    try:
        value = reader.read(yaml.parse(text, Loader=loader or LOADER))
    except _Refused as refused:
        return _unread(shown, refused.line, refused.fault)
    except yaml.MarkedYAMLError as error:
        return _unread(shown, *_syntax_fault(error, text))
    except (yaml.YAMLError, UnicodeEncodeError):
        # the reader's error: it knows the position of a character that YAML does not allow, but no line
        fault = Fault("control-character", "a character stands here that YAML does not allow", "delete it")
        return _unread(shown, _line_of_unsafe(text), fault)
    return Document(shown, value, reader.lines, reader.plain, reader.problems)


class _Reader:
    """Turns the events of the YAML parser into values; recursion ends at `DEPTH_LIMIT`."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.lines: dict[Place, int] = {}
        self.plain: dict[Place, str] = {}
        self.problems: list[Problem] = []

    def read(self, events: Iterator[Any]) -> Any:
        """The only document of the stream; None for an empty one."""
        value = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    fault = Fault("yaml", "a second document begins here", "delete the line `---`: one card per file")
                    raise _Refused(event.start_mark.line + 1, fault)
            elif not isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                self.lines[()] = event.start_mark.line + 1
                value = self.value(event, events, ())
        return value

    def value(self, event: Any, events: Iterator[Any], place: Place) -> Any:
        """The value that begins with `event`; takes its other events from the stream."""
        _refuse_indirection(event)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, place)
        if len(place) >= DEPTH_LIMIT:
            fault = Fault("too-deep", f"a value is nested more than {DEPTH_LIMIT} levels deep", "see the schema")
            raise _Refused(event.start_mark.line + 1, fault)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, place)
        return self.mapping(events, place)

    def sequence(self, events: Iterator[Any], place: Place) -> list[Any]:
        """The items up to the end of the list."""
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            here = (*place, len(items))
            self.lines[here] = event.start_mark.line + 1
            items.append(self.value(event, events, here))
        return items

    def mapping(self, events: Iterator[Any], place: Place) -> dict[str, Any]:
        """The keys and values up to the end of the mapping; of a key that stands twice the first value."""
        found: dict[str, Any] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            _refuse_indirection(key)
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarEvent):
                fault = Fault("yaml", "a list or mapping stands where a key belongs", "write `key: value`")
                raise _Refused(line, fault)
            here = (*place, key.value)
            self.text_fault(key, here)
            if key.value in found:
                says = f"stands twice (first in line {self.lines[here]})"
                fault = Fault("duplicate-key", says, "keep one of the two")
                self.problems.append(_problem(self.shown, (line, here), fault))
                # read past the second value without touching the lines of the first
                _Reader(self.shown).value(next(events), events, here)
                continue
            self.lines[here] = line
            found[key.value] = self.value(next(events), events, here)
        return found

    def scalar(self, event: Any, place: Place) -> Any:
        """Text, or what a plain `null`, boolean or number stands for."""
        text: str = event.value
        if not event.implicit[0] or event.style not in (None, ""):
            self.text_fault(event, place)
            return text
        if text in WORDS:
            value = WORDS[text]
            if value is not None:
                self.plain[place] = text
            return value
        if NUMBER.fullmatch(text):
            self.plain[place] = text
            return int(text) if INTEGER.fullmatch(text) else float(text)
        self.text_fault(event, place)
        return text

    def text_fault(self, event: Any, place: Place) -> None:
        """Records a character in a key or text that a reader could not see."""
        fault = hidden_character(event.value)
        if fault:
            self.problems.append(_problem(self.shown, (event.start_mark.line + 1, place), fault))


def _problem(shown: str, at: tuple[int, Place], fault: Fault) -> Problem:
    """The fault as a problem of the file that is `shown`, at this line and place."""
    line, place = at
    field = field_name(place)
    message = f"{f'`{field}`' if field else 'the file'} {fault.says}"
    return Problem(shown, line, field, message, fault.remedy, fault.code, place)


def _unread(shown: str, line: int, fault: Fault) -> Document:
    """The document of a file that could not be read; the fault's words are a whole sentence."""
    return Document(shown, None, {}, {}, [Problem(shown, line, "", fault.says, fault.remedy, fault.code)])


def _refuse_indirection(event: Any) -> None:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        fault = Fault("alias", f"the alias `*{event.anchor}` is not allowed", "write the value out, or quote the text")
        raise _Refused(line, fault)
    if event.anchor is not None:
        fault = Fault("alias", f"the anchor `&{event.anchor}` is not allowed", "delete it, or quote the text")
        raise _Refused(line, fault)
    if event.tag is not None:
        fault = Fault("tag", f"the tag {quoted(event.tag)} is not allowed", "delete it, or quote the text")
        raise _Refused(line, fault)


def _line_of_unsafe(text: str) -> int:
    for number, line in enumerate(LINE_END.split(text), start=1):
        if UNSAFE.search(line.replace("\t", " ")):
            return number
    return 1


def _syntax_fault(error: yaml.MarkedYAMLError, text: str) -> tuple[int, Fault]:
    """The line and our words for what the YAML parser stumbled over."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    lines = LINE_END.split(text)
    rest = lines[mark.line][mark.column :] if mark and mark.line < len(lines) else ""
    problem, context = error.problem or "", error.context or ""
    if "quoted scalar" in context and error.context_mark:
        return error.context_mark.line + 1, Fault("yaml", "a quotation mark that opens here is not closed", "close it")
    if rest.startswith("\t"):
        return line, Fault("yaml", "a tab stands where YAML wants spaces", "replace it with spaces")
    if "cannot start any token" in problem:
        return line, Fault("yaml", f"a text begins with {quoted(rest[:1])}", "put the text in quotes")
    for found, says, remedy in SYNTAX:
        if found in problem or found in context:
            return line, Fault("yaml", says, remedy)
    says = f"this is not valid YAML ({quoted(problem or 'unknown error')})"
    return line, Fault("yaml", says, "see this line and those above")
