"""Closed forms with digits to spare, proved where they are, and the comparison of the array functions with them."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
from numeric_laws import proved

from kl_symbolic.numbers import Evaluator, instantiate
from kl_symbolic.numeric import (
    cross_entropy_discrete,
    entropy_discrete,
    kl_diag_normal,
    kl_discrete,
    kl_normal,
    kl_standard_normal,
)
from kl_symbolic.terms import parts_with

EPS_ALLOWED = 16  # the accuracy contract of the package


def exactly(values):
    """Return a floating-point number, or each of a row, with all its digits."""
    return mpmath.mpf(float(values)) if np.ndim(values) == 0 else [mpmath.mpf(float(v)) for v in values]


def proved_value(term, parameters, row):
    """Return the value of a closed form at the parameters in a row, which are called as its symbols are."""
    formula = instantiate(term, {})
    unknowns = parts_with(formula, "Indexed") or formula.free
    values = {unknown: entry(parameters, row, str(unknown)) for unknown in unknowns}
    return Evaluator(mpmath.MPContext(), 60, values).value(formula).mid


def entry(parameters, row, unknown):
    """Return the exact value that "mu_1" or "mu_1[2]" has in a row."""
    name, _, index = unknown.rstrip("]").partition("[")
    return Fraction(float(parameters[name][row][int(index) - 1] if index else parameters[name][row]))


# References, of one row of exact parameters: the closed forms that are proved


def exact_normal(*row):
    return proved("normal", "normal", "std").value(*row)


def exact_diag_normal(*row):
    return sum(map(proved("normal", "normal", "logvar").value, *row))


def exact_standard_normal(*row):
    return sum(map(proved("normal", "standard_normal", "logvar").value, *row))


def exact_discrete(p, q):
    """Return the sum of p log(p/q) - p + q, which is that of divergences of Poisson laws; of what neither has, 0."""
    of_poisson_laws = proved("poisson", "poisson", "rate").value
    return sum(of_poisson_laws(a, b) for a, b in zip(p, q, strict=True) if a or b)


# References by their definitions, with 0 log 0 = 0


def plus_log(a, b, c):
    """Return a log(b/c) with 0 log 0 = 0."""
    return a * mpmath.log(b / c) if a else mpmath.mpf(0)


def exact_entropy(p):
    return -sum(plus_log(a, min(a, 1), 1) for a in p)


def exact_cross_entropy(p, q):
    return -sum(plus_log(a, min(b, 1), 1) for a, b in zip(p, q, strict=True))


def exact_counts(p, q):
    """Return the divergence of the laws that the counts have after their normalisation."""
    total_p, total_q = sum(p), sum(q)
    return sum(plus_log(a / total_p, a / total_p, b / total_q) for a, b in zip(p, q, strict=True))


EXACT = {
    kl_normal: exact_normal,
    kl_diag_normal: exact_diag_normal,
    kl_standard_normal: exact_standard_normal,
    kl_discrete: exact_discrete,
    entropy_discrete: exact_entropy,
    cross_entropy_discrete: exact_cross_entropy,
}


# The comparison


def flat(result):
    """Return all arrays of a result in one list."""
    return [array for part in result for array in flat(part)] if isinstance(result, tuple) else [result]


def vanishes(kernel, *row):
    """Whether the exact value at one law is 0, or less than the smallest number."""
    with mpmath.workdps(700):
        return EXACT[kernel](*map(exactly, row)) < exactly(np.finfo(float).smallest_subnormal)


def assert_accurate(kernel, *parameters, reference=None, slack=0):
    """Compare each row with the exact value: infinite beyond the dtype's range, one subnormal off below it."""
    reference = reference or EXACT[kernel]
    got = np.atleast_1d(kernel(*parameters))
    info = np.finfo(parameters[0].dtype)
    assert got.dtype == info.dtype
    with mpmath.workdps(120):  # the closed form cancels up to 52 of them
        for row, value in zip(zip(*parameters, strict=True), got, strict=True):
            exact = reference(*map(exactly, row))
            if exact > info.max:
                assert value == np.inf, row
                continue
            allowed = EPS_ALLOWED * exactly(info.eps) * exact + exactly(info.smallest_subnormal) + slack
            assert np.isfinite(value), row
            assert value >= 0, row
            assert abs(exactly(value) - exact) <= allowed, (row, value, exact)
