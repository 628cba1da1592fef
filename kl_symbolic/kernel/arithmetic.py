"""Exact arithmetic of the kernel: powers and roots beside sums and products, and whether a form vanishes.

Two heads stand for sums: ``Base`` for a positive one, whose powers are not multiplied out, and ``Root`` for the square
root of one that is known not to be negative.
"""

from __future__ import annotations

from fractions import Fraction

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.polynomial import (
    ONE,
    Atom,
    Exponent,
    Monomial,
    Poly,
    Ring,
    exact,
    normal_power,
    number,
    prime,
    variable,
)
from kl_symbolic.kernel.positivity import atom_is_positive, is_nonnegative, is_positive

MAX_EXPONENT = 1_000


class Arithmetic(Ring):
    """Sums, products, powers and roots, with a budget: hostile input ends in an error."""

    def power(self, base: Poly, exponent: Exponent) -> Poly:
        """Return base^exponent; the base must be positive, or not 0 for an integer, or anything for 1, 2, 3, ..."""
        exponent = _small(exact(exponent))
        if exponent > 0 and exponent.denominator == 1:
            result = number(1)
            for _ in range(int(exponent)):
                result = self.mul(result, base)
            return result
        if not is_positive(base, self.spend):
            opposite = self.mul(number(-1), base)
            if exponent.denominator != 1 or not is_positive(opposite, self.spend):
                needed = "positive" if exponent.denominator != 1 else "not 0"
                raise ProofError(f"cannot show that the base of the power {exponent} is {needed}")
            return self.mul(number(-1 if exponent.numerator % 2 else 1), self.power(opposite, exponent))
        single = base.single()
        if single is None:
            return variable(Atom("Base", (base,)), exponent) if exponent else number(1)
        return self._power_of_product(*single, exponent)

    def symbolic_power(self, base: Poly, exponent: Poly) -> Poly:
        """Return base^exponent for a positive base, in one form: (a b)^(2 u + v) is (a^u)^2 (b^u)^2 a^v b^v."""
        single = base.single()
        factors: list[tuple[Atom, Exponent]] = [(Atom("Base", (base,)), 1)]
        if single is not None:
            factors = [*single[0], *((prime(p), e) for p, e in self.prime_powers(single[1]))]
        result = number(1)
        for monomial, c in exponent.terms.items():
            for atom, e in factors:
                raised = normal_power(self._atom_to(atom, monomial), _small(exact(e * c)))
                result = self.mul(result, Poly(dict([raised])))
        return result

    def _atom_to(self, atom: Atom, exponent: Monomial) -> Atom:
        """Return atom^exponent for a product of atoms as the exponent: (b^v)^u is b^(u v), (exp t)^u is exp(u t)."""
        if not exponent:
            return atom
        raised = Poly({exponent: Fraction(1)})
        match atom:
            case Atom("pow", (base, Poly() as inner)):
                return Atom("pow", (base, self.mul(inner, raised)))
            case Atom("exp", (Poly() as inner,)):
                return Atom("exp", (self.mul(inner, raised),))
        return Atom("pow", (variable(atom), raised))

    def root(self, base: Poly) -> Poly:
        """Return the square root of what is not negative: sqrt(4 a^2 b^3) = 2 b sqrt(b) sqrt(a^2) for b > 0."""
        if is_positive(base, self.spend):
            return self.power(base, Fraction(1, 2))
        if not is_nonnegative(base, self.spend):
            raise ProofError("cannot show that what stands under a root is not negative")
        single = base.single()
        if single is None:
            return variable(Atom("Root", (base,))) if base.terms else base
        monomial, c = single
        positive = frozenset((atom, e) for atom, e in monomial if atom_is_positive(atom, self.spend))
        result = self._power_of_product(positive, c, Fraction(1, 2))
        for atom, e in monomial - positive:  # a square of a real thing, or a power of a root
            whole, rest = divmod(e, 4)
            result = self.mul(result, variable(atom, 2 * whole)) if whole else result
            result = self.mul(result, variable(Atom("Root", (variable(atom, rest),)))) if rest else result
        return result

    def _power_of_product(self, monomial: Monomial, c: Fraction, exponent: Exponent) -> Poly:
        """Raise c and the factors of a monomial, which are all positive."""
        result = number(1)
        for atom, e in (*monomial, *((prime(p), e) for p, e in self.prime_powers(c))):
            raised, base = exact(e * exponent), atom.args[0] if atom.head == "Base" else None
            if isinstance(base, Poly) and raised > 0:  # 1/(1/(a + b)) is a + b
                result = self.mul(result, self.power(base, raised))
            else:
                result = self.mul(result, Poly(dict([normal_power(atom, raised)])))
        return result

    def is_zero(self, poly: Poly) -> bool:
        """Decide whether a polynomial vanishes, multiplying out sums in denominators and squares of roots."""
        while poly.terms:
            opened = self._opened(poly, _sums_below(poly))
            if opened == poly:
                return False
            poly = opened
        return True

    def cleared(self, poly: Poly) -> tuple[dict[Atom, Exponent], Poly]:
        """Write a sum of several terms over the powers of sums that stand below some of them: those, and the rest."""
        below: dict[Atom, Exponent] = {}
        while len(poly.terms) > 1 and (shift := _sums_below(poly)):
            below = {atom: below.get(atom, 0) + shift.get(atom, 0) for atom in below | shift}
            poly = self._opened(poly, shift)
        return below, poly

    def _opened(self, poly: Poly, shift: dict[Atom, Exponent]) -> Poly:
        return self.add(self._open(m, c, shift) for m, c in poly.terms.items())

    def _open(self, monomial: Monomial, c: Fraction, shift: dict[Atom, Exponent]) -> Poly:
        """Multiply one term by `shift`; write integral powers of sums and even powers of roots out."""
        exponents = dict(monomial)
        for atom, e in shift.items():
            exponents[atom] = exponents.get(atom, 0) + e
        result = Poly({ONE: c})
        for atom, e in exponents.items():
            base = atom.args[0] if atom.head in ("Base", "Root") else None
            if not isinstance(base, Poly):
                result = self.mul(result, variable(atom, e))
                continue
            whole, rest = divmod(e, 2 if atom.head == "Root" else 1)
            if whole:
                result = self.mul(result, self.power(base, whole))
            if rest:
                result = self.mul(result, variable(atom, rest))
        return result


def _sums_below(poly: Poly) -> dict[Atom, Exponent]:
    """Return the sums that stand below, with the powers by which they must be multiplied."""
    lowest: dict[Atom, Exponent] = {}
    for monomial in poly.terms:
        for atom, e in monomial:
            if atom.head == "Base":
                lowest[atom] = min(lowest.get(atom, 0), e)
    return {a: -e for a, e in lowest.items() if e < 0}


def _small(exponent: Exponent) -> Exponent:
    if not -MAX_EXPONENT <= exponent <= MAX_EXPONENT:
        raise ProofError(f"the exponent {exponent} is too large to be checked")
    return exponent
