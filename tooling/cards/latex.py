r"""Plain text from the TeX that authors type into arXiv's title and author fields.

Only what has one reading is changed: accents, letters, symbols, fonts, and formulas that Unicode can write:
`$\tau$-bench` becomes τ-bench, `$n^2$` n². Any other formula or command stays as it was typed: a reader, and BibTeX,
can still use it.
"""

import re
import unicodedata

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ldots": "…", "dots": "…",
    "textendash": "–", "textemdash": "—", "LaTeX": "LaTeX", "TeX": "TeX", "textquotesingle": "'",
}  # fmt: skip
_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip
_SIGNS = {
    "times": "×", "cdot": "·", "pm": "±", "to": "→", "rightarrow": "→", "leftarrow": "←", "leftrightarrow": "↔",
    "Rightarrow": "⇒", "infty": "∞", "ell": "ℓ", "approx": "≈", "sim": "∼", "leq": "≤", "le": "≤", "geq": "≥",
    "ge": "≥", "neq": "≠", "circ": "∘", "star": "⋆", "ast": "∗", "partial": "∂", "nabla": "∇", "forall": "∀",
    "exists": "∃", "in": "∈", "uparrow": "↑", "downarrow": "↓", "checkmark": "✓",
}  # fmt: skip
_COMMANDS = _LETTERS | _GREEK | _SIGNS
_FONTS = "text(?:bf|it|sc|tt|rm|sf|normal)?|emph|mbox|math(?:rm|bf|it|sf|tt)|boldsymbol"
_RAISED = dict(zip("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", strict=True)) | {"*": "*"}
_LOWERED = dict(zip("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋", strict=True))

# a formula opens before a visible character and closes after one, not before a digit: "from $5 to $10" is money
_FORMULA = re.compile(r"(?<!\\)\$(?=\S)([^$]{0,500}[^\s\\$])\$(?![0-9])")
_MARK = re.compile(r"\\([`'^~\"=.]) ?(?:\{ ?(\\?[A-Za-z]) ?\}|(\\[ij](?![A-Za-z])|[A-Za-z]))")
_NAMED_MARK = re.compile(r"\\([uvHckrdb])(?: ?\{ ?(\\?[A-Za-z]) ?\}| (\\[ij](?![A-Za-z])|[A-Za-z]))")
# a letter's command takes the blank that ends it: S\o ren
_LETTER = re.compile(r"\\(o|O|l|L|ss|ae|AE|oe|OE|aa|AA|i|j) (?=[a-z])")
_COMMAND = re.compile(r"\\([A-Za-z]{1,20})(?:\{\}|(?![A-Za-z]))")
_FONT = re.compile(r"\\(?:" + _FONTS + r")\{([^{}$]{0,500})\}")
_ESCAPE = re.compile(r"\\([%&#_$])")
_SCRIPT = re.compile(r"([\^_])(?:\{([0-9+*-]{1,5})\}|([0-9*]))")
# braces that only keep capitals or an accent together: `{LLM}s`, `Erd{ő}s`
_KEPT_TOGETHER = re.compile(r"\{([^{}\s]{0,60})\}")


def plain_text(text: str) -> str:
    r"""The text in NFC with its TeX read where it has one reading, one space between words: `R\'enyi` gives `Rényi`."""
    tidy = " ".join(_visible(text).split())
    pieces, end = [], 0
    for formula in _FORMULA.finditer(tidy):
        pieces += [_plain_prose(tidy[end : formula.start()]), _plain_formula(formula)]
        end = formula.end()
    pieces.append(_plain_prose(tidy[end:]))
    return unicodedata.normalize("NFC", " ".join("".join(pieces).split()))


def _visible(text: str) -> str:
    """The text with control characters as spaces, and without invisible ones that reorder or hide what is read."""
    shown = []
    for letter in text:
        category = unicodedata.category(letter)
        if category in ("Cc", "Zl", "Zp"):
            shown.append(" ")
        elif category in ("Cs", "Co") or (category == "Cf" and letter not in "\u200c\u200d"):
            continue
        else:
            shown.append(letter)
    return "".join(shown)


def _plain_prose(text: str) -> str:
    text = _MARK.sub(_accented, text)
    text = _NAMED_MARK.sub(_accented, text)
    text = _FONT.sub(r"\1", text)
    text = _LETTER.sub(_symbol, text)
    text = _COMMAND.sub(_symbol, text)
    text = _ESCAPE.sub(r"\1", text)
    text = _KEPT_TOGETHER.sub(_unbraced, text)
    text = re.sub(r"``([^`']{0,300})''", r"“\1”", text)
    text = re.sub(r"(?<=[\w.,;:)])~(?=[\w\\(])", " ", text)
    text = re.sub(r"(?<=\w)---(?=\w)|(?<= )---(?= )", "—", text)
    return re.sub(r"(?<=\w)--(?=\w)|(?<= )--(?= )", "–", text)


def _accented(match: re.Match[str]) -> str:
    letter = (match[2] or match[3]).removeprefix("\\")
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])


def _symbol(match: re.Match[str]) -> str:
    return _COMMANDS.get(match[1], match[0])


def _unbraced(match: re.Match[str]) -> str:
    inner = match[1]
    protective = any(letter.isupper() or not letter.isascii() for letter in inner)
    return inner if protective and "\\" not in inner else match[0]


def _plain_formula(formula: re.Match[str]) -> str:
    """The formula in Unicode, or as it was typed where Unicode cannot write all of it."""
    inner = _FONT.sub(r"\1", formula[1])
    # a command takes the space behind it, as in TeX: `\alpha x` is αx
    inner = re.sub(r"\\([A-Za-z]{1,20})(?![A-Za-z]) ?", lambda match: _COMMANDS.get(match[1], match[0]), inner)
    inner = _SCRIPT.sub(_script, inner)
    inner = re.sub(r"\\([%&#,;! ])", lambda match: match[1] if match[1] in "%&#" else " ", inner)
    return formula[0] if re.search(r"[\\{}^_]", inner) else inner.strip()


def _script(match: re.Match[str]) -> str:
    table = _RAISED if match[1] == "^" else _LOWERED
    characters = match[2] or match[3]
    return "".join(table[each] for each in characters) if all(each in table for each in characters) else match[0]
