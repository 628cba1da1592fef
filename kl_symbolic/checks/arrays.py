"""The array route: the NumPy kernels against the closed form at the rounded parameters."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
from numpy.typing import NDArray

from kl_symbolic import numeric
from kl_symbolic.checks.report import Check, CheckStatus
from kl_symbolic.divergences import find_quantity
from kl_symbolic.errors import KLError
from kl_symbolic.families import Family, Member, find
from kl_symbolic.numbers import (
    Context,
    Evaluator,
    Namespace,
    Point,
    Value,
    at_coordinate,
    dimension,
    instantiate,
    reals,
)
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.parameters import free_laws, parameterisations_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.where import has_equality
from kl_symbolic.terms import Term

MOST_ULPS = 16
REFERENCE_DIGITS = 60
# Relative distances between P and Q at which the textbook expression has lost half and all of its digits.
NEAR = (Fraction(1, 10**4), Fraction(1, 10**8))


@dataclass(frozen=True)
class ArrayKernel:
    """An array kernel for a question: the function, and the parameters of each law that it takes.

    The parameters of a law are symbols, or the numbers of a named member; a law may take none, if it is built in.
    """

    name: str
    function: Callable[..., NDArray[np.float64]]
    p: tuple[Term | Fraction, ...]
    q: tuple[Term | Fraction, ...]
    target: tuple[Fraction, ...] | None

    @property
    def sums_coordinates(self) -> bool:
        """Whether the function sums over the last axis of its arguments."""
        return "axis" in inspect.signature(self.function).parameters


def kernel_for(question: Question) -> ArrayKernel | None:
    """Return the array kernel that the family of a question names for it, or None."""
    if not find_quantity(question.quantity).is_divergence or question.q is None or has_equality(question):
        return None
    p, q = find(question.p), find(question.q)
    if p.family is not q.family:
        return None
    family = p.family
    words = {parameterisations_of(question)[place] for place in free_laws(question)} or {family.default}
    if len(words) > 1:  # the kernels take both laws in the same parameters
        return None
    (param,) = words
    symbols = iter(laws(question).parameters)
    of_p, of_q = (_arguments(member, param, symbols) for member in (p, q))
    if of_p is None or of_q is None:
        return None
    target = None if q.fixed is None else tuple(a for a in of_q if isinstance(a, Fraction))
    special = family.array_kernels.get(f"{param} to {q.name}")
    name = special or family.array_kernels.get(param)
    if name is None:
        return None
    kernel = ArrayKernel(name, getattr(numeric, name), of_p, () if special else of_q, target)
    if laws(question).p.head == "ProductLaw" and not kernel.sums_coordinates:
        return None
    return kernel


def distances(question: Question) -> tuple[Fraction | None, ...]:
    """Return how near P and Q are in each check of the kernel: None at the points themselves, () without a kernel."""
    if kernel_for(question) is None:
        return ()
    return (None, *NEAR) if laws(question).parameters else (None,)


def check_kernel(ctx: Context, derivation: Derivation, points: Sequence[Point]) -> Iterator[Check]:
    """Compare the kernel with the closed form, at the points and with P near Q."""
    kernel = kernel_for(derivation.question)
    for distance in distances(derivation.question):
        assert kernel is not None
        yield _check(ctx, derivation, kernel, points, distance)


def _check(
    ctx: Context, derivation: Derivation, kernel: ArrayKernel, points: Sequence[Point], distance: Fraction | None
) -> Check:
    subject, where = "statement", "at the points"
    if distance is not None:
        points = [_moved_near(point, kernel, dimension(derivation.question), distance) for point in points]
        where = f"with P and Q {float(distance):.0e} apart"
        subject = f"statement, {where}"
    rounded = [Point({s: Fraction(float(v)) for s, v in p.values.items()}, p.integers) for p in points]
    try:
        found = _run(kernel, derivation.question, rounded)
        wanted = [_reference(ctx, derivation, point) for point in rounded]
    except (KLError, ArithmeticError, ValueError) as error:
        detail = f"{kernel.name} {where}: {type(error).__name__}: {error}"
        return Check("array kernel", subject, "unknown", None, None, len(points), detail)
    if not all(math.isfinite(value) for value in found):
        detail = f"{kernel.name} {where}: not finite, but the closed form is"
        return Check("array kernel", subject, "disagree", None, None, len(points), detail)
    with ctx.workdps(REFERENCE_DIGITS):
        worst = max(
            float(abs(ctx.mpf(value) - reference)) / math.ulp(float(reference))
            for value, reference in zip(found, wanted, strict=True)
        )
    status: CheckStatus = "agree" if worst <= MOST_ULPS else "disagree"
    detail = f"{kernel.name} {where}: at most {worst:.2g} ulp from the closed form"
    return Check("array kernel", subject, status, None, worst, len(points), detail)


def _reference(ctx: Context, derivation: Derivation, point: Point) -> Value:
    """Return the closed form at the rounded parameters."""
    closed_form = instantiate(derivation.statement.right, point.integers)
    return Evaluator(ctx, REFERENCE_DIGITS, point.values).value(closed_form).mid


def _run(kernel: ArrayKernel, question: Question, points: Sequence[Point]) -> list[float]:
    """Run the kernel once, on arrays of all points."""
    size = dimension(question)

    def column(argument: Term | Fraction) -> NDArray[np.float64]:
        rows = [[float(_value(argument, p.values, k)) for k in range(1, size + 1)] for p in points]
        return np.array(rows) if kernel.sums_coordinates else np.array(rows)[:, 0]

    nats = kernel.function(*(column(a) for a in (*kernel.p, *kernel.q)))
    found = numeric.in_bits(nats) if question.unit == "bits" else nats
    return [float(v) for v in found]


def _value(argument: Term | Fraction, values: Mapping[Term, Fraction], k: int) -> Fraction:
    return argument if isinstance(argument, Fraction) else values[at_coordinate(argument, k)]


def _moved_near(point: Point, kernel: ArrayKernel, size: int, distance: Fraction) -> Point:
    """Move the free law that comes first to a relative distance from the other one."""
    moved = dict(point.values)
    of_q = kernel.q or kernel.target or ()
    for a, b in zip(kernel.p, of_q, strict=True):
        for k in range(1, size + 1):
            free, other = (a, b) if isinstance(b, Fraction) else (b, a)
            if isinstance(free, Fraction):
                continue
            near = _value(other, point.values, k)
            # Not the same multiple in each coordinate, and an absolute distance from zero.
            moved[at_coordinate(free, k)] = near + distance * (near or 1) * Fraction(2 * k + 1, 3)
    return Point(moved, point.integers)


def _arguments(member: Member, param: str, symbols: Iterator[Term]) -> tuple[Term | Fraction, ...] | None:
    """Return the symbols of a law's parameters, or the numbers that a named member stands for."""
    family = member.family
    if member.fixed is None:
        return tuple(next(symbols) for _ in family.parameters_in(param))
    return _fixed_in(family, member.fixed, param)


def _fixed_in(family: Family, fixed: tuple[int, ...], param: str) -> tuple[Fraction, ...] | None:
    """Return the parameters of a named member in another parameterisation, where they are small integers too."""
    if param == family.default:
        return tuple(Fraction(v) for v in fixed)
    m = Namespace(reals(mpmath.MPContext()))
    parameters, to_default = family.parameterisations[param].parameters, family.parameterisations[param].to_default
    for candidate in itertools.product((1, 0), repeat=len(parameters)):
        if all(p.typical[0] <= v <= p.typical[1] for p, v in zip(parameters, candidate, strict=True)) and tuple(
            to_default(m, *candidate)
        ) == tuple(fixed):
            return tuple(Fraction(v) for v in candidate)
    return None
