"""What each code of `tooling check` means, why it matters and what to do about it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from tooling.cards.problem import nearest
from tooling.errors import NotFound


class Code(NamedTuple):
    """One kind of problem: what is wrong, why it matters, what to do; advice fails no check."""

    wrong: str
    why: str
    remedy: str
    severity: Literal["error", "advice"] = "error"


ADVICE: Literal["advice"] = "advice"
READ_ONCE = "The file would be read otherwise than it looks, by us or by the next program."
CITED = "Exports, addresses and other cards cite it by this name."
PRINTED = "It is printed as it stands, on the page and in every citation."
UNREAD = "Nothing of the file can be shown, so no page is built."
LOST = "A reader who follows it ends nowhere."

# fmt: off
CODES: Mapping[str, Code] = {
    # files and YAML
    "unreadable": Code("The file cannot be opened, or is no regular file.", UNREAD, "Put a readable text file there."),
    "encoding": Code("The file is not UTF-8.", UNREAD, "Save it as UTF-8."),
    "too-large": Code("The file is larger than 512 KiB.", "Cards stay small enough to read.", "Shorten it."),
    "too-deep": Code("Values are nested deeper than any key of a card.", READ_ONCE, "See the schema."),
    "yaml": Code("The file is not the plain YAML that cards are written in.", UNREAD,
                 "Mostly a text with `: ` in it that has no quotes, or a wrong indentation: see the line."),
    "alias": Code("A YAML anchor or alias is used.", READ_ONCE, "Write the value out."),
    "tag": Code("A YAML tag is used.", READ_ONCE, "Delete it, or quote the text."),
    "duplicate-key": Code("A key stands twice.", "Only one of its values would count.", "Keep one of the two."),
    "control-character": Code("A text holds a character that its reader would not see.",
                              "Such characters hide or reorder what stands on the page, and break searches.",
                              "Delete it, or write a blank."),
    "no-vocabulary": Code("There is no `papers/_vocabulary.yaml`.", "Every term is looked up there.",
                          "Bring it back from the history."),
    "file-name": Code("A card's file does not end in `.yaml`.", "It would be left out without a word.", "Rename it."),
    # the shape of a card
    "empty": Code("A key, list or file is empty.", "Empty says neither yes nor no.", "Fill it, or leave the key out."),
    "missing-key": Code("A key that every card needs is missing.", "A page would have a hole.", "Add the key."),
    "unknown-key": Code("A key is none of a card's.", "What it holds would never be shown.", "See the schema."),
    "unknown-word": Code("A value is none of the few words that the key takes.", "Facets count words.",
                         "Take one of the words."),
    "wrong-type": Code("A value is text where a list belongs, or the like.", UNREAD, "Write it as the schema says."),
    "not-quoted": Code("A text that looks like a number, date or yes has no quotes.",
                       "YAML reads 2501.10 as the number 2501.1.", "Put it in quotes."),
    "too-small": Code("A number is below the least that makes sense.", READ_ONCE, "Correct it."),
    "too-many": Code("A list is longer than it may be.", "A claim speaks to one or two questions.", "Keep the best."),
    "invalid": Code("A value is refused by the schema.", UNREAD, "See `papers/card.schema.json`."),
    "duplicate-value": Code("A list holds a value twice.", "Counts would count it twice.", "Keep one of the two."),
    "unwritten": Code("Nobody has written the summary of a card yet.", "A page without it says nothing.",
                      "Write summary and claims, or mark the card with `draft: true`."),
    # single values
    "not-one-line": Code("A text has several lines.", PRINTED, "Write it on one line, or after `>-`."),
    "not-kebab-case": Code("A name is not in kebab-case.", CITED, "Lower-case letters, digits, single hyphens."),
    "not-an-address": Code("An address is none of the public web.", LOST, "Write `https://...` and nothing after it."),
    "not-a-source": Code("A source is neither an address, nor `secondary: ...`, nor `the survey`.",
                         "Everyone must be able to look a fact up.", "Say where it was read."),
    "not-an-arxiv-id": Code("An arXiv id is impossible, or not bare.", CITED, "Write it bare: \"2501.12948\"."),
    "not-a-date": Code("A date is no day or month of the calendar.", "Lists and timelines sort by it.",
                       "Write YYYY-MM-DD, or YYYY-MM where the day is not known."),
    "not-an-author": Code("An author is no name.",
                          "On arXiv `:` stands after a team as if it were a person.", "Delete it."),
    "not-a-category": Code("A category is none that arXiv could have.", "BibTeX prints it.", "As arXiv does: `cs.LG`."),
    "not-a-claim-key": Code("A claim is not named by its key.", CITED, "Write `slug/claim-id`."),
    "not-a-citation-key": Code("A citation key is not plain ASCII.", "BibTeX takes no others.",
                               "Letters and digits: `pan2025tinyzero`."),
    "summary": Code("A summary is not two sentences.", "Lists show it whole.", "What was asked; what was found."),
    "title-period": Code("A title ends in a period.", PRINTED, "Leave the period out."),
    "latex-title": Code("A title holds LaTeX commands.", "Pages print plain text.", "Write the characters themselves."),
    "future-date": Code("A date lies in the future.", "Nothing can have been submitted then.", "Correct it."),
    "late-date": Code("A date lies after the month of the arXiv id.", "It is that of a later version.",
                      "Give the date of version 1."),
    "version_read": Code("A version is given without an arXiv id.", "It is a version of nothing.",
                         "Add `arxiv`, or delete it."),
    "latex-name": Code("An author's name holds LaTeX commands.", PRINTED, "Write the letters themselves."),
    "html": Code("A title, venue or name holds HTML.", PRINTED, "Write the characters themselves."),
    "double-blank": Code("A title, venue or name holds two blanks in a row.", "A search for it fails.", "Keep one."),
    "not-later": Code("`version_latest` is no later than `version_read`.", "Its page would call the card outdated.",
                      "Delete `version_latest`."),
    "stale-origin": Code("An entry of `provenance.fields` is about nothing in the card.", "It vouches for nothing.",
                         "Delete the entry."),
    "double-text": Code("Two results, notes or statements of a card say the same.", "Readers would count them twice.",
                        "Keep one of the two."),
    # the form of a file
    "stray-space": Code("Blanks at the end of a line, line ends of Windows, or a last line without its end.",
                        "They show up in every later change of the line.", "Delete them."),
    "not-composed": Code("A letter and its accent are two characters (the file is not in NFC).",
                         "It looks right, and no search for the usual letter finds it.", "Write the one letter."),
    # links
    "old-address": Code("An address has a better form: https, a page of arXiv without version, no tracking words.",
                        "The same page under two addresses is counted and checked twice.", "Take the better form."),
    "other-work": Code("The link to the paper leads to another arXiv id than the card's.", LOST, "Correct one."),
    # claims
    "duplicate-claim": Code("Two claims of a card have the same id.", CITED, "Give each an id of its own."),
    "statement": Code("A claim's statement is no sentence.", "It stands alone in tables and exports.",
                      "Begin with a capital and end with a period."),
    "reported": Code("A claim has neither the paper's figure nor the reason why there is none, or has both.",
                     "Ours stands beside theirs, or beside the reason.", "Give exactly one of the two."),
    "confidence": Code("A source is called unlocated and has a place.", "One of the two is wrong.", "Correct it."),
    "untestable": Code("A claim is called untestable although a miniature could say something.",
                       "Untestable means that no run here can tell.", "Set `bearing.kind: none`, or delete it."),
    "other-source": Code("A figure is called the paper's, and its address is that of another paper.",
                         "A reader would look it up in vain.", "Write `secondary`, or correct the address."),
    "at-odds": Code("A claim supports one by which it is contradicted.", "One of the two is wrong.", "Correct one."),
    "both-ways": Code("A claim supports and contradicts the same claim.", "One of the two is wrong.", "Keep one."),
    # between files
    "unknown-term": Code("A term is not in the vocabulary.", "Facets and pages are made of its terms.",
                         "Take the known term, or add this one to `papers/_vocabulary.yaml`."),
    "unused-term": Code("A term of the vocabulary is used by no card.", "It would be an empty page.", "Delete it."),
    "double-name": Code("Two terms of the vocabulary share a name.", "Nobody could tell them apart.", "Keep one."),
    "missing-card": Code("A link names no card.", LOST, "Add the card, or delete the link."),
    "missing-claim": Code("A link or a result names no claim.", LOST, "Add the claim, or correct the name."),
    "self-link": Code("A card or claim names itself.", "It says nothing.", "Delete it."),
    "double-arxiv": Code("Two cards have the same arXiv id.", "A work has one card.", "Make one card of the two."),
    "double-citation-key": Code("Two cards have the same citation key.", CITED, "Choose another."),
    "alias-taken": Code("An earlier name belongs to another card too.", "An address leads to one page.", "Delete it."),
    "unnamed-script": Code("A reproduction exists and its card does not name it.", "Its page would not show it.",
                           "Add `repro: repro/<slug>/run.py`."),
    "wrong-script": Code("A card names another script than its own.", LOST, "Write `repro/<slug>/run.py`."),
    "lost-outcomes": Code("The packed outcomes of a recording are missing.", "Nobody can count again.",
                          "Bring the file back from the history."),
    "missing-script": Code("A card names a script that is not there.", LOST, "Write it, or delete the key."),
    # advice
    "key-order": Code("A key does not stand where the schema has it.", "Cards in one order are compared at a glance.",
                      "Move it.", ADVICE),
    "tied-twice": Code("A tie between two claims stands in both cards.", "The two may drift apart.",
                       "Keep it in the later work, which answers: pages show it from both sides.", ADVICE),
    "twin": Code("Two cards have nearly the same title, or the same DOI, and not two arXiv ids.",
                 "A work has one card, and its claims and verdicts stand in one place.",
                 "Make one card of the two if it is one work, else leave it.", ADVICE),
    "author-form": Code("An author may be no plain name.", "BibTeX splits names at commas and at `and`.",
                        "Write one person as `Ada Lovelace`; a team's own name may stay.", ADVICE),
    "double-author": Code("An author stands twice in a row.", PRINTED, "Delete one, if it is one person.", ADVICE),
    "unread-version": Code("The arXiv version that was read is not given.", "A later version may say otherwise.",
                           "Add `version_read` when you read the work.", ADVICE),
    "coarse-date": Code("A work on arXiv has a date without its day.", "Lists sort by it.", "Write the day.", ADVICE),
    "no-place": Code("A figure of the paper is not located in it.", "A reader has to search for it.",
                     "Name the table, figure or section when you find it; never guess.", ADVICE),
    "early-venue": Code("A work was published in a year before it was submitted.", "One of the two is probably wrong.",
                        "Correct `venue` or `date`, if one is wrong.", ADVICE),
    "key-year": Code("The year in the citation key is not that of the work.", "Readers take it for the year.",
                     "Leave it if it has been cited: a key is minted once.", ADVICE),
    "no-paper-link": Code("A work on arXiv has no link to its paper.", "Its page offers no way to the work.",
                          "Add `paper: https://arxiv.org/abs/...`.", ADVICE),
    "double-link": Code("Another link of a card has the address of its paper.", "It promises what is not there.",
                        "Keep the kind that fits.", ADVICE),
    "finished-draft": Code("A card is marked as a draft and has summary and claims.", "Its page calls it unfinished.",
                           "Delete `draft: true` when you are done.", ADVICE),
}
# fmt: on


def explained(name: str) -> str:
    """What one code means, over several lines, and whether `tooling check --fix` repairs it.

    Raises `NotFound` for a code that there is not.
    """
    # imported here because repairs need the loader, which needs the words of this module's neighbours
    from tooling.cards.repair import REPAIRS

    if name not in CODES:
        meant = nearest(name, CODES)
        advice = f"did you mean `{meant}`?" if meant else "`tooling check --explain all` lists them"
        raise NotFound(f"there is no code `{name[:60]}`; {advice}")
    code = CODES[name]
    fixed = "tooling check --fix does that where it is safe." if name in REPAIRS else "It takes a person."
    mark = " (advice, fails no check)" if code.severity == "advice" else ""
    return f"{name}{mark}\n  {code.wrong}\n  why: {code.why}\n  remedy: {code.remedy} {fixed}"


def listed() -> str:
    """All codes with what is wrong, a line each; those that `--fix` repairs carry a mark."""
    from tooling.cards.repair import REPAIRS

    wide = max(map(len, CODES))
    lines = [f"{'+' if name in REPAIRS else ' '} {name:<{wide}}  {code.wrong}" for name, code in CODES.items()]
    return "\n".join([*lines, "", "+ `tooling check --fix` repairs it where that is safe"])
