r"""From characters to tokens: plain text, Python, Unicode and LaTeX become one stream.

Nothing is guessed here. A character that is not listed below is refused by its name, because letters of other scripts
look like those of ours, and because control characters can make a formula look like another one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NoReturn, TypeAlias

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.syntax import FUNCTIONS

MOST_CHARACTERS = 100_000  # of a formula
MOST_DIGITS = 50  # of one number; an error of 1e-25 must still be found
SHOWN = 60  # characters of a formula in a message

Kind: TypeAlias = Literal["number", "name", "sub", "sup", "mark", "frac", "sum", "end"]

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵏⁱˣ", "0123456789-+nkix", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₚₓ₌", "0123456789ijknpx=", strict=True))
FRACTIONS = dict(zip("½⅓⅔¼¾⅕⅛", ("1/2", "1/3", "2/3", "1/4", "3/4", "1/5", "1/8"), strict=True))
MARKS = {
    **{c: c for c in "+-*/^()[]{},"},
    "**": "^", "−": "-", "–": "-", "·": "*", "⋅": "*", "∙": "*", "×": "*", "÷": "/", "⁄": "/", "∕": "/",
    r"\cdot": "*", r"\times": "*", r"\ast": "*", r"\div": "/", r"\{": "(", r"\}": ")",
}  # fmt: skip
SPACES = " \t\r\n\u00a0\u2002\u2003\u2009\u202f"
LETTERS = frozenset({*GREEK, *SUPERSCRIPTS, *SUBSCRIPTS, *FRACTIONS, *MARKS, *SPACES, *"√∑Σ"})  # beside those of ASCII
# Commands that only move or size things.
LAYOUT = frozenset(
    [r"\left", r"\right", r"\,", r"\;", r"\:", r"\!", r"\ ", r"\quad", r"\qquad", r"\displaystyle", r"\textstyle"]
    + [rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")]
    + [r"\limits", r"\nolimits", r"\nonumber", r"\notag", r"\mathstrut"]
)
WORDS = frozenset({r"\log", r"\ln", r"\exp", r"\sqrt", *(rf"\{name}" for name in GREEK.values())})
FRACTION_COMMANDS = frozenset({r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"})
MODULES = frozenset(
    "np numpy math torch th tf tf.math jnp jax.numpy K F ops sp sympy keras.backend Math T tt nd".split()  # noqa: SIM905
)
ENVIRONMENTS = "align|aligned|equation|split|gather|gathered|multline|displaymath|math"

_FONT = re.compile(
    r"\\(?:mathrm|mathit|mathbf|mathsf|text|textrm|operatorname|boldsymbol|bm|bold)\s*\{\s*(\\?[A-Za-z]+)\s*\}"
)
_LABEL = re.compile(r"\\(?:label|tag)\*?\{[^{}]*\}|\\(?:begin|end)\{(?:" + ENVIRONMENTS + r")\*?\}")
_VECTOR = re.compile(r"\\(begin|end)\{[pb]?matrix\}")
_BREAK = re.compile(r"\\\\(?:\s*\[[0-9.]*[a-z]*\])?")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*", re.ASCII)
# Modules before a function: np.log, tf.math.log, Math.sqrt.
_MODULE = re.compile(r"(?:[A-Za-z]+\.)+(?=([A-Za-z_][A-Za-z0-9_]*)\s*\()", re.ASCII)
_TEX_WORD = re.compile(r"[A-Za-z]+[0-9]*", re.ASCII)
_AFTER_GREEK = re.compile(r"[0-9]*(?:_[A-Za-z0-9]+)*", re.ASCII)
_CALL = re.compile(r"\s*\(")
_SUB = re.compile(r"_\s*(?:\{([A-Za-z0-9,=+\s]*)\}|\(([A-Za-z0-9,=+\s]*)\)|([A-Za-z0-9]))", re.ASCII)
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Token:
    """A piece of a formula, where it stands in the source, and whether a space precedes it."""

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool = False


@dataclass(frozen=True)
class Source:
    """What is read: a formula, whether it is LaTeX, and its tokens."""

    text: str
    tex: bool
    tokens: tuple[Token, ...]


def plain(text: str) -> tuple[str, bool]:
    r"""Return a text without what only frames formulas in LaTeX, and whether it is LaTeX.

    Raises
    ------
    RequestError
        If it is too long, or holds a character that cannot be seen.

    Examples
    --------
    >>> plain(r"$\mathrm{KL} = 1$")
    ('  KL  = 1 ', True)
    """
    if len(text) > MOST_CHARACTERS:
        raise RequestError(f"the formula has {len(text)} characters; at most {MOST_CHARACTERS} are read")
    for c in text:
        if unicodedata.category(c)[0] == "C" and c not in SPACES:
            raise RequestError(f"not a formula: it holds the invisible character {character(c)}")
    tex = "\\" in text or "$" in text
    return (_without_tex_frames(text) if tex else text), tex


def source(text: str, tex: bool) -> Source:
    r"""Cut a formula, which `plain` has seen, into tokens.

    Raises
    ------
    RequestError
        If it holds a character or command that is no part of a formula.

    Examples
    --------
    >>> [t.text for t in source(r"\frac{1}{2}\sigma_1^2", tex=True).tokens]
    ['\\frac', '{', '1', '}', '{', '2', '}', 'sigma', '1', '^', '2', '']
    """
    right = text.strip(SPACES)
    if tex:
        right = right.rstrip(".," + SPACES)
    for c in right:
        if not (c.isascii() or c in LETTERS):
            raise RequestError(f"not part of a formula: {c}, the character {character(c)}")
    if not right:
        raise RequestError("not a formula: there is nothing to read")
    return Source(right, tex, tuple(_Lexer(right, tex).tokens()))


def character(c: str) -> str:
    """Name a character.

    >>> character("а")
    'U+0430 CYRILLIC SMALL LETTER A'
    """
    return f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip()


def excerpt(text: str) -> str:
    """Return the beginning of a piece of source, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 3]}..."


def number(text: str) -> Fraction:
    """Return the exact value of a decimal numeral.

    >>> number("0.10")
    Fraction(1, 10)
    """
    mantissa, _, exponent = text.lower().partition("e")
    if len(text) > MOST_DIGITS or abs(int(exponent or 0)) > MOST_DIGITS:
        raise RequestError(f"a number has more than {MOST_DIGITS} digits: {excerpt(text)}")
    return Fraction(mantissa) * Fraction(10) ** int(exponent or 0)


def _without_tex_frames(text: str) -> str:
    """Drop dollars, environments, labels and fonts; the rows of a column vector become entries with commas."""
    text = re.sub(r"\\[\[\]()]|\$|~|%[^\n]*", " ", _BREAK.sub(r"\\\\ ", text))
    text = _FONT.sub(r" \1 ", _LABEL.sub(" ", text))
    parts, depth, last = [], 0, 0
    for mark in re.finditer(_VECTOR.pattern + r"|\\\\|&", text):
        parts.append(text[last : mark.start()])
        last = mark.end()
        if mark[1]:
            depth += 1 if mark[1] == "begin" else -1
            parts.append("(" if mark[1] == "begin" else ")")
        else:
            parts.append(", " if depth > 0 and mark[0] != "&" else " ")
    return "".join((*parts, text[last:]))


class _Lexer:
    """Cut one line into tokens."""

    def __init__(self, text: str, tex: bool) -> None:
        self.text, self.tex, self.at = text, tex, 0

    def tokens(self) -> list[Token]:
        made: list[Token] = []
        spaced = False
        while self.at < len(self.text):
            start = self.at
            if self.text[start] in SPACES:
                self.at, spaced = start + 1, True
                continue
            found = self._next(made[-1] if made and not spaced else None)
            if found is not None:
                made.append(Token(*found, start, self.at, spaced))
                spaced = False
        made.append(Token("end", "", len(self.text), len(self.text), spaced))
        return made

    def _next(self, previous: Token | None) -> tuple[Kind, str] | None:
        """Read one token, or None for what only moves things; `previous` is the token that touches this one."""
        c = self.text[self.at]
        if c == "\\":
            return self._command()
        numeral = _NUMBER.match(self.text, self.at)
        if numeral:
            if c == "." and previous is not None and previous.kind == "name":
                self._refuse(self.text[previous.start :])
            return self._take("number", numeral[0])
        module = None if self.tex else _MODULE.match(self.text, self.at)
        if module and module[0][:-1] in MODULES and module[1] in FUNCTIONS:
            self.at = module.end()
        word = (_TEX_WORD if self.tex else _WORD).match(self.text, self.at)
        if word:
            return self._word(word[0])
        if c in GREEK:
            rest = "" if self.tex else self._matched(_AFTER_GREEK, self.at + 1)
            self.at += 1 + len(rest)
            return "name", GREEK[c] + rest
        sub = _SUB.match(self.text, self.at)
        if sub:
            return self._take("sub", "".join("".join(g or "" for g in sub.groups()).split()), len(sub[0]))
        for table, kind in ((SUPERSCRIPTS, "sup"), (SUBSCRIPTS, "sub")):
            if c in table:
                return self._run(table, "sup" if kind == "sup" else "sub")
        return self._mark(c, previous)

    def _mark(self, c: str, previous: Token | None) -> tuple[Kind, str]:
        if c in FRACTIONS:
            return self._take("number", FRACTIONS[c], 1)
        if c == "√":
            return self._take("name", "sqrt", 1)
        if c in "∑Σ":
            return self._take("sum", c)
        for size in (2, 1):
            written = self.text[self.at : self.at + size]
            if written in ("//", "||"):
                raise RequestError(f"no operator {written} in a formula; there are + - * / ^")
            if len(written) == size and written in MARKS:
                return self._take("mark", MARKS[written], size)
        return self._refuse(self.text[previous.start if c == "." and previous else self.at :])

    def _word(self, word: str) -> tuple[Kind, str]:
        if word == "sum" and self._matched(re.compile(r"\s*[_^ᵢⱼₖ]"), self.at + 3):
            return self._take("sum", word)
        if word.startswith("sum_"):  # sum_i, where the index belongs to the sum
            return self._take("sum", "sum")
        if word.isupper() and word.lower() in FUNCTIONS and self._matched(_CALL, self.at + len(word)):
            return self._take("name", word.lower())  # LN(...) in spreadsheets
        return self._take("name", word)

    def _command(self) -> tuple[Kind, str] | None:
        found = _COMMAND.match(self.text, self.at)
        command = found[0] if found else "\\"
        self.at += len(command)
        if command in LAYOUT:
            return None
        if command in MARKS:
            return "mark", MARKS[command]
        if command in FRACTION_COMMANDS:
            return "frac", command
        if command == r"\sum":
            return "sum", command
        if command in WORDS:
            return "name", command[1:]
        raise RequestError(f"not part of a formula: {excerpt(command)}, a command of LaTeX that is not read")

    def _run(self, table: dict[str, str], kind: Kind) -> tuple[Kind, str]:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in table:
            self.at += 1
        return kind, "".join(table[c] for c in self.text[start : self.at])

    def _take(self, kind: Kind, text: str, length: int | None = None) -> tuple[Kind, str]:
        self.at += len(text) if length is None else length
        return kind, text

    def _matched(self, pattern: re.Pattern[str], at: int) -> str:
        found = pattern.match(self.text, at)
        return found[0] if found else ""

    def _refuse(self, rest: str) -> NoReturn:
        raise RequestError(f"not part of a formula: {excerpt(rest)}")
