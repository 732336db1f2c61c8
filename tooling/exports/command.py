"""The command `tooling export`."""

import re
import sys
from pathlib import Path

from tooling.cards import Card, Library
from tooling.cards.alias import former_slugs, refuse_unknown
from tooling.cards.file import replace_file
from tooling.cards.problem import counted, suggestion
from tooling.errors import NotFound, UsageError
from tooling.exports import FORMATS, IN_REPOSITORY, Collection, on_site
from tooling.pages.source import read_source
from tooling.pages.survey import Survey


def run_export(root: Path, name: str, *, slugs: tuple[str, ...], topic: str | None, **where: str | Path | None) -> None:
    """Write the works in a form to stdout, or to the file `out`; links lead to `site`, else to the repository.

    Raises `NotFound` for a slug or a topic that does not exist, and `UsageError` where `site` is no
    address or `out` cannot be written.
    """
    site, out = where.get("site"), where.get("out")
    if site and not re.match(r"https?://[^/\s]", str(site)):
        raise UsageError(f"`--site {site}` is no address; write it whole: `https://example.org/survey/`")
    source = read_source(root)
    cards = chosen(source.library, slugs, topic=topic)
    places = on_site(f"{str(site).rstrip('/')}/") if site else IN_REPOSITORY
    text = FORMATS[name](Collection(Survey(source.library, source.results), cards, places, topic))
    if out is None:
        # as UTF-8 and with the line ends of the form, whatever the terminal's settings
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
        return
    try:
        replace_file(Path(out), text)
    except OSError as error:
        raise UsageError(
            f"cannot write `{out}`: {error.strerror}; give `--out` a file in a folder that exists"
        ) from None
    print(f"wrote {counted(len(cards), 'work')} to {out}", file=sys.stderr)


def chosen(library: Library, slugs: tuple[str, ...], *, topic: str | None) -> list[Card]:
    """The cards with these slugs (or earlier ones), all where none is given, of one topic where that is given."""
    if topic is not None and topic not in library.vocabulary.topics:
        remedy = suggestion(topic, library.vocabulary.topics, otherwise="`papers/_vocabulary.yaml` has the topics")
        raise NotFound(f"no topic `{topic}`; {remedy}")
    known = {**{old: library[new] for old, new in former_slugs(library.values()).items()}, **library}
    refuse_unknown([slug for slug in slugs if slug not in known], library)
    cards = list({known[slug].slug: known[slug] for slug in slugs}.values()) if slugs else list(library.values())
    return [card for card in cards if topic is None or topic in card.topics]
