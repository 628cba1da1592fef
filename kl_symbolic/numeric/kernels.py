"""The fast and the accurate formulas of the divergences of normal laws: delta^2/2 + f, f the part due to the scales.

Both parts are non-negative, so the sum is as accurate as its parts. Warnings about overflow and the like are for the
caller to turn off: they would speak of the result itself, which shows it, or of a branch that is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.introspect import opt_func_info

from kl_symbolic.numeric import constants
from kl_symbolic.numeric.blocks import HALF, half_of_rows
from kl_symbolic.numeric.inputs import Floats, as_parameters
from kl_symbolic.numeric.kernel import Kernel, Mask
from kl_symbolic.numeric.parts import (
    FourFloats,
    diag_normal_gradient,
    diag_normal_parts,
    normal_gradient,
    normal_parts,
    normal_sums,
    standard_normal_gradient,
    standard_normal_parts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

REACH = 0.2  # so far the polynomial of a logarithm reaches
NEAR = 1 / 16  # a sum of squares; of less, the scales of two normal laws are within `REACH`
MANY = 16  # terms, which ordinary laws do not let sum to less than half their number
MOST = {char: 1.5 * float(np.finfo(char).eps) for char in "fd"}  # of a correction
ONE, TWO, MINUS_HALF = ({char: np.array(v, char) for char in "fd"} for v in (1, 2, -0.5))
COTH, LOGARITHM = (
    {np.dtype(name).char: [np.array(v, name) for v in values] for name, values in coefficients.items()}
    for coefficients in (constants.COTH, constants.LOGARITHM)
)
# A ratio of scales below the first may be subnormal; beyond the others, a fourth power of a scale or of its inverse.
LIMITS = {char: (float(i.tiny), float(i.tiny) ** 0.25, float(i.max) ** 0.25) for char in "fd" for i in [np.finfo(char)]}
WIDEST = 85  # of a larger logvar_2, 1/sigma_2^2 is subnormal or 0 in float32, and large means could make up for it


def _check(_axis: object, **parameters: ArrayLike) -> None:
    as_parameters(**parameters)


def _times_polynomial(x: Floats, coefficients: Sequence[Floats], out: Floats | None = None) -> Floats:
    """Return x times a polynomial in x by Horner's rule; the coefficients lowest power first."""
    first, *others = reversed(coefficients)
    result: Floats = np.multiply(x, first, out)
    for coefficient in others:
        np.add(result, coefficient, result)
        np.multiply(result, x, result)
    return result


def rest_of_logarithm(x: Floats) -> tuple[Floats, Floats]:
    """Return x^2, and log(a/b)/x - 2 for x = (a - b)/(a + b) where |x| <= `REACH`."""
    square = np.multiply(x, x)
    return square, _times_polynomial(square, LOGARITHM[x.dtype.char])


def _normal_sums(m_1: Floats, s_1: Floats, m_2: Floats, s_2: Floats) -> Floats:
    return normal_sums(normal_parts(m_1, s_1, m_2, s_2), m_1, s_1, m_2, s_2)


def _normal_derivatives(m_1: Floats, s_1: Floats, m_2: Floats, s_2: Floats) -> FourFloats:
    return normal_gradient(normal_parts(m_1, s_1, m_2, s_2), s_1, s_2)


def _normal_fast(operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]) -> Mask:
    """Compute by the plain formula where u^2 + delta^2 is at least `NEAR`, for r = 1 + u the ratio of the scales.

    There an error of half an eps of r, and the one of NumPy's log(r) in float32, together cost at most 12.8 eps of the
    divergence; the rest of the rounding less than 2.
    """
    m_1, s_1, m_2, s_2 = [v.ravel() for v in operands]
    char = s_1.dtype.char
    tiny, small, large = LIMITS[char]
    per_s_2 = np.divide(ONE[char], s_2)
    delta = np.subtract(m_1, m_2)
    np.multiply(delta, per_s_2, delta)
    square = np.multiply(delta, delta)
    ratio = np.divide(s_1, s_2)
    u = np.subtract(ratio, ONE[char])
    squares = np.multiply(u, u)
    np.add(squares, square, squares)
    # NaN counts as the least here, and as the largest.
    beyond: Mask = None
    if not (ratio.item(ratio.argmin()) >= tiny and s_2.item(s_2.argmin()) > small and s_2.item(s_2.argmax()) < large):
        beyond = ~((ratio >= tiny) & (s_2 > small) & (s_2 < large))
    (near,) = np.less(squares, NEAR).nonzero()
    if near.size == squares.size:
        _near_normal(s_1, s_2, square, sums)
    else:
        np.log(ratio, ratio)
        np.subtract(u, ratio, u)
        np.multiply(squares, HALF[char], squares)
        np.add(u, squares, sums)
        if near.size:
            sums[near] = _near_normal(s_1[near], s_2[near], square[near])
    if gradient:
        by_m_1, by_s_1, by_m_2, by_s_2 = [v.ravel() for v in gradient]
        np.multiply(delta, per_s_2, by_m_1)
        np.negative(by_m_1, by_m_2)
        np.subtract(s_1, s_2, u)
        np.multiply(u, per_s_2, u)
        np.add(u, TWO[char], delta)
        np.multiply(u, delta, u)  # w = sigma_1^2/sigma_2^2 - 1
        np.divide(u, s_1, by_s_1)
        np.add(u, square, by_s_2)
        np.multiply(by_s_2, per_s_2, by_s_2)
        np.negative(by_s_2, by_s_2)
    return beyond


def _near_normal(s_1: Floats, s_2: Floats, square: Floats, out: Floats | None = None) -> Floats:
    """Return divergences where the scales are near to each other, given the squares of delta.

    With x = (sigma_1 - sigma_2)/(sigma_1 + sigma_2), log(1 + u) is 2 x and a rest times x, and u - 2 x is u x.
    """
    u = np.subtract(s_1, s_2)
    x = np.add(s_1, s_2)
    np.divide(u, x, x)
    np.divide(u, s_2, u)
    _, rest = rest_of_logarithm(x)
    np.subtract(u, rest, rest)
    np.multiply(rest, x, rest)
    np.multiply(u, u, u)
    np.add(u, square, u)
    np.multiply(u, HALF[u.dtype.char], u)
    value: Floats = np.add(rest, u, out)
    return value


def _diag_normal_sums(m_1: Floats, lv_1: Floats, m_2: Floats, lv_2: Floats) -> Floats:
    return normal_sums(diag_normal_parts(m_1, lv_1, m_2, lv_2), m_1, lv_1, m_2, lv_2)


def _diag_normal_derivatives(m_1: Floats, lv_1: Floats, m_2: Floats, lv_2: Floats) -> FourFloats:
    return diag_normal_gradient(diag_normal_parts(m_1, lv_1, m_2, lv_2))


def _expm1_is_slow() -> bool:
    """Return whether NumPy does one `expm1` at a time, as it does but on processors with AVX-512."""
    targets = opt_func_info(func_name="^expm1$").get("expm1", {})
    return all(target["current"].startswith("baseline") for target in targets.values())


EXPM1_IS_SLOW = _expm1_is_slow()


def _h(t: Floats, half_w: Floats | None) -> Floats:
    """Return e^t - 1 - t, and write (e^t - 1)/2 to all digits if there is an array for it.

    The sums of many terms may have the error of e^t, of which most processors do many at once.
    """
    from_exp = t.shape[1] >= MANY and (half_w is None or EXPM1_IS_SLOW)
    char = t.dtype.char
    value: Floats
    if from_exp:
        value = np.exp(t)
        np.subtract(value, ONE[char], value)
    else:
        value = np.expm1(t)
    if half_w is not None and from_exp:
        _half(value, t, half_w)
    elif half_w is not None:
        np.multiply(value, HALF[char], half_w)
    return np.subtract(value, t, value)


def _half(w: Floats, t: Floats, out: Floats) -> None:
    """Write (e^t - 1)/2 to all digits, given w = e^t - 1 with the error of e^t.

    It is t/(t coth(t/2) - t). Near 0 a polynomial in t^2 gives that, and the difference to w/2 is the error of w/2.
    Far from 0 the polynomial is wrong: the difference is cut off at 1.5 eps, more than the error while |t| < log(2),
    and too little to do harm beyond 0.4. A choice by a mask would take longer than all of this.
    """
    char = t.dtype.char
    square = np.multiply(t, t)
    _times_polynomial(square, COTH[char], out)
    np.add(out, TWO[char], out)
    np.subtract(out, t, out)
    np.divide(t, out, out)
    half = np.multiply(w, HALF[char], square)
    np.subtract(out, half, out)
    out.clip(-MOST[char], MOST[char], out)
    np.add(out, half, out)


def _small(n: int) -> float:
    """Return the least sum that is good, half of what `blocks` says of twice the terms."""
    return n / 4 if n >= MANY else n / 128


def _diag_normal_fast(operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]) -> Mask:
    m_1, lv_1, m_2, lv_2 = operands
    a = np.subtract(lv_1, lv_2)
    if gradient:
        by_m_1, by_lv_1, by_m_2, by_lv_2 = gradient
    value = _h(a, by_lv_1 if gradient else None)
    np.negative(lv_2, a)
    beyond: Mask = None
    if not a.item(a.argmin()) >= -WIDEST:  # as NaN does, which counts as the least
        beyond = np.logical_or.reduce(lv_2 > WIDEST, axis=-1)
    np.exp(a, a)
    b = np.subtract(m_1, m_2)
    slope = by_m_1 if gradient else a
    np.multiply(a, b, slope)
    if gradient:
        np.negative(slope, by_m_2)
    np.multiply(slope, b, b)
    np.add(value, b, value)
    half_of_rows(value, sums)
    if gradient:
        np.multiply(b, MINUS_HALF[b.dtype.char], b)
        np.subtract(b, by_lv_1, by_lv_2)
    return beyond


def _standard_normal_sums(m: Floats, lv: Floats) -> Floats:
    return normal_sums(standard_normal_parts(m, lv), m, lv)


def _standard_normal_derivatives(m: Floats, lv: Floats) -> tuple[Floats, Floats]:
    return standard_normal_gradient(standard_normal_parts(m, lv))


def _standard_normal_fast(operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]) -> Mask:
    m, lv = operands
    if gradient:
        by_m, by_lv = gradient
        np.multiply(m, ONE[m.dtype.char], by_m)  # a copy, but not by `memcpy` (see FEW in `calls`)
    value = _h(lv, by_lv if gradient else None)
    np.add(value, np.multiply(m, m), value)
    half_of_rows(value, sums)
    return None


NORMAL = Kernel(
    "normal",
    ("mu_1", "sigma_1", "mu_2", "sigma_2"),
    _check,
    small=lambda _: 2.0**-100,  # the formula is accurate as it is; below, something might underflow
    large=2.0**100,  # and beyond, overflow
    fast=_normal_fast,
    sums=_normal_sums,
    derivatives=_normal_derivatives,
)
DIAG_NORMAL = Kernel(
    "diag_normal",
    ("mu_1", "logvar_1", "mu_2", "logvar_2"),
    _check,
    small=_small,
    fast=_diag_normal_fast,
    sums=_diag_normal_sums,
    derivatives=_diag_normal_derivatives,
)
STANDARD_NORMAL = Kernel(
    "standard_normal",
    ("mu", "logvar"),
    _check,
    small=_small,
    fast=_standard_normal_fast,
    sums=_standard_normal_sums,
    derivatives=_standard_normal_derivatives,
)
