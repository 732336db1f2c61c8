"""The grader of formats: sections between tags, in order, each once, and nothing outside of them."""

import re
from collections.abc import Sequence

from tooling.verify.grade import Grade, Why, failed, right

MAX_CHARACTERS = 1_000_000

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9_-]{0,30})>")


def layout(text: str, sections: Sequence[str] = ("think", "answer")) -> Grade:
    """The grade of a completion's format: `<think>...</think><answer>...</answer>` for the default sections.

    Right if every section is there once, in this order, closed, not empty, with no other section's tag inside and only
    white space outside. Tags of other names are text. The answer of the grade is the last section's content, so that a
    grader of content can go on from it. Source: the format reward of DeepSeek-R1 (arXiv 2501.12948, section 2.2.2).

    >>> layout("<think>2+2</think> <answer>4</answer>").answer
    '4'
    """
    if not text.strip():
        return failed(Why.NO_ANSWER)
    if len(text) > MAX_CHARACTERS:
        return failed(Why.MALFORMED)
    tags = [match for match in _TAG.finditer(text) if match.group(2) in sections]
    expected = [(slash, name) for name in sections for slash in ("", "/")]
    if [match.groups() for match in tags] != expected:
        return failed(Why.MALFORMED)
    edges = [0, *(place for match in tags for place in match.span()), len(text)]
    outside = [text[edges[number] : edges[number + 1]] for number in range(0, len(edges), 4)]
    inside = [text[edges[number] : edges[number + 1]] for number in range(2, len(edges), 4)]
    if any(each.strip() for each in outside) or not all(each.strip() for each in inside):
        return failed(Why.MALFORMED)
    return right(inside[-1].strip())
