"""TeX in titles and names: read where it has one reading, left alone where it has not."""

import time
import unicodedata

import pytest

from tooling.cards.latex import plain_text

READ = {
    r"R\'enyi and Schr\"{o}dinger": "Rényi and Schrödinger",
    r"Erd\H{o}s, \v{S}koda, \c{C}elik, \k{a}, \r{A}": "Erdős, Škoda, Çelik, ą, Å",
    r"{\L}ukasz, S{\o}ren, Stra{\ss}e, {\AE}sir": "Łukasz, Søren, Straße, Æsir",
    r"na\"{\i}ve and \^\i le": "naïve and î le",
    r"P\'al {\'E}tienne \~n": "Pál Étienne ñ",
    r"$\tau$-bench": "τ-bench",
    r"$\pi_0$ and $n^2$ and $\ell_{12}$": "π₀ and n² and ℓ₁₂",
    r"$k$NN with $S^*$ at 10$\times$": "kNN with S* at 10×",
    r"50\% \& more \#1 \_x \$5": "50% & more #1 _x $5",
    r"S\o ren \AA str\"om": "Søren Åström",
    r"{LLM}s and {G}PT": "LLMs and GPT",
    r"\textbf{Bold}, \emph{stressed} and \texttt{code}": "Bold, stressed and code",
    "``quoted'' words": "“quoted” words",
    "Kullback--Leibler, pages 3--5 --- and so on": "Kullback–Leibler, pages 3–5 — and so on",
    "Figure~1": "Figure 1",
    "two\n  lines\tand   blanks ": "two lines and blanks",
    "Zoe\u0308 in NFD": "Zoë in NFD",
    "a\u202eb\u200bc\x07d\u00ade": "abc de",
}
LEFT = (
    "From $5 to $10: cheap training",
    "Models under 100$ and 5 $ each",
    r"$O(n \log n)$ is enough",
    r"$\pi_\theta$ and \unknown{x}",
    "AT&T = 100% | a_b ^ c",
    "{think} tags in JSON {}",
    "about ~10 tokens, --no-verify",
    "don't say ''no''",
    "深度学习 и ещё 𝔽",
)


@pytest.mark.parametrize(("typed", "expected"), READ.items())
def test_what_has_one_reading_is_read(typed: str, expected: str) -> None:
    assert plain_text(typed) == expected
    assert unicodedata.is_normalized("NFC", plain_text(typed))


@pytest.mark.parametrize("typed", LEFT)
def test_what_has_several_readings_is_left_as_it_was_typed(typed: str) -> None:
    assert plain_text(typed) == typed


@pytest.mark.parametrize("typed", [*READ, *LEFT])
def test_reading_twice_changes_nothing_more(typed: str) -> None:
    assert plain_text(plain_text(typed)) == plain_text(typed)


@pytest.mark.parametrize("piece", ["$", "{", "$a", "\\'", "``", "\\textbf{", "a$ ", "{a}", "\\v{"])
def test_no_text_takes_long(piece: str) -> None:
    begun = time.monotonic()
    plain_text(piece * (2000 // len(piece)))
    assert time.monotonic() - begun < 0.5
