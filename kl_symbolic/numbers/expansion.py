"""Integrands as polynomials: in the variable, its logarithm and densities, with numbers as coefficients.

Logarithms are opened: that of a product is a sum, that of an exponential is its exponent. This holds on the support,
where the factors are positive, and is done only where that is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from typing import TypeAlias

from kl_symbolic.families import Support
from kl_symbolic.functions import find_function
from kl_symbolic.numbers.arithmetic import UnresolvedError, Value
from kl_symbolic.proof.statement import density_formula
from kl_symbolic.proof.supports import family_of
from kl_symbolic.terms import Number, Symbol, Term

# Coefficients by powers of atoms: parts that are not taken apart, such as x, log(x) and the density of a law at x.
Powers: TypeAlias = frozenset[tuple[Term, int]]
Expansion: TypeAlias = Mapping[Powers, Value]

ONE: Powers = frozenset()
MOST_TERMS, MOST_FACTORS = 200, 20


class Expander:
    """Expands terms in one variable.

    Parameters
    ----------
    variable, support
        The variable of integration, and what it runs over.
    constant
        Returns the value of a term without it.
    """

    def __init__(self, variable: Term, support: Support, constant: Callable[[Term], Value]) -> None:
        self.variable, self.support, self._constant = variable, support, constant

    def expanded(self, term: Term) -> Expansion:
        """Expand a term.

        Raises
        ------
        UnresolvedError
            If it is no polynomial, or holds the logarithm of what is not seen to be positive.
        """
        if self._is_constant(term):
            return {ONE: self._constant(term)}
        match term:
            case Symbol():
                return self._atom(term)
            case Term("Density", (law, at)) if at is self.variable and self._is_constant(law):
                if family_of(law).support is not self.support:
                    raise UnresolvedError(f"an integral over the {self.support} of {term}")
                return self._atom(term)
            case Term("Add", args):
                return _sum(map(self.expanded, args))
            case Term("Mul", args):
                return reduce(_product, map(self.expanded, args))
            case Term("pow", (Symbol() as base, Number(exponent))) if exponent and exponent.denominator == 1:
                return {frozenset({(base, int(exponent))}): self._constant(Number(1))}
            case Term("pow", (base, Number(exponent))) if exponent in range(1, MOST_FACTORS):
                return reduce(_product, [self.expanded(base)] * int(exponent))
            case Term("log", (inner,)):
                return self.logarithm(inner)
        raise UnresolvedError(f"no polynomial in {self.variable}: {term}")

    def logarithm(self, term: Term) -> Expansion:
        """Expand the logarithm of a term.

        Raises
        ------
        UnresolvedError
            If the term is not seen to be positive, or its logarithm is no polynomial.
        """
        if self._is_constant(term):
            return {ONE: self._constant(Term("log", term))}
        if not self._is_positive(term):
            raise UnresolvedError(f"not seen to be positive: {term}")
        match term:
            case Term("Density", (law, _)):
                return self.logarithm(density_formula(law, self.variable))
            case Term("Mul", args):
                return _sum(map(self.logarithm, args))
            case Term("pow", (base, exponent)):
                return _product(self.expanded(exponent), self.logarithm(base))
            case Term("sqrt", (inner,)):
                return _product({ONE: self._constant(Number(Fraction(1, 2)))}, self.logarithm(inner))
            case Term("exp", (inner,)):
                return self.expanded(inner)
        return self._atom(Term("log", term))

    def _atom(self, term: Term) -> Expansion:
        return {frozenset({(term, 1)}): self._constant(Number(1))}

    def _is_constant(self, term: Term) -> bool:
        return self.variable not in term.free

    def _lies_in(self, support: Support) -> bool:
        """Whether every value of the variable lies on a support that has a name."""
        return support is self.support or (support is Support.REALS and not self.support.discrete)

    def _is_positive(self, term: Term) -> bool:
        """Whether a term is seen to be positive wherever the variable is in its domain."""
        if self._is_constant(term):
            return bool(self._constant(term) > 0)
        match term:
            case Symbol():
                return term.domain.positive
            case Term("Density", (law, at)):
                # Where it is not positive it has no formula, and no logarithm.
                return (
                    at is self.variable
                    and self._lies_in(family_of(law).support)
                    and self._is_positive(density_formula(law, self.variable))
                )
            case Term("Mul", args):
                return all(map(self._is_positive, args))
            case Term("pow", (base, _)):
                return self._is_positive(base)
        function = find_function(term.head)
        if function is None or function.arity != 1:
            return False
        # Beyond its root an increasing function is positive.
        return function.value.positive or (function.root == 0 and self._is_positive(term.args[0]))


def valued(expansion: Expansion, atoms: Mapping[Term, Value], zero: Value) -> Value:
    """Return the value of an expansion by those of its atoms."""
    total = zero
    for powers, coefficient in expansion.items():
        value = coefficient
        for atom, exponent in powers:
            value = value * atoms[atom] ** exponent
        total = total + value
    return total


def by_density(expansion: Expansion) -> dict[Term, Expansion]:
    """Return what each density is multiplied by.

    Raises
    ------
    UnresolvedError
        If a term has no density, or several.
    """
    found: dict[Term, dict[Powers, Value]] = {}
    for powers, coefficient in expansion.items():
        densities = [(atom, exponent) for atom, exponent in powers if atom.head == "Density"]
        if len(densities) != 1 or densities[0][1] != 1:
            raise UnresolvedError("a term of the integrand has not just one density")
        found.setdefault(densities[0][0], {})[powers - {*densities}] = coefficient
    return dict(found)


def _sum(expansions: Iterable[Expansion]) -> Expansion:
    return _collected(pair for expansion in expansions for pair in expansion.items())


def _product(a: Expansion, b: Expansion) -> Expansion:
    if len(a) * len(b) > MOST_TERMS**2:
        raise UnresolvedError("a polynomial with too many terms")
    return _collected((_times(p, q), c * d) for p, c in a.items() for q, d in b.items())


def _times(a: Powers, b: Powers) -> Powers:
    exponents = dict(a)
    for atom, exponent in b:
        exponents[atom] = exponents.get(atom, 0) + exponent
    return frozenset((atom, exponent) for atom, exponent in exponents.items() if exponent)


def _collected(pairs: Iterable[tuple[Powers, Value]]) -> Expansion:
    found: dict[Powers, Value] = {}
    for powers, coefficient in pairs:
        found[powers] = found[powers] + coefficient if powers in found else coefficient
    if len(found) > MOST_TERMS:
        raise UnresolvedError("a polynomial with too many terms")
    return {powers: c for powers, c in found.items() if not bool(c == 0)}  # what is exactly 0 is not there
