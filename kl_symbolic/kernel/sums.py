"""The laws of finite sums."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.binding import split
from kl_symbolic.kernel.polynomial import Atom, Poly, number
from kl_symbolic.kernel.theory import Canonical
from kl_symbolic.terms import BINDERS, COORDINATE, DIMENSION, Number, Sum, Symbol, Term, add, parts_with, substitute

MAX_TERMS_OF_SUM = 10_000
RANGE = (Number(1), DIMENSION)


def sums(canon: Canonical, atom: Atom) -> Poly | None:
    """Split sums and move constants out; the sum of 1 over i = 1..n is n."""
    match atom:
        case Atom("Sum", (Poly() as body, Symbol() as i, Poly() as size)):
            parts = []
            for outer, inner in split(body, i):
                whole = canon.opaque(Atom("Sum", (inner, i, size))) if inner != number(1) else size
                parts.append(canon.arithmetic.mul(outer, whole))
            return canon.arithmetic.add(parts)
    return None


def finite(term: Term, spend: Callable[[int], None]) -> Term | None:
    """Write a sum over 1..n with a number n as its terms, and an integral over finitely many whole numbers."""
    match term:
        case Term("Sum", (body, i, Number(size))):
            first, last = Fraction(1), size
        case Term("Integral", (body, Symbol() as i, Term("Integers", (Number(first), Number(last))), _)):
            pass
        case Term("Integral", (body, Symbol() as i, Term("Integers", ends), _)) if ends == RANGE:
            if COORDINATE in body.free:
                raise ProofError(f"the index {COORDINATE} would be captured")
            return Sum(substitute(body, {i: COORDINATE}, spend), COORDINATE, DIMENSION)
        case _:
            return None
    if last - first >= MAX_TERMS_OF_SUM:
        raise ProofError(f"a sum of more than {MAX_TERMS_OF_SUM} terms is too long to be written out")
    if any(binder.args[1] is i for binder in parts_with(body, *BINDERS)):
        raise ProofError(f"the index {i} is bound twice")
    terms = [substitute(body, {i: Number(k)}, spend) for k in range(int(first), int(last) + 1)]
    return add(*terms)
