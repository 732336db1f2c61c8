r"""Right answers in other words: each family writes a gold answer in a way that a grader of mathematics must accept."""

import random
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import comb, factorial

from tests.verify.attack import OPTIONS, Case
from tests.verify.enumeration import chains

PER_FAMILY = 110

Family = Callable[[random.Random], tuple[str, str]]


def framed(content: str, source: random.Random) -> str:
    """The answer in one of the ways in which models end a completion."""
    frames = (
        r"\boxed{@}",
        r"So the result is $\boxed{@}$.",
        r"Therefore, \[\boxed{@}\]",
        "The answer is $@$.",
        "The final answer is: $@$",
        r"**Answer:** $@$",
        r"<think>first I tried \boxed{999}</think>Hence \boxed{@}",
        r"Thus $$\boxed{@}.$$ It checks.",
        r"\fbox{@}",
        r"The answer is \boxed{@}",
        "# Answer\n\nThe answer is $@$",
        r"\boxed{@} as claimed; indeed \boxed{@}.",
    )
    return source.choice(frames).replace("@", content)


def integers(source: random.Random) -> tuple[str, str]:
    """Whole numbers: grouped, signed, with a full stop, as a decimal."""
    n = source.choice((source.randint(1, 99), source.randint(1000, 10**7)))
    grouped = f"{n:,}"
    ways = (
        str(n),
        grouped,
        grouped.replace(",", r"\,"),
        grouped.replace(",", "{,}"),
        grouped.replace(",", " "),
        f"{n}.",
        f"{n}.0",
        f"+{n}",
        f"{n}.00",
        f"0{n}",
        f"({n})",
        f"{{{n}}}",
        rf"\displaystyle {n}",
        rf"\textbf{{{n}}}",
        rf"\mathbf{{{n}}}",
        f" {n} ",
        f"x = {n}",
        rf"\frac{{{2 * n}}}{{2}}",
        f"{2 * n}/2",
        rf"n={n}",
        f"--{n}",
        rf"\text{{{n}}}",
    )
    return framed(source.choice(ways), source), source.choice((str(n), grouped, f"${n}$"))


def plain_text(source: random.Random) -> tuple[str, str]:
    """Whole numbers without any box."""
    n = source.randint(2, 9999)
    ways = (
        f"{n}",
        f"The answer is {n}.",
        f"The final answer is {n}",
        f"Answer: {n}",
        f"answer = {n}",
        f"So we get {n}.",
        f"It follows that x = {n}.",
        f"Adding up, {n - 1} + 1 = {n}.",
        f"Hence there are {n} such pairs",
        f"the answer is: **{n}**",
        f"{n}.",
        f"We find\n\n{n}",
        f"The answer to the question is {n}.",
        f"**{n}**",
        f"`{n}`",
        f"${n}$",
        rf"\({n}\)",
        f"Final Answer: {n}.\n",
        f"The total is {n} dollars.",
        f"First 3 of them, then 4 more, in total {n}",
    )
    return source.choice(ways), str(n)


def scientific(source: random.Random) -> tuple[str, str]:
    """Numbers with a power of ten."""
    digits, power = source.randint(11, 99), source.randint(2, 9)
    if digits % 10 == 0:
        digits += 1
    gold = digits * 10 ** (power - 1)
    mantissa = f"{digits // 10}.{digits % 10}"
    ways = (
        f"{mantissa}e{power}",
        f"{mantissa}E{power}",
        f"{mantissa}e+{power}",
        rf"{mantissa} \times 10^{power}",
        rf"{mantissa}\cdot 10^{{{power}}}",
        rf"{mantissa}\times10^{{{power}}}",
        f"{mantissa}*10^{power}",
        rf"{digits}\times 10^{{{power - 1}}}",
        f"{mantissa} \u00d7 10^{power}",
        f"{mantissa}*10**{power}",
        str(gold),
        f"{gold:,}",
    )
    return framed(source.choice(ways), source), source.choice(
        (str(gold), rf"{mantissa} \times 10^{{{power}}}", f"{gold:,}")
    )


def fractions(source: random.Random) -> tuple[str, str]:
    """Fractions: every command, slash, sign and common factor."""
    value = Fraction(source.randint(1, 60), source.choice((3, 7, 9, 11, 12, 13)))
    if value.denominator == 1:
        value += Fraction(1, 7)
    sign = source.choice(("", "-"))
    a, b, k = value.numerator, value.denominator, source.randint(2, 9)
    ways = (
        rf"{sign}\frac{{{a}}}{{{b}}}",
        rf"{sign}\dfrac{{{a}}}{{{b}}}",
        rf"{sign}\tfrac{{{a}}}{{{b}}}",
        f"{sign}{a}/{b}",
        rf"{sign}\frac{{{k * a}}}{{{k * b}}}",
        rf"\frac{{{sign}{a}}}{{{b}}}",
        rf"{sign}\left(\frac{{{a}}}{{{b}}}\right)",
        rf"{sign}\cfrac{{{a}}}{{{b}}}",
        rf"x = {sign}\frac{{{a}}}{{{b}}}",
        f"{sign}({a})/({b})",
        rf"\frac{{{a}}}{{{sign}{b}}}",
        rf"{sign}{a} \div {b}",
        rf"{sign}{a}\cdot\frac{{1}}{{{b}}}",
        rf"{sign}{{{a}}}/{{{b}}}",
        f"{sign}{a} / {b}",
        rf"{sign}\frac {{{a}}} {{{b}}}",
    ) + ((rf"{sign}\frac{a}{b}", rf"{sign}\frac {a} {b}") if a < 10 and b < 10 else ())
    return framed(source.choice(ways), source), source.choice((rf"{sign}\frac{{{a}}}{{{b}}}", f"{sign}{a}/{b}"))


def mixed_numbers(source: random.Random) -> tuple[str, str]:
    """Mixed numbers for fractions and the other way round."""
    whole, b = source.randint(1, 20), source.choice((3, 4, 5, 7, 8))
    a = source.randint(1, b - 1)
    mixed = (
        rf"{whole}\frac{{{a}}}{{{b}}}",
        rf"{whole}\dfrac{{{a}}}{{{b}}}",
        rf"{whole} \frac{{{a}}}{{{b}}}",
        f"{whole} {a}/{b}",
        rf"{whole}+\frac{{{a}}}{{{b}}}",
    )
    single = (rf"\frac{{{whole * b + a}}}{{{b}}}", f"{whole * b + a}/{b}")
    pair = [source.choice(mixed), source.choice(single)]
    source.shuffle(pair)
    gold = pair[1] if "+" not in pair[1] else single[0]
    return framed(pair[0], source), gold


def decimals(source: random.Random) -> tuple[str, str]:
    """Finite decimals, with and without zeros, as fractions and percentages."""
    n, places = source.randint(1, 999), source.randint(1, 3)
    value = Fraction(n, 10**places)
    text = f"{n / 10**places:.{places}f}"
    ways = (
        text,
        f"{text}0",
        text.lstrip("0") if text.startswith("0.") else text,
        f"{value.numerator}/{value.denominator}",
        f"+{text}",
        rf"\frac{{{value.numerator}}}{{{value.denominator}}}",
        rf"\frac{{{n}}}{{{10**places}}}",
        f"{float(value * 100):g}" + r"\%",
        f"0{text}",
        rf"\text{{{text}}}",
        f"{text}000",
        rf"y={text}",
    )
    return framed(source.choice(ways), source), source.choice(
        (text, rf"\frac{{{value.numerator}}}{{{value.denominator}}}")
    )


def repeating(source: random.Random) -> tuple[str, str]:
    """Repeating decimals."""
    length = source.randint(1, 3)
    period = source.randint(1, 10**length - 2)
    shift = source.choice((0, 0, source.randint(1, 9)))
    value = Fraction(period, 10**length - 1) + shift
    text = rf"{shift}.\overline{{{period:0{length}d}}}"
    fraction = rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    pair = [
        text,
        source.choice(
            (fraction, f"{value.numerator}/{value.denominator}", rf"\dfrac{{{value.numerator}}}{{{value.denominator}}}")
        ),
    ]
    source.shuffle(pair)
    return framed(pair[0], source), pair[1]


def surds(source: random.Random) -> tuple[str, str]:
    """Roots: simplified, rationalised, as powers."""
    a, b = source.randint(2, 12), source.choice((2, 3, 5, 6, 7, 10, 11))
    gold = rf"{a}\sqrt{{{b}}}"
    ways = (
        gold,
        rf"{a}\sqrt {b}" if b < 10 else gold,
        rf"\sqrt{{{a * a * b}}}",
        rf"{a} \cdot \sqrt{{{b}}}",
        rf"{a}*sqrt({b})",
        rf"\frac{{{a * b}}}{{\sqrt{{{b}}}}}",
        rf"{a}\cdot {b}^{{\frac{{1}}{{2}}}}",
        rf"\sqrt{{{b}}}\cdot {a}",
        rf"\frac{{{2 * a}\sqrt{{{b}}}}}{{2}}",
        rf"{a}\times\sqrt{{{b}}}",
        rf"{a}\,\sqrt{{{b}}}",
        f"{a}\u221a{b}",
        rf"\sqrt{{{a}^2 \cdot {b}}}",
        rf"x={a}\sqrt{{{b}}}",
        rf"\sqrt[2]{{{a * a * b}}}",
        rf"-(-{a}\sqrt{{{b}}})",
    )
    return framed(source.choice(ways), source), source.choice((gold, rf"\sqrt{{{a * a * b}}}"))


def sums_of_surds(source: random.Random) -> tuple[str, str]:
    """Sums and quotients with roots, in another order or rationalised."""
    a, b, c = source.randint(2, 20), source.choice((2, 3, 5, 7)), source.randint(2, 9)
    d = a * a - b
    pairs = (
        (rf"\sqrt{{{b}}}+{a}", rf"{a}+\sqrt{{{b}}}"),
        (rf"\frac{{{a}+\sqrt{{{b}}}}}{{{c}}}", rf"\frac{{{a}}}{{{c}}}+\frac{{\sqrt{{{b}}}}}{{{c}}}"),
        (rf"\frac{{1}}{{{a}-\sqrt{{{b}}}}}", rf"\frac{{{a}+\sqrt{{{b}}}}}{{{d}}}"),
        (rf"({a}+\sqrt{{{b}}})^2", rf"{a * a + b}+{2 * a}\sqrt{{{b}}}"),
        (rf"\frac{{-{a}-\sqrt{{{b}}}}}{{{c}}}", rf"-\frac{{{a}+\sqrt{{{b}}}}}{{{c}}}"),
        (rf"{c}({a}-\sqrt{{{b}}})", rf"{c * a}-{c}\sqrt{{{b}}}"),
        (rf"\sqrt[3]{{{a**3 * b}}}", rf"{a}\sqrt[3]{{{b}}}"),
        (rf"{a}^{{-1}}\sqrt{{{b}}}", rf"\frac{{\sqrt{{{b}}}}}{{{a}}}"),
    )
    pair = list(source.choice(pairs))
    source.shuffle(pair)
    return framed(pair[0], source), pair[1]


def circles(source: random.Random) -> tuple[str, str]:
    """Multiples of the circle's number, of e, and complex numbers."""
    a, b = source.randint(2, 40), source.choice((3, 5, 7, 11))
    pairs = (
        (rf"{a}\pi", rf"\pi\cdot {a}"),
        (rf"\frac{{{a}\pi}}{{{b}}}", rf"\frac{{{a}}}{{{b}}}\pi"),
        (f"{a}pi", rf"{a}\pi"),
        (f"{a}\u03c0", rf"{a} \pi"),
        (rf"{a}\pi/{b}", rf"\frac{{{a}\pi}}{{{b}}}"),
        (rf"{a}\pi+{b}", rf"{b}+{a}\pi"),
        (rf"{a}e^{{2}}", rf"e^2\cdot {a}"),
        (f"{a}+{b}i", f"{b}i+{a}"),
        (rf"({a}+{b}i)^2", f"{a * a - b * b}+{2 * a * b}i"),
        (rf"\frac{{\pi}}{{{a}}}", rf"\pi/{a}"),
        (rf"{a}\pi - {b}", rf"-{b}+{a}\pi"),
        (rf"{2 * a}\frac{{\pi}}{{2}}", rf"{a}\pi"),
        (f"{a}-{b}i", f"-{b}i+{a}"),
        (rf"i^2\cdot {a}", f"-{a}"),
    )
    pair = list(source.choice(pairs))
    source.shuffle(pair)
    return framed(pair[0], source), pair[1]


def polynomials(source: random.Random) -> tuple[str, str]:
    """Formulas in variables: expanded, factored, in another order, with other signs for the same operations."""
    a, b, c = (source.randint(2, 9) for _ in range(3))
    pairs = (
        (f"(x+{a})(x+{b})", f"x^2+{a + b}x+{a * b}"),
        (f"{a}x+{b}", f"{b}+{a}x"),
        (f"{a}(x+{b})", f"{a}x+{a * b}"),
        (f"(x-{a})^2", f"x^2-{2 * a}x+{a * a}"),
        (f"x^2-{a * a}", f"(x-{a})(x+{a})"),
        (rf"\frac{{x^2+{a}x}}{{x}}", f"x+{a}"),
        (f"{a}xy", f"{a}yx"),
        (rf"{a}\cdot x\cdot y", f"{a}xy"),
        (f"{a}*x^2", f"{a}x^2"),
        (f"{a}x**2+{b}", f"{a}x^{{2}}+{b}"),
        (rf"\frac{{{a}x}}{{{b}}}", rf"\frac{{{a}}}{{{b}}}x"),
        (r"\frac{n(n+1)}{2}", "(n^2+n)/2"),
        (f"{a}^{{n+1}}", rf"{a}\cdot {a}^n"),
        (rf"x^{{-{a}}}", rf"\frac{{1}}{{x^{{{a}}}}}"),
        (r"\sqrt{x}", r"x^{\frac{1}{2}}"),
        (f"-{a}x+{b}", f"{b}-{a}x"),
        (rf"\left(x+{a}\right)^{{2}}", f"(x+{a})^2"),
        ("(a+b)^2", "a^2+2ab+b^2"),
        (f"f(x)={a}x+{b}", f"{a}x+{b}"),
        (f"{a}x+{b}", f"y={a}x+{b}"),
        (f"({a}x+{b})({c}x-1)", f"{a * c}x^2+{b * c - a}x-{b}"),
        (f"x^3+{a**3}", f"(x+{a})(x^2-{a}x+{a * a})"),
        (f"{a}x_1+{b}x_2", f"{b}x_{{2}}+{a}x_{{1}}"),
    )
    pair = list(source.choice(pairs))
    if "=" not in pair[0] + pair[1]:
        source.shuffle(pair)
    return framed(pair[0], source), pair[1]


def functions(source: random.Random) -> tuple[str, str]:
    """Trigonometry, logarithms, binomials and factorials, worked out or not."""
    a, b = source.randint(2, 9), source.randint(2, 6)
    n = source.randint(5, 12)
    k = source.randint(2, 4)
    pairs = (
        (rf"\log_{{{a}}} {a**b}", str(b)),
        (rf"\log_{a}({a**b})", str(b)),
        (rf"\ln e^{{{a}}}", str(a)),
        (r"\sin\frac{\pi}{6}", r"\frac{1}{2}"),
        (rf"\cos 0+{a}", str(a + 1)),
        (r"\tan\left(\frac{\pi}{4}\right)", "1"),
        (rf"\binom{{{n}}}{{{k}}}", str(comb(n, k))),
        (f"{b}!", str(factorial(b))),
        (r"2\sin x\cos x", r"\sin 2x"),
        (r"\sin^2 x+\cos^2 x", "1"),
        (rf"{a}\ln 2", rf"\ln {2**a}"),
        (r"\arctan 1", r"\frac{\pi}{4}"),
        (rf"{a}^{b}", str(a**b)),
        (rf"{a}^{{{b}}}-1", str(a**b - 1)),
        (rf"|-{a}|", str(a)),
        (rf"\lfloor {a}.5 \rfloor", str(a)),
        (rf"\frac{{{n}!}}{{{n - 1}!}}", str(n)),
        (r"\tan x", r"\frac{\sin x}{\cos x}"),
        (rf"\log {10**b}", str(b)),
        (r"\cos^{-1} 0", r"\frac{\pi}{2}"),
        (r"\sec x", r"\frac{1}{\cos x}"),
        (rf"\ln x + \ln {a}", rf"\ln({a}x)"),
        (rf"e^{{x+{a}}}", rf"e^{a}e^x"),
        (rf"\ln({a}) + {b}", rf"{b}+\ln {a}"),
    )
    answer, gold = source.choice(pairs)
    return framed(answer, source), gold


def units(source: random.Random) -> tuple[str, str]:
    """Answers with a unit, for a gold answer with the same or without."""
    n = source.randint(2, 999)
    unit, word = source.choice(
        (
            ("cm", "centimeters"),
            ("m", "meters"),
            ("km", "kilometers"),
            ("kg", "kilograms"),
            ("s", "seconds"),
            ("ft", "feet"),
            ("min", "minutes"),
        )
    )
    power = source.choice(("", "^2", "^3")) if unit in ("cm", "m", "km", "ft") else ""
    spelled = {"": "", "^2": "square ", "^3": "cubic "}[power]
    ways = (
        rf"{n}\text{{ {unit}}}{power}",
        rf"{n}\ \text{{{unit}}}{power}",
        rf"{n}\,\mathrm{{{unit}}}{power}",
        f"{n} {unit}{power}",
        f"{n}",
        rf"{n}\text{{ {spelled}{word}}}",
        f"{n} {spelled}{word}",
        rf"{n}~\text{{{unit}}}{power}",
        rf"{n}\mbox{{ {unit}}}{power}",
        rf"{n}.0 \text{{ {unit}}}{power}",
        rf"{n}\,\text{{{unit}}}{power}",
    )
    return framed(source.choice(ways), source), source.choice(
        (str(n), rf"{n}\text{{ {unit}}}{power}", rf"{n} \text{{ {spelled}{word}}}")
    )


def percent_degrees_dollars(source: random.Random) -> tuple[str, str]:
    """Percent, degrees and dollars, as signs and as words."""
    n = source.randint(2, 99)
    groups = (
        (
            (
                rf"{n}\%",
                f"{n}%",
                f"{n} percent",
                rf"{n}\text{{ percent}}",
                str(n),
                f"{n / 100:.2f}",
                rf"\frac{{{n}}}{{100}}",
                rf"{n}.0\%",
            ),
            (rf"{n}\%", rf"{n}\%"),
        ),
        (
            (
                rf"{n}^\circ",
                rf"{n}^{{\circ}}",
                f"{n} degrees",
                rf"{n}\text{{ degrees}}",
                str(n),
                f"{n}\u00b0",
                rf"\angle A={n}^\circ",
            ),
            (rf"{n}^\circ", str(n)),
        ),
        (
            (rf"\${n}", rf"\${n}.00", f"{n} dollars", rf"{n}\text{{ dollars}}", str(n), f"${n}$", rf"\$ {n}"),
            (rf"\${n}", str(n)),
        ),
    )
    ways, golds = source.choice(groups)
    return framed(source.choice(ways), source), source.choice(golds)


def intervals(source: random.Random) -> tuple[str, str]:
    """Intervals and inequalities, unions in another order."""
    a = source.randint(-30, 30)
    b = a + source.randint(1, 30)
    groups = (
        (
            f"[{a},{b}]",
            f"[{a}, {b}]",
            rf"\left[{a},{b}\right]",
            rf"{a}\le x\le {b}",
            rf"{b}\geq x\geq {a}",
            rf"x\in[{a},{b}]",
            rf"{a} \leqslant x \leqslant {b}",
            f"{a}<=x<={b}",
        ),
        (
            f"({a},{b}]",
            rf"({a}, {b}]",
            rf"{a}<x\le {b}",
            rf"x \in \left({a},{b}\right]",
            rf"{b}\ge x>{a}",
            rf"({a}.0,{b}]",
        ),
        (
            rf"({a},\infty)",
            rf"x>{a}",
            rf"({a}, \infty)",
            rf"{a}<x",
            rf"\left({a},+\infty\right)",
            rf"x\in({a},\infty)",
            rf"x \gt {a}",
        ),
        (rf"(-\infty,{a}]", rf"x\le {a}", rf"(-\infty, {a}]", rf"{a}\geq x", rf"x \leq {a}", f"x<={a}"),
        (
            rf"(-\infty,{a})\cup({b},\infty)",
            rf"({b},\infty)\cup(-\infty,{a})",
            rf"(-\infty, {a}) \cup ({b}, \infty)",
            rf"x \in (-\infty,{a}) \cup ({b},\infty)",
        ),
    )
    answer, gold = source.sample(source.choice(groups), 2)
    return framed(answer, source), gold


def lists(source: random.Random) -> tuple[str, str]:
    """Sets and lists in another order, spelled out, with `or`, as two boxes."""
    members = source.sample(range(-20, 60), source.randint(2, 4))
    other = source.sample(members, len(members))
    plain, turned = ", ".join(map(str, members)), ", ".join(map(str, other))
    ways = (
        turned,
        plain,
        rf"\{{{turned}\}}",
        rf"\left\{{{plain}\right\}}",
        turned.replace(", ", ","),
        "; ".join(map(str, other)),
        " and ".join(map(str, other)),
        r" \text{ and } ".join(map(str, other)),
        r"\text{ or }".join(map(str, other)),
        ", ".join(f"x={each}" for each in other),
        f"x = {turned}",
        ", ".join(f"{each}.0" for each in other),
        ", ".join(rf"\frac{{{2 * each}}}{{2}}" for each in other),
        rf"x \in \{{{turned}\}}",
    )
    gold = source.choice((plain, rf"\{{{plain}\}}"))
    if source.random() < 0.1:
        return " and ".join(rf"$\boxed{{{each}}}$" for each in other), gold
    return framed(source.choice(ways), source), gold


def plus_minus(source: random.Random) -> tuple[str, str]:
    """Two values by one sign."""
    a, b = source.randint(1, 20), source.choice((2, 3, 5, 7))
    pairs = (
        (rf"\pm {a}", f"{a}, -{a}"),
        (rf"\pm {a}", f"-{a}, {a}"),
        (rf"{a}\pm\sqrt{{{b}}}", rf"{a}+\sqrt{{{b}}}, {a}-\sqrt{{{b}}}"),
        (rf"x=\pm {a}", rf"\pm {a}"),
        (rf"{a} \pm \sqrt{{{b}}}", rf"{a}\pm\sqrt{{{b}}}"),
        (f"{a}, -{a}", rf"\pm {a}"),
        (rf"\{{-{a}, {a}\}}", rf"\pm {a}"),
        (rf"\frac{{-{a}\pm\sqrt{{{b}}}}}{{2}}", rf"\frac{{-{a}+\sqrt{{{b}}}}}{{2}}, \frac{{-{a}-\sqrt{{{b}}}}}{{2}}"),
    )
    answer, gold = source.choice(pairs)
    return framed(answer, source), gold


def points(source: random.Random) -> tuple[str, str]:
    """Points and matrices."""
    a, b, c, d = (source.randint(-20, 20) for _ in range(4))
    groups = (
        (
            f"({a},{b})",
            f"({a}, {b})",
            rf"\left({a},{b}\right)",
            f"(x,y)=({a},{b})",
            f"({a}.0, {b})",
            rf"\left( {a}, {b} \right)",
            rf"(\frac{{{2 * a}}}{{2}},{b})",
            f"(x, y) = ({a}, {b})",
        ),
        (f"({a},{b},{c})", f"({a}, {b}, {c})", rf"\left({a},{b},{c}\right)", rf"({a},\ {b},\ {c})"),
        (
            rf"\begin{{pmatrix}}{a}&{b}\\{c}&{d}\end{{pmatrix}}",
            rf"\begin{{pmatrix}} {a} & {b} \\ {c} & {d} \end{{pmatrix}}",
            rf"\begin{{bmatrix}} {a} & {b} \\ {c} & {d} \end{{bmatrix}}",
            rf"\left(\begin{{array}}{{cc}}{a}&{b}\\{c}&{d}\end{{array}}\right)",
        ),
        (
            rf"\begin{{pmatrix}}{a}\\{b}\end{{pmatrix}}",
            rf"\begin{{bmatrix}} {a} \\ {b} \end{{bmatrix}}",
            rf"\begin{{pmatrix}} {a} \\ {b}\\ \end{{pmatrix}}",
        ),
    )
    answer, gold = source.sample(source.choice(groups), 2)
    return framed(answer, source), gold if "=" not in gold else f"({a},{b})"


def equations(source: random.Random) -> tuple[str, str]:
    """Equations turned, scaled, or with everything on one side."""
    a, b = source.randint(2, 9), source.randint(1, 20)
    groups = (
        (
            f"y={a}x+{b}",
            f"y={b}+{a}x",
            f"{a}x-y+{b}=0",
            f"y-{b}={a}x",
            f"2y={2 * a}x+{2 * b}",
            f"{a}x+{b}=y",
            f"y = {a}x + {b}",
        ),
        (f"x^2+y^2={b}", f"y^2+x^2={b}", f"x^2+y^2-{b}=0", f"{b}=x^2+y^2", f"2x^2+2y^2={2 * b}"),
        (f"x={b}", f"x = {b}", f"{b}=x", f"x={b}.0"),
        (rf"\frac{{x^2}}{{{a * a}}}+\frac{{y^2}}{{{b * b}}}=1", f"{b * b}x^2+{a * a}y^2={a * a * b * b}"),
    )
    answer, gold = source.sample(source.choice(groups), 2)
    return framed(answer, source), gold


def named(source: random.Random) -> tuple[str, str]:
    """Words and letters."""
    word = source.choice(("Monday", "east", "odd", "even", "parabola", "Evelyn", "yes", "no", "blue", "north"))
    letter = source.choice("ABCDE")
    groups = (
        (
            rf"\text{{{word}}}",
            word,
            rf"\text{{{word.lower()}}}",
            rf"\textbf{{{word}}}",
            rf"\mathrm{{{word}}}",
            word.upper(),
            rf"\text{{ {word} }}",
            rf"\text{{{word}}}.",
        ),
        (
            letter,
            rf"\text{{{letter}}}",
            f"({letter})",
            rf"\text{{({letter})}}",
            rf"\textbf{{({letter})}}",
            rf"\mathbf{{{letter}}}",
            rf"\mathrm{{({letter})}}",
        ),
    )
    answer, gold = source.sample(source.choice(groups), 2)
    return framed(answer, source), gold


def chains_of_equations(source: random.Random) -> tuple[str, str]:
    """Equations that lead to the answer and are true."""
    a, b = source.randint(2, 40), source.randint(2, 40)
    ways = (
        f"{a}+{b}={a + b}",
        rf"x = {a}+{b} = {a + b}",
        rf"{a}\cdot 1+{b}={a + b}",
        f"n={a + b}",
        rf"x=\frac{{{2 * (a + b)}}}{{2}}={a + b}",
        f"{a + b}=x",
        rf"|AB|={a + b}",
        f"f(2)={a + b}",
        f"a_{{10}}={a + b}",
        rf"\text{{Area}} = {a + b}",
        rf"\angle ABC={a + b}",
        f"S={a}+{b}={a + b}",
        f"P(A)={a + b}",
        f"m+n={a}+{b}={a + b}",
        rf"AB = {a + b}",
        rf"\theta={a + b}",
    )
    return framed(source.choice(ways), source), str(a + b)


MATHEMATICS: dict[str, Family] = {
    family.__name__.replace("_", " "): family
    for family in (
        integers,
        plain_text,
        scientific,
        fractions,
        mixed_numbers,
        decimals,
        repeating,
        surds,
        sums_of_surds,
        circles,
        polynomials,
        functions,
        units,
        percent_degrees_dollars,
        intervals,
        lists,
        plus_minus,
        points,
        equations,
        named,
        chains_of_equations,
    )
}


def mathematics_answers() -> list[Case]:
    """Right answers for the grader of mathematics; the arguments are a text and a gold answer."""
    return [
        Case("mathematics", name, family(random.Random(f"{name} {number}")))
        for name, family in MATHEMATICS.items()
        for number in range(PER_FAMILY)
    ]


def worked_steps(source: random.Random) -> Case:
    """A chain that solves an item of countdown, alone or after an attempt that misses."""
    numbers = tuple(source.randint(1, 12) for _ in range(3))
    text, target = source.choice(list(chains(numbers).items()))
    ways = (text, f" {text}\n", f"{text};", f"1+1=2;{text}")
    return Case("countdown", "worked steps", (source.choice(ways), numbers, target))


def products(source: random.Random) -> Case:
    """A product, as a number or by partial products."""
    a, b = source.randint(11, 99), source.randint(3, 9)
    tens, ones = a // 10 * 10, a % 10
    steps = f"{tens}*{b}={tens * b} {ones}*{b}={ones * b} {tens * b}+{ones * b}={a * b}"
    return Case("product", "products", (source.choice((f"{a * b}", f"{a * b};", f"1;{a * b}", steps)), (a, b)))


def whole_numbers(source: random.Random) -> Case:
    """A whole number of up to 40 digits, in a frame."""
    gold = source.choice((1, -1)) * source.randrange(10 ** source.randint(1, 40))
    frames = ("@", " @.\n", "17*6=@", "The answer is @.", r"\boxed{@}", "**@**", "answer: @", "$@$")
    written = source.choice((f"{gold}", f"{gold:,}"))
    return Case("integer", "whole numbers", (source.choice(frames).replace("@", written), gold))


LETTER_FRAMES = (
    "@ | (@) | @. | The answer is @. | The answer is (@) | \\boxed{@} | \\boxed{\\text{@}} | Answer: @ | **@** | "
    "@) # | (@) # | # | option @ | The answer is **@** | The answer is @. # | the answer is: @"
).split(" | ")


def letters(source: random.Random) -> Case:
    """A letter in a frame, or its option's text."""
    letter = source.choice(sorted(OPTIONS))
    said = source.choice(LETTER_FRAMES).replace("@", source.choice((letter, letter, letter.lower())))
    return Case("choice", "letters", (said.replace("#", OPTIONS[letter]), letter))


def sections(source: random.Random) -> Case:
    """A thought and an answer, with or without space around."""
    space, number = source.choice(("", "\n", "  ")), source.randint(1, 999)
    thought = f"<think>{space}{number} < 3 <b>{space}</think>"
    return Case("layout", "sections", (f"{space}{thought}{space}<answer>{number}</answer>{space}",))


PROCEDURAL = (worked_steps, products, whole_numbers, letters, sections)


def procedural_answers() -> list[Case]:
    """Right answers for the graders that work by rules."""
    return [
        family(random.Random(f"{family.__name__} {number}"))
        for family in PROCEDURAL
        for number in range(4 * PER_FAMILY)
    ]


@cache
def answers() -> tuple[Case, ...]:
    """All right answers, always the same."""
    return (*mathematics_answers(), *procedural_answers())
