"""Where a formula has no value: in words, with a point of the domain at which that is certain.

The kernel proves nothing about a formula with a part of which it cannot see that it has a value at every parameter.
Here such parts are found, and points at which they have none: a denominator that vanishes, the logarithm or the root of
something negative.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

import mpmath
from sympy import Add, Basic, Expr, Indexed, Integer, Mul, Pow, Rational, Symbol, preorder_traversal

from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.kernel import has_value, prove_step, substitute
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.language import Log, Sqrt
from kl_symbolic.reading.tokens import excerpt
from kl_symbolic.verification.balls import Ball
from kl_symbolic.verification.evaluate import Evaluator

MOST_PARTS = 200  # that are looked at: the parts of longer formulas are not named
MOST_POINTS = 100  # that are tried for one part
WORK = 100_000  # values of nodes that are computed for one part
BUDGET = 5_000  # of the kernel, for one part or point
MOST_ROOT = 10**6  # and its denominator
SHOWN = 3  # sentences
DIGITS = 30
NEAR = mpmath.mpf(10) ** -20  # numbers nearer to 0 are asked whether they are 0
CONTEXT = mpmath.MPContext()
ZERO = Integer(0)


class Requirement(NamedTuple):
    """A part has no value where `subject` is so related to 0: ``=``, ``<`` or ``<=``."""

    part: Basic
    subject: Expr
    relation: str

    def __str__(self) -> str:
        terms: tuple[Expr, ...] = self.subject.args if isinstance(self.subject, Add) else ()
        if len(terms) == 2 and isinstance(terms[1], Mul) and terms[1].args[0] == -1:  # noqa: PLR2004 - a difference
            return f"{_shown(terms[0])} {self.relation} {_shown(_without_factor(terms[1]))}"
        plain = self.subject
        if isinstance(plain, Mul) and isinstance(plain.args[0], Rational) and plain.args[0] > 0:
            plain = _without_factor(plain)
        return f"{_shown(plain)} {self.relation} 0"


def gaps(formula: Expr) -> tuple[str, ...]:
    """Say where a formula has no value, or where that it has one cannot be shown.

    Examples
    --------
    >>> from kl_symbolic.claims import formula
    >>> from kl_symbolic.proof.claim import Claim
    >>> gaps(formula("(mu_1 - mu_2)/(mu_1 - mu_2) + log(mu_1)", Claim("kl", "normal", "normal")))
    ('no value where mu_1 = mu_2', 'no value where mu_1 <= 0')
    """
    parts = [part for part in islice(preorder_traversal(formula), 100 * MOST_PARTS) if _requirements(part)]
    if len(parts) > MOST_PARTS:
        return ()
    missing: list[Basic] = []
    for part in reversed(parts):  # inner parts first: what holds one without a value has none either
        if len(missing) < SHOWN and not any(part.has(inner) for inner in missing) and not has_value(part, BUDGET):
            missing.append(part)
    return tuple(dict.fromkeys(map(_sentence, missing[::-1])))


def _requirements(part: Basic) -> list[Requirement]:
    match part:
        case Log():
            return [Requirement(part, part.args[0], "<=")]
        case Sqrt():
            return [Requirement(part, part.args[0], "<")]
        case Pow():
            base, exponent = part.args
            if not isinstance(exponent, Rational):
                return [Requirement(part, base, "<")]
            inside = base.args[0] if isinstance(base, Sqrt) else base
            return [] if exponent > 0 and exponent.q == 1 else [Requirement(part, inside, "=")]
    return []


def _sentence(part: Basic) -> str:
    (requirement,) = _requirements(part)
    subject, relation = requirement.subject, requirement.relation
    if relation != "<" and _is_zero(subject):
        return f"no value: {_shown(part)}"
    if not subject.atoms(Symbol):
        certain = _holds(subject, relation, {})
        return f"{'no value' if certain else 'not shown to have a value'}: {_shown(part)}"
    most = min(MOST_POINTS, WORK // sum(1 for _ in preorder_traversal(subject)))
    if any(_holds(subject, relation, point) for point in islice(_points(subject), most)):
        return f"no value where {requirement}"
    return f"not shown to have a value where {requirement}"


def _holds(subject: Expr, relation: str, point: dict[Basic, Rational]) -> bool:
    """Whether a relation to 0 certainly holds at a point."""
    at = substitute(subject, point)
    value = _value(at)
    if value is None:
        return False
    if relation != "<" and abs(value.mid) <= value.rad + NEAR and _is_zero(at):
        return True
    return relation != "=" and bool(value.mid + value.rad < 0)


def _is_zero(at: Expr) -> bool:
    if at == ZERO:
        return True
    try:
        prove_step(Step("collect", at, ZERO), BUDGET)
    except ProofError:
        return False
    return True


def _points(subject: Expr) -> Iterator[dict[Basic, Rational]]:
    """Yield points of the domain: simple ones, random ones, and random ones moved to where the subject vanishes."""
    letters = [s for s in preorder_traversal(subject) if isinstance(s, Symbol | Indexed)]
    inside = {part for s in letters if isinstance(s, Indexed) for part in preorder_traversal(s) if part is not s}
    symbols = sorted({s for s in letters if s not in inside}, key=str)
    drawn = random.Random(0)  # noqa: S311 - the same points each time
    for value in (Rational(1), Rational(2), Rational(-1), Rational(0)):
        yield {s: value if _is_in_domain(s, value) else Rational(1) for s in symbols}
    while symbols:
        point = {s: _drawn(s, drawn) for s in symbols}
        yield point
        for s in symbols:
            others = [*(Rational(c) for c in (1, 0, -1)), *(v for t, v in point.items() if t != s)]
            for value in [*others, *_root(subject, s, point)]:
                if _is_in_domain(s, value):
                    yield {**point, s: value}


def _root(subject: Expr, s: Basic, point: dict[Basic, Rational]) -> Iterator[Rational]:
    """Yield a simple number near where the subject would vanish if it were linear in one symbol."""
    first, second = (_value(substitute(subject, {**point, s: Rational(c)})) for c in (1, 2))
    if first is not None and second is not None and first.mid != second.mid:
        root = 1 - first.mid / (second.mid - first.mid)
        if abs(root) < MOST_ROOT:
            near = Fraction(mpmath.nstr(root, DIGITS)).limit_denominator(MOST_ROOT)
            yield Rational(near.numerator, near.denominator)


def _value(at: Expr) -> Ball | None:
    try:
        return Evaluator(CONTEXT, DIGITS, {}).value(at)
    except (KLError, ArithmeticError, ValueError, RecursionError):
        return None


def _is_in_domain(s: Basic, value: Rational) -> bool:
    return not (s.is_positive and value <= 0) and not (s.is_integer and value.q != 1)


def _drawn(s: Basic, drawn: random.Random) -> Rational:
    if s.is_integer:
        return Rational(drawn.randint(1, 5))
    value = Rational(drawn.randint(1, 40), drawn.randint(1, 12))
    return value if s.is_positive or drawn.random() < 1 / 2 else -value


def _without_factor(product: Expr) -> Expr:
    """Return a product without its first factor."""
    others = product.args[1:]
    return Mul(*others, evaluate=False) if len(others) > 1 else others[0]


def _shown(part: Basic) -> str:
    return excerpt(re.sub(r"\b(Log|Exp|Sqrt)\(", lambda head: head[0].lower(), str(part)))
