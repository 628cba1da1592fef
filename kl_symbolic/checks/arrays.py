"""The array route: the array functions against the closed form at the rounded parameters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.checks.report import Check, CheckStatus
from kl_symbolic.divergences import find_quantity
from kl_symbolic.errors import KLError, NoClosedFormError
from kl_symbolic.families import find
from kl_symbolic.numbers import Context, Evaluator, Point, Value, at_coordinate, dimension, instantiate
from kl_symbolic.numeric.axes import NO_AXIS
from kl_symbolic.numeric.evaluate import value
from kl_symbolic.numeric.formula import Formula
from kl_symbolic.numeric.laws import formula_for
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.parameters import parameterisations_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.stable import law_arguments
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.where import has_equality
from kl_symbolic.terms import Number, Term

REFERENCE_DIGITS = 60
MOST_ULPS = 64  # that any array function promises
# Relative distances between P and Q at which the textbook expression has lost half and all of its digits.
NEAR = (Fraction(1, 10**4), Fraction(1, 10**8))


def array_formula(question: Question) -> Formula | None:
    """Return what the array functions compute for a question, or None; no compiler is worth a few numbers."""
    if not find_quantity(question.quantity).is_divergence or question.q is None or has_equality(question):
        return None
    try:
        first, second = question.param_p, question.param_q
        own = {"param": first} if first == second else {"param_p": first, "param_q": second}
        found = formula_for(question.p, question.q, **own)
    except NoClosedFormError:
        return None
    return replace(found, compiled=False)


def distances(question: Question) -> tuple[Fraction | None, ...]:
    """Return how near P and Q are in each check: None at the points themselves, () where there is no array function."""
    if array_formula(question) is None:
        return ()
    return (None, *NEAR) if _matched(question) else (None,)


def check_arrays(ctx: Context, derivation: Derivation, points: Sequence[Point]) -> Iterator[Check]:
    """Compare the array function with the closed form, at the points and with P near Q."""
    formula = array_formula(derivation.question)
    for distance in distances(derivation.question):
        assert formula is not None
        yield _check(ctx, derivation, formula, points, distance)


def _check(
    ctx: Context, derivation: Derivation, formula: Formula, points: Sequence[Point], distance: Fraction | None
) -> Check:
    name, subject, where = formula.value.program.name, "statement", "at the points"
    if distance is not None:
        points = [_moved_near(point, derivation.question, distance) for point in points]
        where = f"with P and Q {float(distance):.0e} apart"
        subject = f"statement, {where}"
    rounded = [Point({s: Fraction(float(v)) for s, v in p.values.items()}, p.integers) for p in points]
    try:
        found = _run(formula, derivation.question, rounded)
        wanted = [_reference(ctx, derivation, point) for point in rounded]
    except (KLError, ArithmeticError, ValueError) as error:
        detail = f"{name} {where}: {type(error).__name__}: {error}"
        return Check("array function", subject, "unknown", None, None, len(points), detail)
    if not all(math.isfinite(value) for value in found):
        detail = f"{name} {where}: not finite, but the closed form is"
        return Check("array function", subject, "disagree", None, None, len(points), detail)
    with ctx.workdps(REFERENCE_DIGITS):
        worst = max(
            float(abs(ctx.mpf(value) - reference)) / math.ulp(float(reference))
            for value, reference in zip(found, wanted, strict=True)
        )
    status: CheckStatus = "agree" if worst <= formula.eps else "disagree"
    detail = f"{name} {where}: at most {worst:.2g} ulp from the closed form"
    return Check("array function", subject, status, None, worst, len(points), detail)


def _reference(ctx: Context, derivation: Derivation, point: Point) -> Value:
    """Return the closed form at the rounded parameters."""
    closed_form = instantiate(derivation.statement.right, point.integers)
    return Evaluator(ctx, REFERENCE_DIGITS, point.values).value(closed_form).mid


def _run(formula: Formula, question: Question, points: Sequence[Point]) -> list[float]:
    """Run the array function once, on arrays of all points."""
    summed = laws(question).p.head == "ProductLaw"

    def column(parameter: Term) -> NDArray[np.float64]:
        rows = np.array([_coordinates(parameter, point, question) for point in points], float)
        return rows if summed else rows[:, 0]

    arguments = dict(zip(formula.value.program.arguments, map(column, laws(question).parameters), strict=True))
    found = value(formula, arguments, -1 if summed else NO_AXIS, unit=question.unit)
    return [float(v) for v in found]


def _coordinates(parameter: Term, point: Point, question: Question) -> list[Fraction]:
    return [point.values[at_coordinate(parameter, k)] for k in range(1, dimension(question) + 1)]


def _matched(question: Question) -> list[tuple[Term, Term]]:
    """Return the parameters of two laws of one family in pairs, numbers for those that have values."""
    params = tuple(parameterisations_of(question).values())
    if question.q is None or find(question.p).family is not find(question.q).family or len(set(params)) > 1:
        return []
    found = law_arguments(question, (params[0], params[-1]))
    half = len(found or ()) // 2
    pairs = [] if found is None else list(zip(found[:half], found[half:], strict=True))
    return [pair for pair in pairs if not all(isinstance(one, Number) for one in pair)]


def _moved_near(point: Point, question: Question, distance: Fraction) -> Point:
    """Move the free law that comes first to a relative distance from the other one."""
    moved = dict(point.values)
    for a, b in _matched(question):
        free, other = (b, a) if isinstance(a, Number) else (a, b)
        for k in range(1, dimension(question) + 1):
            near = other.value if isinstance(other, Number) else point.values[at_coordinate(other, k)]
            # Not the same multiple in each coordinate, and an absolute distance from zero.
            moved[at_coordinate(free, k)] = near + distance * (near or 1) * Fraction(2 * k + 1, 3)
    return Point(moved, point.integers)
