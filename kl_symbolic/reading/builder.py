"""Give a tree its meaning: an expression in the language of derivations, as it is written."""

from __future__ import annotations

from fractions import Fraction

from kl_symbolic.errors import RequestError
from kl_symbolic.functions import Function, all_functions, find_function
from kl_symbolic.reading.alphabet import GREEK
from kl_symbolic.reading.arithmetic import add, multiply, power, rational, small_exponent
from kl_symbolic.reading.coordinates import EVERY
from kl_symbolic.reading.names import Names
from kl_symbolic.reading.syntax import (
    CONSTANTS,
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
from kl_symbolic.reading.syntax import E as BASE
from kl_symbolic.terms import COORDINATE, Symbol, Term
from kl_symbolic.terms import Number as Rational

MOST_WRITTEN_OUT = 500  # terms of a sum over a number of coordinates
ONE = Fraction(1)


def built(node: Node, names: Names) -> Term:
    """Return the term that a tree stands for, or a vector of several.

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

    def whole(self, node: Node) -> Term:
        parts = node.parts if isinstance(node, Entries) else (node,)
        read = [self.expression(part) for part in parts]
        return Term("Vector", *read) if isinstance(node, Entries) else read[0]

    def expression(self, node: Node) -> Term:
        match node:
            case Number(value):
                return rational(value)
            case Name():
                return self.name(node, ONE)
            case Own():
                return self.names.find_own(node, self.bound).to(ONE)
            case Size():
                return self.size()
            case Plus(terms):
                return add([self.expression(term) for term in terms])
            case Times(factors):
                return multiply([self.expression(factor) for factor in factors])
            case Negative(inner):
                return multiply((-1, self.expression(inner)))
            case Inverse(inner):
                return power(self.expression(inner), -1)
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

    def name(self, name: Name, exponent: Fraction) -> Term:
        """Return what a name stands for, to a rational power."""
        word = name.spelling
        if word == self.bound and name.coordinate is None:
            raise RequestError(
                f"the index {word} of a sum numbers coordinates, as in mu[{word}]; it cannot stand alone"
            )
        if name.coordinate is None and not name.called:
            if word in CONSTANTS:
                return power(Term(CONSTANTS[word]), exponent)
            if self.names.is_dimension(name):
                return power(self.size(), exponent)
        if self.is_e(name):
            if name.called:
                raise RequestError(f"not a formula: {name.written}(...) is no function; write e^(...) or exp(...)")
            return Term("exp", exponent)
        if (known := self.constant(name)) is not None:
            self.names.inferred.setdefault(name.written, known.title)
            return power(Term(known.name), exponent)
        return self.names.find(name, self.bound).to(small_exponent(exponent))

    def constant(self, name: Name) -> Function | None:
        r"""Return the constant whose letter stands alone, ``\gamma``, unless a parameter is called so."""
        if name.coordinate is not None or name.called or self.names.knows(name, self.bound):
            return None
        letters = (f for f in all_functions().values() if f.arity == 0)
        return next((f for f in letters if f.tex in (name.written, "\\" + GREEK.get(name.written, ""))), None)

    def size(self) -> Term:
        if self.names.size is None:
            raise RequestError("a mean is over the coordinates of a product, and these laws are none")
        return self.names.size

    def power(self, base: Node, exponent: Node) -> Term:
        raised = self.expression(exponent)
        if isinstance(base, Name):
            if self.is_e(base):
                return Term("exp", raised)
            if isinstance(raised, Rational):
                return self.name(base, raised.value)
        even = isinstance(raised, Rational) and raised.value % 2 == 0
        if isinstance(base, Call) and base.function == "abs" and even:
            return power(self.expression(base.argument), raised)
        return power(self.expression(base), raised)

    def is_e(self, name: Name) -> bool:
        """Whether a name is the base of the exponential."""
        plain = name.coordinate is None and name.spelling in BASE
        return plain and name.spelling != self.bound and not self.names.knows(name)

    def call(self, function: str, argument: Node) -> Term:
        match function:
            case "log":
                return self.logarithm(argument)
            case "log2" | "log10":
                base = Term("log", int(function.removeprefix("log")))
                return multiply((self.logarithm(argument), power(base, -1)))
            case "softplus":
                return self.softplus(argument)
        if isinstance(argument, Entries):
            return Term(function, *map(self.expression, argument.parts))
        inside = self.expression(argument)
        return inside if function == "abs" and _is_positive(inside) else Term(function, inside)

    def softplus(self, argument: Node) -> Term:
        """Return log(1 + e^rho); of what people call rho, the parameter that it becomes."""
        if isinstance(argument, Name):
            meaning = self.names.find_softplus(argument, self.bound)
            if meaning is not None:
                return meaning.to(ONE)
        return Term("log", add((1, Term("exp", self.expression(argument)))))

    def logarithm(self, argument: Node) -> Term:
        """Return a logarithm; that of a power of sigma is a log-variance where there is one."""
        base, exponent = (argument.base, argument.exponent) if isinstance(argument, Power) else (argument, None)
        if isinstance(base, Name) and self.names.knows(base, self.bound):
            value = Rational(1) if exponent is None else self.expression(exponent)
            if isinstance(value, Rational):
                found = self.names.find(base, self.bound).logarithm(small_exponent(value.value))
                if found is not None:
                    return found
        match argument:
            case Plus((Number(Fraction(numerator=1, denominator=1)), Call("exp", Name() as rho))) | Plus(
                (Call("exp", Name() as rho), Number(Fraction(numerator=1, denominator=1)))
            ):
                return self.softplus(rho)
        return Term("log", self.expression(argument))

    def total(self, node: Total) -> Term:
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
            if not (isinstance(size, Rational) and size.value <= MOST_WRITTEN_OUT):
                return Term("Sum", self.expression(node.body), COORDINATE, size)
            parts = []
            for k in range(1, int(size.value) + 1):
                self.names.coordinates.entry = Rational(k)
                parts.append(self.expression(node.body))
            return add(parts)
        finally:
            self.bound, self.names.coordinates.entry = None, COORDINATE


def _is_positive(term: Term) -> bool:
    """Whether it is plain to see that a term is positive."""
    match term:
        case Rational(value):
            return value > 0
        case Symbol(_, domain):
            return domain.positive
        case Term("Indexed" | "Array" | "pow", (base, *_)):
            return _is_positive(base)
        case Term("Add" | "Mul", parts):
            return all(map(_is_positive, parts))
    function = find_function(term.head)
    if function is None:
        return False
    return function.value.positive or (function.root == 0 and _is_positive(term.args[0]))
