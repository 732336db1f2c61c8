"""Edits of a card's text that leave every other byte as it is: comments, order, quotes and folds.

The YAML is parsed for the places of its values; only the value that changes is written again.
"""

from collections.abc import Callable, Sequence

import yaml

from tooling.cards.layout import Value, card_text
from tooling.cards.problem import Place


class CannotEdit(ValueError):
    """The text is laid out in a way that these edits do not know; a person has to make them."""


def with_value(text: str, key: str, *, value: Value, after: Sequence[str]) -> str:
    """The card's text in which the top-level `key` has this value.

    A key that is not there yet is put behind the last of the keys in `after` that is.
    """
    root = _root(text)
    for name, node in root.value:
        if name.value == key:
            return _replaced(text, (name, node), card_text({key: value}))
    last = max((index for index, (name, _) in enumerate(root.value) if name.value in after), default=None)
    if last is None:
        raise CannotEdit(f"has none of the keys that `{key}` stands behind")
    return _inserted(text, _line_end(text, _end(root.value[last][1])), card_text({key: value}))


def without_key(text: str, key: str) -> str:
    """The card's text without the top-level `key`; the same text where it has none."""
    for name, node in _root(text).value:
        if name.value == key:
            return text[: name.start_mark.index] + text[_line_end(text, _end(node)) :]
    return text


def with_item(text: str, path: tuple[str, ...], *, item: str) -> str:
    """The card's text in which the list at `path` has this item at its end."""
    inner = _node(text, path)
    if not isinstance(inner, yaml.SequenceNode) or not inner.value:
        raise CannotEdit(f"has no list `{'.'.join(path)}` to add to")
    if inner.flow_style:
        at = _end(inner.value[-1])
        return f"{text[:at]}, {item}{text[at:]}"
    indent = " " * inner.start_mark.column
    return _inserted(text, _line_end(text, _end(inner.value[-1])), f"{indent}- {item}\n")


def scalar_at(text: str, place: Place) -> str:
    """The characters of the single value at `place`, as a text even where YAML makes a number of them."""
    return str(_scalar(text, place).value)


def with_scalar(text: str, place: Place, *, value: str, quoted: bool = False) -> str:
    """The text with another single value at `place`: in quotes if `quoted` says so, or where it had or needs them."""
    node = _scalar(text, place)
    plain = node.style is None and not quoted and _survives_plain(value)
    return _spliced(text, node, value if plain else "'" + value.replace("'", "''") + "'")


def with_text(text: str, place: Place, *, change: Callable[[str], str]) -> str:
    """The text in which the characters of the single value at `place`, with its quotes and folds, are changed."""
    node = _scalar(text, place)
    return _spliced(text, node, change(text[node.start_mark.index : node.end_mark.index]))


def without_item(text: str, place: Place) -> str:
    """The text without an item of a list; a list at the top of the card that holds nothing else goes with its key."""
    *outer, index = place
    node = _node(text, tuple(outer))
    if not isinstance(node, yaml.SequenceNode) or not isinstance(index, int) or index >= len(node.value):
        raise CannotEdit("has no such item")
    if len(node.value) == 1:
        if len(outer) == 1 and isinstance(outer[0], str):
            return without_key(text, outer[0])
        raise CannotEdit("would leave an empty list")
    item = node.value[index]
    if node.flow_style:
        # with the comma behind it, or for the last one the comma before
        start, end = item.start_mark.index, item.end_mark.index
        if index + 1 < len(node.value):
            return text[:start] + text[node.value[index + 1].start_mark.index :]
        return text[: node.value[index - 1].end_mark.index] + text[end:]
    start = text.rfind("\n", 0, item.start_mark.index) + 1
    return text[:start] + text[_line_end(text, _end(item)) :]


def without_entry(text: str, place: Place) -> str:
    """The text without a key of a mapping and its value; a mapping that holds nothing else goes with its own key."""
    if len(place) == 1:
        return without_key(text, str(place[0]))
    node = _node(text, place[:-1])
    entries = node.value if isinstance(node, yaml.MappingNode) else []
    index = next((number for number, (name, _) in enumerate(entries) if name.value == place[-1]), None)
    if index is None:
        raise CannotEdit("has no such key")
    if len(entries) == 1:
        return without_entry(text, place[:-1])
    name, value = entries[index]
    start, end = name.start_mark.index, _end(value)
    if node.flow_style:
        # with the comma behind it, or for the last one the comma before
        if index + 1 < len(entries):
            return text[:start] + text[entries[index + 1][0].start_mark.index :]
        return text[: _end(entries[index - 1][1])] + text[end:]
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip():
        raise CannotEdit("shares a line with the dash of its list")
    return text[:line] + text[_line_end(text, end) :]


def _survives_plain(value: str) -> bool:
    try:
        return bool(yaml.safe_load(f"[{value}]") == [value])
    except yaml.YAMLError:
        return False


def _scalar(text: str, place: Place) -> yaml.ScalarNode:
    node = _node(text, place)
    if not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">"):
        raise CannotEdit("is no single value on lines of its own")
    return node


def _node(text: str, place: Place) -> yaml.Node:
    """The node at `place`."""
    node: yaml.Node = _root(text)
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = [value for name, value in node.value if name.value == step]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            found = node.value[step : step + 1]
        else:
            found = []
        if not found:
            raise CannotEdit("has no such value")
        node = found[0]
    return node


def _spliced(text: str, node: yaml.Node, new: str) -> str:
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def _root(text: str) -> yaml.MappingNode:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise CannotEdit("is not YAML that can be edited") from error
    if not _is_block(root):
        raise CannotEdit("is no mapping of `key: value` lines")
    return root


def _is_block(node: yaml.Node | None) -> bool:
    return isinstance(node, yaml.MappingNode) and not node.flow_style


def _replaced(text: str, pair: tuple[yaml.Node, yaml.Node], new: str) -> str:
    """The text with the lines `new` in place of a key and its scalar."""
    name, node = pair
    if not isinstance(node, yaml.ScalarNode):
        raise CannotEdit(f"has a `{name.value}` that is no single value")
    start, end = name.start_mark.index, _end(node)
    # a folded value ends behind its last line and blank ones, a plain one before a comment on its line
    while text[end - 1] == "\n":
        end -= 1
    return text[:start] + new.rstrip("\n") + text[end:]


def _end(node: yaml.Node) -> int:
    """Where a value ends; a block ends with its last item, before comments that follow."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_end(text: str, at: int) -> int:
    """The start of the line behind the one in which `at` is."""
    if text[at - 1 : at] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _inserted(text: str, at: int, lines: str) -> str:
    before = text[:at]
    return before + ("" if before.endswith("\n") else "\n") + lines + text[at:]


def with_origin(text: str, key: str, *, origin: str) -> str:
    """The card's text whose `provenance.fields` says where the value of `key` came from."""
    outer = dict((name.value, node) for name, node in _root(text).value).get("provenance")
    if not _is_block(outer) or not outer.value:
        raise CannotEdit("has a `provenance` that is no block of lines")
    entry = card_text({key: origin})
    indent = " " * outer.value[0][0].start_mark.column
    fields = dict((name.value, node) for name, node in outer.value).get("fields")
    if fields is None:
        lines = f"{indent}fields:\n{indent}  {entry}"
        return _inserted(text, _line_end(text, _end(outer)), lines)
    if not _is_block(fields) or not fields.value:
        raise CannotEdit("has `provenance.fields` that are no block of lines")
    for name, node in fields.value:
        if name.value == key:
            return _replaced(text, (name, node), entry)
    inner = " " * fields.value[0][0].start_mark.column
    return _inserted(text, _line_end(text, _end(fields)), inner + entry)
