"""Give a tree its meaning: an expression in the language of derivations, as it is written."""

from __future__ import annotations

from fractions import Fraction

from sympy import Add, Expr, Indexed, IndexedBase, Integer, Mul, Pow, Rational, Symbol, pi

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.language import Exp, Log, Sqrt, Sum, Vector
from kl_symbolic.proof.statement import COORDINATE
from kl_symbolic.reading.arithmetic import add, multiply, power, rational, small_exponent
from kl_symbolic.reading.coordinates import EVERY
from kl_symbolic.reading.names import Names
from kl_symbolic.reading.syntax import (
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

MOST_WRITTEN_OUT = 500  # terms of a sum over a number of coordinates
HEADS = (Add, Mul, Pow, Rational, Symbol, Indexed, IndexedBase, Log, Exp, Sqrt, Sum, Vector, type(pi))


def built(node: Node, names: Names) -> Expr:
    """Return the expression that a tree stands for, or a vector of several.

    Raises
    ------
    RequestError
        If a name stands for nothing, or arithmetic has no value: 1/0.
    """
    return _Builder(names).whole(node)


class _Builder:
    """Give a tree its meaning, part by part."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.bound: str | None = None

    def whole(self, node: Node) -> Expr:
        parts = node.parts if isinstance(node, Entries) else (node,)
        read = [_checked(self.expression(part)) for part in parts]
        return Vector(*read) if isinstance(node, Entries) else read[0]

    def expression(self, node: Node) -> Expr:
        match node:
            case Number(value):
                return rational(value)
            case Name():
                return self.name(node, Integer(1))
            case Own():
                return self.names.find_own(node, self.bound).to(Integer(1))
            case Size():
                return self.size()
            case Plus(terms):
                return add(self.expression(term) for term in terms)
            case Times(factors):
                return multiply(self.expression(factor) for factor in factors)
            case Negative(inner):
                return multiply((Integer(-1), self.expression(inner)))
            case Inverse(inner):
                return power(self.expression(inner), Integer(-1))
            case Power(base, exponent):
                return self.power(base, exponent)
            case Call(function, argument):
                return self.call(function, argument)
            case Total():
                return self.total(node)
            case Entries():
                raise RequestError("not a formula: a list of formulas within a formula")
            case Reduction() | Samples():  # `axes` has put sums over coordinates in their place
                raise RequestError("not a formula: a sum or a mean over samples")

    def name(self, name: Name, exponent: Expr) -> Expr:
        """Return what a name stands for, to a rational power."""
        word = name.spelling
        if word == self.bound and name.coordinate is None:
            raise RequestError(
                f"the index {word} of a sum numbers coordinates, as in mu[{word}]; it cannot stand alone"
            )
        if name.coordinate is None and not name.called:
            if word == "pi":
                return power(pi, exponent)
            if self.names.is_dimension(name):
                return power(self.size(), exponent)
        if self.is_e(name):
            if name.called:
                raise RequestError(f"not a formula: {name.written}(...) is no function; write e^(...) or exp(...)")
            return Exp(exponent)
        return self.names.find(name, self.bound).to(small_exponent(exponent))

    def size(self) -> Expr:
        if self.names.size is None:
            raise RequestError("a mean is over the coordinates of a product, and these laws are none")
        return self.names.size

    def power(self, base: Node, exponent: Node) -> Expr:
        raised = self.expression(exponent)
        if isinstance(base, Name):
            if self.is_e(base):
                return Exp(raised)
            if isinstance(raised, Rational):
                return self.name(base, raised)
        if isinstance(base, Call) and base.function == "abs" and isinstance(raised, Rational) and raised % 2 == 0:
            return power(self.expression(base.argument), raised)
        return power(self.expression(base), raised)

    def is_e(self, name: Name) -> bool:
        """Whether a name is the base of the exponential."""
        plain = name.coordinate is None and name.spelling in ("e", "E")
        return plain and name.spelling != self.bound and not self.names.knows(name)

    def call(self, function: str, argument: Node) -> Expr:
        match function:
            case "exp":
                return Exp(self.expression(argument))
            case "sqrt":
                return Sqrt(self.expression(argument))
            case "log2" | "log10":
                base = Log(Integer(int(function.removeprefix("log"))))
                return multiply((self.logarithm(argument), power(base, Integer(-1))))
            case "softplus":
                return self.softplus(argument)
            case "abs":
                inside = self.expression(argument)
                if inside.is_positive:
                    return inside
                raise RequestError("an absolute value is read of what is positive, and within a square")
            case _:
                return self.logarithm(argument)

    def softplus(self, argument: Node) -> Expr:
        """Return log(1 + e^rho); of what people call rho, the parameter that it becomes."""
        if isinstance(argument, Name):
            meaning = self.names.find_softplus(argument, self.bound)
            if meaning is not None:
                return meaning.to(Integer(1))
        return Log(add((Integer(1), Exp(self.expression(argument)))))

    def logarithm(self, argument: Node) -> Expr:
        """Return a logarithm; that of a power of sigma is a log-variance where there is one."""
        base, exponent = (argument.base, argument.exponent) if isinstance(argument, Power) else (argument, None)
        if isinstance(base, Name) and self.names.knows(base, self.bound):
            value = Integer(1) if exponent is None else self.expression(exponent)
            if isinstance(value, Rational):
                found = self.names.find(base, self.bound).logarithm(small_exponent(value))
                if found is not None:
                    return found
        match argument:
            case Plus((Number(Fraction(numerator=1, denominator=1)), Call("exp", Name() as rho))) | Plus(
                (Call("exp", Name() as rho), Number(Fraction(numerator=1, denominator=1)))
            ):
                return self.softplus(rho)
        return Log(self.expression(argument))

    def total(self, node: Total) -> Expr:
        size = self.names.size
        if size is None:
            raise RequestError("a sum is over the coordinates of a product, and these laws are none")
        if self.bound is not None:
            raise RequestError("not a formula: a sum within a sum")
        if not (node.upper in (None, str(size)) or self.names.is_dimension(node.upper or "")):
            raise RequestError(f"a sum over the coordinates is from 1 to {size}, given: {node.upper[:20]}")
        if node.index is None:
            self.names.inferred.setdefault("sum(...)", "the sum over the coordinates")
        self.bound = EVERY if node.index is None else node.index
        try:
            if not (isinstance(size, Integer) and size <= MOST_WRITTEN_OUT):
                return Sum(self.expression(node.body), COORDINATE, size)
            parts = []
            for k in range(1, int(size) + 1):
                self.names.coordinates.entry = Integer(k)
                parts.append(self.expression(node.body))
            return add(parts)
        finally:
            self.bound, self.names.coordinates.entry = None, COORDINATE


def _checked(expr: Expr) -> Expr:
    """Refuse what arithmetic made of a formula that is none: infinities, numbers that are not real, giants."""
    left = [expr]
    while left:
        part = left.pop()
        if isinstance(part, IndexedBase):
            continue
        if not isinstance(part, HEADS):
            raise RequestError(f"a formula is not a real number: it holds {type(part).__name__}")
        if isinstance(part, Rational):
            rational(Fraction(int(part.p), int(part.q)))
        left += part.args
    return expr
