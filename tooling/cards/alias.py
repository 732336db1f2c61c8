"""Earlier names of cards: an address or a key that was given once goes on to mean the work that it meant."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tooling.cards.document import read_document
from tooling.cards.load import VOCABULARY_FILE, Library, shown_path
from tooling.cards.problem import quoted, suggestion
from tooling.cards.schema import Card
from tooling.errors import NotFound


def former_slugs(cards: Iterable[Card]) -> dict[str, str]:
    """Earlier slug -> the slug that the card has now."""
    return {alias: card.slug for card in cards for alias in card.aliases}


def read_former_slugs(folder: Path) -> dict[str, str]:
    """The same from the files of the folder, also of cards that are wrong otherwise; empty where there is no folder."""
    found: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        # few cards were ever renamed, and parsing all of them takes seconds where there are thousands
        if file.name != VOCABULARY_FILE and b"\naliases:" in file.read_bytes():
            value = read_document(file, shown_path(folder, file.name)).value
            aliases = value.get("aliases") if isinstance(value, dict) else None
            for alias in aliases if isinstance(aliases, list) else ():
                found.setdefault(str(alias), file.stem)
    return {alias: slug for alias, slug in found.items() if not (folder / f"{alias}.yaml").is_file()}


def refuse_unknown(slugs: Iterable[str], library: Library, *, otherwise: str = "`papers/` has the names") -> None:
    """Raise `NotFound` where slugs are no card's: a line each, with the name of today or the one probably meant.

    `otherwise` is the remedy where no name is near.
    """
    former = former_slugs(library.values())
    lines = [
        f"no card {quoted(slug)}; "
        + (f"it is now called `{former[slug]}`" if slug in former else suggestion(slug, library, otherwise=otherwise))
        for slug in slugs
        if slug not in library
    ]
    if lines:
        raise NotFound("\n".join(lines))


def current_key(key: str, names: Mapping[str, str]) -> str:
    """The claim's key, `<slug>/<claim id>`, with the slug that its card has now."""
    slug, slash, claim_id = key.partition("/")
    return f"{names.get(slug, slug)}{slash}{claim_id}"
