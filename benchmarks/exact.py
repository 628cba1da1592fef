"""Divergences to 60 digits from the textbook's closed forms, and the error of an answer in eps.

The closed forms cancel: for laws at a relative distance of 1e-160 by 320 digits. So the precision grows until 60 digits
are left. Coordinates in which the laws are equal contribute nothing and are left out; an empty sum is exactly 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import mpmath
import numpy as np
from mpmath import mpf

DIGITS = 60
BITS = 200  # 60 digits

Numbers = Sequence[mpf]


def _normal(m: mpf, s: mpf, n: mpf, t: mpf) -> list[mpf]:
    return [mpmath.log(t / s), (s / t) ** 2 / 2, ((m - n) / t) ** 2 / 2, -mpf(1) / 2] if (m, s) != (n, t) else []


def _diag_normal(m: mpf, v: mpf, n: mpf, w: mpf) -> list[mpf]:
    if (m, v) == (n, w):
        return []
    return [w / 2, -v / 2, mpmath.exp(v - w) / 2, (m - n) ** 2 * mpmath.exp(-w) / 2, -mpf(1) / 2]


def _discrete(p: mpf, q: mpf) -> list[mpf]:
    # Terms that add up to q - p over all outcomes are 0 for laws; rounded probabilities need them (Csiszar 1991).
    if p == q:
        return []
    if p == 0:
        return [q]
    return [mpmath.inf] if q == 0 else [p * mpmath.log(p), -p * mpmath.log(q), q, -p]


TERMS: dict[str, Callable[..., list[mpf]]] = {
    "kl_standard_normal": lambda m, v: _diag_normal(m, v, mpf(0), mpf(0)),
    "kl_diag_normal": _diag_normal,
    "kl_normal": _normal,
    "kl_discrete": _discrete,
    "d/dmu": lambda m, _: [m],
    "d/dlogvar": lambda _, v: [mpmath.exp(v) / 2, -mpf(1) / 2] if v else [],
}


def exact(kernel: str, laws: Sequence[np.ndarray]) -> mpf:
    """Return the sum of the kernel's terms over the coordinates, at the parameters as they are rounded."""
    coordinates = [tuple(map(mpf, column)) for column in zip(*(np.ravel(law).tolist() for law in laws), strict=True)]
    bits = 2 * BITS
    while True:
        with mpmath.workprec(bits):
            terms = [term for column in coordinates for term in TERMS[kernel](*column)]
            total = mpmath.fsum(terms)
            largest = max(map(mpmath.mag, terms), default=0)
        if not any(terms) or mpmath.isinf(total):
            return total
        if total != 0 and bits - (largest - mpmath.mag(total)) >= BITS:
            return total
        bits *= 2


def error(answer: float, right: mpf, info: np.finfo, lost: float = 0) -> float:
    """Return the relative error in eps; infinite if the answer is not a number or not finite without need.

    Below the smallest normal number one subnormal number is allowed, or more where a library may have `lost` more.
    """
    if mpmath.isinf(right) or not np.isfinite(answer):
        sure = float(info.max) * (1 - 16 * float(info.eps))
        return 0.0 if answer == np.sign(answer) * np.inf and right * np.sign(answer) > sure else np.inf
    if right == 0:
        return 0.0 if answer == 0 else np.inf
    allowed = max(lost, float(info.smallest_subnormal) if abs(right) < float(info.tiny) else 0)
    return float(max(mpf(0), abs(mpf(answer) - right) - allowed) / abs(right) / float(info.eps))
