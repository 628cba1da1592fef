"""SymPy expressions as trees, node by node; nothing is evaluated."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import sympy
from sympy import Add, Basic, Indexed, Integer, Mul, Pow, Rational, Symbol

from kl_symbolic.errors import RequestError
from kl_symbolic.proof import language as lang
from kl_symbolic.reading.syntax import (
    MOST_DEPTH,
    Call,
    Entries,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Power,
    Times,
    Total,
)
from kl_symbolic.reading.tokens import excerpt, number

_NAME = re.compile(r"\\?[^\W\d]\w*")
MOST_NODES = 5_000  # an expression may share its parts, and then writes out much larger than it is
CALLS = {
    sympy.log: "log", sympy.exp: "exp", lang.Log: "log", lang.Exp: "exp", lang.Sqrt: "sqrt",
}  # fmt: skip


def tree_of(expr: object) -> Node:
    """Return the tree of a SymPy expression, of a column of them, or of an inert one of ours.

    Floats are read as the decimals they print as.

    Examples
    --------
    >>> tree_of(sympy.Symbol("x") * sympy.Float("0.5"))
    Times(factors=(Number(value=Fraction(1, 2)), Name(written='x', spelling='x', ...)))
    """
    return _Reader().node(expr, MOST_DEPTH)


class _Reader:
    def __init__(self) -> None:
        self.count = 0
        self.known: dict[str, Basic] = {"pi": sympy.pi, "e": sympy.E, "E": sympy.E}

    def name(self, thing: Basic, kind: str = "") -> str:
        """Return the name of a symbol or a base; two that are called alike would be taken for each other."""
        text = str(getattr(thing, "name", thing))
        if not _NAME.fullmatch(text):
            raise RequestError(f"not part of a formula: a symbol that is called {excerpt(text)!r}")
        if self.known.setdefault(text + kind, thing) != thing:
            raise RequestError(f"two different symbols are called {excerpt(text)}")
        return text

    def index(self, index: Basic) -> str:
        """Return the index of a coordinate as it is written."""
        if isinstance(index, Symbol):
            return self.name(index)
        if isinstance(index, Integer):
            return str(index)
        raise RequestError(f"not part of a formula: the index {excerpt(str(index))}; an index is a symbol or a number")

    def node(self, e: Any, depth: int) -> Node:
        self.count += 1
        if self.count > MOST_NODES:
            raise RequestError(f"the formula has more than {MOST_NODES} parts")
        if depth <= 0:
            raise RequestError(f"the formula is nested more than {MOST_DEPTH} deep")

        def inner(*args: Any) -> tuple[Node, ...]:
            return tuple(self.node(a, depth - 1) for a in args)

        match e:
            case sympy.Float():
                return _signed(Fraction(-1 if e < 0 else 1), Number(number(str(abs(e)))))
            case Rational():
                return _rational(e)
            case sympy.pi:
                return Name("pi", "pi")
            case sympy.E:
                return Call("exp", Number(Fraction(1)))
            case Symbol():
                return Name(self.name(e), self.name(e))
            case Indexed() if len(e.args) == 2:  # noqa: PLR2004 - a base and one index
                return Name(excerpt(str(e)), self.name(e.base, "[]"), self.index(e.args[1]))
            case Add():
                return Plus(inner(*e.args))
            case Mul():
                return Times(inner(*e.args))
            case Pow():
                return self.power(e, depth)
            case sympy.Sum() if len(e.limits) == 1 and len(e.limits[0]) == 3:  # noqa: PLR2004
                index, lower, upper = e.limits[0]
                return self.total(e.function, index, lower, upper, depth)
            case lang.Sum():
                return self.total(e.args[0], e.args[1], sympy.Integer(1), e.args[2], depth)
            case sympy.MatrixBase() | tuple() | list() | sympy.Tuple():
                return Entries(inner(*e))
            case lang.Vector():
                return Entries(inner(*e.args))
        for head, function in CALLS.items():
            if isinstance(e, head) and len(e.args) == 1:
                return Call(function, *inner(*e.args))
        raise RequestError(f"not part of a formula: {type(e).__name__}; known functions: log, exp, sqrt")

    def power(self, e: Basic, depth: int) -> Node:
        base, exponent = e.args
        if isinstance(exponent, Rational) and exponent < 0:
            positive = self.node(base, depth - 1)
            return Inverse(positive if exponent == -1 else Power(positive, _rational(-exponent)))
        return Power(self.node(base, depth - 1), self.node(exponent, depth - 1))

    def total(self, body: Basic, index: Basic, lower: Basic, upper: Basic, depth: int) -> Node:
        if lower != 1 or not isinstance(index, Symbol):
            raise RequestError("a sum over the coordinates is from 1 to n")
        limit = self.name(upper) if isinstance(upper, Symbol) else excerpt(str(upper))
        return Total(self.node(body, depth - 1), self.name(index), limit)


def _rational(value: Rational) -> Node:
    top, bottom = Number(Fraction(abs(int(value.p)))), Number(Fraction(int(value.q)))
    return _signed(Fraction(int(value.p)), top if value.q == 1 else Times((top, Inverse(bottom))))


def _signed(value: Fraction, node: Node) -> Node:
    return Negative(node) if value < 0 else node
