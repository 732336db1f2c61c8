"""Which topic of the vocabulary a list's section is, where it is one."""

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from tooling.cards.mention import mentioned
from tooling.cards.vocabulary import Term
from tooling.cards.work import letters

# of the letters of section and name: `Process Reward` is `Process rewards`, `Data` is not `Date`
_ALIKE = 82
_SHORTEST = 8


def topic_of(sections: Sequence[str], topics: Mapping[str, Term]) -> str | None:
    """The topic of the innermost of these sections that is one, by id, name or alias; None where none of them is.

    A section is also known where it holds a single topic's name, or differs from one in a few letters:
    `Process Reward (after o1)` is `process-rewards`.
    """
    for section in reversed(sections):
        # what stands in brackets explains or counts: `Efficiency (23)`
        plain = re.sub(r"[(\[（][^)\]）]*[)\]）]", " ", section)
        for text in dict.fromkeys([section, plain]):
            found = _equal(text, topics) or _held(text, topics) or _alike(text, topics)
            if found:
                return found
    return None


def _names(topics: Mapping[str, Term]) -> list[tuple[str, str]]:
    return [(letters(name), topic) for topic, term in topics.items() for name in (topic, term.name, *term.aliases)]


def _equal(section: str, topics: Mapping[str, Term]) -> str | None:
    return next((topic for name, topic in _names(topics) if name == letters(section)), None)


def _held(section: str, topics: Mapping[str, Term]) -> str | None:
    found = mentioned(topics, title=section, abstract="")
    return found[0] if len(found) == 1 else None


def _alike(section: str, topics: Mapping[str, Term]) -> str | None:
    text = letters(section)
    if len(text) < _SHORTEST:
        return None
    rated = [(fuzz.ratio(text, name), topic) for name, topic in _names(topics) if len(name) >= _SHORTEST]
    best = max(rated, default=(0.0, ""))
    return best[1] if best[0] >= _ALIKE else None
