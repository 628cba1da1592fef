"""Canonical forms: a term is read into a polynomial, using only the laws of a rule.

Two terms that have the same canonical form under a rule are equal by the laws of that rule. Nothing here searches or
guesses: terms are read, node by node.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from fractions import Fraction

from kl_symbolic.errors import ProofError
from kl_symbolic.functions import find_function
from kl_symbolic.kernel.arithmetic import Arithmetic
from kl_symbolic.kernel.logarithms import exponential, logarithm
from kl_symbolic.kernel.polynomial import ONE, Atom, Poly, number, variable
from kl_symbolic.kernel.positivity import is_nonnegative, is_positive
from kl_symbolic.kernel.rules import Rule
from kl_symbolic.kernel.theory import Theory
from kl_symbolic.terms import BINDERS, Namespace, Number, Symbol, Term, Text, term

STRUCTURES = ("Law", "ProductLaw", "Interval", "Integers")  # what is no number, and has numbers in it


class Canon:
    """Read terms into canonical form by the laws of a rule.

    Parameters
    ----------
    rule
        The theories and unfoldings that may be used; the algebra of polynomials always is.
    equations
        Proved equations: atoms that may be replaced by polynomials.
    arithmetic
        Where the arithmetic is done and its cost is counted.
    """

    def __init__(self, rule: Rule, equations: Mapping[Atom, Poly], arithmetic: Arithmetic) -> None:
        self.rule, self.equations, self.arithmetic = rule, equations, arithmetic
        self.known: dict[Term, Poly] = {}

    def read(self, written: Term) -> Poly:
        """Return the canonical form of a term."""
        if written not in self.known:
            self.arithmetic.spend(2 + len(written.args))
            self.known[written] = self._read(written)
        return self.known[written]

    def _read(self, written: Term) -> Poly:
        match written:
            case Number(value):
                return number(self.arithmetic.bounded(value))
            case Term("Add", args):
                return self.arithmetic.add(self.read(a) for a in args)
            case Term("Mul", args):
                return self.product(self.read(a) for a in args)
        for unfolding in self.rule.unfoldings:
            unfolded = unfolding(written, self.arithmetic.spend)
            if unfolded is not None:
                return self.read(unfolded)
        return self.value(*self._parts(written))

    def _parts(self, written: Term) -> tuple[str, *tuple[Hashable, ...]]:
        """Return the head and the arguments of an atom: polynomials, laws, and names of what is bound."""
        if isinstance(written, Symbol):
            return ("Symbol", written)
        head = written.head
        return (head, *(self._argument(head, place, a) for place, a in enumerate(written.args)))

    def _argument(self, head: str, place: int, argument: Term) -> Hashable:
        if isinstance(argument, Text):
            return argument.text
        if argument.head == "Array":  # its name
            return argument.args[0]
        if argument.head in STRUCTURES or (head == "Diff" and place == 1):
            name, *args = self._parts(argument)
            return Atom(name, tuple(args))
        return argument if head in BINDERS and place == 1 else self.read(argument)

    def has(self, theory: Theory) -> bool:
        """Whether a theory is on."""
        return self.rule.has(theory)

    def value(self, head: str, *args: Hashable) -> Poly:
        """Return the value of an atom: by the laws that are on, or what a cited equation says, or as it is."""
        function, atom = find_function(head), Atom(head, args)
        algebra = function.identities.get("algebra") if function else None
        done = algebra(self, *args) if algebra else None
        for theory in self.rule.theories:
            done = theory(self, atom) if done is None else done
        if done is None:
            return self.opaque(atom)
        if not isinstance(done, Poly):
            raise ProofError(f"a law of {head} gives no canonical form")
        return done

    def opaque(self, atom: Atom) -> Poly:
        """Return an atom as it is, or what a cited equation says of it."""
        return self.equations[atom] if atom in self.equations else variable(atom)

    def product(self, factors: Iterable[Poly]) -> Poly:
        """Return a product."""
        result = number(1)
        for factor in factors:
            result = self.arithmetic.mul(result, factor)
        return result

    def power(self, base: Poly, exponent: Poly | Fraction) -> Poly:
        """Return a power; a symbolic exponent needs a positive base."""
        if not isinstance(exponent, Poly):
            return self.arithmetic.power(base, exponent)
        constant = exponent.constant()
        if constant is not None:
            return self.arithmetic.power(base, constant)
        if not self.is_positive(base):
            raise ProofError("a power with a symbolic exponent needs a positive base")
        if self.rule.has(logarithm) and self.rule.has(exponential):
            return self.value("exp", self.arithmetic.mul(exponent, self.value("log", base)))
        return self.arithmetic.symbolic_power(base, exponent)

    def scaled(self, poly: Poly, c: Fraction | int) -> Poly:
        """Return a multiple."""
        return self.arithmetic.mul(number(c), poly)

    def formula(self, formula: Callable[..., Term], *args: Poly) -> Poly:
        """Return what a formula is at canonical arguments."""
        symbols = [Symbol(f"argument_{place}") for place in range(len(args))]
        inner = Canon(self.rule, self.equations, self.arithmetic)
        inner.known.update(zip(symbols, args, strict=True))
        return inner.read(term(formula(Namespace(), *symbols)))

    # What the laws of functions use beside `power`, see `kl_symbolic.functions.Algebra`.

    def number(self, value: Fraction | int) -> Poly:
        """Return a number."""
        return number(value)

    def add(self, parts: Iterable[Poly]) -> Poly:
        """Return a sum."""
        return self.arithmetic.add(parts)

    def mul(self, a: Poly, b: Poly) -> Poly:
        """Return a product of two."""
        return self.arithmetic.mul(a, b)

    def root(self, base: Poly) -> Poly:
        """Return the square root of what is not negative."""
        return self.arithmetic.root(base)

    def apply(self, function: str, *args: Poly) -> Poly:
        """Return a value of a function."""
        return self.value(function, *args)

    def inert(self, function: str, *args: Poly) -> Poly:
        """Return a value of a function as it is."""
        return self.opaque(Atom(function, args))

    def constant_part(self, value: Poly) -> Fraction:
        """Return the number among its terms."""
        return value.terms.get(ONE, Fraction(0))

    def is_positive(self, value: Poly) -> bool:
        """Whether it is plain to see that it is positive."""
        return is_positive(value, self.arithmetic.spend)

    def is_nonnegative(self, value: Poly) -> bool:
        """Whether it is plain to see that it is not negative."""
        return is_nonnegative(value, self.arithmetic.spend)
