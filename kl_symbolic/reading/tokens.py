r"""From characters to tokens: plain text, Python, Unicode and LaTeX become one stream.

Nothing is guessed here: what the alphabet does not list is refused by its name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NoReturn, TypeAlias

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.alphabet import (
    ACCENTS,
    DECORATIONS,
    FOREIGN,
    FRACTION_COMMANDS,
    FRACTIONS,
    GREEK,
    LAYOUT,
    LETTERS,
    MARKS,
    PRIMES,
    SPACES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    character,
    plain_letters,
    spelled_command,
)
from kl_symbolic.reading.preamble import without_end, without_frames
from kl_symbolic.reading.spreadsheets import refuse_other_meanings
from kl_symbolic.reading.syntax import FUNCTIONS, MOST_PRIMES, PAIRED, is_of_library, word_of_letters

MOST_CHARACTERS = 100_000  # of a formula
MOST_DIGITS = 50  # of one number; an error of 1e-25 must still be found
SHOWN = 60  # characters of a formula in a message

Kind: TypeAlias = Literal["number", "name", "sub", "sup", "mark", "frac", "sum", "prod", "end"]

MODULES = frozenset(
    """
    np numpy math torch th tf tf.math jnp jax.numpy K F ops sp sympy keras.backend Math T tt nd sc special scipy.special
    sp.special jax.scipy.special jsp.special jax.lax lax
    """.split()  # noqa: SIM905
)
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*", re.ASCII)
# Modules before a function: np.log, tf.math.log, Math.sqrt.
_MODULE = re.compile(r"(?:[A-Za-z]+\.)+(?=([A-Za-z_][A-Za-z0-9_]*)\s*\()", re.ASCII)
_TEX_WORD = re.compile(r"[A-Za-z]+[0-9]*", re.ASCII)
_GLUED = re.compile(r"([0-9]+|[pqijPQ](?![A-Za-z0-9_]))?((?:_[A-Za-z0-9]+)*)", re.ASCII)
_CALL = re.compile(r"\s*\(")
_PRIMES = re.compile("['’′]")
_ORDER = re.compile(
    rf"\s*\^\s*{{\s*\(\s*([0-{MOST_PRIMES}])\s*\)\s*}}|['’′]{{1,{MOST_PRIMES}}}"
    rf"|\s*(?:_\s*(?:([0-{MOST_PRIMES}])|{{\s*([0-{MOST_PRIMES}])\s*}})|([₀-₃]))(?=(?:\s|\\left|\\[bB]igg?l?)*[(\[])"
)
_EMPTY = re.compile(r"\(\s*\)")
_SUB = re.compile(r"_\s*(?:\{([^{}]{0,60})\}|\(([A-Za-z0-9,=+\s]{0,60})\)|([A-Za-z0-9α-ω]|\\[a-z]+))", re.ASCII)
_UNDER = re.compile(r"\s*(?:\{\s*(\\?[A-Za-z]+)\s*\}|(\\[A-Za-z]+)|([A-Za-z]))", re.ASCII)
_SIZES = r"(?:\s|\\(?:left|[bB]igg?[lr]?|displaystyle|limits)(?![A-Za-z])|\\[,;:! ])*"
_INDEX = r"_\s*(?:\{\s*[a-z]\s*(?:=|\\in(?![a-z])|∈)|\{\s*[a-or-z]\s*\}|[a-or-z](?![A-Za-z0-9]))"
_SUMS = re.compile(rf"{_SIZES}(?:[(\[]|\\\{{|{_INDEX}|[ᵢⱼₖ]|\^\s*[A-Za-z])", re.ASCII)
_COMPUTER_SUM = re.compile(r"(?<![A-Za-z0-9_])sum\s*\[\s*1\s*\.\.\s*([A-Za-z]\w*)\s*\]", re.ASCII)
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Token:
    """A piece of a formula, where it stands in the source, whether a space precedes it, and what stands over it."""

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool = False
    decoration: str = ""


@dataclass(frozen=True)
class Source:
    """What is read: a formula, whether it is LaTeX, its tokens, and what was done to read it."""

    text: str
    tex: bool
    tokens: tuple[Token, ...]
    notes: tuple[str, ...] = ()


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
    if not tex:
        refuse_other_meanings(text)
    return (without_frames(text) if tex else text), tex


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
    letters = plain_letters(text)
    right, notes = without_end(letters.strip(SPACES), tex)
    if letters != text:
        notes.append("mathematical letters are read as plain ones")
    right = _COMPUTER_SUM.sub(r"sum^\1 ", right.replace("⅟", "1/"))
    for c in right:
        if not (c.isascii() or c in LETTERS):
            raise RequestError(f"not part of a formula: {c}, the character {character(c)}")
    if not right:
        raise RequestError("not a formula: there is nothing to read")
    return Source(right, tex, tuple(_Lexer(right, tex).tokens()), tuple(notes))


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


class _Lexer:
    """Cut one line into tokens."""

    def __init__(self, text: str, tex: bool) -> None:
        self.text, self.tex, self.at = text, tex, 0
        self.decoration = ""

    def tokens(self) -> list[Token]:
        made: list[Token] = []
        spaced = False
        while self.at < len(self.text):
            start = self.at
            if self.text[start] in SPACES:
                self.at, spaced = start + 1, True
                continue
            self.decoration = ""
            found = self._next(made[-1] if made and not spaced else None)
            if found is not None and found[0] == "name":
                self._accent()
            if found is not None:
                made.append(Token(*found, start, self.at, spaced, self.decoration))
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
            after = self.text[numeral.end() : numeral.end() + 1]
            if numeral[0].endswith(".") and after and (after.isalpha() or after in GREEK):
                self._refuse(self.text[self.at :])  # is it a decimal point, or a sign of multiplication?
            return self._take("number", numeral[0])
        module = None if self.tex else _MODULE.match(self.text, self.at)
        if module and self._is_function(module[1]):
            known = module[0][:-1] in MODULES or is_of_library(module[0] + module[1])
            self.at = module.end() if known else self.at
        word = (_TEX_WORD if self.tex else _WORD).match(self.text, self.at)
        if word:
            return self._word(word[0])
        if c in GREEK:
            self.at += 1
            return "name", self._with_order(GREEK[c]) + self._glued()
        if c == "_":
            return self._sub()
        if c in PRIMES and previous is not None and (previous.kind in ("name", "sub") or previous.text == "}"):
            return self._prime(previous)
        for table, kind in ((SUPERSCRIPTS, "sup"), (SUBSCRIPTS, "sub")):
            if c in table:
                return self._run(table, "sup" if kind == "sup" else "sub")
        return self._mark(c, previous)

    def _mark(self, c: str, previous: Token | None) -> tuple[Kind, str]:
        if c in FRACTIONS:
            return self._take("number", FRACTIONS[c], 1)
        if c == "√":
            return self._take("name", "sqrt", 1)
        if c in "∑∏":
            return self._take("sum" if c == "∑" else "prod", c)
        if c == "Σ":
            return self._sigma(1)
        if c in FOREIGN:
            raise RequestError(f"not part of a formula: {c}; {FOREIGN[c]}")
        for size in (2, 1):
            written = self.text[self.at : self.at + size]
            if written == "//":
                raise RequestError(f"no operator {written} in a formula; there are + - * / ^")
            if len(written) == size and written in MARKS:
                return self._take("mark", MARKS[written], size)
        return self._refuse(self.text[previous.start if c == "." and previous else self.at :])

    def _word(self, word: str) -> tuple[Kind, str]:
        if word == "sum" and self._matched(re.compile(r"\s*[_^ᵢⱼₖ]"), self.at + 3):
            return self._take("sum", word)
        if word.startswith("sum_"):  # sum_i, where the index belongs to the sum
            return self._take("sum", "sum")
        called = self._matched(_CALL, self.at + len(word))
        if called and (ours := word_of_letters(word.lower() if word.isupper() else word)):
            return self._take("name", ours, len(word))  # gamma(...) of libraries
        if word.isupper() and called and self._is_called(word.lower()):
            return self._take("name", word.lower(), len(word))  # LN(...) in spreadsheets
        if word == "Pi" and not self.tex:
            return self._take("name", "pi", len(word))
        if word.istitle() and self.text[self.at + len(word) :].startswith("[") and self._is_called(word.lower()):
            return self._take("name", word.lower(), len(word))  # Log[...] in Mathematica
        if word.lower() == "pi" and (empty := self._matched(_EMPTY, self.at + len(word))):
            return self._take("name", "pi", len(word) + len(empty))
        self.at += len(word)
        return "name", self._with_order(word)

    def _command(self) -> tuple[Kind, str] | None:
        found = _COMMAND.match(self.text, self.at)
        command = found[0] if found else "\\"
        if command in DECORATIONS:
            return self._decorated(command)
        if command == r"\Sigma":
            return self._sigma(len(command))
        self.at += len(command)
        if command in LAYOUT:
            return None
        if command in MARKS:
            return "mark", MARKS[command]
        if command in FRACTION_COMMANDS:
            return "frac", command
        if command in (r"\sum", r"\prod"):
            return "sum" if command == r"\sum" else "prod", command
        if word := spelled_command(command):
            return "name", self._with_order(word)
        why = FOREIGN.get(command, "a command of LaTeX that is not read")
        raise RequestError(f"not part of a formula: {excerpt(command)}, {why}")

    def _decorated(self, command: str) -> tuple[Kind, str]:
        r"""Read a name under a decoration, such as ``\hat\mu``."""
        found = _UNDER.match(self.text, self.at + len(command))
        written = next((group for group in found.groups() if group), "") if found else ""
        name = "Sigma" if written == r"\Sigma" else spelled_command(written) or written
        if found is None or name in FUNCTIONS or name.startswith("\\"):
            raise RequestError(f"not part of a formula: {excerpt(self.text[self.at :])}, {command} of more than a name")
        self.at, self.decoration = found.end(), command
        return "name", name

    def _accent(self) -> None:
        """Read the accents over the name that ends here, and the index behind them."""
        while self.text[self.at : self.at + 1] in (*ACCENTS,):
            self.decoration = unicodedata.name(self.text[self.at]).lower()
            self.at += 1

    def _sigma(self, length: int) -> tuple[Kind, str]:
        """Read a capital Sigma: a sum where an index of coordinates or a parenthesis follows, or else a matrix."""
        self.at += length
        return ("sum", "Σ") if _SUMS.match(self.text, self.at) else ("name", "Sigma" + self._glued())

    def _glued(self) -> str:
        """Read the index that touches a Greek letter in text: σ1, σp, σ_1."""
        found = None if self.tex else _GLUED.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return (f"_{found[1]}" if found[1] else "") + found[2]

    def _with_order(self, word: str) -> str:
        r"""Read which derivative of a function is meant: ``\psi'``, ``\psi^{(1)}``, or ``\psi_1(x)``."""
        found = _ORDER.match(self.text, self.at) if word + "'" in FUNCTIONS else None
        if found is None:
            return word
        self.at = found.end()
        order = next(filter(None, found.groups()), "")
        primes = int(SUBSCRIPTS.get(order, order)) if order else len(found[0])
        return word + "'" * primes

    def _sub(self) -> tuple[Kind, str]:
        found = _SUB.match(self.text, self.at)
        text = "".join(g or "" for g in found.groups()) if found else "?"
        text = re.sub(r"\\[A-Za-z]+", lambda c: "∈" if c[0] == r"\in" else spelled_command(c[0]) or "?", text)
        text = "".join(GREEK.get(c, c) for c in "".join(text.split()))
        if found is None or not re.fullmatch(r"[A-Za-z0-9,=+∈]*", text, re.ASCII):
            self._refuse(self.text[self.at :])
        return self._take("sub", text, len(found[0]))

    def _prime(self, previous: Token) -> tuple[Kind, str]:
        r"""Read the prime of ``\sigma'``; in text an apostrophe may be a transpose."""
        if previous.text in FUNCTIONS or (self.text[self.at] == "'" and not self.tex):
            self._refuse(self.text[previous.start :])
        if self._matched(_PRIMES, self.at + 1):
            self._refuse(self.text[previous.start :])
        return self._take("sub", "prime", 1)

    def _run(self, table: dict[str, str], kind: Kind) -> tuple[Kind, str]:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in table:
            self.at += 1
        return kind, "".join(table[c] for c in self.text[start : self.at])

    def _take(self, kind: Kind, text: str, length: int | None = None) -> tuple[Kind, str]:
        self.at += len(text) if length is None else length
        return kind, text

    def _is_called(self, word: str) -> bool:
        """Whether a word that is called in capitals is a function."""
        return word in FUNCTIONS or word == "power"

    def _is_function(self, word: str) -> bool:
        """Whether what is called behind a module is a function."""
        return word in FUNCTIONS or word in PAIRED or word_of_letters(word) is not None

    def _matched(self, pattern: re.Pattern[str], at: int) -> str:
        found = pattern.match(self.text, at)
        return found[0] if found else ""

    def _refuse(self, rest: str) -> NoReturn:
        raise RequestError(f"not part of a formula: {excerpt(rest)}")
