"""What does not fit together in a library: links that lead nowhere, terms that nobody knows, doubled ids."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

from tooling.cards.advice import advice
from tooling.cards.alias import current_key, former_slugs
from tooling.cards.code import CODES
from tooling.cards.convention import conventions
from tooling.cards.form import forms
from tooling.cards.known import pieces
from tooling.cards.load import VOCABULARY, VOCABULARY_FILE, Library, read_library
from tooling.cards.problem import Fault, Place, Problem, counted, field_name, quoted, suggestion, tally
from tooling.cards.repair import ROUNDS, Repaired, repair, report, write_repairs
from tooling.cards.schema import Card
from tooling.cards.tie import at_odds, ties
from tooling.cards.value import kebab
from tooling.cards.vocabulary import SECTIONS, Term, Terms
from tooling.errors import Invalid, UsageError

MAPPINGS = ("methods", "models", "benchmarks")
Uses = Iterator[tuple[str, Place, str]]
"""Each use of a term: the section, the place in the card, the term."""


def check(library: Library, root: Path | None = None) -> list[Problem]:
    """All that does not fit together between cards, vocabulary, reproductions and results, in the order of the files.

    `root` is the repository (default: the folder above the library's). Nothing is said about a file that could not be
    read, or about what only such a file could explain.
    """
    root = root or library.folder.resolve().parent
    problems = [
        *_unwritten(library),
        *_unknown_terms(library),
        *_links(library),
        *_claim_links(library),
        *_known_links(library),
        *at_odds(library),
        *_late_dates(library),
        *_doubles(library),
        *_aliases(library),
        *_vocabulary(library),
        *_scripts(library, root),
        *_repro_folders(library, root),
        *_result_claims(library, root),
        *_result_outcomes(root),
        *conventions(library),
        *forms(library),
    ]
    return sorted(problems)


class Wish(NamedTuple):
    """The options of `tooling check`."""

    as_json: bool = False
    fix: bool = False
    dry_run: bool = False
    advice: bool = False


USUAL = Wish()


def run_check(root: Path, wish: Wish = USUAL) -> None:
    """Print every problem of the library below `root`, one line each, or as JSON; with `fix` repair first what is safe.

    Advice is counted, printed where `advice` asks for it, and fails nothing. Raises `Invalid` when a problem is left,
    `UsageError` for `dry_run` without `fix`.
    """
    if wish.dry_run and not wish.fix:
        raise UsageError("`--dry-run` is for `--fix`; without that nothing is written anyway")
    state = _read(root)
    repaired: list[Repaired] = []
    for _ in range(ROUNDS if wish.fix and not wish.dry_run else 1):
        found = list(repair(state.library, state.all)) if wish.fix else []
        if not found:
            break
        repaired += found
        if not wish.dry_run:
            write_repairs(root, found)
            state = _read(root)
    report(repaired, as_json=wish.as_json, dry_run=wish.dry_run)
    if wish.as_json:
        print(json.dumps(_data(state), indent=2, ensure_ascii=False))
    elif not (wish.dry_run and repaired):
        for line in [*state.problems, *(state.marked_advice if wish.advice else ())]:
            print(line)
    if state.problems:
        raise Invalid(f"{tally(state.problems)}; {_explanations(state.problems)}")
    print(_summary(state, told=wish.advice or wish.as_json), file=sys.stderr)


class _State(NamedTuple):
    """What could be read of a library, all that is wrong with it, and what could be better."""

    library: Library
    problems: list[Problem]
    advice: list[Problem]

    @property
    def all(self) -> list[Problem]:
        """Problems and advice, in the order of the files."""
        return sorted([*self.problems, *self.advice])

    @property
    def marked_advice(self) -> list[Problem]:
        """The advice, each line of which says that it is no more than that."""
        return [replace(each, message=f"advice: {each.message}") for each in self.advice]


def _read(root: Path) -> _State:
    library, problems = read_library(root / "papers")
    return _State(library, sorted([*problems, *check(library, root)]), advice(library))


def _data(state: _State) -> list[dict[str, object]]:
    safe = {problem for each in repair(state.library, state.all) for problem in each.gone}
    return [
        asdict(problem) | {"severity": CODES[problem.code].severity, "fixable": problem in safe}
        for problem in state.all
    ]


def _summary(state: _State, *, told: bool) -> str:
    """The line of a library without problems; where the advice is not printed it says how to see it."""
    cards, claims = counted(len(state.library), "card"), counted(sum(1 for _ in state.library.claims()), "claim")
    drafts = sum(card.draft is True for card in state.library.values())
    waiting = f" ({counted(drafts, 'draft')}: summary and claims are still to be written)" if drafts else ""
    shown = "" if told else " (`tooling check --advice` prints it)"
    better = f"; advice on {counted(len(state.advice), 'place')}{shown}" if state.advice else ""
    return f"{cards}, {claims}, no problems{waiting}{better}"


def _explanations(problems: Sequence[Problem]) -> str:
    """The way to an explanation of each problem: the codes, in the order in which they occur first."""
    codes = list(dict.fromkeys(problem.code for problem in problems))
    if len(codes) == 1:
        return f"`tooling check --explain {codes[0]}` says more"
    return f"`tooling check --explain CODE` says more of {', '.join(codes)}"


def _unwritten(library: Library) -> Iterator[Problem]:
    """Cards that nobody has judged yet and that are not marked as drafts."""
    for slug, card in library.items():
        left = [key for key in ("summary", "claims") if not getattr(card, key)]
        # a list or a blog post may make no claim; what has a summary has been read
        if card.summary is None and not card.draft:
            says, remedy = (
                f"is still to be written: {', '.join(left)}",
                "write them, or mark the card with `draft: true`",
            )
            yield library.document(slug).problem((), Fault("unwritten", says, remedy))


def _uses(card: Card) -> Uses:
    yield "kinds", ("kind",), card.kind
    for index, topic in enumerate(card.topics):
        yield "topics", ("topics", index), topic
    for section in MAPPINGS:
        for term in getattr(card, section):
            yield section, (section, term), term
    for number, claim in enumerate(card.claims):
        for index, question in enumerate(claim.question):
            yield "questions", ("claims", number, "question", index), question


def _unknown_terms(library: Library) -> Iterator[Problem]:
    if VOCABULARY in library.broken:
        return
    names = {section: _names(library.vocabulary.section(section)) for section in SECTIONS}
    for slug, card in library.items():
        for section, place, term in _uses(card):
            terms = library.vocabulary.section(section)
            if term not in terms:
                meant = names[section].get(term)
                remedy = (
                    f"it is called `{meant}`"
                    if meant
                    else suggestion(term, terms, otherwise=f"add it to `{VOCABULARY_FILE}`")
                )
                # where the term is a key, the place names it already
                which = "is" if place[-1] == term else f"is `{term}`,"
                yield library.document(slug).problem(
                    place, Fault("unknown-term", f"{which} no term of `{section}`", remedy)
                )


def _names(terms: Terms) -> dict[str, str]:
    """Every name and alias of the terms in kebab-case, with the term's id."""
    return {kebab(name): term_id for term_id, term in terms.items() for name in (term.name, *term.aliases)}


def _links(library: Library) -> Iterator[Problem]:
    former = former_slugs(library.values())
    for slug, card in library.items():
        for index, other in enumerate(card.related):
            if other == slug:
                fault = Fault("self-link", "names the card itself", "delete it")
            elif other in library or other in library.broken:
                continue
            else:
                fault = _missing_card(other, former, library)
            yield library.document(slug).problem(("related", index), fault)


def _missing_card(other: str, former: Mapping[str, str], library: Library) -> Fault:
    says = f"names no card: `{other}`"
    if other in former:
        return Fault("missing-card", says, f"it is now called `{former[other]}`")
    return Fault("missing-card", says, suggestion(other, library, otherwise="add the card, or delete the link"))


def _claim_links(library: Library) -> Iterator[Problem]:
    former = former_slugs(library.values())
    for tie in ties(library):
        slug = tie.claim.partition("/")[0]
        fault = _claim_link_fault(library, former, (slug, tie.other))
        if fault:
            yield library.document(slug).problem(tie.place, fault)
    for slug, card in library.items():
        for number, claim in enumerate(card.claims):
            for key in set(claim.contradicts) & set(claim.supports):
                place = ("claims", number, "supports", claim.supports.index(key))
                fault = Fault("both-ways", f"names `{key}`, which `contradicts` names too", "keep one of the two")
                yield library.document(slug).problem(place, fault)


def _claim_link_fault(library: Library, former: Mapping[str, str], link: tuple[str, str]) -> Fault | None:
    slug, key = link
    other, _, claim_id = key.partition("/")
    if other == slug:
        return Fault("self-link", f"names a claim of the same card: `{key}`", "name a claim of another work")
    if other in library.broken:
        return None
    if other not in library:
        return _missing_card(other, former, library)
    known = [claim.id for claim in library[other].claims]
    if claim_id in known:
        return None
    otherwise = f"`{other}` has {', '.join(f'`{name}`' for name in known)}" if known else f"`{other}` has no claims"
    return Fault("missing-claim", f"names no claim: `{key}`", suggestion(claim_id, known, otherwise=otherwise))


def _known_links(library: Library) -> Iterator[Problem]:
    """Links of what is known about a question that lead nowhere; names that a card had before go on to count."""
    former = former_slugs(library.values())
    for name, question in library.vocabulary.questions.items():
        for piece in pieces(question.known.text) if question.known else ():
            key = current_key(piece.key, former)
            fault = None
            if "/" in key:
                fault = _claim_link_fault(library, former, ("", key))
            elif key and key not in library and key not in library.broken:
                fault = _missing_card(key, former, library)
            if fault:
                yield library.document(VOCABULARY).problem(("questions", name, "known", "text"), fault)


def _late_dates(library: Library) -> Iterator[Problem]:
    for slug, card in library.items():
        month = re.search(r"(?:^|/)(\d\d)(\d\d)", card.arxiv or "")
        if month:
            year = int(month[1])
            # ids with an archive began in 1991
            latest = f"{1900 + year if year > 90 else 2000 + year}-{month[2]}"
            if card.date[:7] > latest:
                says = f"is {card.date}, after the month of the arXiv id ({latest})"
                fault = Fault("late-date", says, "give the date of version 1")
                yield library.document(slug).problem(("date",), fault)


def _doubles(library: Library) -> Iterator[Problem]:
    """Ids that two cards share; each card but the first is named."""
    for key in ("arxiv", "citation_key"):
        seen: dict[str, str] = {}
        for slug, card in library.items():
            value = getattr(card, key)
            if value is None:
                continue
            # BibTeX takes keys that differ only in case for one
            first = seen.setdefault(value.lower(), slug)
            if first != slug:
                remedy = "make one card of the two" if key == "arxiv" else "choose another"
                fault = Fault(f"double-{key}".replace("_", "-"), f"is `{value}`, as in `{first}`", remedy)
                yield library.document(slug).problem((key,), fault)


def _aliases(library: Library) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for slug, card in library.items():
        for index, alias in enumerate(card.aliases):
            owner = alias if alias in library or alias in library.broken else seen.setdefault(alias, slug)
            if owner != slug or alias == slug:
                whose = "the slug of a card" if owner == alias else f"an earlier name of `{owner}` too"
                fault = Fault("alias-taken", f"is `{alias}`, {whose}", "delete it")
                yield library.document(slug).problem(("aliases", index), fault)


def _vocabulary(library: Library) -> Iterator[Problem]:
    if VOCABULARY in library.broken:
        return
    used = {(section, term) for card in library.values() for section, _, term in _uses(card)}
    for section in SECTIONS:
        terms = library.vocabulary.section(section)
        yield from _shared_names(library, section, terms)
        for term in terms:
            # a card that cannot be read may be the one that uses it
            if (section, term) not in used and not library.broken:
                fault = Fault("unused-term", "is used by no card", "delete it, or use it")
                yield library.document(VOCABULARY).problem((section, term), fault)


def _shared_names(library: Library, section: str, terms: Terms) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for term_id, term in terms.items():
        for place, name in _names_with_places(section, term_id, term):
            owner = seen.setdefault(name.casefold(), term_id)
            if owner != term_id:
                fault = Fault("double-name", f"is {quoted(name)}, a name of `{owner}` too", "keep it in one of the two")
                yield library.document(VOCABULARY).problem(place, fault)


def _names_with_places(section: str, term_id: str, term: Term) -> Iterator[tuple[Place, str]]:
    yield (section, term_id, "name"), term.name
    for index, alias in enumerate(term.aliases):
        yield (section, term_id, "aliases", index), alias


def _scripts(library: Library, root: Path) -> Iterator[Problem]:
    for slug, card in library.items():
        wanted = f"repro/{slug}/run.py"
        exists = (root / wanted).is_file()
        if card.repro is None:
            if exists:
                says = f"has no `repro` although `{wanted}` exists"
                yield library.document(slug).problem((), Fault("unnamed-script", says, f"add `repro: {wanted}`"))
        elif card.repro != wanted:
            fault = Fault("wrong-script", f"is {quoted(card.repro)}", f"write `{wanted}`")
            yield library.document(slug).problem(("repro",), fault)
        elif not exists:
            remedy = f"write the script (`tooling new-repro {slug}` starts one), or delete the key"
            yield library.document(slug).problem(
                ("repro",), Fault("missing-script", f"names no file: `{wanted}`", remedy)
            )


def _repro_folders(library: Library, root: Path) -> Iterator[Problem]:
    for folder in _folders(root / "repro"):
        name = field_name((folder.name,))
        if folder.name not in library and folder.name not in library.broken:
            remedy = suggestion(folder.name, library, otherwise=f"add `papers/{name}.yaml`, or delete the folder")
            yield Problem(f"repro/{name}", 1, "", "no card has this name", remedy, "missing-card")
        if not (folder / "run.py").is_file():
            remedy = "write it, or delete the folder"
            yield Problem(f"repro/{name}", 1, "", "there is no `run.py`", remedy, "missing-script")


def _folders(repro: Path) -> list[Path]:
    if not repro.is_dir():
        return []
    return sorted(path for path in repro.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))


def _result_claims(library: Library, root: Path) -> Iterator[Problem]:
    """Claims in result files that no card has; whether the file is sound otherwise is for the reader of results."""
    keys, names = {key for key, _ in library.claims()}, former_slugs(library.values())
    for file in sorted((root / "repro").glob("*/results/*.json")):
        try:
            text = file.read_text(encoding="utf-8")
            claims = json.loads(text).get("claims", {})
        except (OSError, ValueError, AttributeError, RecursionError):
            continue
        for key in claims if isinstance(claims, dict) else ():
            if current_key(key, names) not in keys and key.partition("/")[0] not in library.broken:
                line = text[: max(text.find(json.dumps(key)), 0)].count("\n") + 1
                shown = file.relative_to(root).as_posix()
                remedy = suggestion(key, keys, otherwise="add the claim to its card, or delete the result")
                message = f"the result names no claim: {quoted(key)}"
                yield Problem(shown, line, "claims", message, remedy, "missing-claim")


def _result_outcomes(root: Path) -> Iterator[Problem]:
    """Recordings whose packed outcomes are gone."""
    for file in sorted((root / "repro").glob("*/results/*.json")):
        try:
            recording = json.loads(file.read_text(encoding="utf-8")).get("recording")
        except (OSError, ValueError, AttributeError, RecursionError):
            continue
        wanted = file.with_name(f"{file.stem}-{recording}-outcomes.npz")
        if isinstance(recording, int) and not wanted.is_file():
            shown = file.relative_to(root).as_posix()
            message = f"the outcomes of recording {recording} are missing: {quoted(wanted.name)}"
            yield Problem(shown, 1, "", message, "bring the file back from the history", "lost-outcomes")
