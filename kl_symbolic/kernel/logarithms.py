"""The laws of logarithms and exponentials of positive things."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from kl_symbolic.kernel.polynomial import Atom, Exponent, Monomial, Poly, number, variable
from kl_symbolic.kernel.positivity import atom_is_positive, is_positive
from kl_symbolic.kernel.theory import Canonical
from kl_symbolic.terms import Spend, Symbol


def logarithm(canon: Canonical, atom: Atom) -> Poly | None:
    """Log of products, quotients and powers of positive things, and of sums of them; log exp t = t; log 1 = 0."""
    match atom:
        case Atom("log", (Poly() as u,)) if is_positive(u, canon.arithmetic.spend):
            below, u = canon.arithmetic.cleared(u)
            monomial, c, rest = _common_factor(u, canon.arithmetic.spend)
            powers = canon.arithmetic.prime_powers(c)
            parts = [canon.scaled(canon.opaque(Atom("log", (number(p),))), e) for p, e in powers]
            parts += [canon.scaled(_log_of_atom(canon, a), e) for a, e in monomial]
            parts += [canon.opaque(Atom("log", (rest,)))] if rest != number(1) else []
            parts += [canon.scaled(_log_of_atom(canon, a), -e) for a, e in below.items()]
            return canon.arithmetic.add(parts)
    return None


def _common_factor(u: Poly, spend: Spend) -> tuple[Monomial, Fraction, Poly]:
    """Write a positive polynomial as (product of positive atoms) * (positive number) * (rest without such a factor)."""
    c = Fraction(gcd(*(x.numerator for x in u.terms.values())), lcm(*(x.denominator for x in u.terms.values())))
    terms = [dict(m) for m in u.terms]
    lowest: dict[Atom, Exponent] = {}
    for atom in {a for m in terms for a in m}:
        everywhere = all(atom in m for m in terms)
        # What stands below some terms only is a factor too; no sum stands below any, and numbers are worked out.
        if atom_is_positive(atom, spend) and (everywhere or atom.head not in ("Base", "number")):
            lowest[atom] = min(m.get(atom, 0) for m in terms)
    lowest = {a: e for a, e in lowest.items() if e and (a.head != "number" or len(terms) == 1)}
    rest: dict[Monomial, Fraction] = {}
    for m, x in zip(terms, u.terms.values(), strict=True):
        exponents = {a: m.get(a, 0) - lowest.get(a, 0) for a in m | lowest}
        rest[frozenset((a, e) for a, e in exponents.items() if e)] = x / c
    return frozenset(lowest.items()), c, Poly(rest)


def _log_of_atom(canon: Canonical, atom: Atom) -> Poly:
    match atom:
        case Atom("exp", (Poly() as u,)):
            return u
        case Atom("pow", (Poly() as base, Poly() as exponent)):
            return canon.arithmetic.mul(exponent, canon.value("log", base))
        case Atom("Base", (Poly() as base,)):
            return canon.value("log", base)
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
