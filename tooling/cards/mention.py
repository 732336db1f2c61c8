"""Which terms of the vocabulary a title and an abstract mention: a suggestion for the curator, never a judgement."""

import re
from collections.abc import Mapping

from tooling.cards.vocabulary import Term


def mentioned(terms: Mapping[str, Term], *, title: str, abstract: str) -> list[str]:
    """The ids of the terms whose name or alias stands in the text, in the order of the vocabulary.

    The longest match wins: `Dr. GRPO` mentions that method and not GRPO. Acronyms count in their own spelling only, and
    a plain word such as `tools` only in the title, where it tells what the work is about.
    """
    names = [(name, term_id) for term_id, term in terms.items() for name in (term.name, *term.aliases)]
    found = set()
    for name, term_id in sorted(names, key=lambda pair: -len(pair[0])):
        pattern = _pattern(name)
        if pattern.search(title) or (not _is_plain_word(name) and pattern.search(abstract)):
            found.add(term_id)
        # what has been matched is not there for a shorter name
        title, abstract = pattern.sub("\n", title), pattern.sub("\n", abstract)
    return [term_id for term_id in terms if term_id in found]


def is_named(name: str, text: str) -> bool:
    """Whether the name stands in the text, by the rules of `mentioned`."""
    return _pattern(name).search(text) is not None


def _pattern(name: str) -> re.Pattern[str]:
    """Finds the name as whole words, its blanks and hyphens exchanged at will, with or without a plural s."""
    words = [re.escape(word) for word in re.split(r"[\s-]+", name) if word]
    text = r"(?<![\w-])" + r"[\s-]+".join(words) + r"s?(?!\w)"
    return re.compile(text, 0 if _is_acronym(name) else re.IGNORECASE)


def _is_acronym(name: str) -> bool:
    """Whether the spelling tells the name from a word, as in GRPO and STaR."""
    return " " not in name and any(letter.isupper() or letter.isdigit() for letter in name[1:])


def _is_plain_word(name: str) -> bool:
    return " " not in name and "-" not in name and not _is_acronym(name)
