"""What the divergence of two normal laws and its gradient are made of, for each way to give the laws.

Warnings about overflow and the like are for the caller to turn off.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.numeric.inputs import Floats, sum_over
from kl_symbolic.numeric.scale import log_ratio, scale_part

FourFloats: TypeAlias = tuple[Floats, Floats, Floats, Floats]

MULTIPLE = 2.0**500
INFINITE = 1024  # e^1024 is infinite in float64, and more so in float32


class Parts(NamedTuple):
    """delta = (mu_1 - mu_2)/sigma_2, slope = delta/sigma_2, s = log(sigma_1/sigma_2) and u = e^s - 1."""

    delta: Floats
    slope: Floats
    s: Floats
    u: Floats


def normal_parts(m_1: Floats, s_1: Floats, m_2: Floats, s_2: Floats) -> Parts:
    """Return the parts for means and standard deviations."""
    u = (s_1 - s_2) / s_2
    gap, factor = _gap(m_1, m_2)
    # The factor comes last: nothing overflows before it that would not overflow anyway.
    return Parts(gap / s_2 * factor, gap / s_2 / s_2 * factor, log_ratio(s_1, s_2, u), u)


def diag_normal_parts(m_1: Floats, lv_1: Floats, m_2: Floats, lv_2: Floats) -> Parts:
    """Return the parts for means and logarithms of variances; the slope is delta/sigma_2."""
    s, rest = difference(0.5 * lv_1, 0.5 * lv_2)
    u = np.expm1(s)
    # e^s magnifies the rounding error of s s-fold. Below 1 that is harmless.
    u = u * np.where((s > 1) & (s < INFINITE), 1 + rest, 1)
    gap, factor = _gap(m_1, m_2)
    # 1/sigma_2 in two factors: it may overflow or underflow by itself where delta does neither.
    root = np.exp(-0.25 * lv_2)
    equal = (gap == 0) & ~np.isnan(root)
    scaled = np.where(equal, 0, gap * root * root)
    slope = np.where(equal, 0, scaled * root * root)
    return Parts(scaled * factor, slope * factor, s, u)


def standard_normal_parts(m: Floats, lv: Floats) -> Parts:
    """Return the parts for a mean and the logarithm of a variance, the second law being N(0, 1)."""
    s = 0.5 * lv
    return Parts(m, m, s, np.expm1(s))


def normal_sums(parts: Parts, *operands: Floats) -> Floats:
    """Return the sums of delta^2/2 + f over the last axis: 0 only where the laws, made of these operands, are equal."""
    total = sum_over(-1, 0.5 * parts.delta * parts.delta + scale_part(parts.s, parts.u))
    info = np.finfo(total.dtype)
    tiny = total < info.tiny * parts.s.shape[-1]
    if tiny.any():
        # All t are so small here that f is s^2. What would be subnormal is computed as a multiple.
        delta, s = (v[tiny].astype(np.float64) * MULTIPLE for v in (parts.delta, parts.s))
        sums = ((delta * delta).sum(axis=-1) / 2 + (s * s).sum(axis=-1)) / MULTIPLE / MULTIPLE
        vanished = (sums.astype(info.dtype) == 0) & np.any(different(*operands), axis=-1)[tiny]
        total[tiny] = np.where(vanished, info.smallest_subnormal, sums)
    return total


def different(*operands: Floats) -> NDArray[np.bool_]:
    """Return where two laws differ, or one law from the standard normal, given their parameters in pairs."""
    first, second = operands[:2], operands[2:] or (0, 0)
    mask: NDArray[np.bool_] = (first[0] != second[0]) | (first[1] != second[1])
    return mask


def normal_gradient(parts: Parts, s_1: Floats, s_2: Floats) -> FourFloats:
    """Return the derivatives by means and standard deviations, in the order of the parameters."""
    low, high = np.minimum(s_1, s_2), np.maximum(s_1, s_2)
    # (sigma_1 - sigma_2)(sigma_1 + sigma_2)/(sigma_1 sigma_2^2), in an order in which nothing overflows by itself.
    by_sigma_1 = parts.u / low * (1 + low / high)
    return parts.slope, by_sigma_1, -parts.slope, -_sum_over_sigma(parts.u, parts.delta, s_2)


def diag_normal_gradient(parts: Parts) -> FourFloats:
    """Return the derivatives by means and logarithms of variances, in the order of the parameters."""
    by_logvar_1 = half_w(parts.u)
    by_logvar_2 = -(by_logvar_1 + 0.5 * parts.delta * parts.delta)
    return parts.slope, by_logvar_1, -parts.slope, by_logvar_2


def standard_normal_gradient(parts: Parts) -> tuple[Floats, Floats]:
    """Return the derivatives by the mean and the logarithm of the variance, in the order of the parameters."""
    return parts.slope, half_w(parts.u)


def _gap(m_1: Floats, m_2: Floats) -> tuple[Floats, Floats]:
    """Return a number and a power of two, whose product is m_1 - m_2 even where that overflows."""
    gap = m_1 - m_2
    wide = np.isinf(gap)
    return np.where(wide, 0.5 * m_1 - 0.5 * m_2, gap), np.where(wide, 2, 1).astype(m_1.dtype)


def difference(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the rounded a - b and its rounding error (Knuth, The Art of Computer Programming 2, section 4.2.2)."""
    rounded = a - b
    minus_b = rounded - a
    return rounded, (a - (rounded - minus_b)) - (b + minus_b)


def half_w(u: Floats) -> Floats:
    """Return (e^(2 s) - 1)/2, given u = e^s - 1; unlike expm1(2 s)/2 it overflows only where the result does."""
    half: Floats = u * (1 + 0.5 * u)
    return half


def _sum_over_sigma(u: Floats, delta: Floats, sigma: Floats) -> Floats:
    """Return (w + delta^2)/sigma, w = u (2 + u), where neither a square nor a quotient overflows by itself."""
    info = np.finfo(delta.dtype)
    small, large = info.tiny**0.4, info.max**0.4
    whole = (u * (2 + u) + delta * delta) / sigma
    # Term by term for large ones, where a negative w >= -1 does not count, and for a tiny delta if w is 0.
    apart = np.where(u < 0, 0, u / sigma * (2 + u)) + delta / sigma * delta
    moderate = (np.abs(u) < large) & (np.abs(delta) < large) & ((u != 0) | (np.abs(delta) > small))
    return np.where(moderate, whole, apart)
