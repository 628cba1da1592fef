r"""The characters and commands of formulas, and what each of them stands for.

A character that is not listed is refused by its name, because letters of other scripts look like those of ours, and
because control characters can make a formula look like another one. Mathematical letters, which are copied from a page,
are the plain ones in another font.
"""

from __future__ import annotations

import unicodedata

from kl_symbolic.functions import all_functions

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Ψ": "Psi",
}  # fmt: skip
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵏⁱˣᵀᵈᵐᴰᴶᴷᴹᴺ", "0123456789-+nkixTdmDJKMN", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚₓ₌", "0123456789ijklmnpx=", strict=True))
FRACTIONS = dict(zip("½⅓⅔¼¾⅕⅛", ("1/2", "1/3", "2/3", "1/4", "3/4", "1/5", "1/8"), strict=True))
BAR, NORM = "|", "‖"  # marks around a determinant or an absolute value, and around a norm
MARKS = {
    **{c: c for c in "+-*/^()[]{},|‖"},
    "**": "^", "−": "-", "–": "-", "·": "*", "⋅": "*", "∙": "*", "×": "*", "∗": "*", "÷": "/", "⁄": "/", "∕": "/",
    "||": NORM, "∥": NORM,
    r"\cdot": "*", r"\times": "*", r"\ast": "*", r"\div": "/", r"\{": "(", r"\}": ")", r"\over": r"\over",
    r"\lbrace": "(", r"\rbrace": ")", r"\lbrack": "[", r"\rbrack": "]",
    r"\lvert": BAR, r"\rvert": BAR, r"\vert": BAR, r"\mid": BAR,
    r"\lVert": NORM, r"\rVert": NORM, r"\Vert": NORM, r"\|": NORM, r"\parallel": NORM,
}  # fmt: skip
SPACES = " \t\r\n\u00a0\u2002\u2003\u2009\u202f"
SUMS = "∑Σ"
HOLES = "ℎℬℰℱℋℐℒℳℛℯℊℴℭℌℑℜℨℂℍℕℙℚℝℤ"  # of the mathematical alphabets, whose letters are elsewhere
PRIMES = "'’′"
ACCENTS = "\u0302\u0303\u0304\u0305\u20d7"  # a hat, a tilde, two bars and a vector over the letter before
LETTERS = frozenset(
    {*GREEK, *SUPERSCRIPTS, *SUBSCRIPTS, *FRACTIONS, *MARKS, *SPACES, *ACCENTS, *PRIMES, *SUMS, *"∏√∫⅟∈"}
)
# Commands that only move or size things.
LAYOUT = frozenset(
    [r"\left", r"\right", r"\,", r"\;", r"\:", r"\!", r"\ ", r"\>", r"\quad", r"\qquad", r"\displaystyle"]
    + [rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")]
    + [r"\textstyle", r"\scriptstyle", r"\scriptscriptstyle", r"\thinspace", r"\enspace", r"\limits", r"\nolimits"]
    + [r"\nonumber", r"\notag", r"\mathstrut", r"\middle"]
)
# Commands that are words, and the words; functions are found by themselves.
WORDS = {
    **{rf"\{name}": name for name in (*GREEK.values(), "det", "tr", "Tr", "trace", "diag")},
    r"\ell": "ell", r"\lg": "log10",
    r"\varepsilon": "epsilon", r"\varphi": "phi", r"\vartheta": "theta", r"\varrho": "rho",
    r"\top": "T", r"\intercal": "T", r"\varSigma": "Sigma",
}  # fmt: skip
FRACTION_COMMANDS = frozenset({r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"})
DECORATIONS = frozenset(
    rf"\{word}"
    for word in "tilde widetilde hat widehat bar overline underline vec overrightarrow check breve dot ddot".split()  # noqa: SIM905
)
# What is no formula, in the words in which it is refused.
INTEGRAL = "an integral is not read: give the formula that it comes to"
EXPECTATION = "an expectation is not read: give the formula that it comes to"
DIVERGENCE = "a divergence within a formula is not read: put its formula in its place"
FOREIGN = {
    **dict.fromkeys((r"\int", r"\iint", r"\oint", r"\intop", "∫"), INTEGRAL),
    **dict.fromkeys((r"\mathbb", r"\mathcal", r"\mathfrak", r"\mathscr"), "a law or an expectation is not read"),
    r"\Lambda": "the matrix \\Lambda is not read: write the formula with the variances",
    r"\text": "words within a formula are not read",
}  # fmt: skip


def spelled_command(command: str) -> str | None:
    r"""Return the word that a command of LaTeX is, or None if it is none.

    >>> spelled_command(r"\ln"), spelled_command(r"\varphi"), spelled_command(r"\infty")
    ('ln', 'phi', None)
    """
    word = command.removeprefix("\\")
    for function in all_functions().values():
        if function.arity == 1 and (word in function.spellings or command == function.tex):
            return word if word in function.spellings else function.spellings[0]
    return WORDS.get(command)


def character(c: str) -> str:
    """Name a character.

    >>> character("а")
    'U+0430 CYRILLIC SMALL LETTER A'
    """
    return f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip()


def plain_letters(text: str) -> str:
    r"""Write mathematical letters and digits as the plain ones of which they are a font; nothing else is changed.

    >>> plain_letters("\U0001d70e₁ + mu_１")
    'σ₁ + mu_１'
    """
    return "".join(_plain_letter(c) if c > "\u2100" else c for c in text)


def _plain_letter(c: str) -> str:
    font = "\U0001d400" <= c <= "\U0001d7ff" or c in HOLES
    plain = unicodedata.normalize("NFKC", c) if font else c
    return plain if len(plain) == 1 and (plain.isascii() or plain in GREEK or plain in SUMS) else c
