"""Cross-check a derivation by numbers: its statement, and every stage of it and of its lemmas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import mpmath

from kl_symbolic.checks.arrays import check_kernel, distances
from kl_symbolic.checks.report import SPECIAL, Check, Report, Route
from kl_symbolic.errors import KLError, RequestError
from kl_symbolic.numbers import (
    Comparison,
    Context,
    Evaluator,
    NotEvaluatedError,
    Point,
    compare,
    dimension,
    draw,
    instantiate,
    joint,
    support_named,
)
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.special import Special, put_in
from kl_symbolic.proof.statement import family_of, laws, left_side
from kl_symbolic.terms import DEFINED_HEADS, Number, Term, has, parts_with

FEWEST_DIGITS, MOST_DIGITS = 5, 2000
MOST_POINTS = 100  # each takes seconds, and up to 10 MB at 50 digits
# A joint integrand on a two-dimensional grid costs the square: fewer digits, at fewer points.
JOINT_DIGITS, JOINT_POINTS = 20, 2


@dataclass(frozen=True)
class Equality:
    """Two expressions to be compared at the points of a derivation's question."""

    subject: str
    left: Term
    right: Term
    derivation: Derivation
    special: Special | None = None
    by_mpmath: bool = False


def verify(
    derivation: Derivation,
    digits: int = 50,
    points: int = 8,
    seed: int = 0,
    stages: bool = True,
    progress: Callable[[int, int], None] | None = None,
    special: Special | None = None,
) -> Report:
    """Evaluate a derivation at random exact parameter points and compare what it says is equal.

    The left-hand side of the statement is evaluated by its definition, as an integral or a sum, whatever the
    derivation says of it. Nothing here is shared with what writes derivations or proves them.

    Parameters
    ----------
    derivation
        The derivation.
    digits
        Significant digits that both sides have to share, 5 to 2000.
    points
        Number of parameter points, 1 to 100.
    seed
        Of the random points: the same seed, the same points.
    stages
        Whether to check every stage of the derivation and of its lemmas, or its statement alone.
    progress
        Called with the number of finished checks and their total.
    special
        A special case of the statement, which is checked too: by the general left side, at points with its values.

    Returns
    -------
    Report
        Three-valued: what could not be evaluated is `unknown` and never counts as a pass.

    Raises
    ------
    RequestError
        If an option is out of range.

    Examples
    --------
    >>> from kl_symbolic.engine import derive
    >>> from kl_symbolic.proof.question import Question
    >>> report = verify(derive(Question("kl", "exponential", "exponential")), digits=30, points=2)
    >>> report.status, report.digits >= 30
    ('agree', True)
    """
    _require_integer("digits", digits, FEWEST_DIGITS, MOST_DIGITS)
    _require_integer("points", points, 1, MOST_POINTS)
    _require_integer("seed", seed, None, None)
    ctx = mpmath.MPContext()
    equalities = [*_statements(derivation), *(_stages(derivation) if stages else ())]
    if special is not None:
        equalities.insert(0, Equality(SPECIAL, left_side(derivation.question), special.right, derivation, special))
    total = len(equalities) + len(distances(derivation.question))
    checks: list[Check] = []
    for check in _checks(ctx, derivation, equalities, (digits, points, seed)):
        checks.append(check)
        if progress is not None:
            progress(len(checks), total)
    count = max(check.points for check in checks)
    return Report(derivation.name, digits, count, tuple(checks))


def _checks(
    ctx: Context, derivation: Derivation, equalities: list[Equality], options: tuple[int, int, int]
) -> Iterator[Check]:
    digits, count, seed = options
    # What is said of the same laws is checked at the same points, where integrals are known already.
    points: dict[object, tuple[Point, ...]] = {}
    evaluators: dict[object, Evaluator] = {}
    for equality in equalities:
        question = equality.derivation.question
        of_what = laws(question), left_side(question).free, equality.special is None
        if of_what not in points:
            drawn = draw(question, count, seed)
            points[of_what] = tuple(_at(point, equality.special) for point in drawn) if equality.special else drawn
        yield _compare_at_points(ctx, equality, digits, points[of_what], evaluators)
    yield from check_kernel(ctx, derivation, draw(derivation.question, count, seed))


def _at(point: Point, special: Special) -> Point:
    """Return a point at which parameters have the values of a special case."""
    put = {symbol: put_in(symbol, special.values) for symbol in point.values}
    numbers = {
        symbol: value.value if isinstance(value, Number) else point.values[value] for symbol, value in put.items()
    }
    return replace(point, values=numbers)


def _statements(derivation: Derivation) -> Iterator[Equality]:
    left, right = left_side(derivation.question), derivation.statement.right
    yield Equality("statement", left, right, derivation)
    if _has_integral(left) and not has(left, "Diff"):
        yield Equality("statement", left, right, derivation, by_mpmath=True)
    if joint(left) != left and dimension(derivation.question) > 1 and not has(left, "Diff"):
        yield Equality("statement", joint(left), right, derivation)


def _stages(derivation: Derivation) -> Iterator[Equality]:
    for part in derivation.with_lemmas():
        for number, step in enumerate(part.steps, start=1):
            yield Equality(f"{part.name}, stage {number} ({step.rule})", step.before, step.after, part)


def _has_integral(left: Term) -> bool:
    """Whether the statement rests on integrals of one dimension, to which mpmath's own quadrature applies."""
    supports = [family_of(quantity.args[0]).support for quantity in parts_with(left, *DEFINED_HEADS)]
    supports += [support_named(integral) for integral in parts_with(left, "Integral")]
    return any(not support.discrete for support in supports)


def _compare_at_points(
    ctx: Context, equality: Equality, digits: int, points: tuple[Point, ...], evaluators: dict[object, Evaluator]
) -> Check:
    route = _route(equality, points[0])
    if route.startswith("direct"):
        digits, points = min(digits, JOINT_DIGITS), points[:JOINT_POINTS]
    found: list[Comparison] = []
    try:
        for point in points:
            key = (id(point), digits, equality.by_mpmath)
            evaluator = evaluators.setdefault(key, Evaluator(ctx, digits, point.values, by_mpmath=equality.by_mpmath))
            found += _compare_at(ctx, evaluator, equality, point, digits)
    except NotEvaluatedError as error:
        return Check(route, equality.subject, "not evaluated", None, None, 0, str(error))
    worst = _worst(found)
    reached = min((c.digits for c in found if c.digits is not None), default=None)
    detail = worst.detail or f"both sides share {reached} digits at {len(points)} points"
    return Check(route, equality.subject, worst.status, reached, None, len(points), detail)


def _compare_at(
    ctx: Context, evaluator: Evaluator, equality: Equality, point: Point, digits: int
) -> Iterator[Comparison]:
    """Compare at one point, component by component."""
    left, right = (instantiate(side, point.integers) for side in (equality.left, equality.right))
    both = [(left, right)]
    if "Vector" in (left.head, right.head):
        if left.head != right.head or len(left.args) != len(right.args):
            yield Comparison("disagree", 0.0, "the two sides have different numbers of components")
            return
        both = list(zip(left.args, right.args, strict=True))
    for one, other in both:
        try:
            yield compare(ctx, evaluator.value(one), evaluator.value(other), digits)
        except NotEvaluatedError:
            raise
        except (KLError, ArithmeticError, ValueError) as error:
            yield Comparison("unknown", None, f"{type(error).__name__}: {error}")


def _worst(found: list[Comparison]) -> Comparison:
    order = ("agree", "unknown", "disagree")
    return max(found, key=lambda c: order.index(c.status))


def _route(equality: Equality, point: Point) -> Route:
    if equality.by_mpmath:
        return "mpmath.quad"
    sides = (equality.left, equality.right)
    integrals = [i for side in sides for i in parts_with(side, "Integral")]
    quantities = [q for side in sides for q in parts_with(side, *DEFINED_HEADS)]
    if any(instantiate(i.args[3], point.integers) is not Number(1) for i in integrals):
        return "direct 2-dimensional integration"
    if any(has(side, "Diff") for side in sides):
        return "differentiation"
    if any(q.args[0].head == "ProductLaw" for q in quantities):
        return "reduction to one dimension"
    supports = {support_named(i) for i in integrals} | {family_of(q.args[0]).support for q in quantities}
    if not supports:
        return "evaluation"
    return "summation" if all(s.discrete for s in supports) else "quadrature"


def _require_integer(name: str, value: object, least: int | None, most: int | None) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool)
    if fits and isinstance(value, int) and (least is None or value >= least) and (most is None or value <= most):
        return
    span = "" if least is None else f" from {least} to {most}"
    raise RequestError(f"{name} must be an integer{span}, given: {value!r}")
