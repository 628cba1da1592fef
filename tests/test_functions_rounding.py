"""The errors of programs: below what records say, by interval arithmetic and as they are measured."""

from __future__ import annotations

from math import inf, isfinite, isinf

import numpy as np
import pytest
from remainder_values import (
    CTX,
    LOGARITHM_OF_GAMMA,
    ONE_POINT,
    POLYGAMMA,
    TWO_POINTS,
    arguments,
    computed,
    computed_with_gap,
    exact,
)
from rounding_bounds import Analysis, bound, largest_error
from rounding_cells import CELLS, CONDITIONS, Interval

from kl_symbolic.code.operations import argument
from kl_symbolic.functions import all_functions
from kl_symbolic.functions.stirling import SHIFTS, STIRLING_TERMS, bernoulli

# What polynomials and series leave out, in eps: the bounds of the former are certified in test_functions_polynomials.
LEFT_OUT = 0.15
COUNT = 200  # points of each kind


def record(name):
    """Return what is said of a program."""
    if name == LOGARITHM_OF_GAMMA:
        return all_functions()["gamma"].rounding
    return all_functions()["polygamma" if name in POLYGAMMA else name].rounding


# Where a condition number is the one that a record says, which may depend on where the argument lies.
WHERE_SAID = {"expm1mx": (-inf, 1.0), "log1pmx": (-0.5, inf), "lgamma1p_remainder": (-0.5, inf)}


def conditions(name):
    """Return the condition numbers that a record says."""
    ends = WHERE_SAID.get(name, (0.0, inf))
    return [record(name).condition_between(place, *ends) for place in range(len(record(name).condition))]


def test_every_program_is_here():
    written = {name for name, f in all_functions().items() if f.domains and (f.program or f.log_program)}
    here = {"gamma" if name == LOGARITHM_OF_GAMMA else name.partition("_1")[0] for name in CELLS}
    assert written == here | {"difference_of_products", "triple_product_difference"}
    assert all(record(name) is not None for name in CELLS)


def test_the_series_leave_out_less_than_a_digit():
    """Of psi'(x) - 1/x, which is above 1/(2x^2), at the least x; the other functions are larger."""
    first = bernoulli(2 * STIRLING_TERMS + 2)[-1]  # that is left out
    assert 2 * abs(first) / SHIFTS ** (2 * STIRLING_TERMS + 1) < 1e-17
    assert LEFT_OUT > 1e-17 / 2.0**-52


# By interval arithmetic

QUICK = ("expm1mx", "log1pmx", "itakura_saito")


@pytest.mark.parametrize("name", [pytest.param(one, marks=() if one in QUICK else pytest.mark.slow) for one in CELLS])
def test_the_error_of_a_program_is_below_what_its_record_says(name):
    largest = largest_error(name) + LEFT_OUT
    assert record(name).eps - 1.1 <= largest <= record(name).eps


@pytest.mark.parametrize("name", CONDITIONS)
def test_condition_numbers_are_below_what_a_record_says(name):
    cells = [cell for cell in CELLS[name] if name != "log1pmx" or cell["x"][0] >= -0.5]
    for place, said in enumerate(conditions(name)):
        largest = max(CONDITIONS[name](cell)[place] for cell in cells)
        assert said - 0.2 <= largest <= said


X, Y = argument("x"), argument("y")
ERRORS = {
    "a sum of positive numbers": (X + Y, (1.0, 2.0), (1.0, 2.0), (0.0, 0.0), 0.5),
    "a difference of near numbers": (X - Y, (4.0, 4.0), (3.0, 3.0), (1.0, 1.0), 7.5),
    "a product": (X * Y, (1.0, 2.0), (-1.0, 2.0), (1.0, 2.0), 3.5),
    "a half is exact": (X / 2, (1.0, 2.0), (1.0, 2.0), (1.0, 0.0), 1.0),
    "a third is a constant that is rounded": (X * (1 / 3), (1.0, 2.0), (1.0, 2.0), (0.0, 0.0), 1.0),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_add_up(case):
    node, x, y, errors, expected = ERRORS[case]
    given = {"x": bound(Interval(*x), errors[0]), "y": bound(Interval(*y), errors[1])}
    assert Analysis(given).bound(node).relative == pytest.approx(expected, rel=1e-12)


# Measured


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", [*ONE_POINT, *TWO_POINTS])
def test_the_measured_error_is_below_the_bound(name, dtype):
    given = arguments(name, dtype, COUNT)
    values = computed(name, dtype, *given)
    assert values.dtype == dtype
    info = np.finfo(dtype)
    said = record(name)
    allowed = said.eps + (0.5 * conditions(name)[2] if name in TWO_POINTS else 0)  # x - a is rounded
    allowed += 2 * (POLYGAMMA.get(name, 1) - 1)
    negative, worst = all_functions().get(name), 0.0
    for value, *at in zip(values.tolist(), *given, strict=True):
        truth = exact(name, *at)
        if abs(truth) > float(info.max) * (1 - 1e-5):
            assert value * float(CTX.sign(truth)) >= float(info.max) * (1 - 1e-4)
        elif abs(truth) < float(info.smallest_normal) * 4:
            assert abs(value - truth) <= 8 * float(info.smallest_subnormal)
        else:
            worst = max(worst, float(abs(value - truth) / abs(truth) / float(info.eps)))
            assert worst <= allowed, (at, value, CTX.nstr(truth, 20))
        assert negative is None or not negative.value.nonnegative or value >= 0
    assert worst > 0.4


STEP = 1e-6


@pytest.mark.parametrize("name", [n for n in (*ONE_POINT, *TWO_POINTS) if isfinite(conditions(n)[-1])])
def test_an_error_of_an_argument_grows_by_no_more_than_its_condition_number(name):
    given = arguments(name, np.float64, COUNT)
    low, high = WHERE_SAID.get(name, (0.0, inf))
    given = [v[(low <= given[0]) & (given[0] <= high)] for v in given]
    if name in TWO_POINTS:
        given.append(given[0] - given[1])
    value = computed_with_gap(name, *given)
    for place, said in enumerate(conditions(name)[-len(given) :]):
        if isinf(said):  # the argument must be exact
            continue
        moved = [v * (1 + STEP) if k == place else v for k, v in enumerate(given)]
        with np.errstate(all="ignore"):
            growth = np.abs(computed_with_gap(name, *moved) - value) / (STEP * np.abs(value))
        usual = (np.abs(value) > 1e-290) & (np.abs(value) < 1e300)
        largest = np.max(growth[usual])
        assert name == "softplus_remainder" or said * 0.5 < largest  # a product of bounds that are not reached together
        assert largest <= (said + 2 * (POLYGAMMA.get(name, 1) - 1)) * 1.001
