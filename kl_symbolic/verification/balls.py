"""Numbers with an error estimate: a midpoint, or an array of them, and a radius.

The radius is an estimate, not an enclosure: it adds up what quadratures and finite differences say of their own error,
and the rounding of sums, in which digits cancel. Arrays hold the values of an integrand at the nodes of a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kl_symbolic.errors import KLError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# mpmath and its numbers come without types.
Number = Any
Context = Any


# In bits: mpmath needs as many digits more for the exponential of a number as its exponent has, and more memory than
# there is for a tower of exponentials or powers.
LARGEST_EXPONENT = 1000
MOST_BITS_SHOWN = 100_000  # of a number before or behind its point; writing more in decimals takes long


class UnresolvedError(KLError):
    """A value that could not be found, or whose error could not be estimated."""


class NotEvaluatedError(KLError):
    """A value that was not tried."""


@dataclass(frozen=True)
class Ball:
    """A midpoint (an mpmath number or an object array of them) and the estimate of its absolute error."""

    mid: Number
    rad: Number

    @property
    def exact(self) -> bool:
        """Whether the error is zero, everywhere."""
        return not isinstance(self.rad, np.ndarray) and self.rad == 0


def plus(a: Number, b: Number) -> Number:
    """Add numbers or arrays."""
    if not isinstance(a, np.ndarray) and a == 0:
        return b
    return _lift(a, b) + _lift(b, a)


def times(a: Number, b: Number) -> Number:
    """Multiply numbers or arrays."""
    return _lift(a, b) * _lift(b, a)


def _lift(value: Number, like: Number) -> Number:
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
    """Raise a ball to an exact power: an integer, a fraction, or the variable of a sum."""
    if not exponent.exact:
        raise UnresolvedError("an exponent with an error is not supported")
    mid, to = base.mid, exponent.mid
    if not isinstance(to, np.ndarray) and ctx.isfinite(to) and ctx.mag(to) > LARGEST_EXPONENT:
        raise UnresolvedError(f"an exponent beyond 2^{LARGEST_EXPONENT}")
    if not isinstance(to, np.ndarray) and ctx.isint(to):
        to = int(to)
    elif np.any(mid <= 0):
        raise UnresolvedError("a fractional power of a number that is not positive")
    try:
        raised = mid**to if isinstance(to, int) else _lift(mid, to) ** _lift(to, mid)
    except ZeroDivisionError:
        raise UnresolvedError("a division by zero") from None
    if base.exact or (isinstance(to, int) and to == 0):
        return Ball(raised, ctx.zero)
    slope = to * mid ** (to - 1) if isinstance(to, int) else times(times(to, raised), 1 / mid)
    return Ball(raised, plus(times(2 * base.rad, abs(slope)), base.rad**2))


def function(ctx: Context, apply: Callable[[Number], Number], slope: Callable[[Number], Number], at: Ball) -> Ball:
    """Apply a function of one variable, the radius by its slope."""
    value = apply(at.mid)
    radius = ctx.zero if at.exact else times(2 * at.rad, abs(slope(at.mid)))
    if not isinstance(value, np.ndarray):
        # A rounding of the argument, and one of the result.
        radius += ctx.eps * (abs(value) + abs(slope(at.mid) * at.mid))
    return Ball(value, radius)


def central_difference(at: Mapping[int, Ball], step: Number) -> Ball:
    """Return a derivative by the values one and two steps away; those two steps away estimate the error."""
    near = times(at[1].mid - at[-1].mid, 1 / (2 * step))
    far = times(at[2].mid - at[-2].mid, 1 / (4 * step))
    return Ball(near, plus(plus(at[1].rad, at[-1].rad) / step, abs(near - far)))


def shown(ctx: Context, value: Number, digits: int) -> str:
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


class Namespace:
    """The math namespace in which a family's formulas become numbers of an mpmath context, or arrays of them."""

    def __init__(self, ctx: Context, array: bool) -> None:
        self.exp = _elementwise(_bounded(ctx))
        self.sqrt = _elementwise(_positive(ctx.mpf, ctx.sqrt, "square root"))
        self.log = _elementwise(_positive(ctx.mpf, ctx.ln, "logarithm"))
        self.factorial = _elementwise(ctx.factorial)
        # Computed here and now: the constants of mpmath follow the precision of later.
        self.pi = np.array([+ctx.pi], dtype=object) if array else +ctx.pi


class Nodes(np.ndarray[tuple[int, ...], np.dtype[np.object_]]):
    """An array that multiplies by a reciprocal to divide by one number: mpmath takes three times as long to divide."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Number, **options: Number) -> Number:
        plain = [np.asarray(value) for value in inputs]
        if ufunc is np.true_divide and plain[1].size == 1:
            ufunc, plain[1] = np.multiply, 1 / plain[1]
        return getattr(ufunc, method)(*plain, **options).view(Nodes)


def _elementwise(apply: Callable[[Number], Number]) -> Callable[[Number], Number]:
    return np.frompyfunc(apply, 1, 1)


def _bounded(ctx: Context) -> Callable[[Number], Number]:
    def exp(value: Number) -> Number:
        if ctx.mag(value) > LARGEST_EXPONENT and ctx.isfinite(value):
            raise UnresolvedError(f"the exponential of a number beyond 2^{LARGEST_EXPONENT}")
        return ctx.exp(value)

    return exp


def _positive(real: type, apply: Callable[[Number], Number], name: str) -> Callable[[Number], Number]:
    def checked(value: Number) -> Number:
        found = apply(value) if value else None
        if isinstance(found, real):
            return found
        raise UnresolvedError(f"the {name} of a number that is not positive")

    return checked
