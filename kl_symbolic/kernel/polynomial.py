"""Exact arithmetic of the kernel: generalised polynomials over Q whose variables are opaque atoms.

A `Poly` is a finite sum of c * a1^e1 * ... * ak^ek with rational c and rational exponents. Exponents that are
negative or fractional are allowed only for atoms that are known to be positive, so every law used here is a law of
the field of real numbers. Nothing in this file knows what an atom means, except whether it is positive, and two heads
that stand for sums: ``Base`` for a positive one, whose powers are not multiplied out, and ``Root`` for the square root
of one that is known not to be negative.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from fractions import Fraction
from functools import lru_cache
from math import isqrt, prod
from typing import NamedTuple

from sympy import Symbol

from kl_symbolic.errors import ProofError

ALWAYS_POSITIVE = {"Exp", "Density", "Factorial", "Power", "Base", "number", "pi"}
MAX_BITS = 4_000
WORD = 64
BUDGET = 1_000_000  # for a whole derivation: a few seconds; an ordinary one takes a hundredth of it
MAX_EXPONENT = 1_000
MAX_DIVISOR = 10_000  # a bound on time: numbers with two larger factors are not factored


class Atom(NamedTuple):
    """An indivisible quantity: a head and hashable arguments (polynomials, atoms, symbols, strings)."""

    head: str
    args: tuple[Hashable, ...]


Monomial = frozenset[tuple[Atom, Fraction]]
ONE: Monomial = frozenset()


class Poly:
    """An immutable generalised polynomial: a mapping from monomials to nonzero rational coefficients."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: dict[Monomial, Fraction]) -> None:
        self.terms = {m: c for m, c in terms.items() if c}
        self._hash = hash(frozenset(self.terms.items()))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Poly) or self._hash != other._hash:
            return False
        if self.terms is not other.terms and self.terms == other.terms:
            # From now on the two share their terms, so that nested parts are compared once, not once per occurrence.
            other.terms = self.terms
        return self.terms is other.terms

    def size(self) -> int:
        """Return how many terms and factors there are."""
        return sum(1 + len(m) for m in self.terms)

    def constant(self) -> Fraction | None:
        """Return the value if this is a rational number, else None."""
        return self.terms.get(ONE, Fraction(0)) if self.terms.keys() <= {ONE} else None

    def single(self) -> tuple[Monomial, Fraction] | None:
        """Return (monomial, coefficient) if there is exactly one term, else None."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None


def number(value: Fraction | int) -> Poly:
    """Return a rational number as a polynomial."""
    return Poly({ONE: Fraction(value)})


def variable(atom: Atom, exponent: Fraction | int = 1) -> Poly:
    """Return atom^exponent as a polynomial."""
    return Poly({frozenset({(atom, Fraction(exponent))}): Fraction(1)})


class Arithmetic:
    """Sums, products and powers, with a budget: hostile input ends in an error, not in an endless computation."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget

    def add(self, parts: Iterable[Poly]) -> Poly:
        """Return the sum of `parts`."""
        total: dict[Monomial, Fraction] = {}
        for part in parts:
            self.spend(1 + part.size())
            for monomial, c in part.terms.items():
                total[monomial] = self._bounded(total[monomial] + c) if monomial in total else c
        return Poly(total)

    def mul(self, a: Poly, b: Poly) -> Poly:
        """Return a * b."""
        self.spend(1 + a.size() * len(b.terms) + b.size() * len(a.terms))
        total: dict[Monomial, Fraction] = {}
        for m1, c1 in a.terms.items():
            for m2, c2 in b.terms.items():
                monomial, factor = _merge(m1, m2)
                c = self._bounded(c1 * c2 * factor)
                total[monomial] = self._bounded(total[monomial] + c) if monomial in total else c
        return Poly(total)

    def power(self, base: Poly, exponent: Fraction) -> Poly:
        """Return base^exponent; the base must be positive, or not 0 for an integer, or anything for 1, 2, 3, ..."""
        if abs(exponent) > MAX_EXPONENT:
            raise ProofError(f"the exponent {exponent} is too large to be checked")
        if exponent > 0 and exponent.denominator == 1:
            result = number(1)
            for _ in range(int(exponent)):
                result = self.mul(result, base)
            return result
        if not is_positive(base):
            opposite = self.mul(number(-1), base)
            if exponent.denominator != 1 or not is_positive(opposite):
                needed = "positive" if exponent.denominator != 1 else "not 0"
                raise ProofError(f"cannot show that the base of the power {exponent} is {needed}")
            return self.mul(number((-1) ** exponent.numerator), self.power(opposite, exponent))
        single = base.single()
        if single is None:
            return variable(Atom("Base", (base,)), exponent) if exponent else number(1)
        return self._power_of_product(*single, exponent)

    def root(self, base: Poly) -> Poly:
        """Return the square root of what is not negative: sqrt(4 a^2 b^3) = 2 b sqrt(b) sqrt(a^2) for b > 0."""
        if is_positive(base):
            return self.power(base, Fraction(1, 2))
        if not is_nonnegative(base):
            raise ProofError("cannot show that what stands under a root is not negative")
        single = base.single()
        if single is None:
            return variable(Atom("Root", (base,))) if base.terms else base
        monomial, c = single
        positive = frozenset((atom, e) for atom, e in monomial if atom_is_positive(atom))
        result = self._power_of_product(positive, c, Fraction(1, 2))
        for atom, e in monomial - positive:  # a square of a real thing, or a power of a root
            whole, rest = divmod(e, 4)
            result = self.mul(result, variable(atom, 2 * whole)) if whole else result
            result = self.mul(result, variable(Atom("Root", (variable(atom, rest),)))) if rest else result
        return result

    def _power_of_product(self, monomial: Monomial, c: Fraction, exponent: Fraction) -> Poly:
        """Raise c and the factors of a monomial, which are all positive."""
        result = number(1)
        for atom, e in (*monomial, *((Atom("number", (p,)), Fraction(e)) for p, e in self.prime_powers(c))):
            result = self.mul(result, Poly(dict([_normal_power(atom, e * exponent)])))
        return result

    def is_zero(self, poly: Poly) -> bool:
        """Decide whether a polynomial vanishes, multiplying out sums in denominators and squares of roots."""
        while poly.terms:
            lowest: dict[Atom, Fraction] = {}
            for monomial in poly.terms:
                for atom, e in monomial:
                    if atom.head == "Base":
                        lowest[atom] = min(lowest.get(atom, Fraction(0)), e)
            shift = {a: -e for a, e in lowest.items() if e < 0}
            opened = self.add(self._open(m, c, shift) for m, c in poly.terms.items())
            if opened == poly:
                return False
            poly = opened
        return True

    def _open(self, monomial: Monomial, c: Fraction, shift: dict[Atom, Fraction]) -> Poly:
        """Multiply one term by `shift`; write integral powers of sums and even powers of roots out."""
        exponents = dict(monomial)
        for atom, e in shift.items():
            exponents[atom] = exponents.get(atom, Fraction(0)) + e
        result = Poly({ONE: c})
        for atom, e in exponents.items():
            base = atom.args[0] if atom.head in ("Base", "Root") else None
            if not isinstance(base, Poly):
                result = self.mul(result, variable(atom, e))
                continue
            whole, rest = divmod(e, 2 if atom.head == "Root" else 1)
            if whole:
                result = self.mul(result, self.power(base, Fraction(whole)))
            if rest:
                result = self.mul(result, variable(atom, rest))
        return result

    def prime_powers(self, c: Fraction) -> list[tuple[int, int]]:
        """Factor a positive rational, see `prime_powers`."""
        self.spend(min(isqrt(c.numerator) + isqrt(c.denominator), MAX_DIVISOR) // 10)
        return prime_powers(c)

    def spend(self, amount: int) -> None:
        """Count the cost of what is about to be done."""
        self.budget -= amount
        if self.budget < 0:
            raise ProofError("the derivation is too large to be checked")

    def _bounded(self, c: Fraction) -> Fraction:
        bits = c.numerator.bit_length() + c.denominator.bit_length()
        if bits > MAX_BITS:
            raise ProofError("a coefficient is too large to be checked")
        if bits > WORD:
            self.spend(bits // WORD)
        return c


def _merge(m1: Monomial, m2: Monomial) -> tuple[Monomial, Fraction]:
    """Multiply two monomials; the factor comes from powers of numbers such as sqrt(2) * sqrt(2)."""
    if not m1 or not m2:
        return m1 or m2, Fraction(1)
    exponents = dict(m1)
    factor = Fraction(1)
    for atom, e in m2:
        exponents[atom] = exponents.get(atom, Fraction(0)) + e
    kept: list[tuple[Atom, Fraction]] = []
    for atom, e in exponents.items():
        if atom.head == "number":
            monomial, c = _normal_power(atom, e)
            factor *= c
            kept += monomial
        elif e:
            kept.append((atom, e))
    return frozenset(kept), factor


def _normal_power(atom: Atom, exponent: Fraction) -> tuple[Monomial, Fraction]:
    """Return atom^exponent; of a number, only a fraction between 0 and 1 stays in the exponent."""
    if atom.head != "number":
        return (frozenset({(atom, exponent)}) if exponent else ONE), Fraction(1)
    whole = exponent.numerator // exponent.denominator
    rest = exponent - whole
    (n,) = atom.args
    assert isinstance(n, int)
    return (frozenset({(atom, rest)}) if rest else ONE), Fraction(n) ** whole


def prime_powers(c: Fraction) -> list[tuple[int, int]]:
    """Factor a positive rational by trial division; a large factor without small divisors stays whole."""
    found: dict[int, int] = {}
    for value, sign in ((c.numerator, 1), (c.denominator, -1)):
        rest, d = value, 2
        while d * d <= rest and d < MAX_DIVISOR:
            while rest % d == 0:
                rest //= d
                found[d] = found.get(d, 0) + sign
            d += 1
        if rest > 1:
            found[rest] = found.get(rest, 0) + sign
    assert prod(Fraction(p) ** e for p, e in found.items()) == c
    return list(found.items())


@lru_cache(maxsize=100_000)
def is_positive(poly: Poly) -> bool:
    """Decide whether positivity is plain to see: positive terms, and even powers beside them."""
    return is_nonnegative(poly) and any(all(atom_is_positive(a) for a, _ in monomial) for monomial in poly.terms)


def is_nonnegative(poly: Poly) -> bool:
    """Decide whether it is plain to see that nothing is negative: all terms are products of roots and even powers."""
    return all(
        c > 0 and all(e % 2 == 0 or a.head == "Root" or atom_is_positive(a) for a, e in monomial)
        for monomial, c in poly.terms.items()
    )


def atom_is_positive(atom: Atom) -> bool:
    """Whether an atom is positive by its head, or by the domain of its symbol."""
    if atom.head in ("symbol", "indexed"):
        return isinstance(atom.args[0], Symbol) and bool(atom.args[0].is_positive)
    inside = atom.args[0] if atom.args else None
    if atom.head == "Product":
        return isinstance(inside, Poly) and is_positive(inside)
    if atom.head == "Log":  # only of numbers greater than one
        value = inside.constant() if isinstance(inside, Poly) else None
        return value is not None and value > 1
    return atom.head in ALWAYS_POSITIVE
