r"""Plain numbers, read exactly: integers, decimals, fractions, mixed numbers, powers of ten, repeating decimals,
percent.

This reader is the fast path of the grader of mathematics: two answers that it can read are compared as fractions.
"""

import re
from fractions import Fraction

MAX_POWER_OF_TEN = 400

_GROUPED = r"[0-9]{1,3}(?:,[0-9]{3})+"
_DECIMAL = rf"(?:{_GROUPED}|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+"
_PLAIN = re.compile(rf"({_DECIMAL})")
_SCIENTIFIC = re.compile(rf"({_DECIMAL})(?:[eE]([-+]?[0-9]{{1,3}})|\\cdot ?10\^\{{([-+]?[0-9]{{1,3}})\}})")
_POWER = re.compile(r"10\^\{([-+]?[0-9]{1,3})\}")
_SLASH = re.compile(rf"({_DECIMAL})/(-?)({_DECIMAL})")
_FRACTION = re.compile(rf"([0-9]*) ?\\frac ?\{{(-?)({_DECIMAL})\}} ?\{{(-?)({_DECIMAL})\}}")
_MIXED = re.compile(r"([0-9]+) ([0-9]+)/([0-9]+)")
_REPEATING = re.compile(r"([0-9]*)\.([0-9]*)\\overline ?\{([0-9]+)\}")


def rational(text: str) -> Fraction | None:
    r"""The exact value of a number in the notation of `normal`, or None if it is written in another way.

    `1,234` is one number and `1, 234` are two; `1\frac{1}{2}` is 3/2; `0.\overline{6}` is 2/3. Signs may stand in
    front. Of every form only one reading exists, so nothing is guessed.

    >>> rational(r"-1.5\cdot 10^{3}")
    Fraction(-1500, 1)
    """
    sign, body = _signed(text.strip())
    while len(body) > 1 and body[0] in "({" and body[-1] in ")}" and not re.search(r"[(){}]", body[1:-1]):
        inner, body = _signed(body[1:-1].strip())
        sign *= inner
    value = _magnitude(body)
    return None if value is None else sign * value


def _signed(text: str) -> tuple[int, str]:
    if text.startswith(("-", "+")):
        return (-1 if text[0] == "-" else 1), text[1:].lstrip()
    return 1, text


def _magnitude(body: str) -> Fraction | None:
    if match := _PLAIN.fullmatch(body):
        return _decimal(match.group(1))
    if match := _SCIENTIFIC.fullmatch(body):
        return _scaled(_decimal(match.group(1)), match.group(2) or match.group(3))
    if match := _POWER.fullmatch(body):
        return _scaled(Fraction(1), match.group(1))
    if match := _SLASH.fullmatch(body):
        return _quotient(_decimal(match.group(1)), _decimal(match.group(3)), negative=match.group(2) == "-")
    if match := _FRACTION.fullmatch(body):
        return _mixed(*match.groups())
    if match := _MIXED.fullmatch(body):
        return _mixed(match.group(1), "", match.group(2), "", match.group(3))
    if match := _REPEATING.fullmatch(body):
        return _repeating(*match.groups())
    return None


def _decimal(text: str) -> Fraction:
    return Fraction("0" + text.replace(",", "").rstrip(".")) if text.strip(".") else Fraction(0)


def _scaled(value: Fraction, exponent: str) -> Fraction | None:
    power = int(exponent)
    return value * Fraction(10) ** power if abs(power) <= MAX_POWER_OF_TEN else None


def _quotient(top: Fraction, bottom: Fraction, *, negative: bool) -> Fraction | None:
    return None if bottom == 0 else top / (-bottom if negative else bottom)


def _mixed(whole: str, top_sign: str, top: str, bottom_sign: str, bottom: str) -> Fraction | None:
    r"""`1\frac{1}{2}` is a sum; `2\frac{3}{2}` could be a product too, so it has no reading here."""
    part = _quotient(_decimal(top), _decimal(bottom), negative=top_sign != bottom_sign)
    if part is None or not whole:
        return part
    return int(whole) + part if 0 < part < 1 and not top_sign and not bottom_sign else None


def _repeating(whole: str, before: str, period: str) -> Fraction:
    tail = Fraction(int(period), 10 ** len(period) - 1) / 10 ** len(before)
    return Fraction(int(whole or 0)) + Fraction(int(before or 0), 10 ** len(before)) + tail
