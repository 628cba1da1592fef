"""The terms p log(p/q) - p + q of the divergence of discrete laws: fast and accurate ones.

Warnings about overflow and the like are for the caller to turn off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.kernels import REACH, rest_of_logarithm

if TYPE_CHECKING:
    from numpy.typing import NDArray

# With v = (p - q)/(p + q), log(p/q) is 2 atanh(v), and the term p log(p/q) - p + q of the divergence is
#     (p - q) v (1 + (v + v^2) (1/3 + v^2/5 + v^4/7 + ...)).
# Away from v = 0 the plain form does. An error of one unit in the last place of the logarithm costs
# |r log r|/(r log r - r + 1) units of the term, r = p/q: 2.5 at r = 3, 1.2 at r = 1/3, and falls towards 1 beyond. Even
# with the 4 units that some vectorised logarithms allow themselves, less than 16 are used, so r = 3, v = 1/2, is where
# the series takes over.
NEAR = 0.5

# The terms left out are together below 1e-17 for |v| <= 1/2, and the factor that they belong to is above 0.9.
COEFFICIENTS = tuple(1 / (2 * k + 3) for k in range(26))

TINY = {char: np.array(np.finfo(char).tiny) for char in "fd"}


def divergence_terms(p: Floats, q: Floats, gap: Floats, log_of_ratio: Floats) -> Floats:
    """Return p log(p/q) - p + q elementwise: never negative, accurate, and infinite where p > 0 = q.

    The difference `gap` = p - q and log(p/q) are arguments because a caller may know them better than p and q.
    """
    value = np.asarray(np.where(p == 0, q, p * log_of_ratio - gap))
    v = gap / (p + q)
    near = np.abs(v) <= NEAR
    np.place(value, near, _series(np.extract(near, gap), np.extract(near, v)))
    return np.where(log_of_ratio == np.inf, np.inf, value)


def log_ratio(p: Floats, q: Floats) -> Floats:
    """Return log(p/q) for arrays of numbers that are zero or positive, even where p/q overflows or underflows."""
    ratio = p / q
    info = np.finfo(ratio.dtype)
    value: Floats = np.log(ratio)
    extreme = ~((ratio >= info.tiny) & (ratio <= info.max))
    value[extreme] = np.log(p[extreme]) - np.log(q[extreme])
    return value


def _series(gap: Floats, v: Floats) -> Floats:
    """Return p log(p/q) - p + q for |v| <= 1/2 by Horner's rule."""
    square = v * v
    rest = np.full_like(v, COEFFICIENTS[-1])
    for coefficient in reversed(COEFFICIENTS[:-1]):
        rest = rest * square + coefficient
    return gap * v * (1 + (v + square) * rest)


def plain_terms(p: Floats, q: Floats) -> Floats:
    """Return p log(p/q) - p + q.

    An error of one eps of the logarithms costs one of the sum of p |log(p/q)|, at most S + sqrt(2 S) by Pinsker's
    inequality: 9 eps of S together with the rounding of the rest where S, the divergence, is 1/16 or more.
    """
    value = np.divide(p, q)
    np.fmax(value, TINY[p.dtype.char], value)  # so that 0 log 0 is 0
    np.log(value, value)
    np.multiply(value, p, value)
    return np.subtract(value, np.subtract(p, q), value)


def accurate_terms(p: Floats, q: Floats) -> Floats:
    """Return p log(p/q) - p + q, accurate term by term.

    With x = (p - q)/(p + q), log(p/q) is 2 x and a rest times x, and 2 p x - (p - q) is (p - q) x. Beyond the
    polynomial of the rest, an error of one eps of the logarithm costs up to 6, so they are in float64.
    """
    gap, x = np.subtract(p, q), np.add(p, q)
    np.maximum(x, TINY[x.dtype.char], out=x)  # so that 0/0 is 0
    np.divide(gap, x, x)
    square, rest = rest_of_logarithm(x)
    np.multiply(rest, p, rest)
    np.add(rest, gap, rest)
    np.multiply(rest, x, x)
    if not square.item(square.argmax()) <= REACH**2:
        log = np.divide(p, q, dtype=np.float64)
        np.fmax(log, TINY["d"], log)
        np.log(log, log)
        np.multiply(log, p, log)
        np.subtract(log, gap, log)
        _choose(np.greater(square, REACH**2), log, x)
    return x


def _choose(mask: NDArray[np.bool_], others: Floats, values: Floats) -> None:
    """Put other values where a mask says so; they change, and are finite where it does not.

    NumPy copies by a mask one number at a time, and a processor guesses wrong which: that takes ten times as long.
    """
    np.subtract(others, values, others)
    np.multiply(others, mask, others)
    np.add(values, others, values, casting="same_kind")
