"""Canonical forms of the kernel: generalised polynomials over Q whose variables are opaque atoms.

A `Poly` is a finite sum of c * a1^e1 * ... * ak^ek with rational c and rational exponents. Exponents that are
negative or fractional are allowed only for atoms that are known to be positive, so every law used here is a law of
the field of real numbers. Nothing in this file knows what an atom means.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from fractions import Fraction
from math import isqrt, prod
from typing import NamedTuple, TypeAlias

from kl_symbolic.errors import ProofError

MAX_BITS = 4_000
WORD = 64
SMALL = 1 << 60  # beyond, the hash of a number is not the number
BUDGET = 1_000_000  # for a whole derivation: a few seconds; an ordinary one takes a hundredth of it
MAX_DIVISOR = 10_000  # a bound on time: numbers with two larger factors are not factored


class Atom(NamedTuple):
    """An indivisible quantity: a head and hashable arguments (polynomials, atoms, symbols, strings)."""

    head: str
    args: tuple[Hashable, ...]


# An exponent is an integer where it can be: Python adds and hashes these much faster than fractions.
Exponent: TypeAlias = Fraction | int
Monomial: TypeAlias = frozenset[tuple[Atom, Exponent]]
ONE: Monomial = frozenset()


class Poly:
    """An immutable generalised polynomial: a mapping from monomials to nonzero rational coefficients."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: dict[Monomial, Fraction]) -> None:
        self.terms = {m: c for m, c in terms.items() if c}
        self._hash: int | None = None  # most are never asked for it

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset((m, _hashed(c)) for m, c in self.terms.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Poly) or hash(self) != hash(other):
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
        return (
            self.terms.get(ONE, Fraction(0)) if not self.terms or (len(self.terms) == 1 and ONE in self.terms) else None
        )

    def single(self) -> tuple[Monomial, Fraction] | None:
        """Return (monomial, coefficient) if there is exactly one term, else None."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None


def number(value: Fraction | int) -> Poly:
    """Return a rational number as a polynomial."""
    return Poly({ONE: Fraction(value)})


def exact(exponent: Exponent) -> Exponent:
    """Return an exponent as an integer, if it is one."""
    return exponent.numerator if exponent.denominator == 1 else exponent


def variable(atom: Atom, exponent: Exponent = 1) -> Poly:
    """Return atom^exponent as a polynomial."""
    return Poly({frozenset({(atom, exponent)}): Fraction(1)})


def prime(p: int) -> Atom:
    """Return a number without small factors as an atom; a long one has a hash that nobody can foresee."""
    return Atom("number", (p,) if p.bit_length() < WORD - 4 else (p, hex(p)))


class Ring:
    """Sums and products, with a budget: hostile input ends in an error, not in an endless computation."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget

    def add(self, parts: Iterable[Poly]) -> Poly:
        """Return the sum of `parts`."""
        total: dict[Monomial, Fraction] = {}
        for part in parts:
            self.spend(1 + part.size())
            for monomial, c in part.terms.items():
                total[monomial] = self.bounded(total[monomial] + c) if monomial in total else c
        return Poly(total)

    def mul(self, a: Poly, b: Poly) -> Poly:
        """Return a * b."""
        self.spend(1 + a.size() * len(b.terms) + b.size() * len(a.terms))
        scale = a.constant()
        if scale is not None:
            return Poly({m: self.bounded(scale * c) for m, c in b.terms.items()}) if scale != 1 else b
        total: dict[Monomial, Fraction] = {}
        for m1, c1 in a.terms.items():
            for m2, c2 in b.terms.items():
                monomial, factor = _merge(m1, m2)
                c = self.bounded(c1 * c2 * factor)
                total[monomial] = self.bounded(total[monomial] + c) if monomial in total else c
        return Poly(total)

    def prime_powers(self, c: Fraction) -> list[tuple[int, int]]:
        """Factor a positive rational, see `prime_powers`."""
        self.spend(min(isqrt(c.numerator) + isqrt(c.denominator), MAX_DIVISOR) // 10)
        return prime_powers(c)

    def spend(self, amount: int) -> None:
        """Count the cost of what is about to be done."""
        self.budget -= amount
        if self.budget < 0:
            raise ProofError("the derivation is too large to be checked")

    def bounded(self, c: Fraction) -> Fraction:
        """Return a number, unless it is too long."""
        bits = length_of(c)
        if bits > MAX_BITS:
            raise ProofError("a coefficient is too large to be checked")
        if bits > WORD:
            self.spend(bits // WORD)
        return c


def _hashed(c: Fraction) -> object:
    """Return what stands for a number in a hash: long ones as texts, whose hashes nobody can foresee."""
    n, d = c.numerator, c.denominator
    return (n, d) if -SMALL < n < SMALL and d < SMALL else str(c)


def length_of(c: Fraction) -> int:
    """Return how many bits a rational number has."""
    return c.numerator.bit_length() + c.denominator.bit_length()


def _merge(m1: Monomial, m2: Monomial) -> tuple[Monomial, Fraction]:
    """Multiply two monomials; the factor comes from powers of numbers such as sqrt(2) * sqrt(2)."""
    if not m1 or not m2:
        return m1 or m2, Fraction(1)
    exponents = dict(m1)
    factor = Fraction(1)
    for atom, e in m2:
        exponents[atom] = exponents.get(atom, 0) + e
    kept: list[tuple[Atom, Exponent]] = []
    for atom, e in exponents.items():
        if atom.head == "number":
            monomial, c = normal_power(atom, e)
            factor *= c
            kept += monomial
        elif e:
            kept.append((atom, e))
    return frozenset(kept), factor


def normal_power(atom: Atom, exponent: Exponent) -> tuple[Monomial, Fraction]:
    """Return atom^exponent; of a number, only a fraction between 0 and 1 stays in the exponent."""
    if atom.head != "number":
        return (frozenset({(atom, exponent)}) if exponent else ONE), Fraction(1)
    whole = exponent.numerator // exponent.denominator
    rest = exponent - whole
    n = atom.args[0]
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
