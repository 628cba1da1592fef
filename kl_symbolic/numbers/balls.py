"""Numbers with an error estimate: a midpoint, or an array of them, and a radius.

The radius is an estimate, not an enclosure: it adds up what quadratures and finite differences say of their own error,
and the rounding of sums, in which digits cancel. Arrays hold the values of an integrand at the nodes of a grid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

from kl_symbolic.functions import Function
from kl_symbolic.numbers.arithmetic import (
    LARGEST_EXPONENT,
    Arithmetic,
    Context,
    Namespace,
    UnresolvedError,
    Value,
    bounded,
    is_enormous,
    name_in,
    within_domains,
)

MOST_BITS_SHOWN = 100_000  # of a number before or behind its point; writing more in decimals takes long


@dataclass(frozen=True)
class Ball:
    """A midpoint (an mpmath number or an object array of them) and the estimate of its absolute error."""

    mid: Value
    rad: Value

    @property
    def exact(self) -> bool:
        """Whether the error is zero, everywhere."""
        return not isinstance(self.rad, np.ndarray) and self.rad == 0


def plus(a: Value, b: Value) -> Value:
    """Add numbers or arrays."""
    if not isinstance(a, np.ndarray) and a == 0:
        return b
    return _lift(a, b) + _lift(b, a)


def times(a: Value, b: Value) -> Value:
    """Multiply numbers or arrays."""
    return _lift(a, b) * _lift(b, a)


def _lift(value: Value, like: Value) -> Value:
    """Return a number as an array of one element if `like` is an array: mpmath is slow to refuse an array."""
    if isinstance(like, np.ndarray) and not isinstance(value, np.ndarray):
        return np.array([value], dtype=object)
    return value


def add(ctx: Context, terms: Sequence[Ball]) -> Ball:
    """Add balls; the radius counts the rounding relative to the largest term."""
    terms = _numbers_first(terms)
    total, radius = terms[0].mid, terms[0].rad
    for term in terms[1:]:
        total = plus(total, term.mid)
        radius = radius if term.exact else plus(radius, term.rad)
    if not isinstance(total, np.ndarray):
        radius += ctx.eps * sum(abs(t.mid) for t in terms)
    return Ball(total, radius)


def _numbers_first(balls: Sequence[Ball]) -> Sequence[Ball]:
    """Return the numbers before the arrays: what costs one operation before what costs one for each node."""
    return sorted(balls, key=lambda ball: isinstance(ball.mid, np.ndarray))


def multiply(ctx: Context, factors: Sequence[Ball]) -> Ball:
    """Multiply balls."""
    product, *others = _numbers_first(factors)
    for factor in others:
        radius = ctx.zero
        if not factor.exact:
            radius = times(plus(product.rad, abs(product.mid)), factor.rad)
        if not product.exact:
            radius = plus(radius, times(abs(factor.mid), product.rad))
        product = Ball(times(product.mid, factor.mid), radius)
    if isinstance(product.mid, np.ndarray):
        return product
    return Ball(product.mid, product.rad + ctx.eps * abs(product.mid))


def power(ctx: Context, base: Ball, exponent: Ball) -> Ball:
    """Raise a ball to a power; a base that is not positive, to an integer without an error."""
    mid, to = base.mid, exponent.mid
    if not isinstance(to, np.ndarray) and is_enormous(ctx, to):
        raise UnresolvedError(f"an exponent beyond 2^{LARGEST_EXPONENT}")
    if not isinstance(to, np.ndarray) and exponent.exact and ctx.isint(to):
        to = int(to)
    elif np.any(mid <= 0):
        raise UnresolvedError("a fractional power of a number that is not positive")
    try:
        raised = mid**to if isinstance(to, int) else _lift(mid, to) ** _lift(to, mid)
    except ZeroDivisionError:
        raise UnresolvedError("a division by zero") from None
    radius = ctx.zero
    if not exponent.exact:
        logarithm = Namespace(reals(ctx, isinstance(mid, np.ndarray))).log(mid)
        radius = times(2 * exponent.rad, abs(times(raised, logarithm)))
    if base.exact or (isinstance(to, int) and to == 0):
        return Ball(raised, radius)
    slope = to * mid ** (to - 1) if isinstance(to, int) else times(times(to, raised), 1 / mid)
    return Ball(raised, plus(radius, plus(times(2 * base.rad, abs(slope)), base.rad**2)))


def function(ctx: Context, record: Function, *at: Ball) -> Ball:
    """Apply a function, the radius by its slopes; where it has none, by how far the value moves with the argument."""
    mids = [ball.mid for ball in at]
    array = any(isinstance(mid, np.ndarray) for mid in mids)
    arithmetic = reals(ctx, array)
    apply = arithmetic.function(record)
    value = apply(*mids)
    # A rounding of the result, and one of each argument.
    radius = ctx.zero if array else ctx.eps * abs(value)
    for k, (ball, domain) in enumerate(zip(at, record.domains, strict=True)):
        if ball.exact and (array or domain.integer or not ball.mid):
            continue
        if domain.integer:
            raise UnresolvedError(f"the {record.title} of a number with an error")
        error = 2 * ball.rad if array else 2 * ball.rad + ctx.eps * abs(ball.mid)
        slope = record.derivatives[k]
        if slope is not None:
            try:
                radius = plus(radius, times(error, abs(slope(Namespace(arithmetic), *mids))))
            except ZeroDivisionError:
                raise UnresolvedError(f"the {record.title} where it has no slope") from None
            continue
        for moved in (plus(ball.mid, error), plus(ball.mid, -error)):
            radius = plus(radius, abs(plus(apply(*mids[:k], moved, *mids[k + 1 :]), -value)))
    return Ball(value, radius)


def central_difference(at: Mapping[int, Ball], step: Value) -> Ball:
    """Return a derivative by the values one and two steps away; those two steps away estimate the error."""
    near = times(at[1].mid - at[-1].mid, 1 / (2 * step))
    far = times(at[2].mid - at[-2].mid, 1 / (4 * step))
    return Ball(near, plus(plus(at[1].rad, at[-1].rad) / step, abs(near - far)))


def shown(ctx: Context, value: Value, digits: int) -> str:
    """Return a number in decimals, or its order of magnitude if there are too many.

    Examples
    --------
    >>> import mpmath
    >>> ctx = mpmath.MPContext()
    >>> shown(ctx, -ctx.mpf(1) / 3, 5), shown(ctx, -(ctx.mpf(2) ** 10**9), 5)
    ('-0.33333', '-2^1.0e+9')
    """
    if not ctx.isfinite(value) or value == 0 or abs(ctx.mag(value)) <= MOST_BITS_SHOWN:
        return str(ctx.nstr(value, digits))
    return f"{'-' if value < 0 else ''}2^{ctx.nstr(ctx.mpf(ctx.mag(value)), 6)}"


def reals(ctx: Context, array: bool = False) -> Arithmetic:
    """Return the arithmetic of the real numbers of an mpmath context, or of object arrays of them.

    Examples
    --------
    >>> import mpmath
    >>> Namespace(reals(mpmath.MPContext())).log(0)
    Traceback (most recent call last):
    kl_symbolic.numbers.arithmetic.UnresolvedError: the natural logarithm of a number that is not positive
    """

    def function(record: Function) -> Callable[..., Value]:
        found = getattr(ctx, name_in(record, "mpmath"))
        if record.domains:
            checked = within_domains(record, bounded(ctx, record, found), ctx.isint)
            elementwise: Callable[..., Value] = np.frompyfunc(checked, record.arity, 1)
            return elementwise
        # Computed here and now: the constants of mpmath follow the precision of later.
        value = +found
        return lambda: np.array([value], dtype=object) if array else value

    return Arithmetic(lambda value: ctx.mpf(value.numerator) / value.denominator, function)


def balls(ctx: Context) -> Arithmetic:
    """Return the arithmetic of the balls whose midpoints are numbers of an mpmath context, or arrays of them."""

    def number(value: Fraction) -> Ball:
        return Ball(ctx.mpf(value.numerator) / value.denominator, ctx.zero)

    return Arithmetic(
        number,
        lambda record: partial(function, ctx, record),
        add=partial(add, ctx),
        multiply=partial(multiply, ctx),
        power=partial(power, ctx),
    )


class Nodes(np.ndarray[tuple[int, ...], np.dtype[np.object_]]):
    """An array that multiplies by a reciprocal to divide by one number: mpmath takes three times as long to divide."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Value, **options: Value) -> Value:
        plain = [np.asarray(value) for value in inputs]
        if ufunc is np.true_divide and plain[1].size == 1:
            ufunc, plain[1] = np.multiply, 1 / plain[1]
        return getattr(ufunc, method)(*plain, **options).view(Nodes)
