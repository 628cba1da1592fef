"""How operations are written: signs between operands with as few parentheses as are needed, the rest by templates."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

SYMBOLS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<="}
CHOSEN, COMPARED, ADDED, MULTIPLIED, TIGHT = range(5)
STRENGTH = {"lt": COMPARED, "le": COMPARED, "add": ADDED, "sub": ADDED, "mul": MULTIPLIED, "div": MULTIPLIED}
OPPOSITE = {"add": "sub", "sub": "add"}


class Piece(NamedTuple):
    """A part of an expression, how strongly it holds together, and how its opposite is written, if it has a minus."""

    text: str
    strength: int = TIGHT
    opposite: str = ""

    def inside(self, least: int) -> str:
        """Return the text, in parentheses where it does not hold together strongly enough."""
        return self.text if self.strength >= least else f"({self.text})"


@dataclass(frozen=True)
class OperatorTable:
    """How a language writes what is not written by a sign.

    Parameters
    ----------
    built_in
        A call of what its library has, the name in place of ``{0}`` and the operands in place of ``{1}``.
    names
        What it calls a function where that is not our name.
    helper
        A call of a function that is part of the code.
    where
        The choice of one of two values by a condition.
    nested
        How strongly the values must hold together.
    alike
        A number ``{0}`` that is to be of the same kind as the argument ``{1}``.
    """

    built_in: str = "{0}({1})"
    names: Mapping[str, str] = field(default_factory=dict)
    helper: str = "{0}({1})"
    where: str = "where({}, {}, {})"
    nested: int = CHOSEN
    alike: str = "{0}"

    def piece(
        self, operation: str, label: str | Fraction | None, operands: Sequence[Piece], library: Container[str] = ()
    ) -> Piece:
        """Return an operation on operands; `library` has the functions that the language has.

        Examples
        --------
        >>> OperatorTable("math.{0}({1})").piece("call", "log", [Piece("x + 1", ADDED)], {"log"}).text
        'math.log(x + 1)'
        """
        match operation, label:
            case "constant", Fraction():
                return literal(label)
            case "argument" | "splitter" | "infinity", _:
                return Piece(str(label or operation))
            case "where", _:
                condition, *values = operands
                text = self.where.format(condition.text, *(value.inside(self.nested) for value in values))
                return Piece(text, TIGHT if self.where.endswith(")") else CHOSEN)
            case "call" | "sqrt" | "abs" | "round" | "power_of_two" | "exponent" | "mantissa", _:
                name = str(label or operation)
                template = self.built_in if label is None or name in library else self.helper
                return Piece(template.format(self.names.get(name, name), ", ".join(one.text for one in operands)))
        return signed(operation, operands)


def literal(value: Fraction) -> Piece:
    """Return a constant: the number of 64 bits next to it, in the shortest form, which all languages read.

    Examples
    --------
    >>> literal(Fraction(1, 3)).text, literal(Fraction(-2)).text
    ('0.3333333333333333', '-2.0')
    """
    number = float(value)
    return Piece(repr(number), ADDED, repr(-number)) if value < 0 else Piece(repr(number))


def signed(operation: str, operands: Sequence[Piece]) -> Piece:
    """Return what is written by a sign. What follows a sign is kept together: sums are in their order.

    Examples
    --------
    >>> a, b = Piece("a"), signed("sub", [Piece("b"), Piece("c")])
    >>> signed("sub", [a, b]).text, signed("mul", [b, b]).text, signed("add", [a, literal(Fraction(-2))]).text
    ('a - (b - c)', '(b - c)*(b - c)', 'a - 2.0')
    """
    if operation == "neg":
        opposite = operands[0].inside(MULTIPLIED)
        return Piece(f"-{opposite}", ADDED, opposite)
    strength, (a, b) = STRENGTH[operation], operands
    if operation in OPPOSITE and b.opposite:
        operation, b = OPPOSITE[operation], Piece(b.opposite, MULTIPLIED)
    space = "" if strength == MULTIPLIED else " "
    rest = f"{space}{SYMBOLS[operation]}{space}{b.inside(strength + (strength != COMPARED))}"
    if strength == MULTIPLIED and a.opposite:
        return Piece(f"-{a.opposite}{rest}", ADDED, a.opposite + rest)
    return Piece(a.inside(strength) + rest, strength)
