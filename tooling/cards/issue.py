"""The answers of an issue form, as GitHub writes them into an issue: untrusted text, of which known fields count."""

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import yaml

from tooling.cards.problem import UNSAFE
from tooling.errors import Invalid, UsageError

FORM = Path(".github/ISSUE_TEMPLATE/add-work.yml")
# GitHub allows 65,536 characters in an issue; its event says more around it
MOST_BYTES = 1_000_000
_HEADING = re.compile(r"### (.+?)\s*")
# what GitHub writes for a field that was left empty, and for a list of which nothing was chosen
_EMPTY = frozenset({"", "_No response_", "None"})


def read_labels(root: Path) -> dict[str, str]:
    """Label -> id of each field of the form that adds a work; raises `Invalid` where the form cannot be read."""
    try:
        form = yaml.safe_load((root / FORM).read_text(encoding="utf-8"))
        return {each["attributes"]["label"]: each["id"] for each in form["body"] if "id" in each}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise Invalid(f"{FORM}: is no issue form; restore it from git") from error


def read_issue(data: bytes, shown: str) -> str:
    """The body of an issue, from its Markdown or from the event in which GitHub hands it to a workflow.

    Raises `UsageError` where it is neither; `shown` names the file there.
    """
    if len(data) > MOST_BYTES:
        raise UsageError(f"`{shown}` is larger than any issue; give the text of one issue")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"`{shown}` is no UTF-8 text; give the text of one issue") from error
    if not text.lstrip().startswith("{"):
        return text
    try:
        body = json.loads(text)["issue"]["body"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"`{shown}` is no event of an issue; give that, or the text of the issue") from error
    return body if isinstance(body, str) else ""


def read_answers(body: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Field id -> what was answered, without those left empty; a heading counts once, and only if the form has it.

    Characters that hide or turn text are taken out, line breaks stay.
    """
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in unicodedata.normalize("NFC", body).replace("\r\n", "\n").split("\n"):
        heading = _HEADING.fullmatch(line)
        field = labels.get(heading[1]) if heading else None
        if field and field not in found:
            lines = found[field] = []
        else:
            lines.append(UNSAFE.sub(" ", line))
    answers = {field: "\n".join(each).strip() for field, each in found.items()}
    return {field: text for field, text in answers.items() if text not in _EMPTY}


def one_line(text: str) -> str:
    """The text on one line with single blanks."""
    return " ".join(text.split())
