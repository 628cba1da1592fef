"""Whether a divergence that is said to be infinite is so, at some points."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

from kl_symbolic.checks.report import Check
from kl_symbolic.numbers import Encloser, Point, Status, instantiate
from kl_symbolic.proof.supports import Containment, inclusion, scalar
from kl_symbolic.terms import COORDINATE, Term, parts_with


def infinite_at_points(subject: str, left: Term, digits: int, points: tuple[Point, ...]) -> Check:
    """Look at the ends of both supports, where a divergence is said to be infinite."""
    (divergence,) = parts_with(left, "KL")
    p, q = map(scalar, divergence.args)
    answers = set()
    for point in points:
        low = partial(_low, Encloser(digits, point.values), point)
        answers.add(inclusion(p, q, partial(_above, low), partial(_not_below, low)).answer)
    outside = answers == {Containment.OUTSIDE}
    status: Status = "agree" if outside else "disagree" if Containment.INSIDE in answers else "unknown"
    where = f"at {len(points)} {'point' if len(points) == 1 else 'points'}"
    words = f"{'P has' if outside else 'it is not seen that P has'} mass where Q has none {where}"
    return Check("evaluation", subject, status, None, None, len(points), words)


def _low(encloser: Encloser, point: Point, term: Term) -> Fraction:
    """Return a lower bound of the value of a term at a point."""
    return encloser.value(instantiate(term, {COORDINATE: 1, **point.integers})).low


def _above(low: Callable[[Term], Fraction], term: Term) -> bool:
    return low(term) > 0


def _not_below(low: Callable[[Term], Fraction], term: Term) -> bool:
    return low(term) >= 0
