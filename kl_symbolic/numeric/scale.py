"""The part of the divergence of two normal laws that is due to their scales, where all the cancellation sits.

With s = log(sigma_1 / sigma_2) and u = sigma_1 / sigma_2 - 1 = e^s - 1 it is

    f = KL(N(0, sigma_1^2) || N(0, sigma_2^2)) = h(2 s) / 2 = u^2 / 2 + u - s,    h(t) = e^t - 1 - t >= 0.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kl_symbolic.numeric.inputs import Floats

# f = u^2/2 + u - s is the difference of e^(2s)/2 - 1/2 and s: an error of one unit in the last place of either costs
# |e^t - 1| / h(t) units of f, t = 2s. That is about 2/|t| near 0 (useless), 2.4 at t = 1, 1.7 at t = -1, and falls
# towards 1 beyond. Even with the 4 units that some vectorised exponentials allow themselves, 10 of the 16 are
# used, so |t| = 1 is where the series takes over.
NEAR = 0.5

# h(t)/t^2 = sum of t^k/(k + 2)!. The terms left out, k > 16, are together below 1.06/19! < 9e-18 for |t| <= 1, and
# h(t)/t^2 > 0.36 there: less than an eighth of the float64 eps.
COEFFICIENTS = tuple(1 / factorial(k + 2) for k in range(17))


def scale_part(s: Floats, u: Floats) -> Floats:
    """Return h(2 s)/2 in nats, given s = log(sigma_1/sigma_2) and u = expm1(s): never negative, and 0 only at s = 0.

    Both are arguments because each kernel knows one of them to full accuracy. Near 0 only s counts.
    """
    # 0.5 * u first: u * u may overflow where half of it does not.
    value = np.asarray(0.5 * u * u + u - s)
    near = np.abs(s) < NEAR
    np.place(value, near, _series(2 * np.extract(near, s)))
    return value


def _series(t: Floats) -> Floats:
    """Return h(t)/2 for |t| <= 1 by Horner's rule."""
    quotient = np.full_like(t, COEFFICIENTS[-1])
    for coefficient in reversed(COEFFICIENTS[:-1]):
        quotient = quotient * t + coefficient
    return 0.5 * t * t * quotient


def log_ratio(sigma_1: Floats, sigma_2: Floats, u: Floats) -> Floats:
    """Return log(sigma_1/sigma_2) to a few units in the last place, given u = (sigma_1 - sigma_2)/sigma_2."""
    ratio = sigma_1 / sigma_2
    # Three formulas, each exact to rounding where the other two lose digits: log1p for a ratio near 1, for the
    # subtraction in u is exact there; the difference of logs for a ratio beyond the normal numbers, for there it is
    # as large as the logs; the log of the ratio in between.
    normal = (ratio >= np.finfo(ratio.dtype).tiny) & (ratio <= np.finfo(ratio.dtype).max)
    s = np.where(normal, np.log(ratio), np.log(sigma_1) - np.log(sigma_2))
    return np.where(np.abs(u) < NEAR, np.log1p(u), s)
