"""Where the rounding errors of programs are bounded: their domains in cells, and what intervals do not show there."""

from __future__ import annotations

from math import inf, nextafter

import mpmath
from float_intervals import Interval, outward

from kl_symbolic.code.operations import operations_of
from kl_symbolic.code.program import program_of
from kl_symbolic.functions.digamma import ROOT_OF_DIGAMMA
from kl_symbolic.functions.stirling import SHIFTS

CTX = mpmath.MPContext()
CTX.prec = 100
SERIES = 2.0**-8  # where one term of a series is nearly all


def steps(low, high, pieces):
    """Split an interval of positive numbers into so many pieces for each doubling."""
    while low < high:
        upper = min(low * 2.0 ** (1 / pieces), high)
        yield low, upper
        low = upper


def near_0(high, pieces=64):
    """Split (0, high]: close to 0 only the first term of a series counts."""
    return [*steps(2.0**-1000, 2.0**-60, 1 / 20), *steps(2.0**-60, SERIES, 1 / 4), *steps(SERIES, high, pieces)]


def mirrored(intervals):
    return [(-high, -low) for low, high in intervals]


def points(x, a, gap):
    return {"x": x, "a": a, "gap": gap}


HUGE, TINY = 2.0**900, 2.0**-900
BELOW_SHIFTS = nextafter(SHIFTS, 0)

NEAR_POINTS = [
    points((TINY, HUGE), (TINY, BELOW_SHIFTS), (TINY, HUGE)),
    points((SHIFTS, HUGE), (SHIFTS, HUGE), (TINY, HUGE)),
    points((TINY, BELOW_SHIFTS), (TINY, HUGE), (-HUGE, -TINY)),
    points((SHIFTS, HUGE), (SHIFTS, HUGE), (-HUGE, -TINY)),
]
ABOVE_1 = nextafter(1, 2)
ROOT = ROOT_OF_DIGAMMA[0]
FAR_RATIOS = [*steps(2.0**-99, 2.0**-8, 2), *steps(2.0**-8, 0.25, 64)]
LOGIT = 700.0
BELOW, ABOVE = (-nextafter(4, 0), -TINY), (TINY, nextafter(4, 0))
NEAR_LOGITS = [
    points(x, (-LOGIT, -TINY), gap)
    for x, gap in (((-LOGIT, -TINY), BELOW), ((-LOGIT, -TINY), ABOVE), ((TINY, 4.0), ABOVE))
]
LOW_LOGITS = [(-(k + 1) / 2, min(-k / 2, -TINY)) for k in range(80)]  # of lower ones all terms are multiples of e^a
X_LOGITS = [*LOW_LOGITS, *((max(k / 2, TINY), (k + 1) / 2) for k in range(8)), *steps(4.0, LOGIT, 2)]
FAR_LOGITS = [
    *(points(x, a, (max(4.0, x[0] - a[1]), x[1] - a[0])) for a in LOW_LOGITS for x in X_LOGITS if x[1] - a[0] > 4),
    *(
        points((a[0] - gap[1], a[1] - gap[0]), a, (-gap[1], -gap[0]))
        for a in LOW_LOGITS
        for gap in steps(4.0, LOGIT, 8)
    ),
]
SMALL_RATIOS = [(2.0 ** (-k - 20), nextafter(2.0**-k, 0)) for k in range(100, 1000, 20)]

# The domain of each program in cells, on each of which an error is bounded. By what scaling changes, and the difference
# of the points, programs of two points are bounded for all of them.
CELLS = {
    "expm1mx": [
        {"x": x}
        for x in (
            *near_0(1.0),
            *mirrored(near_0(1.0)),
            *steps(ABOVE_1, 8.0, 64),
            *((k / 2, (k + 1) / 2) for k in range(16, 1400)),
            *mirrored([*steps(ABOVE_1, 16.0, 16), *steps(16.0, HUGE, 1 / 4)]),
        )
    ],
    "log1pmx": [
        {"x": x}
        for x in (
            *near_0(1.0),
            *mirrored(near_0(0.625)),
            *steps(ABOVE_1, 16.0, 64),
            *steps(16.0, HUGE, 1 / 4),
            *((low - 1, min(high - 1, -nextafter(0.625, 1))) for low, high in steps(2.0**-53, 0.375, 64)),
        )
    ],
    # The ratio alone counts: a is 1.
    "itakura_saito": [
        *(points((1.0, HUGE), (1.0, 1.0), y) for y in (*near_0(16.0), *steps(16.0, HUGE, 1 / 4))),
        *(points((0.25, 1.0), (1.0, 1.0), y) for y in mirrored(near_0(nextafter(0.75, 0)))),
        *(points(ratio, (1.0, 1.0), (-1.0, -0.75)) for ratio in FAR_RATIOS),
        *(points(ratio, (1.0, 1.0), (-1.0, -0.75)) for ratio in SMALL_RATIOS),
    ],
    # The larger one is 1.
    "kl_div": [
        *(points((1.0, 1.0), (1 - y[1], 1 - y[0]), y) for y in near_0(nextafter(0.75, 0))),
        *(points((1 + y[0], 1 + y[1]), (1.0, 1.0), y) for y in mirrored(near_0(nextafter(0.75, 0)))),
        *(points((1.0, 1.0), ratio, (0.75, 1.0)) for ratio in [*FAR_RATIOS, *SMALL_RATIOS]),
        *(points(ratio, (1.0, 1.0), (-1.0, -0.75)) for ratio in [*FAR_RATIOS, *SMALL_RATIOS]),
    ],
    "log_ratio": [
        *(points((low, high), (1.0, 1.0), (low - 1, high - 1)) for low, high in steps(1.5, 2.0**99, 16)),
        *(
            points((0.5, 1.5), (1.0, 1.0), y)
            for y in (*near_0(nextafter(0.5, 0)), *mirrored(near_0(nextafter(0.5, 0))))
        ),
        *(points(x, (1.0, 1.0), (-1.0, -0.5)) for x in steps(2.0**-99, 0.5, 16)),
        *(points((2.0**k, 2.0 ** (k + 20)), (1.0, 1.0), (2.0**k - 1, HUGE)) for k in range(99, 1000, 20)),
        *(points((2.0 ** (-k - 20), 2.0**-k), (1.0, 1.0), (-1.0, -0.5)) for k in range(99, 1000, 20)),
    ],
    "lgamma_remainder": NEAR_POINTS,
    "gamma_shape_remainder": NEAR_POINTS,
    "digamma_difference": NEAR_POINTS,
    "digamma_log_difference": NEAR_POINTS,
    "trigamma_excess": [{"x": (TINY, BELOW_SHIFTS)}, {"x": (SHIFTS, HUGE)}],
    "polygamma_1": [{"x": (TINY, nextafter(SHIFTS + 1, 0))}, {"x": (SHIFTS + 1, HUGE)}],
    # Near the root the difference from it is exact but for its last term.
    "digamma": [{"x": (TINY, ROOT - 2.0**-10)}, {"x": (ROOT + 2.0**-10, HUGE)}],
    "log_gamma": [
        {"x": x}
        for x in (
            (TINY, nextafter(1, 0)),
            *((1 + low, 1 + high) for low, high in steps(2.0**-50, nextafter(1.45, 1) - 1, 32)),
            *((2 - high, 2 - low) for low, high in steps(2.0**-50, 0.55, 32)),
            (2.0, BELOW_SHIFTS),
            *steps(8.0, 16.0, 16),
            *steps(16.0, HUGE, 1 / 4),
        )
    ],
    "lgamma1p_remainder": [{"x": (-nextafter(1, 0), -TINY)}, {"x": (TINY, HUGE)}],
    "sigmoid": [{"x": (-LOGIT, -TINY)}, {"x": (TINY, LOGIT)}],
    "sigmoid_difference": [
        points(x, a, gap)
        for x in ((-LOGIT, -TINY), (TINY, LOGIT))
        for a in ((-LOGIT, -TINY), (TINY, LOGIT))
        for gap in ((-2 * LOGIT, -TINY), (TINY, 2 * LOGIT))
    ],
    # The sign of a makes no difference.
    "softplus_remainder": [*NEAR_LOGITS, *FAR_LOGITS],
}


def known_of(name, cell):
    """Return what intervals do not show of a program.

    In that of log Gamma(x) - x log x, y is above -1/2, and log(1 + y) - y is
    never positive. Between the roots of log Gamma the remainder is monotone.
    """
    calls = {node.label: node for node in operations_of(*program_of(name).results) if node.kind == "call"}
    if name == "gamma_shape_remainder":
        terms = [node for node in operations_of(*program_of(name).results) if node.label == "log1pmx"]
        return {node.args[0]: Interval(-0.5, inf) for node in terms} | {node: Interval(-inf, 0.0) for node in terms}
    if name == "log_gamma" and cell["x"][0] > 1 and cell["x"][1] < 2:
        root = 1 if cell["x"][0] < 1.45 else 2
        ends = [float(CTX.loggamma(x) - CTX.digamma(root) * (CTX.mpf(x) - root)) for x in cell["x"]]
        return {calls["lgamma_remainder"]: outward(min(ends), max(ends))}
    return {}


def _log1pmx_condition(low, high):
    """Bound y^2/((1 + y)(y - log(1 + y))) between two points of one sign."""
    nearest, furthest = sorted((low, high), key=abs)
    if abs(furthest) <= 2 * SERIES:  # y - log(1 + y) > y^2/2 - y^3/3
        return 2 / ((1 + low) * (1 - 2 * max(high, 0) / 3))
    excess = CTX.mpf(nearest) - CTX.log1p(nearest)
    bounds = [CTX.mpf(furthest) ** 2 / ((1 + CTX.mpf(low)) * excess)]
    if low > 0:
        bounds.append(low / excess)
    return float(min(bounds))


def _itakura_saito_condition(cell):
    (low, high), (least, most) = cell["gap"], cell["x"]
    if low > -1:
        near = _log1pmx_condition(low, high)
        return 0.0, near, near
    far = float((1 - least) / (most - 1 - CTX.log(most)))
    return far, far, 0.0


def _kl_div_condition(cell):
    ends = [(CTX.mpf(gap), x) for gap, x in zip(cell["gap"], cell["x"], strict=True)]
    if max(abs(gap) for gap, _ in ends) < 0.75:
        near = float(_log1pmx_condition(*sorted(-gap / x for gap, x in ends)))
        return near - 1, 0.0, near
    x, a = CTX.mpf(cell["x"][1]), cell["a"][1]  # where they are nearest
    entropy = x * CTX.log(x / a)
    value = entropy - x + a
    return float(abs(entropy) / value), float(abs(x - a) / value), 0.0


def _log_ratio_condition(cell):
    (low, high), (least, most) = cell["gap"], cell["x"]
    if max(abs(low), abs(high)) < 0.5:
        near = low / ((1 + CTX.mpf(low)) * CTX.log1p(low))
        return 0.0, float(near), float(near)
    far = float(1 / min(abs(CTX.log(least)), abs(CTX.log(most))))
    return far, far, 0.0


CONDITIONS = {
    "log_ratio": _log_ratio_condition,
    "log1pmx": lambda cell: (_log1pmx_condition(*cell["x"]),),
    "itakura_saito": _itakura_saito_condition,
    "kl_div": _kl_div_condition,
}
