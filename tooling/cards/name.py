"""Names of authors: which are a team's, and what the parts of a person's are."""

import re
from functools import lru_cache
from typing import NamedTuple

SUFFIX = re.compile(r"(.+) (\S+?),? (Jr\.?|Sr\.?|II|III|IV)")
TEAM_WORDS = frozenset(
    {
        "AI",
        "Authors",
        "Association",
        "Collaboration",
        "Collective",
        "Community",
        "Company",
        "Consortium",
        "Contributors",
        "Corporation",
        "DeepMind",
        "Developers",
        "Face",
        "Foundation",
        "Group",
        "Inc",
        "Inc.",
        "Initiative",
        "Institute",
        "Lab",
        "Laboratory",
        "Labs",
        "Maintainers",
        "Microsoft",
        "Organization",
        "Project",
        "Research",
        "Society",
        "Team",
        "University",
    }
)


class Name(NamedTuple):
    """A person's name taken apart: `Leandro von Werra` is given `Leandro`, particle `von`, family `Werra`.

    A part that is not there is empty; a team has its whole name as `family` and nothing else.
    """

    given: str
    particle: str
    family: str
    suffix: str
    team: bool


def is_team(name: str) -> bool:
    """Whether the name is a team's or an account's and not a person's: `DeepSeek-AI`, `Qwen Team`, `user (opener)`."""
    words = name.split()
    return (
        len(words) < 2
        or words[0] == "The"
        or any(word in TEAM_WORDS or word.endswith("-AI") for word in words)
        or " and " in name
        or re.search(r"[()@/&,0-9]", name) is not None
    )


@lru_cache(maxsize=100_000)  # the same names, for each export and for each work
def read_name(name: str) -> Name:
    """The name taken apart as BibTeX does it: words in small letters before the last belong to the family name."""
    found = SUFFIX.fullmatch(name)
    suffixed = found is not None and "," not in found[1]
    whole, suffix = (f"{found[1]} {found[2]}", found[3]) if found and suffixed else (name, "")
    if not suffixed and is_team(name):
        return Name("", "", name, "", True)
    *before, family = whole.split()
    first = next((place for place, word in enumerate(before) if place and word[0].islower()), len(before))
    return Name(" ".join(before[:first]), " ".join(before[first:]), family, suffix, False)
