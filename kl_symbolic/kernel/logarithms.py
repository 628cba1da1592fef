"""The laws of logarithms and exponentials of positive things."""

from __future__ import annotations

from fractions import Fraction

from kl_symbolic.kernel.polynomial import Atom, Monomial, Poly, number, variable
from kl_symbolic.kernel.positivity import is_positive
from kl_symbolic.kernel.theory import Canonical
from kl_symbolic.terms import Symbol


def logarithm(canon: Canonical, atom: Atom) -> Poly | None:
    """Log of products, quotients and powers of positive things; log exp t = t; log 1 = 0."""
    match atom:
        case Atom("log", (Poly() as u,)) if u.single() is not None and is_positive(u):
            ((monomial, c),) = u.terms.items()
            powers = canon.arithmetic.prime_powers(c)
            parts = [canon.scaled(canon.opaque(Atom("log", (number(p),))), e) for p, e in powers]
            parts += [canon.scaled(_log_of_atom(canon, a), e) for a, e in monomial]
            return canon.arithmetic.add(parts)
    return None


def _log_of_atom(canon: Canonical, atom: Atom) -> Poly:
    match atom:
        case Atom("exp", (Poly() as u,)):
            return u
        case Atom("pow", (Poly() as base, Poly() as exponent)):
            return canon.arithmetic.mul(exponent, canon.value("log", base))
        case Atom("Base", (Poly() as base,)):
            return canon.opaque(Atom("log", (base,)))
        case Atom("number", (int() as n, *_)):
            return canon.opaque(Atom("log", (number(n),)))
        case Atom("Product", (Poly() as body, Symbol() as i, Poly() as size)):
            return canon.value("Sum", canon.value("log", body), i, size)
    return canon.opaque(Atom("log", (variable(atom),)))


def exponential(canon: Canonical, atom: Atom) -> Poly | None:
    """Exp(a + b) = exp(a) exp(b); exp(c a) = exp(a)^c for rational c; exp log t = t."""
    match atom:
        case Atom("exp", (Poly() as u,)):
            return canon.product(_exp_of_term(canon, m, c) for m, c in u.terms.items())
    return None


def _exp_of_term(canon: Canonical, monomial: Monomial, c: Fraction) -> Poly:
    match list(monomial):
        case [(Atom("log", (Poly() as inside,)), 1)]:
            return canon.arithmetic.power(inside, c)
    return variable(Atom("exp", (Poly({monomial: Fraction(1)}),)), c)
