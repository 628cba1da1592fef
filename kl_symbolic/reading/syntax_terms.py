"""Terms, and what the door to SymPy makes of its expressions, as trees, node by node; nothing is evaluated."""

from __future__ import annotations

from fractions import Fraction

from kl_symbolic.errors import RequestError
from kl_symbolic.functions import find_function, known_functions
from kl_symbolic.reading.syntax import (
    CONSTANTS,
    MOST_DEPTH,
    Call,
    E,
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
from kl_symbolic.terms import Number as Rational
from kl_symbolic.terms import Symbol, Term, Text

MOST_NODES = 5_000  # a term may share its parts, and then writes out much larger than it is


def tree_of(thing: object) -> Node:
    """Return the tree of a term, of a SymPy expression, or of a column of these.

    Floats are read as the decimals they print as.

    Raises
    ------
    RequestError
        If it is anything else, or too large.

    Examples
    --------
    >>> tree_of(Symbol("x") / 2)
    Times(factors=(Times(factors=(Number(value=Fraction(1, 1)), Inverse(...))), Name(written='x', spelling='x', ...)))
    """
    if not isinstance(thing, Term):
        from kl_symbolic.terms.sympy.written import written

        thing = written(thing)
    return _Reader().node(thing, MOST_DEPTH)


class _Reader:
    def __init__(self) -> None:
        self.count = 0
        self.known: dict[str, Term] = {word: Term(name) for word, name in CONSTANTS.items()}
        self.known |= dict.fromkeys(E, Term("exp", 1))

    def name(self, symbol: Term, kind: str = "") -> str:
        """Return the name of a symbol; two that are called alike would be taken for each other."""
        text = str(symbol)
        if self.known.setdefault(text + kind, symbol) is not symbol:
            raise RequestError(f"two different symbols are called {excerpt(text)}")
        return text

    def node(self, term: Term, depth: int) -> Node:
        self.count += 1
        if self.count > MOST_NODES:
            raise RequestError(f"the formula has more than {MOST_NODES} parts")
        if depth <= 0:
            raise RequestError(f"the formula is nested more than {MOST_DEPTH} deep")

        def inner(*parts: Term) -> tuple[Node, ...]:
            return tuple(self.node(part, depth - 1) for part in parts)

        match term:
            case Rational(value):
                return _rational(value)
            case Text(text):  # a float
                return _signed(Number(number(text.removeprefix("-"))), negative=text.startswith("-"))
            case Symbol():
                return Name(self.name(term), self.name(term))
            case Term("Indexed", (Term("Array", (Symbol(),)) as array, Symbol() | Rational() as index)):
                at = self.name(index) if isinstance(index, Symbol) else str(index)
                return Name(excerpt(str(term)), self.name(array, "[]"), at)
            case Term("Add", parts):
                return Plus(inner(*parts))
            case Term("Mul", parts):
                return Times(inner(*parts))
            case Term("pow", (base, exponent)):
                return self.power(base, exponent, depth)
            case Term("Sum", (body, Symbol() as index, upper)):
                limit = self.name(upper) if isinstance(upper, Symbol) else excerpt(str(upper))
                return Total(self.node(body, depth - 1), self.name(index), limit)
            case Term("Vector", parts):
                return Entries(inner(*parts))
        function = find_function(term.head)
        if function is not None and len(term.args) == function.arity:
            arguments = inner(*term.args)
            if not arguments:
                return Name(term.head, term.head)
            return Call(term.head, Entries(arguments) if arguments[1:] else arguments[0])
        raise RequestError(f"not part of a formula: {excerpt(term.head)}; known functions: {known_functions()}")

    def power(self, base: Term, exponent: Term, depth: int) -> Node:
        raised = self.node(base, depth - 1)
        if isinstance(exponent, Rational) and exponent.value < 0:
            return Inverse(raised if exponent.value == -1 else Power(raised, _rational(-exponent.value)))
        return Power(raised, self.node(exponent, depth - 1))


def _rational(value: Fraction) -> Node:
    top, bottom = Number(Fraction(abs(value.numerator))), Number(Fraction(value.denominator))
    return _signed(top if value.denominator == 1 else Times((top, Inverse(bottom))), negative=value < 0)


def _signed(node: Node, *, negative: bool) -> Node:
    return Negative(node) if negative else node
