"""Factors and constants that people forget or add."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import mpmath

from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Namespace, Number, Term, add, power

LARGEST = 60  # of the numbers in a constant that is recognised, and of its own exponent in bits
SPARE = 3  # digits more than a relation with such numbers has by chance
FORMULAS = Namespace()

FACTORS: dict[str, Term] = {
    "twice": Number(2),
    "half of": Number(Fraction(1, 2)),
    "minus": Number(-1),
    "minus twice": Number(-2),
    "minus half of": Number(Fraction(-1, 2)),
    "in bits: 1/log 2 times": 1 / FORMULAS.log(2),
    "in nats: log 2 times": FORMULAS.log(2),
    "in log10: 1/log 10 times": 1 / FORMULAS.log(10),
}


def factors(question: Question) -> Iterator[tuple[str, Term]]:
    """Yield the factors with which a quantity is written, in words; for product laws the mean over the coordinates.

    Examples
    --------
    >>> [words for words, _ in factors(Question("kl", "diagonal_poisson", "diagonal_poisson"))][-1]
    'minus the mean over the coordinates, 1/n times'
    """
    yield from FACTORS.items()
    p = laws(question).p
    if p.head == "ProductLaw":
        *_, size = p.args
        mean = power(size, -1)
        yield "the mean over the coordinates, 1/n times", mean
        yield "minus the mean over the coordinates, 1/n times", -mean


def recognised(value: mpmath.mpf, digits: int) -> Term | None:
    """Return a constant as a small combination of 1, log 2 and log pi, if it is one to so many digits.

    Examples
    --------
    >>> recognised(mpmath.mpf("1.1931471805599453"), 15)
    log(2) + 1/2
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
    names = (Number(1), FORMULAS.log(2), FORMULAS.log(FORMULAS.pi))
    return add(*(Fraction(-c, relation[0]) * name for c, name in zip(relation[1:], names, strict=True) if c))
