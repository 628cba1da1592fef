"""Which canonical forms are certainly positive: by their signs, the bounds of their symbols, or as definite quadratics.

A symbol that lies above another one, s > a, is a + t with a positive t; one between a and 1 is (a + t)/(1 + t), where a
is 0 if nothing is said. With that put in, and denominators multiplied out, all terms are positive, or the form is a
quadratic without a real zero. What is not seen so is not shown; nothing is ever shown to be negative.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from kl_symbolic.errors import ProofError
from kl_symbolic.functions import Domain, find_function
from kl_symbolic.kernel.polynomial import Atom, Exponent, Monomial, Poly, Ring, number, variable
from kl_symbolic.terms import Number, Spend, Symbol

ALWAYS_POSITIVE = {"Density", "pow", "Base", "number", "Excess"}  # of powers only those of positive things are atoms
EFFORT = 20_000  # for one question: what needs more is not shown
MAX_DEGREE = 20
MOST_SQUARES = 4


def is_positive(poly: Poly, spend: Spend) -> bool:
    """Decide whether it is plain to see that a form is positive."""
    found, effort = _look(poly, strict=True)
    spend(effort)
    return found


def is_nonnegative(poly: Poly, spend: Spend) -> bool:
    """Decide whether it is plain to see that a form is not negative."""
    found, effort = _look(poly, strict=False)
    spend(effort)
    return found


@lru_cache(maxsize=100_000)
def _look(poly: Poly, *, strict: bool) -> tuple[bool, int]:
    """Return what is seen, and what it takes to see it: by signs, by the bounds of symbols, or as a quadratic."""
    ring = Ring(EFFORT)
    try:
        seen = _by_signs(poly, ring, strict=strict)
        if not seen:
            cleared = _without_bounds(_without_denominators(poly, ring), ring)
            seen = (cleared != poly and _by_signs(cleared, ring, strict=strict)) or _is_definite(
                cleared, ring, strict=strict
            )
    except ProofError:  # too much work
        seen = False
    return seen, EFFORT - ring.budget


def _by_signs(poly: Poly, ring: Ring, *, strict: bool) -> bool:
    """Whether all terms are products of what is not negative, and even powers; one of them positive if `strict`."""
    signs = all(
        c > 0 and all(e % 2 == 0 or atom_is_nonnegative(a, ring.spend) for a, e in m) for m, c in poly.terms.items()
    )
    return signs and (not strict or any(all(atom_is_positive(a, ring.spend) for a, _ in m) for m in poly.terms))


def _without_denominators(poly: Poly, ring: Ring) -> Poly:
    """Multiply by the positive sums that stand below, and write whole powers of sums out."""
    while True:
        sums = {a for monomial in poly.terms for a, e in monomial if a.head == "Base" and e.denominator == 1}
        if not sums:
            return poly
        (atom, *_) = sums
        lowest = min([0, *(_exponent(m, atom) for m in poly.terms)])
        base = atom.args[0]
        assert isinstance(base, Poly)
        poly = ring.add(
            ring.mul(_rest(m, c, atom), _power(base, _exponent(m, atom) - lowest, ring)) for m, c in poly.terms.items()
        )


def _without_bounds(poly: Poly, ring: Ring) -> Poly:
    """Put in what the bounds of symbols say, until no symbol has one."""
    while True:
        bounded = next((a for m in poly.terms for a, _ in m if _bounds(a)), None)
        if bounded is None:
            return poly
        poly = _put_in(poly, bounded, ring)


def _put_in(poly: Poly, atom: Atom, ring: Ring) -> Poly:
    """Put a + t, or (a + t)/(1 + t) for what is less than 1, in place of an atom, and multiply by what stands below."""
    exponents = [_exponent(m, atom) for m in poly.terms]
    low, high = min([0, *exponents]), max(exponents)
    if any(e.denominator != 1 for e in exponents) or (low < 0 and not atom_is_positive(atom, ring.spend)):
        raise ProofError("a bound under a fractional power")
    excess, (above, is_fraction) = variable(Atom("Excess", (atom,))), _bounds_of(atom)
    upper, lower = ring.add((above, excess)), ring.add((number(1), excess)) if is_fraction else number(1)
    parts = []
    for m, c in poly.terms.items():
        e = _exponent(m, atom) - low
        value = ring.mul(_power(upper, e, ring), _power(lower, high - low - e, ring))
        parts.append(ring.mul(_rest(m, c, atom), value))
    return ring.add(parts)


def _is_definite(poly: Poly, ring: Ring, *, strict: bool) -> bool:
    """Whether a form is a x^2 + b x + c with a > 0 and 4 a c > b^2, or >= where it need not be positive."""
    squares = {a for m in poly.terms for a, e in m if e == 2 and not atom_is_positive(a, ring.spend)}  # noqa: PLR2004 - a square
    for atom in squares if len(squares) <= MOST_SQUARES else ():  # one after the other is tried, in any order
        powers: dict[Exponent, list[Poly]] = {}
        for m, x in poly.terms.items():
            powers.setdefault(_exponent(m, atom), []).append(_rest(m, x, atom))
        if powers.keys() <= {0, 1, 2}:
            c, b, a = (ring.add(powers.get(k, [])) for k in range(3))
            opposite = ring.mul(number(-1), ring.mul(b, b))
            between = ring.add((ring.mul(number(4), ring.mul(a, c)), opposite))
            if is_positive(a, ring.spend) and (is_positive if strict else is_nonnegative)(between, ring.spend):
                return True
    return False


def _exponent(monomial: Monomial, atom: Atom) -> Exponent:
    return next((e for a, e in monomial if a == atom), 0)


def _rest(monomial: Monomial, c: Fraction, atom: Atom) -> Poly:
    return Poly({frozenset((a, e) for a, e in monomial if a != atom): c})


def _power(base: Poly, exponent: Exponent, ring: Ring) -> Poly:
    if exponent > MAX_DEGREE or exponent.denominator != 1:
        raise ProofError("a degree too large to look at, or none")
    result = number(1)
    for _ in range(int(exponent)):
        result = ring.mul(result, base)
    return result


def _bounds(atom: Atom) -> bool:
    """Whether an atom is a symbol with a bound."""
    match atom:
        case Atom("Symbol" | "Indexed", (Symbol() as symbol, *_)):
            return symbol.above is not None or symbol.domain is Domain.UNIT
    return False


def _bounds_of(atom: Atom) -> tuple[Poly, bool]:
    """Return what a bounded symbol lies above, 0 if nothing is said, and whether both lie below 1."""
    symbol, *index = atom.args
    assert isinstance(symbol, Symbol)
    low, is_fraction = number(0), symbol.domain is Domain.UNIT
    match symbol.above:
        case Number(value):
            low, is_fraction = number(value), is_fraction and value < 1
        case Symbol() as other:
            low, is_fraction = variable(Atom(atom.head, (other, *index))), is_fraction and other.domain is Domain.UNIT
    return low, is_fraction


def atom_is_positive(atom: Atom, spend: Spend) -> bool:
    """Whether an atom is positive by its head, or by the domain of its symbol."""
    match atom:
        case Atom("Symbol" | "Indexed", (Symbol() as symbol, *_)):
            return symbol.domain.positive
        case Atom("Product", (Poly() as inside, *_)):
            return is_positive(inside, spend)
    function = find_function(atom.head)
    if function is None or function.value.positive:
        return function is not None or atom.head in ALWAYS_POSITIVE
    match atom.args:
        case (Poly() as argument,) if function.root is not None:
            value = argument.constant()
            return value is not None and value > function.root
    return atom.head in ALWAYS_POSITIVE


def atom_is_nonnegative(atom: Atom, spend: Spend) -> bool:
    """Whether an atom is positive, a root, or not negative by the domain of its symbol."""
    match atom:
        case Atom("Symbol" | "Indexed", (Symbol() as symbol, *_)):
            return symbol.domain.nonnegative
    return atom.head == "Root" or atom_is_positive(atom, spend)
