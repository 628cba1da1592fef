"""Factors and constants that people forget or add."""

from __future__ import annotations

from collections.abc import Iterator

import mpmath
from sympy import Add, Expr, Integer, Mul, Pow, Rational, pi

from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Log, ProductLaw
from kl_symbolic.proof.statement import laws

LARGEST = 60  # of the numbers in a constant that is recognised, and of its own exponent in bits
SPARE = 3  # digits more than a relation with such numbers has by chance

FACTORS: dict[str, Expr] = {
    "twice": Integer(2),
    "half of": Rational(1, 2),
    "minus": Integer(-1),
    "minus twice": Integer(-2),
    "minus half of": Rational(-1, 2),
    "in bits: 1/log 2 times": Pow(Log(Integer(2)), Integer(-1)),
    "in nats: log 2 times": Log(Integer(2)),
    "in log10: 1/log 10 times": Pow(Log(Integer(10)), Integer(-1)),
}


def factors(claim: Claim) -> Iterator[tuple[str, Expr]]:
    """Yield the factors with which a quantity is written, in words; for product laws the mean over the coordinates.

    Examples
    --------
    >>> [words for words, _ in factors(Claim("kl", "diagonal_poisson", "diagonal_poisson"))][-1]
    'minus the mean over the coordinates, 1/n times'
    """
    yield from FACTORS.items()
    p = laws(claim).p
    if isinstance(p, ProductLaw):
        *_, size = p.args
        mean = Pow(size, Integer(-1))
        yield "the mean over the coordinates, 1/n times", mean
        yield "minus the mean over the coordinates, 1/n times", Mul(Integer(-1), mean)


def recognised(value: mpmath.mpf, digits: int) -> Expr | None:
    """Return a constant as a small combination of 1, log 2 and log pi, if it is one to so many digits.

    Examples
    --------
    >>> recognised(mpmath.mpf("1.1931471805599453"), 15)
    Log(2) + 1/2
    >>> recognised(mpmath.mpf("1.1234567"), 7) is None
    True
    """
    context = mpmath.MPContext()
    if not value or not -LARGEST < context.mag(value) < LARGEST:
        return None
    largest = min(LARGEST, int(10 ** ((digits - SPARE) / 4) / 2))
    with context.workdps(max(15, digits) + SPARE):  # pslq wants no fewer
        parts = [context.mpf(value), context.one, context.log(2), context.log(context.pi)]
        relation = context.pslq(parts, tol=context.mpf(10) ** -digits, maxcoeff=largest, maxsteps=2000)
    if relation is None or relation[0] == 0:
        return None
    names = (Integer(1), Log(Integer(2)), Log(pi))
    return Add(*(Mul(Rational(-c, relation[0]), name) for c, name in zip(relation[1:], names, strict=True)))
