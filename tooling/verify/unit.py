r"""Units behind an answer: `10\text{ cm}`, `10 cm`, `90^\circ`, `25\%`, `\$5`."""

import re
from typing import NamedTuple

_NAMES = {
    "m": "m meter meters metre metres",
    "cm": "cm centimeter centimeters centimetre centimetres",
    "mm": "mm millimeter millimeters",
    "km": "km kilometer kilometers kilometre kilometres",
    "in": "in inch inches",
    "ft": "ft foot feet",
    "yd": "yd yard yards",
    "mi": "mi mile miles",
    "g": "g gram grams",
    "kg": "kg kilogram kilograms",
    "mg": "mg milligram milligrams",
    "lb": "lb lbs pound pounds",
    "oz": "oz ounce ounces",
    "t": "ton tons",
    "s": "s sec second seconds",
    "min": "min minute minutes",
    "h": "h hr hrs hour hours",
    "day": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "l": "l L liter liters litre litres",
    "ml": "ml mL milliliter milliliters",
    "gal": "gallon gallons",
    "mph": "mph",
    "km/h": "km/h kmh kph",
    "m/s": "m/s",
    "N": "N newton newtons",
    "J": "J joule joules",
    "W": "W watt watts",
    "percent": "% percent percentage",
    "degree": "deg degree degrees",
    "rad": "rad radian radians",
    "dollar": "dollar dollars USD",
    "cent": "cent cents",
    "euro": "euro euros",
    "unit": "unit units",
    "square unit": "square-unit square-units",
    "people": "people person persons",
    "student": "student students",
    "way": "way ways",
    "apple": "apple apples",
    "point": "point points",
    "time": "time times",
    "pieces": "piece pieces",
    "book": "book books",
    "ball": "ball balls",
    "coin": "coin coins",
    "child": "child children",
    "hundred": "hundred",
    "thousand": "thousand",
    "million": "million",
}
# numbers in words are not units; they are listed so that `3 million` is never read as 3
_NO_UNITS = {"hundred", "thousand", "million"}
_UNITS = {name: unit for unit, names in _NAMES.items() for name in names.split() if unit not in _NO_UNITS}
_WORDS = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_POWERS = {"square": "^2", "sq": "^2", "sq.": "^2", "cubic": "^3", "cu": "^3"}
UNIT_WORDS = frozenset(_UNITS) | {"square", "cubic"}
_TAIL = re.compile(
    rf"(?P<before>.*?[0-9a-zA-Z)}}\].]) ?(?:\\text ?\{{ ?)?(?:(?P<power>square|sq\.?|cubic|cu) )?"
    rf"(?P<name>{_WORDS})\.? ?\}}?"
    rf"(?:\^\{{(?P<exponent>[23])\}})?\}}?",
    re.DOTALL,
)
_SIGNS = re.compile(r"(?P<before>.+?) ?(?:(?P<percent>\\?%)|(?P<degree>\\degree))")
_DOLLARS = re.compile(r"(?P<sign>-?) ?\\\$ ?(?P<before>.+)")


class Quantity(NamedTuple):
    """An answer without its unit, and the unit's own name (`m^2`, `percent`), None where there is none."""

    magnitude: str
    unit: str | None


def quantity(text: str) -> Quantity:
    r"""The magnitude and the unit of an answer in the notation of `normal`.

    A word is a unit only behind a digit or a bracket, and a single letter only behind a plain number (`10 m`), so
    that the variable in `2m+1` or `\frac{m}{2}` stays one.

    >>> quantity(r"10\text{ cm}^{2}")
    Quantity(magnitude='10', unit='cm^2')
    """
    if match := _DOLLARS.fullmatch(text):
        return Quantity(match["sign"] + match["before"], "dollar")
    if match := _SIGNS.fullmatch(text):
        return Quantity(match["before"], "percent" if match["percent"] else "degree")
    match = _TAIL.fullmatch(text)
    if match is None or not _behind_a_number(match, text):
        return Quantity(text, None)
    power = _POWERS.get(match["power"] or "", "") or (f"^{match['exponent']}" if match["exponent"] else "")
    return Quantity(match["before"].rstrip(), _UNITS[match["name"]] + power)


def _behind_a_number(match: re.Match[str], text: str) -> bool:
    between = text[match.end("before") : match.start("name")]
    if "{" in between:
        return True
    if len(match["name"]) == 1:
        return bool(re.fullmatch(r"[-+]?[0-9.,]+", match["before"]))
    return match["before"][-1] in "0123456789)}]." or between != ""
