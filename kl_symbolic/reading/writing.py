r"""From a tree to one line, in the notation of somebody: text, LaTeX, or code of any language.

What differs between them is data, a `Style`; names are written as they were read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from kl_symbolic.functions import find_function
from kl_symbolic.reading.alphabet import BAR, GREEK
from kl_symbolic.reading.syntax import (
    SQUARE,
    Call,
    Entries,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Own,
    Plus,
    Power,
    Reduction,
    Samples,
    Size,
    Times,
    Total,
)


class Around(NamedTuple):
    """What stands before and behind something; `fenced` says that it brings its own parentheses."""

    before: str
    behind: str
    fenced: bool = True


@dataclass(frozen=True)
class Style:
    r"""How somebody writes.

    Attributes
    ----------
    tex
        Whether it is LaTeX.
    power
        The sign of powers: ``^``, ``**``, or ``²`` for squares as small figures.
    functions
        How each function is called: ``{"log": "np.log"}``, ``{"log": r"\ln"}``; by default as we call it.
    methods
        The functions that follow their argument: ``x.exp()``.
    constants
        How pi and e are written.
    decimal
        Whether a half is 0.5.
    suffix
        What follows a decimal: ``f0`` in Julia.
    dots, dotted_signs
        Whether products and powers, and sums, are element by element: ``.*``, ``.+``.
    halved
        Whether a half of a sum is (a + b)/2.
    joined
        Whether a Greek letter follows what it multiplies without a sign: 2πσ².
    total
        What stands around the terms of a sum over coordinates.
    whole
        What stands around a formula, the innermost first: a mean over the samples.
    """

    tex: bool = False
    power: str = "^"
    functions: Mapping[str, str] = field(default_factory=dict)
    methods: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    decimal: bool = False
    suffix: str = ""
    dots: bool = False
    dotted_signs: bool = False
    halved: bool = False
    joined: bool = False
    total: Around | None = None
    whole: tuple[Around, ...] = ()


class _Level(IntEnum):
    """How tightly a piece of text is bound."""

    SUM = 0
    PRODUCT = 1
    FUNCTION = 2  # of LaTeX, without parentheses
    POWER = 3
    ATOM = 4


class _Piece(NamedTuple):
    text: str
    level: _Level


def write(node: Node, style: Style) -> str:
    r"""Write a formula.

    Examples
    --------
    >>> s = Name("\\sigma_q", "sigma_q")
    >>> node = Plus((Times((Number(Fraction(1)), Inverse(SQUARE))), Negative(Call("log", Power(s, SQUARE)))))
    >>> write(node, Style(tex=True, functions={"log": "\\ln"}))
    '\\frac{1}{2} - \\ln \\sigma_q^2'
    >>> write(node, Style(decimal=True, power="**", functions={"log": "np.log"})).replace("\\", "")
    '0.5 - np.log(sigma_q**2)'
    """
    return _Writer(style).piece(node).text


class _Writer:
    def __init__(self, style: Style) -> None:
        self.style = style
        self.elements = style.total is None  # whether what is written has elements
        self.tight = 0

    def piece(self, node: Node) -> _Piece:
        match node:
            case Number() | Times() | Inverse():
                return self.product(node)
            case Name(written, spelling):
                return _Piece(self.style.constants.get(spelling, written), _Level.ATOM)
            case Own(written) | Samples(written):
                return _Piece(written, _Level.ATOM)
            case Size():
                return _Piece("n", _Level.ATOM)
            case Plus(terms):
                return _Piece(self.sum(terms), _Level.SUM)
            case Negative(inner):
                return _Piece(f"-{self.fenced(inner, _Level.PRODUCT)}", _Level.SUM)
            case Power(base, exponent):
                return self.power(base, exponent)
            case Call(function, argument):
                return self.call(function, argument)
            case Total(body):
                return self.total(body)
            case Reduction(kind, body):
                return _Piece(f"{kind}({self.piece(body).text})", _Level.ATOM)
            case Entries(parts):
                return _Piece(", ".join(self.piece(part).text for part in parts), _Level.SUM)

    def sum(self, terms: tuple[Node, ...]) -> str:
        dot = "." if self.style.dotted_signs and self.elements else ""
        text = ""
        for term in terms:
            negative = isinstance(term, Negative)
            written = self.fenced(term.inner if isinstance(term, Negative) else term, _Level.PRODUCT)
            text += f" {dot}{'-' if negative else '+'} {written}" if text else "-" * negative + written
        return text

    def fenced(self, node: Node, least: _Level) -> str:
        """Return a part, in parentheses if it is bound more loosely than what it stands in."""
        piece = self.piece(node)
        return self.fence(piece.text) if piece.level < least else piece.text

    def fence(self, text: str) -> str:
        tall = self.style.tex and any(command in text for command in (r"\frac", r"\sum"))
        return rf"\left( {text} \right)" if tall else f"({text})"

    def product(self, node: Node) -> _Piece:
        """Write a product with its coefficient in front, or as a quotient."""
        coefficient, above, below = _sorted(node)
        sign, coefficient = ("-" if coefficient < 0 else ""), abs(coefficient)
        whole = coefficient.denominator == 1
        if not above and not below:
            piece = self.number(coefficient)
        elif below or not (whole or self.in_front(coefficient, above)):
            top = [_number(coefficient.numerator), *above] if coefficient.numerator != 1 or not above else above
            bottom = below if whole else [_number(coefficient.denominator), *below]
            piece = self.quotient(top, bottom)
        elif coefficient == 1:
            piece = self.factors(above)
        else:
            front, apart = self.number(coefficient).text, any(isinstance(one, Plus | Total) for one in above)
            rest = self.factors(above)
            text = self.fence(rest.text) if rest.level is _Level.SUM else rest.text
            piece = _Piece(self.times(front, text, apart=apart), _Level.PRODUCT)
        return _Piece(sign + piece.text, _Level.SUM) if sign else piece

    def in_front(self, coefficient: Fraction, above: list[Node]) -> bool:
        """Whether a fraction stands before what it multiplies: 1/2 (a + b), but a/2."""
        if self.style.halved and len(above) == 1 and isinstance(above[0], Plus):
            return False
        compound = any(isinstance(one, Plus | Total) or (self.style.tex and isinstance(one, Call)) for one in above)
        return compound or (self.style.decimal and _is_decimal(coefficient))

    def number(self, value: Fraction) -> _Piece:
        if value.denominator == 1:
            return _Piece(str(value.numerator), _Level.ATOM)
        if self.style.decimal and _is_decimal(value):
            return _Piece(f"{float(value)}{self.style.suffix}", _Level.ATOM)
        if self.style.tex:
            return _Piece(rf"\frac{{{value.numerator}}}{{{value.denominator}}}", _Level.ATOM)
        return _Piece(f"{value.numerator}/{value.denominator}", _Level.PRODUCT)

    def times(self, one: str, other: str, *, apart: bool) -> str:
        if self.style.tex:
            return rf"{one} \cdot {other}" if other[0].isdigit() else f"{one} {other}"
        if self.style.dots and self.elements:
            return f"{one} .* {other}"
        if self.style.joined and not apart and unicodedata.name(other[0], "").startswith("GREEK"):
            return one + other
        return f"{one} * {other}" if apart else f"{one}*{other}"

    def factors(self, nodes: list[Node]) -> _Piece:
        if len(nodes) == 1:
            return self.piece(nodes[0])
        written = [self.fenced(one, _Level.POWER) for one in nodes[:-1]]
        text = written[0]
        for one in (*written[1:], self.fenced(nodes[-1], _Level.FUNCTION)):
            text = self.times(text, one, apart=False)
        return _Piece(text, _Level.PRODUCT)

    def quotient(self, top: list[Node], bottom: list[Node]) -> _Piece:
        above, below = self.factors(top), self.factors(bottom)
        if self.style.tex:
            return _Piece(rf"\frac{{{above.text}}}{{{below.text}}}", _Level.ATOM)
        over = self.fence(above.text) if above.level is _Level.SUM else above.text
        under = self.fence(below.text) if below.level < _Level.POWER else below.text
        return _Piece(f"{over} ./ {under}" if self.style.dots and self.elements else f"{over}/{under}", _Level.PRODUCT)

    def power(self, base: Node, exponent: Node) -> _Piece:
        under = self.piece(base)
        tall = self.style.tex and ("^" in under.text or isinstance(base, Call))
        text = self.fence(under.text) if under.level < _Level.ATOM or tall else under.text
        if self.style.power == "²" and exponent == SQUARE:
            return _Piece(f"{text}²", _Level.POWER)
        raised = self.piece(exponent)
        sign = "^" if self.style.power == "²" else self.style.power
        if self.style.tex:
            single = len(raised.text) == 1
            return _Piece(f"{text}^{raised.text if single else f'{{{raised.text}}}'}", _Level.POWER)
        dot = "." if self.style.dots and self.elements else ""
        over = raised.text if raised.level is _Level.ATOM else self.fence(raised.text)
        return _Piece(f"{text}{dot}{sign}{over}", _Level.POWER)

    def call(self, function: str, argument: Node) -> _Piece:
        if isinstance(argument, Call) and (named := f"{function} {argument.function}") in self.style.functions:
            return self.call(named, argument.argument)  # lgamma(x)
        inside = self.piece(argument)
        name = self.style.functions.get(function, function)
        if self.style.tex:
            return self.tex_call(function, name, argument, inside)
        if function in self.style.methods:
            text = self.fence(inside.text) if inside.level < _Level.ATOM else inside.text
            return _Piece(f"{text}.{name}()", _Level.ATOM)
        if name.endswith("^"):
            return _Piece(name + (inside.text if isinstance(argument, Name) else self.fence(inside.text)), _Level.POWER)
        dot = "." if self.style.dotted_signs and self.elements else ""
        return _Piece(f"{name}{dot}({inside.text})", _Level.ATOM)

    def tex_call(self, function: str, name: str, argument: Node, inside: _Piece) -> _Piece:
        known = find_function(function)
        style = known.style if known else "prefix"
        command = name
        if not (name.startswith("\\") or name.endswith("^")):
            word = known is not None and name in known.spellings and known.tex.startswith("\\")
            command = f"\\{name}" if word else rf"\operatorname{{{name}}}"
        if style == "root" or name.endswith("^"):
            return _Piece(f"{command}{{{inside.text}}}", _Level.POWER)
        if style == "bars":
            return _Piece(f"{{{BAR}{inside.text}{BAR}}}", _Level.ATOM)
        if style == "order" and known is not None and isinstance(argument, Entries):
            order, at = (self.piece(part).text for part in argument.parts)
            return _Piece(f"{known.tex}^{{({order})}}{self.fence(at)}", _Level.POWER)
        names = (command, inside.text.partition("(")[0])
        letter, of_letter = (name.removeprefix("\\") in GREEK.values() for name in names)
        bare = inside.level >= _Level.POWER and (of_letter or not isinstance(argument, Call))
        if style == "prefix" and bare and not letter:
            return _Piece(f"{command} {inside.text}", _Level.FUNCTION)
        return _Piece(f"{command}{self.fence(inside.text)}", _Level.POWER)

    def total(self, body: Node) -> _Piece:
        around = self.style.total or Around("sum(", ")")
        before, self.elements = self.elements, True
        piece = self.piece(body)
        self.elements = before
        if around.fenced:
            return _Piece(f"{around.before}{piece.text}{around.behind}", _Level.ATOM)
        limits = not around.before.endswith(("sum", "Σ", "∑"))
        bare = limits and piece.level > _Level.SUM
        text = piece.text if bare else self.fence(piece.text)
        return _Piece(f"{around.before} {text}", _Level.PRODUCT)


def _number(value: int) -> Node:
    return Number(Fraction(value))


def _is_decimal(value: Fraction) -> bool:
    """Whether a number has a short decimal: 0.5, 0.125."""
    return 1000 % value.denominator == 0


def _sorted(node: Node) -> tuple[Fraction, list[Node], list[Node]]:
    """Return the number in a product, what else it multiplies, and by what it divides."""
    number, above, below = Fraction(1), list[Node](), list[Node]()
    left: list[tuple[Node, bool]] = [(node, False)]
    while left:
        one, under = left.pop(0)
        match one:
            case Number(value) if value or not under:
                number = number / value if under else number * value
            case Times(factors):
                left = [*((factor, under) for factor in factors), *left]
            case Inverse(inner):
                left = [(inner, not under), *left]
            case Negative(inner):
                number = -number
                left = [(inner, under), *left]
            case _:
                (below if under else above).append(one)
    return number, above, below
