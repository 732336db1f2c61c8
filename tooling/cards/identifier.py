"""What arXiv identifier a pasted text means: bare, versioned, old-style, an address on any mirror, a DOI.

Two shapes exist. Since April 2007 an identifier is `YYMM.NNNN`, with five digits after the point from January 2015;
before that it was `archive/YYMMNNN`. The canonical form here has neither a version nor a subject class.
Source: the page "Understanding the arXiv identifier" of arXiv's help.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import unquote, urlsplit

from tooling.cards.problem import quoted
from tooling.errors import UsageError

LONGEST = 2000
UNLISTED = "give the id or an address on arxiv.org; the card of a post or project is written by hand (CONTRIBUTING.md)"
# identifiers carry the month of submission; a reader's clock may be a time zone behind
CLOCK_SLACK = timedelta(days=2)

# fmt: off
ARCHIVES = frozenset(
    {
        "acc-phys", "adap-org", "alg-geom", "ao-sci", "astro-ph", "atom-ph", "bayes-an", "chao-dyn", "chem-ph",
        "cmp-lg", "comp-gas", "cond-mat", "cs", "dg-ga", "funct-an", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th",
        "math", "math-ph", "mtrl-th", "nlin", "nucl-ex", "nucl-th", "patt-sol", "physics", "plasm-ph", "q-alg", "q-bio",
        "quant-ph", "solv-int", "supr-con",
    }
)
# fmt: on

# hosts whose pages are about one arXiv work -> the words that may stand in the path before its identifier
ARXIV_WORDS = frozenset({"abs", "pdf", "html", "src", "e-print", "format", "ps", "tb", "dvi", "other"})
MIRRORS = frozenset({"arxiv.org", "xxx.lanl.gov", "xxx.itp.ac.cn", "xxx.tau.ac.il", "xxx.if.usp.br"})
READERS = {
    "ar5iv.org": frozenset({"abs", "html", "pdf"}),
    "alphaxiv.org": frozenset({"abs", "pdf", "html", "overview", "paper", "resources", "audio"}),
    "huggingface.co": frozenset({"papers"}),
    "hf.co": frozenset({"papers"}),
    "scirate.com": frozenset({"arxiv"}),
    "arxiv-vanity.com": frozenset({"papers"}),
    "semanticscholar.org": frozenset({"arxiv"}),
}
RESOLVERS = frozenset({"doi.org", "dx.doi.org"})

_NEW = re.compile(r"([0-9]{2})([0-9]{2})\.([0-9]{1,12})", re.ASCII)
_OLD = re.compile(r"([a-z][a-z-]{0,20})(?:\.([a-z][a-z-]{0,20}))?/([0-9]{2})([0-9]{2})([0-9]{1,12})", re.ASCII)
_VERSION = re.compile(r"(.{1,80})v([0-9]{1,12})", re.ASCII)
# the stamp in the margin of a PDF: `arXiv:2501.12948v2 [cs.CL] 4 Jan 2026`
_STAMP = re.compile(r"\s{0,4}\[[a-zA-Z.-]{1,30}\](?:\s{1,4}[0-9]{1,2} [A-Za-z]{3,9} [0-9]{4})?", re.ASCII)
_DOI = re.compile(r"10\.48550/arxiv\.(.{1,80})", re.ASCII | re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2})?", re.ASCII)
# white space, invisible characters that web pages leave in a selection, and marks that surround an address in prose
_AROUND = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff<>()\"'`.,;"


@dataclass(frozen=True, order=True)
class Identifier:
    """An arXiv work, and the version that was asked for (None: whichever is the latest)."""

    bare: str
    version: int | None = None

    def __str__(self) -> str:
        """The identifier as arXiv writes it: `2503.20783` or `2503.20783v2`."""
        return self.bare if self.version is None else f"{self.bare}v{self.version}"

    @property
    def key(self) -> str:
        """What tells the work from others: the identifier without a version."""
        return self.bare

    @property
    def address(self) -> str:
        """The address of the work's page, without a version."""
        return f"https://arxiv.org/abs/{self.bare}"


def parse_identifier(text: str, *, today: date | None = None) -> Identifier:
    """The arXiv identifier that `text` means: `https://arxiv.org/pdf/2503.20783v2.pdf#page=3` gives `2503.20783`, 2.

    Raises `UsageError` with the reason where no work can have it (month 13, a sequence number too short for its year).
    `today` stands in for the current day.
    """
    if len(text) > LONGEST:
        raise UsageError(f"an identifier of {len(text)} characters is too long; paste one arXiv id or address")
    pasted = text.strip(_AROUND)
    if not pasted:
        raise UsageError("an empty identifier; give an arXiv id such as `2503.20783`, or an address of its page")
    if not pasted.isascii() or not pasted.isprintable():
        raise _refused(text, "it has characters that no arXiv id has; type it again by hand")
    core = _strip_prefix(pasted)
    if _is_address(core):
        core = _from_address(core, text)
    return _from_core(core, text, today or date.today())


def find_identifier(text: str) -> Identifier | None:
    """The arXiv identifier that `text` means, or None where it means something else (a blog, another DOI)."""
    try:
        return parse_identifier(text)
    except UsageError:
        return None


def _strip_prefix(pasted: str) -> str:
    """The text without `arXiv:` or `doi:` in front and without the stamp's category behind."""
    core = pasted
    for prefix in ("arxiv:", "arxiv ", "doi:"):
        if core.lower().startswith(prefix):
            core = core[len(prefix) :].lstrip()
    stamp = core.find("[")
    if stamp > 0 and _STAMP.fullmatch(core[stamp:]):
        core = core[:stamp].rstrip()
    doi = _DOI.fullmatch(core)
    return doi[1] if doi else core


def _is_address(core: str) -> bool:
    if "://" in core:
        return True
    host = core.split("/", 1)[0].lower()
    return "/" in core and (_words_of(host) is not None or host.removeprefix("www.") in RESOLVERS)


def _words_of(host: str) -> frozenset[str] | None:
    """The words that may precede an identifier in paths of `host`; None where its pages are about no arXiv work."""
    host = host.removeprefix("www.")
    if host == "ar5iv.labs.arxiv.org":
        return READERS["ar5iv.org"]
    if host in MIRRORS or host.endswith(".arxiv.org"):
        return ARXIV_WORDS
    return READERS.get(host)


def _from_address(address: str, text: str) -> str:
    """The identifier's part of an address: its path without the leading words, the query and the fragment."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").lower()
    except ValueError as error:
        raise _refused(text, "it is not a valid address") from error
    if not parts.scheme:
        raise _refused(text, "other words stand around the address; paste it alone")
    if parts.scheme not in ("http", "https"):
        raise _refused(text, f"{quoted(parts.scheme)} addresses are not read; give the http address or the id")
    path = unquote(parts.path).strip("/")
    if host.removeprefix("www.") in RESOLVERS:
        doi = _DOI.fullmatch(path)
        if doi is None:
            raise _refused(text, "this DOI is not arXiv's (those begin with `10.48550/arXiv.`); give the arXiv id")
        return doi[1]
    words = _words_of(host)
    if words is None:
        raise _refused(text, f"pages of {quoted(host)} carry no arXiv id; {UNLISTED}")
    return _from_path(path, words, text)


def _from_path(path: str, words: frozenset[str], text: str) -> str:
    """The identifier in a path such as `abs/2503.20783v2`, `pdf/math/0309136.pdf` or `es/overview/2503.20783`."""
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > 1 and segments[0].lower() not in words and _LANGUAGE.fullmatch(segments[0].lower()):
        segments = segments[1:]
    if len(segments) < 2 or segments[0].lower() not in words:
        raise _refused(text, "the address is not the page of one work; give its `abs` address or the id")
    archive = segments[1].lower().split(".", 1)[0]
    if archive in ARCHIVES and len(segments) > 2:
        return f"{segments[1]}/{segments[2]}"
    return segments[1]


def _from_core(core: str, text: str, today: date) -> Identifier:
    """The identifier in `core`, which is bare but for a version, a subject class and `.pdf`."""
    core = core.lower().removeprefix("arxiv:").removesuffix(".pdf").removesuffix(".html")
    versioned = _VERSION.fullmatch(core)
    version = None
    if versioned and (_NEW.fullmatch(versioned[1]) or _OLD.fullmatch(versioned[1])):
        core, version = versioned[1], int(versioned[2])
        if not 1 <= version <= 999:
            raise _refused(text, f"there is no version {version}; versions count from 1")
    if new := _NEW.fullmatch(core):
        _refuse_impossible_new(new, text, today)
        return Identifier(core, version)
    if old := _OLD.fullmatch(core):
        _refuse_impossible_old(old, text)
        # the subject class is no part of an identifier: `math.GT/0309136` is `math/0309136`
        return Identifier(f"{old[1]}/{old[3]}{old[4]}{old[5]}", version)
    raise _refused(text, "ids look like `2503.20783` or, before April 2007, `hep-th/9901001`")


def _refuse_impossible_new(match: re.Match[str], text: str, today: date) -> None:
    year, month, sequence = int(match[1]), int(match[2]), match[3]
    _refuse_month(month, text)
    if (year, month) < (7, 4):
        raise _refused(text, "ids of this shape begin in April 2007 (`0704`); older ones look like `hep-th/9901001`")
    latest = today + CLOCK_SLACK
    if (2000 + year, month) > (latest.year, latest.month):
        raise _refused(text, f"its month, {2000 + year}-{month:02}, lies in the future")
    digits = 4 if year < 15 else 5
    if len(sequence) != digits:
        raise _refused(text, _wrong_length(match, digits))
    if not int(sequence):
        raise _refused(text, "sequence numbers count from 1")


def _wrong_length(match: re.Match[str], digits: int) -> str:
    since = "from January 2015" if digits == 5 else "up to December 2014"
    reason = f"its sequence number has {len(match[3])} digits; {since} it has {digits}"
    # YAML and spreadsheets read `2501.12590` as a number and drop the zero
    lost = digits == 5 and len(match[3]) == 4
    return f"{reason} (was a last 0 lost, `{match[1]}{match[2]}.{match[3]}0`?)" if lost else reason


def _refuse_impossible_old(match: re.Match[str], text: str) -> None:
    archive, year, month, sequence = match[1], int(match[3]), int(match[4]), match[5]
    if archive not in ARCHIVES:
        raise _refused(text, f"arXiv never had an archive `{archive}`")
    _refuse_month(month, text)
    full_year = 1900 + year if year >= 91 else 2000 + year
    if not (1991, 7) <= (full_year, month) <= (2007, 3):
        raise _refused(text, "ids with an archive run from July 1991 to March 2007 (`9107` to `0703`)")
    if len(sequence) != 3:
        raise _refused(text, f"its sequence number has {len(sequence)} digits; ids with an archive have 3")
    if not int(sequence):
        raise _refused(text, "sequence numbers count from 1")


def _refuse_month(month: int, text: str) -> None:
    if not 1 <= month <= 12:
        raise _refused(text, f"there is no month {month:02}")


def _refused(text: str, reason: str) -> UsageError:
    return UsageError(f"cannot read {quoted(text, 80)} as an arXiv id: {reason}")
