"""The quadrature of mpmath, which is not of our making: a second opinion on integrals of one continuous variable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mpmath.calculus.quadrature import TanhSinh

from kl_symbolic.families import Support
from kl_symbolic.numbers.arithmetic import Context, UnresolvedError, Value
from kl_symbolic.numbers.balls import Ball, add
from kl_symbolic.numbers.quadrature import CUT_OFF, Scale, array_of, mass_range

# A density next to 0, in units of its spread, above which it is taken to have no bound; and in nats, how far down its
# mass is looked for.
UNBOUNDED, FARTHEST = 1000, 100_000


def tanh_sinh(
    ctx: Context, integrand: Callable[[Value], Value], support: Support, digits: int, scales: Sequence[Scale]
) -> Ball:
    """Integrate by ``mpmath.quad``, cut at the centres of the laws, over the range that holds their mass.

    The radius is mpmath's own estimate and the size of the integrand at the ends times the range. Where a density is so
    large next to 0 that mass lies below the digits of the nodes there, the logarithm of the variable takes its place.
    """
    left, right = mass_range(ctx, support, digits, scales)
    breaks = sorted({left, right, *(s.centre for s in scales if left < s.centre < right)})
    if support is not Support.POSITIVE_REALS or not _has_mass_next_to_zero(ctx, digits, scales):
        return _quad(ctx, integrand, breaks, digits, [right, left] if support is Support.REALS else [right])
    exp, logarithms = np.frompyfunc(ctx.exp, 1, 1), _logarithms(ctx, breaks[1], digits, scales)
    below = _quad(ctx, lambda t: integrand(exp(t)) * exp(t), logarithms, digits, logarithms[:1])
    above = _quad(ctx, integrand, breaks[1:], digits, [right]) if len(breaks) > 2 else Ball(ctx.zero, ctx.zero)  # noqa: PLR2004
    return add(ctx, [below, above])


def between(
    ctx: Context, integrand: Callable[[Value], Value], low: Value, high: Value, digits: int, centres: Sequence[Value]
) -> Ball:
    """Integrate by ``mpmath.quad`` from one number to another, cut at some places between them."""
    return _quad(ctx, integrand, sorted({low, high, *(c for c in centres if low < c < high)}), digits, ())


def _quad(
    ctx: Context, integrand: Callable[[Value], Value], breaks: Sequence[Value], digits: int, ends: Sequence[Value]
) -> Ball:
    with ctx.workdps(digits + 2):  # a higher precision asks for twice the nodes
        value, error = ctx.quad(integrand, breaks, method=_rule, error=True)
    left_out = ctx.fsum(integrand(array_of(ends)), absolute=True) if ends else ctx.zero
    cut_off = left_out * (breaks[-1] - breaks[0])
    return Ball(value, abs(error) + CUT_OFF * cut_off)


def _has_mass_next_to_zero(ctx: Context, digits: int, scales: Sequence[Scale]) -> bool:
    """Whether a density has mass where nodes near 0 are too near to be told apart; it is not bounded then."""
    tiny = ctx.mpf(10) ** -digits
    return any(s.density(tiny * s.spread) * s.spread > UNBOUNDED for s in scales if s.weighs)


def _logarithms(ctx: Context, near: Value, digits: int, scales: Sequence[Scale]) -> list[Value]:
    """Return where to cut the logarithm of a variable below a number, twice as far each time while there is mass."""
    places, step = [ctx.log(near)], ctx.mpf(10)
    while any(s.density(x := ctx.exp(places[0])) * x > ctx.mpf(10) ** -digits for s in scales if s.weighs):
        if step > FARTHEST:
            raise UnresolvedError("a density decays too slowly")
        places.insert(0, places[0] - step)
        step *= 2
    return places


class NodesAtOnce(TanhSinh):
    """The rule of mpmath, for an integrand that takes an array of nodes."""

    def sum_next(
        self, f: Callable[[Value], Value], nodes: Sequence[tuple[Value, Value]], *how: Any, **options: Any
    ) -> Value:
        """Let mpmath add up weights times values, which are found beforehand."""
        values = iter(f(array_of([x for x, _ in nodes])))
        return super().sum_next(lambda _: next(values), nodes, *how, **options)


def _rule(ctx: Context) -> NodesAtOnce:
    """Return the one rule of a context: it remembers the nodes of the interval from -1 to 1."""
    if not hasattr(ctx, "nodes_at_once"):
        ctx.nodes_at_once = NodesAtOnce(ctx)
    rule: NodesAtOnce = ctx.nodes_at_once
    return rule
