"""Results of works that were renamed since: a file keeps the names of its day and is read with those of today."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

# where claim keys stand in a result: the keys of mappings, however deep
KEYED = ("claims", "hashes", "history", "revalidations")


def with_current_names(plain: Mapping[str, Any], papers: Path) -> Mapping[str, Any]:
    """The plain data of a result with the slugs that the cards in `papers` have now; `script` stays what it was.

    The commit of a result holds the script under the old name, so the name of the file belongs to that commit.
    """
    slugs = {str(plain["slug"]), *(key.partition("/")[0] for key in plain["claims"])}
    if all((papers / f"{slug}.yaml").is_file() for slug in slugs):
        return plain
    # only here, so that reading results whose works kept their names loads no reader of cards
    from tooling.cards.alias import read_former_slugs

    names = read_former_slugs(papers)
    kept = {name: _renamed(value, names) if name in KEYED else value for name, value in plain.items()}
    return {**kept, "slug": names.get(plain["slug"], plain["slug"])}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    from tooling.cards.alias import current_key

    return {current_key(key, names) if "/" in key else key: _renamed(item, names) for key, item in value.items()}
