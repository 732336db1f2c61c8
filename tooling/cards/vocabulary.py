"""The vocabulary: the terms that cards may use, each with its name and a sentence."""

from collections.abc import Mapping

from pydantic import Field

from tooling.cards.value import Day, Distinct, Line, Slug, Strictly, Text

SECTIONS = ("kinds", "topics", "methods", "models", "benchmarks", "questions")


class Term(Strictly):
    """A term of the vocabulary."""

    name: Line = Field(description="Name as readers see it.")
    text: Text = Field(description="One sentence that says what it is.")
    aliases: Distinct[Line] = Field(default=(), description="Other spellings, found by the search and by suggestions.")


class Known(Strictly):
    """What is known about a question: `[words](slug/claim)` in the text leads to a claim, `[words](slug)` to a work."""

    on: Day = Field(description="When it was written: it does not know of later works.")
    text: Text = Field(description="One paragraph on what the works find, where they disagree and what is open.")


class Question(Term):
    """A question of the field; its `name` is the question itself."""

    short: Line = Field(description="Label of two to four words.")
    known: Known | None = Field(default=None, description="What is known about it.")


Terms = Mapping[Slug, Term]


class Vocabulary(Strictly):
    """All terms, by section and id, in the order of the file."""

    kinds: dict[Slug, Term] = Field(description="Kinds of work.")
    topics: dict[Slug, Term] = Field(description="Where a work sits.")
    methods: dict[Slug, Term] = Field(description="Algorithms and techniques.")
    models: dict[Slug, Term] = Field(description="Models that works start from or compare with.")
    benchmarks: dict[Slug, Term] = Field(description="Tests and data sets with a score.")
    questions: dict[Slug, Question] = Field(description="Questions that readers come with.")

    def section(self, name: str) -> Terms:
        """The terms of one section: `section("topics")` is `topics`."""
        if name not in SECTIONS:
            raise KeyError(name)
        terms: Terms = getattr(self, name)
        return terms


def empty_vocabulary() -> Vocabulary:
    """A vocabulary without terms, for a library whose own cannot be read."""
    return Vocabulary.model_validate({section: {} for section in SECTIONS})
