"""Where a formula has no value: in words, with a point of the domain at which that is certain.

The kernel proves nothing about a formula with a part of which it cannot see that it has a value at every parameter.
Here such parts are found, and points at which they have none: a denominator that vanishes, the logarithm or the root of
something negative.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

import mpmath

from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.functions import find_function
from kl_symbolic.kernel import has_value, prove_step
from kl_symbolic.numbers import Ball, Evaluator
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.parameters import domain_of
from kl_symbolic.reading.tokens import excerpt
from kl_symbolic.terms import Number, Term, coefficient, has, mul, parts, parts_with, substitute

MOST_PARTS = 200  # that are looked at: the parts of longer formulas are not named
MOST_POINTS = 100  # that are tried for one part
WORK = 100_000  # values of nodes that are computed for one part
BUDGET = 5_000  # of the kernel, for one part or point
MOST_ROOT = 10**6  # and its denominator
SHOWN = 3  # sentences
DIGITS = 30
NEAR = mpmath.mpf(10) ** -20  # numbers nearer to 0 are asked whether they are 0
CONTEXT = mpmath.MPContext()
ZERO = Number(0)


class Requirement(NamedTuple):
    """Something has no value where `subject` is so related to 0: ``=``, ``<`` or ``<=``."""

    subject: Term
    relation: str

    def __str__(self) -> str:
        match self.subject:
            case Term("Add", (one, Term("Mul", (Number(value), *others)))) if value == -1:
                return f"{_shown(one)} {self.relation} {_shown(mul(*others))}"
            case Term("Mul"):
                number, rest = coefficient(self.subject)
                return f"{_shown(rest if number > 0 else self.subject)} {self.relation} 0"
        return f"{_shown(self.subject)} {self.relation} 0"


def gaps(formula: Term) -> tuple[str, ...]:
    """Say where a formula has no value, or where that it has one cannot be shown.

    Examples
    --------
    >>> from kl_symbolic.claims import formula
    >>> from kl_symbolic.proof.question import Question
    >>> gaps(formula("(mu_1 - mu_2)/(mu_1 - mu_2) + log(mu_1)", Question("kl", "normal", "normal")))
    ('no value where mu_1 = mu_2', 'no value where mu_1 <= 0')
    """
    asking = [part for part in islice(parts(formula), 100 * MOST_PARTS) if _requirements(part)]
    if len(asking) > MOST_PARTS:
        return ()
    missing = [part for part in asking if not has_value(part, BUDGET)]
    # What holds a part without a value has none either.
    inner = [part for part in missing if not has(part, *(one for one in missing if one is not part))]
    return tuple(dict.fromkeys(map(_sentence, inner[-SHOWN:])))


def _requirements(part: Term) -> list[Requirement]:
    """Return what an argument of a function must not be."""
    match part:
        case Term("pow", (base, Number(exponent))):
            return [] if exponent > 0 and exponent.denominator == 1 else [Requirement(_vanishing(base), "=")]
        case Term("pow", (base, _)):
            return [Requirement(base, "<")]
    function = find_function(part.head)
    pairs = zip(part.args, function.domains, strict=True) if function else ()
    return [Requirement(arg, "<=" if domain.positive else "<") for arg, domain in pairs if domain.nonnegative]


def _vanishing(term: Term) -> Term:
    """Return what is 0 where a term is: the root of something is 0 where that is."""
    function = find_function(term.head)
    return term.args[0] if function and function.root == 0 else term


def _sentence(part: Term) -> str:
    sentences = [_said(part, requirement) for requirement in _requirements(part)]
    return next((one for one in sentences if one.startswith("no value")), sentences[0])


def _said(part: Term, requirement: Requirement) -> str:
    subject, relation = requirement
    if relation != "<" and _is_zero(subject):
        return f"no value: {_shown(part)}"
    if not subject.free:
        certain = _holds(subject, relation, {})
        return f"{'no value' if certain else 'not shown to have a value'}: {_shown(part)}"
    most = min(MOST_POINTS, WORK // sum(1 for _ in parts(subject)))
    if any(_holds(subject, relation, point) for point in islice(_points(subject), most)):
        return f"no value where {requirement}"
    return f"not shown to have a value where {requirement}"


def _holds(subject: Term, relation: str, point: dict[Term, Fraction]) -> bool:
    """Whether a relation to 0 certainly holds at a point."""
    at = _put(subject, point)
    value = _value(at)
    if value is None:
        return False
    if relation != "<" and abs(value.mid) <= value.rad + NEAR and _is_zero(at):
        return True
    return relation != "=" and bool(value.mid + value.rad < 0)


def _is_zero(at: Term) -> bool:
    if at == ZERO:
        return True
    try:
        prove_step(Step("collect", at, ZERO), BUDGET)
    except ProofError:
        return False
    return True


def _points(subject: Term) -> Iterator[dict[Term, Fraction]]:
    """Yield points of the domain: simple ones, random ones, and random ones moved to where the subject vanishes."""
    coordinates = parts_with(subject, "Indexed")
    inside = {part for one in coordinates for part in parts(one) if part is not one}
    symbols = sorted({*coordinates, *parts_with(subject, "Symbol")} - inside, key=str)
    drawn = random.Random(0)  # noqa: S311 - the same points each time
    for number in (1, 2, -1, 0):
        yield {s: Fraction(number if domain_of(s).has(Fraction(number)) else 1) for s in symbols}
    while symbols:
        point = {s: _drawn(s, drawn) for s in symbols}
        yield point
        for s in symbols:
            others = [*map(Fraction, (1, 0, -1)), *(v for t, v in point.items() if t != s)]
            for value in [*others, *_root(subject, s, point)]:
                if domain_of(s).has(value):
                    yield {**point, s: value}


def _root(subject: Term, s: Term, point: dict[Term, Fraction]) -> Iterator[Fraction]:
    """Yield a simple number near where the subject would vanish if it were linear in one symbol."""
    first, second = (_value(_put(subject, {**point, s: Fraction(c)})) for c in (1, 2))
    if first is not None and second is not None and first.mid != second.mid:
        root = 1 - first.mid / (second.mid - first.mid)
        if abs(root) < MOST_ROOT:
            yield Fraction(mpmath.nstr(root, DIGITS)).limit_denominator(MOST_ROOT)


def _put(subject: Term, point: dict[Term, Fraction]) -> Term:
    return substitute(subject, {s: Number(value) for s, value in point.items()})


def _value(at: Term) -> Ball | None:
    try:
        return Evaluator(CONTEXT, DIGITS, {}).value(at)
    except (KLError, ArithmeticError, ValueError, RecursionError):
        return None


def _drawn(s: Term, drawn: random.Random) -> Fraction:
    domain = domain_of(s)
    if domain.integer:
        return Fraction(drawn.randint(1, 5))
    value = Fraction(drawn.randint(1, 40), drawn.randint(1, 12))
    return value if domain.nonnegative or drawn.random() < 1 / 2 else -value


def _shown(part: Term) -> str:
    return excerpt(str(part))
