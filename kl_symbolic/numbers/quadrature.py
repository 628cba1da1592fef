"""Quadrature on grids: trapezoidal rules after a change of variable, and direct sums, with an error estimate.

A trapezoidal rule for an analytic integrand that decays at both ends converges exponentially. Each grid holds two
rules, one with every second node of the other, so that their difference estimates the error of the worse one. All
integrands on one grid share the values of the densities, which is what makes a check of every stage cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.families import Support
from kl_symbolic.numbers.arithmetic import Context, UnresolvedError, Value
from kl_symbolic.numbers.balls import Ball

# More nodes than this for each digit, and the scales of the integrand differ too much for one rule.
MOST_NODES_PER_DIGIT = 100
# A plan, and a level: each level halves the step and widens the range.
Rule: TypeAlias = tuple[str, int]
PLANS: dict[Support, tuple[Rule, ...]] = {
    Support.REALS: (("line", 0), ("line", 1), ("pieces", 0), ("pieces", 1), ("pieces", 2)),
    Support.POSITIVE_REALS: (("half-line", 0), ("half-line", 1), ("pieces", 0), ("pieces", 1), ("pieces", 2)),
    Support.NATURALS: (("sum", 0), ("sum", 1)),
}
SMOOTH = {support: [rule for rule in rules if rule[0] != "pieces"] for support, rules in PLANS.items()}
# What is cut off beyond the last node is at most this multiple of the last term: the terms decay like a geometric
# series at least, by a factor that the rules below keep away from 1.
CUT_OFF = 16
# How many times its spread a density may reach, for each digit: what decays exponentially, from a spike at 0 even, does
# not come so far, and of what decays more slowly the rules here would not see their own error.
FARTHEST_PER_DIGIT = 1000


class Accuracy(NamedTuple):
    """The step of the coarse rule, and how many powers of e the end terms have to be smaller."""

    step: Value
    nats: Value


@dataclass(frozen=True)
class Scale:
    """A scalar law at a point, as far as a quadrature needs it.

    `weighs` says that its density is a factor of the integrand; the others only occur in logarithms, and only their
    centres matter, where there may be a kink.
    """

    density: Callable[[Value], Value]
    centre: Value
    spread: Value
    weighs: bool = True


@dataclass(frozen=True)
class Grid:
    """Nodes, positive weights, which nodes make the coarse rule (with twice the weights), and where it was cut off.

    `even` is None for a sum, which has no discretisation error.
    """

    nodes: Value
    weights: Value
    even: NDArray[np.intp] | None
    ends: NDArray[np.intp]


def build(ctx: Context, support: Support, rule: Rule, digits: int, scales: Sequence[Scale]) -> Grid:
    """Build a grid that is meant to integrate a polynomial times the densities of `scales`.

    Parameters
    ----------
    ctx
        An mpmath context at the working precision.
    support, rule
        The range of integration, and one of its `PLANS`.
    digits
        The number of digits the coarse rule is made for.
    scales
        The laws in the integrand.

    Raises
    ------
    UnresolvedError
        If this would take too many nodes.
    """
    plan, level = rule
    digits = digits * (2 + level) // 2
    left, right = mass_range(ctx, support, digits, scales)
    spread = min(s.spread for s in scales if s.weighs)
    if plan == "sum":
        count = int(right) + 10
        _require_few(ctx, count)
        nodes = [ctx.mpf(k) for k in range(count)]
        return Grid(array_of(nodes), array_of([ctx.one] * count), None, np.array([count - 1]))
    nats = digits * ctx.ln10
    if plan == "line":
        step = spread * ctx.pi * ctx.sqrt(2 / nats) / 2**level
        return _join([_piece(ctx, left, right, step, lambda t: (t, ctx.one))])
    # The integrands are analytic in a strip about the real axis, of a half-width of nearly pi/2.
    accuracy = Accuracy(ctx.pi * ctx.mpf("2.6") / nats / 2**level, nats)
    if plan == "half-line":
        return _join([_half_line(ctx, left, right, spread, accuracy)])
    breaks = sorted(
        {s.centre for s in scales if left < s.centre < right} | ({left} if support is not Support.REALS else set())
    )
    pieces = [_half_line(ctx, breaks[-1], right, spread, accuracy)]
    if support is Support.REALS:
        pieces.append(_half_line(ctx, breaks[0], left, spread, accuracy))
    pieces += [_interval(ctx, a, b, accuracy) for a, b in pairwise(breaks)]
    return _join(pieces)


def contract(ctx: Context, values: Value, grids: Sequence[Grid]) -> Ball:
    """Integrate the values of an integrand on a product of grids.

    Parameters
    ----------
    ctx
        An mpmath context at the working precision.
    values
        The integrand at the nodes, one axis for each grid.
    grids
        The grids.

    Returns
    -------
    Ball
        The value by the fine rules. Its radius adds the difference from the coarse rules, an estimate of what was cut
        off, and the rounding.
    """
    terms = weigh(values, grids)
    fine = ctx.fsum(terms.flat)
    radius = ctx.eps * 100 * ctx.fsum(terms.flat, absolute=True)
    even = [g.even for g in grids if g.even is not None]
    if len(even) == len(grids):
        radius += abs(fine - 2 ** len(grids) * ctx.fsum(terms[np.ix_(*even)].flat))
    for axis, grid in enumerate(grids):
        last, before = (ctx.fsum(terms.take(ends, axis).flat, absolute=True) for ends in (grid.ends, grid.ends - 1))
        radius += last * (CUT_OFF if grid.even is not None else _geometric(ctx, before, last))
    if not ctx.isfinite(fine) or not ctx.isfinite(radius):
        raise UnresolvedError("the integrand is not finite at a node")
    return Ball(fine, radius)


def weigh(values: Value, grids: Sequence[Grid]) -> Value:
    """Multiply the values at the nodes, one axis for each grid, by the weights."""
    for axis, grid in enumerate(grids):
        shape = [-1 if k == axis else 1 for k in range(len(grids))]
        values = values * grid.weights.reshape(shape)
    return values


def _geometric(ctx: Context, before: Value, last: Value) -> Value:
    """Return (sum of the terms after the last) / (last term), for terms that decay at least as fast as at the end."""
    if last == 0 or before == 0:
        return ctx.one
    ratio = last / before
    return 2 * ratio / (1 - ratio) if ratio < 1 else ctx.inf


def mass_range(ctx: Context, support: Support, digits: int, scales: Sequence[Scale]) -> tuple[Value, Value]:
    """Return the ends of the range that holds the mass of the laws."""
    weighing = [s for s in scales if s.weighs]
    right = max(_reach(ctx, s, 1, digits) for s in weighing)
    left = min(_reach(ctx, s, -1, digits) for s in weighing) if support is Support.REALS else ctx.zero
    return left, right


def _reach(ctx: Context, scale: Scale, sign: int, digits: int) -> Value:
    """Return where the density has fallen below the last of the digits, on one side of the centre."""
    step = ctx.mpf("1.1")
    stride = step**8
    distance, tiny, most = stride, ctx.mpf(10) ** -digits, FARTHEST_PER_DIGIT * digits
    for factor in (stride, step):
        distance /= stride
        while scale.density(scale.centre + sign * distance * scale.spread) * scale.spread > tiny:
            distance *= factor
            if distance > most:
                raise UnresolvedError("a density decays too slowly")
    return scale.centre + sign * distance * scale.spread


def _half_line(ctx: Context, start: Value, end: Value, spread: Value, accuracy: Accuracy) -> Grid:
    """Substitute start + spread * exp(t - exp(-t)), or minus: for decay at an exponential rate towards `end`."""
    signed = spread if end > start else -spread

    def change(t: Value) -> tuple[Value, Value]:
        size = ctx.exp(t - ctx.exp(-t))
        return start + signed * size, spread * size * (1 + ctx.exp(-t))

    distance = max(abs(end - start) / spread, ctx.one)
    low, high = -ctx.log(accuracy.nats + 10), ctx.log(distance) + 1 / distance
    return _piece(ctx, low, high, accuracy.step, change)


def _interval(ctx: Context, a: Value, b: Value, accuracy: Accuracy) -> Grid:
    """Substitute as in the tanh-sinh rule, written so that nodes near `a` keep their distance from it."""

    def change(t: Value) -> tuple[Value, Value]:
        e = ctx.exp(-ctx.pi * ctx.sinh(t))
        return a + (b - a) / (1 + e), (b - a) * ctx.pi * ctx.cosh(t) * e / (1 + e) ** 2

    end = ctx.asinh((accuracy.nats + 10) / ctx.pi)
    return _piece(ctx, -end, end, accuracy.step, change)


def _piece(ctx: Context, low: Value, high: Value, step: Value, change: Callable[[Value], tuple[Value, Value]]) -> Grid:
    """Trapezoidal rules with steps `step` and `step`/2 from `low` to `high`, after a change of variable."""
    count = 2 * (int(ctx.ceil((high - low) / step)) + 1) + 1
    _require_few(ctx, count)
    half = step / 2
    nodes, slopes = zip(*(change(low + k * half) for k in range(count)), strict=True)
    weights = array_of(slopes) * half
    return Grid(array_of(nodes), weights, np.arange(0, count, 2), np.array([0, count - 1]))


def _join(pieces: Sequence[Grid]) -> Grid:
    starts = np.cumsum([0, *(len(p.nodes) for p in pieces)])[:-1]
    return Grid(
        np.concatenate([p.nodes for p in pieces]),
        np.concatenate([p.weights for p in pieces]),
        np.concatenate([p.even + start for p, start in zip(pieces, starts, strict=True) if p.even is not None]),
        np.concatenate([p.ends + start for p, start in zip(pieces, starts, strict=True)]),
    )


def _require_few(ctx: Context, count: int) -> None:
    if count > MOST_NODES_PER_DIGIT * ctx.dps:
        raise UnresolvedError(f"the scales of the laws differ too much: {count} nodes")


def array_of(values: Sequence[Value]) -> Value:
    """Return an array of numbers."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
