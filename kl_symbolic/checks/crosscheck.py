"""Cross-check a derivation by numbers: its statement, and every stage of it and of its lemmas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import mpmath

from kl_symbolic.checks.arrays import check_arrays, distances
from kl_symbolic.checks.infinite import infinite_at_points
from kl_symbolic.checks.report import SPECIAL, Check, Report, Route
from kl_symbolic.errors import KLError, RequestError
from kl_symbolic.numbers import (
    Comparison,
    Context,
    Encloser,
    Evaluator,
    NotEvaluatedError,
    Point,
    UnresolvedError,
    compare,
    compare_bounds,
    dimension,
    draw,
    has_arb,
    instantiate,
    joint,
)
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.special import Special, put_in
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.proof.supports import ends, scalar, support_of
from kl_symbolic.terms import DEFINED_HEADS, INFINITY, Number, Term, has, parts_with

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
    enclosed: bool = False


Comparing = Callable[[Term, Term], Comparison]


class Values:
    """Values at points, which the checks of a derivation share."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._evaluators: dict[object, Evaluator] = {}
        self._enclosers: dict[object, Encloser] = {}

    def estimating(self, point: Point, digits: int, *, by_mpmath: bool) -> Comparing:
        """Return what compares two values by estimates of their errors."""
        key = id(point), digits, by_mpmath
        if key not in self._evaluators:
            self._evaluators[key] = Evaluator(self._ctx, digits, point.values, by_mpmath=by_mpmath)
        evaluator = self._evaluators[key]

        def compared(left: Term, right: Term) -> Comparison:
            try:
                return compare(self._ctx, evaluator.value(left), evaluator.value(right), digits)
            except NotEvaluatedError:
                raise
            except (KLError, ArithmeticError, ValueError) as error:
                return Comparison("unknown", None, f"{type(error).__name__}: {error}")

        return compared

    def enclosing(self, point: Point, digits: int) -> Comparing:
        """Return what compares two values by bounds; it raises `UnresolvedError` where there are none."""
        encloser = self._enclosers.setdefault((id(point), digits), Encloser(digits, point.values))
        return lambda left, right: compare_bounds(encloser.value(left), encloser.value(right), digits)


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
    require_options(digits, points, seed)
    ctx = mpmath.MPContext()
    equalities = [*_statements(derivation), *(_stages(derivation) if stages else ())]
    if special is not None:
        of_special = Equality(SPECIAL, left_side(derivation.question), special.right, derivation, special)
        equalities = [of_special, *_enclosed(of_special), *equalities]
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
    values = Values(ctx)
    for equality in equalities:
        question = equality.derivation.question
        of_what = laws(question), left_side(question).free, equality.special is None
        if of_what not in points:
            drawn = draw(question, count, seed)
            points[of_what] = tuple(_at(point, equality.special) for point in drawn) if equality.special else drawn
        yield _compare_at_points(equality, digits, points[of_what], values)
    yield from check_arrays(ctx, derivation, draw(derivation.question, count, seed))


def _at(point: Point, special: Special) -> Point:
    """Return a point at which parameters have the values of a special case."""
    put = {symbol: put_in(symbol, special.values) for symbol in point.values}
    numbers = {
        symbol: value.value if isinstance(value, Number) else point.values[value] for symbol, value in put.items()
    }
    return replace(point, values=numbers)


def _statements(derivation: Derivation) -> Iterator[Equality]:
    left, right = left_side(derivation.question), derivation.statement.right
    statement = Equality("statement", left, right, derivation)
    yield statement
    if right is INFINITY:
        return
    yield from _enclosed(statement)
    if _has_integral(left) and not has(left, "Diff"):
        yield replace(statement, by_mpmath=True)
    if joint(left) != left and dimension(derivation.question) > 1 and not has(left, "Diff"):
        yield Equality("statement", joint(left), right, derivation)


def _stages(derivation: Derivation) -> Iterator[Equality]:
    for part in derivation.with_lemmas():
        for number, step in enumerate(part.steps, start=1):
            yield Equality(f"{part.name}, stage {number} ({step.rule})", step.before, step.after, part)


def _enclosed(statement: Equality) -> Iterator[Equality]:
    """Yield the statement to be enclosed, where it holds no derivative, and its integrals can be."""
    if not has(statement.left, "Diff") and (has_arb() or not _has_integral(statement.left)):
        yield replace(statement, enclosed=True)


def _has_integral(left: Term) -> bool:
    """Whether the statement rests on integrals of one dimension, to which mpmath's own quadrature applies."""
    return any(not ends(support).discrete for support in _supports(left))


def _supports(term: Term) -> set[Term]:
    found = [support_of(scalar(quantity.args[0])) for quantity in parts_with(term, *DEFINED_HEADS)]
    return {*found, *(integral.args[2] for integral in parts_with(term, "Integral"))}


def _compare_at_points(equality: Equality, digits: int, points: tuple[Point, ...], values: Values) -> Check:
    """Compare at some points: between bounds where that is asked for or costs no integral, otherwise by estimates."""
    if equality.right is INFINITY:
        return infinite_at_points(equality.subject, equality.left, digits, points)
    route = _route(equality, points[0])
    if route.startswith("direct"):
        digits, points = min(digits, JOINT_DIGITS), points[:JOINT_POINTS]
    not_tried = Check(route, equality.subject, "not evaluated", None, None, 0, "")
    if equality.enclosed or route == "evaluation":
        try:
            found = [c for point in points for c in _compare_at(equality, point, values.enclosing(point, digits))]
            return _summary(route, equality, found, len(points), enclosed=True)
        except UnresolvedError as error:
            if equality.enclosed:
                return replace(not_tried, detail=str(error))
    try:
        found = []
        for point in points:
            compared = values.estimating(point, digits, by_mpmath=equality.by_mpmath)
            found += _compare_at(equality, point, compared)
    except NotEvaluatedError as error:
        return replace(not_tried, detail=str(error))
    return _summary(route, equality, found, len(points), enclosed=False)


def _compare_at(equality: Equality, point: Point, compared: Comparing) -> Iterator[Comparison]:
    """Compare at one point, component by component."""
    left, right = (instantiate(side, point.integers) for side in (equality.left, equality.right))
    if "Vector" not in (left.head, right.head):
        yield compared(left, right)
    elif left.head != right.head or len(left.args) != len(right.args):
        yield Comparison("disagree", 0.0, "the two sides have different numbers of components")
    else:
        yield from map(compared, left.args, right.args)


def _summary(route: Route, equality: Equality, found: list[Comparison], points: int, *, enclosed: bool) -> Check:
    order = ("agree", "unknown", "disagree")
    worst = max(found, key=lambda c: order.index(c.status))
    reached = min((c.digits for c in found if c.digits is not None), default=None)
    where = f"at {points} {'point' if points == 1 else 'points'}"
    how = f"are enclosed to {reached} digits" if enclosed else f"agree to {reached} digits (estimated)"
    detail = worst.detail or f"both sides {how} {where}"
    return Check(route, equality.subject, worst.status, reached, None, points, detail, enclosed)


def _route(equality: Equality, point: Point) -> Route:
    if equality.enclosed:
        return "rigorous integration" if _has_integral(equality.left) else "rigorous summation"
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
    supports = _supports(equality.left) | _supports(equality.right)
    if not supports:
        return "evaluation"
    return "summation" if all(ends(s).discrete for s in supports) else "quadrature"


def require_options(digits: int, points: int, seed: int) -> None:
    """Refuse options that are out of range.

    Raises
    ------
    RequestError
        Naming the first that is.
    """
    _require_integer("digits", digits, FEWEST_DIGITS, MOST_DIGITS)
    _require_integer("points", points, 1, MOST_POINTS)
    _require_integer("seed", seed, None, None)


def _require_integer(name: str, value: object, least: int | None, most: int | None) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool)
    if fits and isinstance(value, int) and (least is None or value >= least) and (most is None or value <= most):
        return
    span = "" if least is None else f" from {least} to {most}"
    raise RequestError(f"{name} must be an integer{span}, given: {value!r}")
