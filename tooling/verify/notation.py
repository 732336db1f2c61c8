r"""One notation for answers: LaTeX and plain text are brought to the same short form, and what may hurt is refused.

Everything here is text to text, linear in its length. Limits on length, digits, depth, powers and factorials come
before anything is parsed, so that no number is ever computed that was not bounded first.
"""

import re

from tooling.verify.arithmetic import Malformed

MAX_CHARACTERS = 600  # of one answer; the longest gold answer of MATH has 160
MAX_DIGITS = 60  # of one number
MAX_DEPTH = 10  # of brackets and braces
MAX_EXPONENT = 2000  # the product of all exponents that act on one number
MAX_FACTORIAL = 200
MAX_NUMBERS = 120

# `\cdot` and friends have one spelling afterwards; the order of the pairs is the order of the work
_SPELLINGS = (
    (r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits)(?![a-zA-Z])", ""),
    (r"\\(?:[,;:! ]|quad(?![a-zA-Z])|qquad(?![a-zA-Z]))|~", " "),
    (r"\\(?:[()\[\]])|(?<!\\)\$", " "),
    (r"\\[dtc]frac(?![a-zA-Z])", r"\\frac"),
    (
        r"\\(?:mathrm|mathbf|mathit|mathbb|textbf|textit|textrm|textnormal|mbox|operatorname|rm|bf)(?![a-zA-Z])",
        r"\\text",
    ),
    (r"\\text ?\{ ?([-+]?[0-9.,]+) ?\}", r" \1 "),
    (r"\\(?:times|ast|cdotp)(?![a-zA-Z])|(?<!\*)\*(?!\*)|[\u00d7\u00b7\u22c5]", r"\\cdot "),
    (r"\*\*", "^"),
    (r"\\div(?![a-zA-Z])|\u00f7", "/"),
    (r"\\(?:leqslant|leq|le)(?![a-zA-Z])|<=|\u2264", r"\\leq "),
    (r"\\(?:geqslant|geq|ge)(?![a-zA-Z])|>=|\u2265", r"\\geq "),
    (r"\\lt(?![a-zA-Z])", "<"),
    (r"\\gt(?![a-zA-Z])", ">"),
    (r"\\(?:lbrace|\{)", r"\\{"),
    (r"\\(?:rbrace|\})", r"\\}"),
    (r"\\[lr]?vert(?![a-zA-Z])|\\mid(?![a-zA-Z])", "|"),
    (r"\{,\}", ","),
    (r"[\u2212\u2013]", "-"),
    (r"\\pi(?![a-zA-Z])|\u03c0|(?<![a-zA-Z\\])pi(?![a-zA-Z])", r"\\pi "),
    (r"\u221e|(?<![a-zA-Z\\])(?:inf|infty|infinity)(?![a-zA-Z])", r"\\infty "),
    (r"\^\{?\s*\\circ\s*\}?|\u00b0|\\degree(?![a-zA-Z])", r"\\degree "),
    (r"\u00b2", "^2"),
    (r"\u00b3", "^3"),
    (r"\\?\u221a|(?<![a-zA-Z\\])sqrt(?![a-zA-Z])", r"\\sqrt "),
    (r"\u00bd", r"\\frac{1}{2}"),
    (r"\u222a", r"\\cup "),
    (r"\u2208", r"\\in "),
    (r"\\varnothing(?![a-zA-Z])|\u2205|\\\{\s*\\\}", r"\\emptyset "),
    (r"\\lang(?:le)?(?![a-zA-Z])|\\rang(?:le)?(?![a-zA-Z])", ""),
    (r"(?<![a-zA-Z\\])(sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|ln|log|exp)(?![a-zA-Z])", r"\\\1 "),
)
_SPELLING = [(re.compile(pattern), spelling) for pattern, spelling in _SPELLINGS]
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[0-9]+|[a-zA-Z]+|\S")
_OPENING, _CLOSING = {"(", "[", "{", r"\{"}, {")", "]", "}", r"\}"}

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi varphi chi "
    "psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell".split()
)
FUNCTIONS = frozenset("sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log exp".split())
# an integral or a sum that was not worked out is no answer, unless the gold answer is written with one too
LIBRARY_COMMANDS = frozenset("sum prod int lim gcd lcm max min mod bmod pmod det".split())
# what any answer may be written with
_COMMANDS = (
    GREEK
    | FUNCTIONS
    | frozenset(
        "frac sqrt cdot pi infty degree pm leq geq neq approx in cup cap emptyset binom text begin end overline boxed "
        "cr lfloor rfloor lceil rceil angle triangle circ prime mathcal bar vec hat to cong sim ldots".split()
    )
)


def normal(text: str, *, allowed: frozenset[str] = frozenset()) -> str:
    r"""The answer `text` in the one notation of this package; raises `Malformed` where it breaks a limit.

    `allowed`: commands of `LIBRARY_COMMANDS` that this text may use.

    >>> normal(r"$\left(\dfrac12,\, 3*x\right).$")
    '(\\frac{1}{2},3\\cdot x)'
    """
    if len(text) > MAX_CHARACTERS:
        raise Malformed("too long")
    text = text.replace("\n", " ").strip()
    if _NUMBER.fullmatch(text):
        return text
    text = _rows_marked(text)
    text = re.sub(r"^(\*\*|__|`+)(.*)\1$", r"\2", text)
    for pattern, spelling in _SPELLING:
        text = pattern.sub(spelling, text)
    if not text.isascii() or not text.replace(" ", "").isprintable():
        raise Malformed("a sign that is not used in mathematics")
    text = _braced(_tidied(text))
    guard(text, allowed)
    return text


def compact(text: str) -> str:
    """The text without the spaces that separate nothing: those that stay keep words and numbers apart."""
    return re.sub(
        r"(?<![a-zA-Z0-9.]) | (?![a-zA-Z0-9.])|(?<=[0-9]) (?=\\(?!text))", "", re.sub(r"\s+", " ", text).strip()
    )


def _tidied(text: str) -> str:
    """Spaces where they mean something, digits grouped by spaces as one number, and no full stop or comma at the
    end."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<=.)[.,;:]+$", "", text)
    if re.fullmatch(r"[-+]?[0-9]{1,3}( [0-9]{3})+(\.[0-9]+)?", text):
        text = text.replace(" ", "")
    return compact(text)


def _braced(text: str) -> str:
    r"""`\frac12` and `\sqrt3` with braces around each argument, `x^(2)` and `sqrt(2)` too."""
    text = re.sub(r"\\frac ?([0-9a-zA-Z]) ?([0-9a-zA-Z])", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\frac ?([0-9a-zA-Z]) ?(?=\{)", r"\\frac{\1}", text)
    text = re.sub(r"(\\frac ?\{[^{}]*\}) ?([0-9a-zA-Z])", r"\1{\2}", text)
    text = re.sub(r"\\sqrt ?([0-9]+|[a-zA-Z])", r"\\sqrt{\1}", text)
    text = re.sub(r"\^ ?(-?[0-9]+|[a-zA-Z])", r"^{\1}", text)
    for start in (r"\sqrt", "^"):
        text = _rounded_to_braces(text, start)
    return text


def _rounded_to_braces(text: str, start: str) -> str:
    """The bracket right behind each `start` as a pair of braces."""
    place = text.find(start + "(")
    while place >= 0:
        opened = place + len(start)
        closed = closing(text, opened)
        if closed is None:
            raise Malformed("a bracket stays open")
        text = f"{text[:opened]}{{{text[opened + 1 : closed]}}}{text[closed + 1 :]}"
        place = text.find(start + "(", opened)
    return text


def closing(text: str, opened: int) -> int | None:
    """The place of the bracket that closes the one at `opened`, of whatever kind (`(0,1]` is closed), or None."""
    depth = 0
    for place in range(opened, len(text)):
        if text[place] in "([{":
            depth += 1
        elif text[place] in ")]}":
            depth -= 1
            if depth == 0:
                return place
    return None


def library_commands(text: str) -> frozenset[str]:
    """Those of `LIBRARY_COMMANDS` that a text uses."""
    return LIBRARY_COMMANDS & set(_COMMAND.findall(text))


def _rows_marked(text: str) -> str:
    r"""The `\\` between the rows of a matrix as `\cr`; elsewhere it is a backslash that was escaped twice."""
    return re.sub(r"\\\\", r" \\cr ", text) if r"\begin" in text else re.sub(r"\\\\(?=[a-zA-Z%$])", r"\\", text)


def guard(text: str, allowed: frozenset[str] = frozenset()) -> None:
    """Nothing; raises `Malformed` for a text in this notation that is too large in any way to be worked with."""
    for match in _COMMAND.finditer(text):
        if match.group(1) not in _COMMANDS | allowed:
            raise Malformed(f"`{match.group()}` is not part of an answer")
    tokens = _TOKEN.findall(text)
    depth = 0
    for token in tokens:
        depth += (token in _OPENING) - (token in _CLOSING)
        if depth > MAX_DEPTH or depth < 0:
            raise Malformed("nested too deeply" if depth > 0 else "a bracket too many is closed")
        if token.isdigit() and len(token) > MAX_DIGITS:
            raise Malformed("a number is too long")
    if depth:
        raise Malformed("a bracket stays open")
    if sum(token.isdigit() for token in tokens) > MAX_NUMBERS:
        raise Malformed("too many numbers")
    _guard_powers(tokens)


def _guard_powers(tokens: list[str]) -> None:
    """Refuse powers of powers and factorials that would be numbers of thousands of digits."""
    _power(tokens, 0)
    for place, token in enumerate(tokens):
        if token != "!":
            continue
        before = tokens[place - 1] if place else ""
        if before in {"!", *_CLOSING} and before != "}" and any(each in {"!", "^"} for each in tokens[:place]):
            raise Malformed("a factorial of a factorial or power")
        if before.isdigit() and int(before) > MAX_FACTORIAL:
            raise Malformed("the factorial of a large number")


def _power(tokens: list[str], place: int) -> tuple[int, int]:
    """The largest product of exponents in the bracket that starts at `place`, and where it ends."""
    most, last = 1, 1
    while place < len(tokens):
        token = tokens[place]
        if token in _OPENING:
            last, place = _power(tokens, place + 1)
        elif token in _CLOSING:
            return most, place
        elif token == "^":
            exponent, place = _exponent(tokens, place + 1)
            last *= exponent
        else:
            last = 1
        if last > MAX_EXPONENT:
            raise Malformed("a power is too large")
        most, place = max(most, last), place + 1
    return most, place


def _exponent(tokens: list[str], place: int) -> tuple[int, int]:
    """The size of the exponent at `place`, taken as the product of what is in it, and the place of its last token."""
    if place >= len(tokens):
        raise Malformed("an exponent is missing")
    if tokens[place] not in _OPENING:
        return _size(tokens[place]), place
    inside, end = _power(tokens, place + 1)
    size = inside
    for token in tokens[place:end]:
        size *= _size(token)
        if size > MAX_EXPONENT or (token == "^" and sum(each == "^" for each in tokens[place:end]) > 1):
            raise Malformed("an exponent is too large")
    return size, end


def _size(token: str) -> int:
    return max(int(token), 1) if token.isdigit() else 1
