"""Bounds of what an integral has beyond a point, from the law alone.

On the line on which it is looked at, the density h is log-concave; this is read off its logarithm. So is each term
|s|^j e^(i s) h(s) of the integrand, on either side of 0. The logarithm of such a term g falls beyond s at least as fast
as between a point s' before and s, so that the integral of g beyond s is at most g(s) (s - s') / log(g(s')/g(s)), and a
sum of it beyond k at most g(k) r/(1 - r), where r = g(k)/g(k - 1) < 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from kl_symbolic.families import Support
from kl_symbolic.numbers.arithmetic import Arithmetic, Namespace, UnresolvedError, Value
from kl_symbolic.numbers.expansion import ONE, Expander, Expansion, Powers, by_density, valued
from kl_symbolic.terms import Term


@dataclass(frozen=True)
class Line:
    """The line on which densities are log-concave: that of x, of log x on the half-line, the numbers 0, 1, 2, ...

    Parameters
    ----------
    coordinate
        What runs over the line: x, log(x), or k.
    variable
        x, or k.
    logarithmic
        Whether the coordinate is the logarithm of the variable.
    discrete
        Whether sums are taken.
    """

    coordinate: Term
    variable: Term
    logarithmic: bool
    discrete: bool

    def atoms(self, arithmetic: Arithmetic, s: Value) -> dict[Term, Value]:
        """Return the values of the atoms of expansions at a point of the line."""
        if self.logarithmic:
            return {self.coordinate: s, self.variable: Namespace(arithmetic).exp(s)}
        if not self.discrete:
            return {self.variable: s}
        m = Namespace(arithmetic)
        return {self.variable: s, self.log_factorial: m.log(m.factorial(s))}

    @property
    def log_factorial(self) -> Term:
        """The logarithm of k!, which is convex: its second differences are log((k + 2)/(k + 1))."""
        return Term("log", Term("factorial", self.variable))

    def is_concave(self, expansion: Expansion) -> bool:
        """Whether an expansion is seen to be concave on the line, term by term."""
        return all(self._is_concave(powers, coefficient) for powers, coefficient in expansion.items())

    def _is_concave(self, powers: Powers, coefficient: Value) -> bool:
        if powers in (ONE, {(self.coordinate, 1)}):
            return True
        if len(powers) > 1 or not coefficient <= 0:
            return False
        ((atom, exponent),) = powers
        return (
            (atom == self.coordinate and exponent > 0 and exponent % 2 == 0)
            or (self.logarithmic and atom == self.variable)  # e^(i s)
            or (self.discrete and atom == self.log_factorial and exponent == 1)
        )

    def require_log_concave_terms(self, expansion: Expansion) -> None:
        """Refuse a factor of a density unless the absolute value of each of its terms is log-concave beside 0.

        Raises
        ------
        UnresolvedError
            If one is not seen to be.
        """
        for powers in expansion:
            for atom, exponent in powers:
                if not ((self.logarithmic and atom == self.variable) or (atom == self.coordinate and exponent > 0)):
                    raise UnresolvedError(f"no bound is known where {atom} is far out")


@dataclass(frozen=True)
class Weighted:
    """A factor times a density, as a function on a line.

    Parameters
    ----------
    line
        The line.
    log_density
        The logarithm of the density with respect to the coordinate.
    factor
        What the density is multiplied by.
    """

    line: Line
    log_density: Expansion
    factor: Expansion

    def at(self, arithmetic: Arithmetic, s: Value) -> Value:
        """Return its value at a point."""
        atoms, zero = self.line.atoms(arithmetic, s), arithmetic.number(Fraction(0))
        return Namespace(arithmetic).exp(valued(self.log_density, atoms, zero)) * valued(self.factor, atoms, zero)

    def tail(self, arithmetic: Arithmetic, before: Fraction, end: Fraction) -> Value | None:
        """Bound the integral of its absolute value beyond an end, or the sum; None where that is not small there.

        Parameters
        ----------
        arithmetic
            The numbers.
        before, end
            A point, and the end beyond it: the tail is on the other side of the end. For a sum the end is the last
            term that is not in the tail, and the point the one before.
        """
        if before * (end - before) <= 0:  # the tail has 0 in it, where |s|^j is not log-concave
            return None
        m = Namespace(arithmetic)
        sides = [self.line.atoms(arithmetic, arithmetic.number(s)) for s in (before, end)]
        zero = arithmetic.number(Fraction(0))
        exponents = [valued(self.log_density, atoms, zero) for atoms in sides]
        total = zero
        for powers, coefficient in self.factor.items():
            first, last = (_size(powers, atoms, arithmetic) for atoms in sides)
            fall = exponents[0] - exponents[1] + m.log(first / last)
            if not fall > 0:
                return None
            value = abs(coefficient) * last * m.exp(exponents[1])
            if self.line.discrete:
                ratio = m.exp(-fall)
                total = total + value * ratio / (1 - ratio)
            else:
                total = total + value * abs(arithmetic.number(end - before)) / fall
        return total


def weighted_by_law(integrand: Term, expander: Expander) -> Iterator[tuple[Term, Weighted]]:
    """Yield the laws that weigh an integrand, each with what it contributes.

    Raises
    ------
    UnresolvedError
        If a density is not seen to be log-concave, or what it is multiplied by is of another kind than has bounds.
    """
    variable, support = expander.variable, expander.support
    logarithmic = support is Support.POSITIVE_REALS
    line = Line(Term("log", variable) if logarithmic else variable, variable, logarithmic, support.discrete)
    for density, factor in by_density(expander.expanded(integrand)).items():
        # The density of log x is x p(x).
        log_density = expander.logarithm(density * variable if logarithmic else density)
        if not line.is_concave(log_density):
            raise UnresolvedError("the density is not seen to be log-concave")
        line.require_log_concave_terms(factor)
        yield density.args[0], Weighted(line, log_density, factor)


def _size(powers: Powers, atoms: Mapping[Term, Value], arithmetic: Arithmetic) -> Value:
    size = arithmetic.number(Fraction(1))
    for atom, exponent in powers:
        size = size * abs(atoms[atom]) ** exponent
    return size
