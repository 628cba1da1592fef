"""The polynomials of functions: their bounds hold, by exact arithmetic and by balls."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from dataclasses import replace
from fractions import Fraction
from math import factorial
from pathlib import Path

import pytest

from kl_symbolic import functions
from kl_symbolic.functions import Polynomial

TERMS = 60  # of a power series, of which the rest is bounded
PIECES = 32  # of an interval


def artanh(k):
    return Fraction(1, 2 * k + 3)


# The coefficients of the power series of the functions, which are positive and fall.
SERIES = {
    "EXPM1MX_BY_SQUARE": lambda k: Fraction(1, factorial(k + 2)),
    **dict.fromkeys(("EXP_REDUCED", "EXP_REDUCED_SINGLE"), lambda k: Fraction(1, factorial(k + 3))),
    **dict.fromkeys(("ARTANH_BY_CUBE", "ARTANH_REDUCED", "ARTANH_REDUCED_SINGLE"), artanh),
}
MODULES = [importlib.import_module(f"kl_symbolic.functions.{m.name}") for m in pkgutil.iter_modules(functions.__path__)]
POLYNOMIALS = {name: value for m in MODULES for name, value in vars(m).items() if isinstance(value, Polynomial)}


def around(coefficients, point):
    """Return the coefficients of a polynomial in powers of x - point."""
    shifted = list(coefficients)
    for start in range(len(shifted)):
        for k in range(len(shifted) - 2, start - 1, -1):
            shifted[k] += point * shifted[k + 1]
    return shifted


def largest_difference(polynomial, series):
    """Bound the relative difference of a polynomial from a power series on its interval, in exact arithmetic."""
    low, high = Fraction(polynomial.low), Fraction(polynomial.high)
    radius = (high - low) / (2 * PIECES)
    exact = [series(k) for k in range(TERMS)]
    ours = [*map(Fraction, polynomial.coefficients), *[Fraction(0)] * (TERMS - len(polynomial.coefficients))]
    rest = 2 * series(TERMS) * max(abs(low), abs(high)) ** TERMS  # each term is at most half as large as that before
    worst = Fraction(0)
    for k in range(PIECES):
        point = low + (2 * k + 1) * radius
        first, *others = around(exact, point)
        least = first - sum(abs(c) * radius**j for j, c in enumerate(others, 1)) - rest
        apart = around([a - b for a, b in zip(exact, ours, strict=True)], point)
        most = sum(abs(c) * radius**j for j, c in enumerate(apart)) + rest
        worst = max(worst, most / least)
    return worst


def test_the_series_of_every_polynomial_is_here():
    assert POLYNOMIALS.keys() == SERIES.keys()


@pytest.mark.parametrize("name", SERIES)
def test_a_polynomial_is_as_near_as_it_says(name):
    polynomial = POLYNOMIALS[name]
    largest = largest_difference(polynomial, SERIES[name])
    assert polynomial.bound / 2 < largest <= polynomial.bound


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("place", [0, 3, -1])
def test_a_wrong_coefficient_is_seen(name, place):
    polynomial = POLYNOMIALS[name]
    wrong = list(polynomial.coefficients)
    wrong[place] *= 1 + 1e-3 if place else 1 + max(1e-15, 4 * polynomial.bound)
    assert largest_difference(replace(polynomial, coefficients=tuple(wrong)), SERIES[name]) > polynomial.bound


def artanh_in_balls(z):
    return (z.sqrt().atanh() - z.sqrt()) / z.sqrt() ** 3


# The functions themselves, in balls: another way to the same bound.
BALLS = {
    "EXPM1MX_BY_SQUARE": lambda t: (t.exp() - 1 - t) / t**2,
    **dict.fromkeys(("EXP_REDUCED", "EXP_REDUCED_SINGLE"), lambda t: (t.exp() - 1 - t - t**2 / 2) / t**3),
    **dict.fromkeys(("ARTANH_BY_CUBE", "ARTANH_REDUCED", "ARTANH_REDUCED_SINGLE"), artanh_in_balls),
}


@pytest.mark.parametrize("name", BALLS)
def test_a_polynomial_is_near_the_function_in_balls(name):
    flint = pytest.importorskip("flint")
    polynomial = POLYNOMIALS[name]
    with flint.ctx.workprec(300):
        low, high = flint.arb(polynomial.low), flint.arb(polynomial.high)
        for k in range(1, 1000):
            x = low + (high - low) * k / 1001
            exact = BALLS[name](x)
            ours = flint.arb_poly([flint.arb(c) for c in polynomial.coefficients])(x)
            assert abs(ours - exact) < abs(exact) * polynomial.bound


def test_the_script_prints_what_the_files_hold():
    path = Path(__file__).parents[1] / "scripts" / "polynomials.py"
    spec = importlib.util.spec_from_file_location("polynomials", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name, (series, low, high, count) in script.POLYNOMIALS.items():
        with script.mp.workdps(80):
            single = name.endswith(script.SINGLE)
            made = script.interpolated(series, script.mp.mpf(low), script.mp.mpf(high), count, single=single)
        assert tuple(made) == POLYNOMIALS[name].coefficients
