"""The explanation in a script's docstring."""

from pathlib import Path

from tooling.pages.script import HEADINGS, explanation

ROOT = Path(__file__).parents[2]
SOURCE = '''"""Does it hold?

Paper: A paper.

Idea: Something may happen. The word
Paper within a line is no heading.

A second paragraph.

Not tested: nothing.
"""
import missing_module
'''


def test_the_docstring_is_read_without_running_the_script() -> None:
    told = explanation(SOURCE)
    assert told is not None
    assert told.question == "Does it hold?"
    assert [name for name, _ in told.sections] == ["Paper", "Idea", "Not tested"]
    assert told.sections[1][1] == (
        "Something may happen. The word Paper within a line is no heading.",
        "A second paragraph.",
    )


def test_underlined_headings_are_read_too() -> None:
    told = explanation('"""Question?\n\nIdea\n----\ntext\n\nDiffers\n=======\nmore\n"""')
    assert told is not None
    assert told.sections == (("Idea", ("text",)), ("Differs", ("more",)))


def test_a_script_without_docstring_or_with_broken_syntax_explains_nothing() -> None:
    assert explanation("x = 1") is None
    assert explanation("def") is None


def test_every_script_of_the_repository_is_explained_in_full() -> None:
    for script in ROOT.glob("repro/*/run.py"):
        told = explanation(script.read_text(encoding="utf-8"))
        assert told is not None and told.question.endswith("?")
        assert [name for name, _ in told.sections] == list(HEADINGS)
        assert all(paragraphs for _, paragraphs in told.sections)
