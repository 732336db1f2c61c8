"""Names for a new card: its slug and its citation key, in ASCII and taken by no other card."""

import itertools
import re
import unicodedata
from collections.abc import Container, Iterator, Sequence

# fmt: off
_LATIN = str.maketrans(
    {
        "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ß": "ss",
        "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "n", "Ŋ": "N",
    }
)
# fmt: on
# words that say too little to open a citation key with, or to close a slug with
# fmt: off
_SMALL_WORDS = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "beyond", "by", "can", "do", "does", "for", "from", "how", "in",
        "into", "is", "it", "its", "not", "of", "on", "or", "out", "the", "their", "this", "to", "toward",
        "towards", "via", "we", "what", "when", "where", "which", "why", "with", "without",
    }
)
# fmt: on
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_TEAMS = frozenset({"team", "group", "lab", "labs", "consortium", "collaboration", "community", "project"})
_SLUG_WORDS = 5
_SLUG_LENGTH = 48


def mint_slug(title: str, taken: Container[str], *, fallback: str) -> str:
    """A slug that is not `taken`: from the title's name (`Dr. GRPO: Fixing ...` is `dr-grpo`), else its first words.

    `fallback` stands in for a title without a Latin or Greek letter. A collision gets a number: `dr-grpo-2`.
    """
    name, colon, _ = title.partition(": ")
    words = _words(name)
    if not colon or len(words) > _SLUG_WORDS or len("".join(words)) < 2:
        words = _words(title)
    chosen: list[str] = []
    for word in words[:_SLUG_WORDS]:
        if chosen and len("-".join([*chosen, word])) > _SLUG_LENGTH:
            break
        chosen.append(word)
    while len(chosen) > 1 and chosen[-1] in _SMALL_WORDS:
        chosen.pop()
    stem = "-".join(chosen)[:_SLUG_LENGTH].strip("-") or "-".join(_words(fallback))
    return next(each for each in _numbered(stem) if each not in taken)


def mint_key(authors: Sequence[str], year: str, *, title: str, taken: Container[str]) -> str:
    """A citation key from the first author's family name, the year and the title's first telling word.

    `liu2025understanding`, and where it is one of `taken`, `liu2025understandingb`.
    """
    telling = [word for word in _title_words(title) if word not in _SMALL_WORDS]
    word = re.sub(r"[^a-z0-9]", "", telling[0])[:24] if telling else ""
    stem = f"{family_name(authors[0] if authors else '')}{year}{word}"
    letters = itertools.chain([""], "bcdefghijklmnopqrstuvwxyz", map(str, itertools.count(27)))
    return next(f"{stem}{letter}" for letter in letters if f"{stem}{letter}" not in taken)


def family_name(author: str) -> str:
    """The family name in lower-case ASCII letters: `Aäron van den Oord` gives `vandenoord`; a team gives its name."""
    # `Family, Given` and `Gemini Team, Google` both begin with what counts
    words = [word for word in author.partition(",")[0].split() if word.strip(".").lower() not in _SUFFIXES]
    if words and words[-1].lower() in _TEAMS:
        words = ["".join(word for word in words if word.lower() != "the")]
    start = len(words) - 1
    # particles belong to the name: van, de, der, bin
    while start > 1 and words[start - 1].islower():
        start -= 1
    letters = re.sub(r"[^a-z]", "", latin("".join(words[start:])).lower())
    return letters or "anonymous"


def latin(text: str) -> str:
    """The text in ASCII: letters without their marks, Greek ones by name, all others left out."""
    if text.isascii():
        return text
    spelled = []
    for letter in unicodedata.normalize("NFKC", text):
        name = unicodedata.name(letter, "")
        if name.startswith("GREEK") and " LETTER " in name:
            spelled.append(name.split(" LETTER ")[1].split()[0].lower().replace("lamda", "lambda"))
        else:
            spelled.append(letter)
    plain = unicodedata.normalize("NFKD", "".join(spelled).translate(_LATIN))
    return plain.encode("ascii", "ignore").decode()


def _words(text: str) -> list[str]:
    """The words of a slug: `RL's Razor` gives rls and razor, `Qwen2.5` gives qwen2 and 5."""
    plain = re.sub(r"['\u2018\u2019`]", "", text)
    return re.findall(r"[a-z0-9]+", latin(plain).lower())


def _title_words(title: str) -> list[str]:
    """The words of a title as a reader counts them, with a hyphenated word cut at its first hyphen."""
    words = (re.split(r"[-\u2010-\u2015/:]", word)[0] for word in latin(title).lower().split())
    return [word for word in words if re.search(r"[a-z0-9]", word)]


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    for number in itertools.count(2):
        yield f"{stem}-{number}"
