"""What the cards say of the claims that a script has rules for."""

from tooling.cards.load import read_library
from tooling.runs.result import statement_hash
from tooling.runs.script import Script


def claim_problems(script: Script) -> list[str]:
    """One line for each rule whose claim is on no card that can be read, or is said there to be untestable."""
    library = read_library(script.root / "papers").library
    problems = []
    for key in script.claims:
        slug = key.partition("/")[0]
        try:
            claim = library.claim(key)
        except KeyError:
            state = (
                "has no such claim" if slug in library else "is missing or cannot be read (`tooling check` says why)"
            )
            problems.append(f"claim `{key}`: the card `papers/{slug}.yaml` {state}")
            continue
        if claim.untestable is not None:
            problems.append(f"claim `{key}` is untestable by its card ({claim.untestable}), so no run is made for it")
    return problems


def statement_hashes(script: Script) -> dict[str, str]:
    """The hash of the statement of each claim that the script has a rule for, where a card states it."""
    library = read_library(script.root / "papers").library
    found = {}
    for key in script.claims:
        try:
            found[key] = statement_hash(library.claim(key).statement)
        except KeyError:
            continue
    return found
