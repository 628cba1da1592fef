"""The array functions agree with the closed form at the rounded parameters, also where P is near Q."""

import math
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec

import mpmath
import numpy as np
import pytest

from kl_symbolic.checks import arrays, verify
from kl_symbolic.checks.arrays import MOST_ULPS, NEAR, array_formula, check_arrays
from kl_symbolic.engine import derive
from kl_symbolic.numbers import draw
from kl_symbolic.proof.question import Question

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "KL_SYMBOLIC_NUMBA"}
N, S, D = "normal", "standard_normal", "diagonal_normal"
WITH_FUNCTION = [
    *(Question("kl", N, N), Question("kl", N, N, unit="bits"), Question("kl", N, S), Question("kl", S, N)),
    *(Question("kl", N, N, param, param) for param in ("var", "logvar", "logstd", "precision")),
    *(Question("kl", S, N, "logvar", "logvar"), Question("kl", N, S, "logvar", "logvar"), Question("kl", D, D)),
    *(Question("kl", D, S, "logvar", "logvar"), Question("kl", D, S, "logvar", "logvar", dim=3)),
    *(Question("kl", D, S, "logvar", "logvar", dim=3, unit="bits"), Question("kl", "poisson", "poisson")),
    *(Question("kl", "gamma", "gamma"), Question("kl", "exponential", "exponential")),
]
OF_TWO_FAMILIES = Question("kl", "gamma", "exponential", "mean", "mean")
WITHOUT_FUNCTION = [
    *(Question("kl", S, S), Question("kl", "exponential", N), Question("entropy", N), Question("asymmetry", N, N)),
    Question("kl", N, N, "std", "logvar"),
]


def array_checks(derivation, points):
    """Return the checks of the array function alone, at the points of `verify`."""
    return list(check_arrays(mpmath.MPContext(), derivation, draw(derivation.question, points, seed=0)))


@pytest.mark.parametrize("question", [*WITH_FUNCTION, OF_TWO_FAMILIES], ids=lambda v: v.name)
def test_array_functions_agree_with_the_closed_form(question):
    found = array_checks(derive(question), points=4)
    assert len(found) == (1 if question is OF_TWO_FAMILIES else 1 + len(NEAR))
    for check in found:
        assert check.status == "agree", check
        assert check.ulps <= array_formula(question).eps <= MOST_ULPS
        assert check.digits is None
        assert check.detail.startswith("kl_")


def test_the_report_has_the_checks_of_the_kernel_and_the_worst_of_their_ulps():
    derivation = derive(Question("kl", N, N))
    report = verify(derivation, digits=10, points=2, stages=False)
    found = [c for c in report.checks if c.route == "array function"]
    assert found == array_checks(derivation, points=2)
    assert report.ulps == max(c.ulps for c in found)


@pytest.mark.parametrize("question", WITHOUT_FUNCTION, ids=lambda c: c.name)
def test_where_there_is_no_array_function_the_route_is_absent(question):
    assert array_formula(question) is None
    assert array_checks(derive(question), points=1) == []


def textbook(_formula, arguments, axis, **_):
    mu, logvar = arguments.values()
    return -np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=axis) / 2


def test_the_textbook_formula_fails_near_equal_laws_only(monkeypatch):
    monkeypatch.setattr(arrays, "value", textbook)
    at_points, *near = array_checks(derive(Question("kl", D, S, "logvar", "logvar")), points=3)
    assert at_points.status == "agree"
    assert [c.status for c in near] == ["disagree"] * len(NEAR)
    assert all(c.ulps > 1e4 for c in near)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_finite_disagrees(monkeypatch, value):
    monkeypatch.setattr(arrays, "value", lambda _, given, *a, **k: np.full_like(given["mu_1"], value))
    assert {c.status for c in array_checks(derive(Question("kl", N, N)), points=2)} == {"disagree"}
    assert verify(derive(Question("kl", N, N)), digits=10, points=1, stages=False).status == "disagree"


def test_a_wrong_closed_form_disagrees():
    right = derive(Question("kl", N, N))
    *steps, last = right.steps
    wrong = replace(right, steps=(*steps, replace(last, after=last.after * (1 + Fraction(1, 10**12)))))
    assert {c.status for c in array_checks(wrong, points=2)} == {"disagree"}


def test_a_command_does_not_start_numba_for_a_few_numbers():
    code = (
        "import sys; from kl_symbolic.cli import main; "
        "sys.argv[1:] = ['verify', 'poisson', 'poisson', '--points', '1']; main(); "
        "from kl_symbolic import numeric; numeric.kl_normal(1.0, 1.0, 0.0, 1.0); print('numba' in sys.modules)"
    )
    found = {
        wanted: subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True).stdout
        for wanted, environment in (("left off", ENVIRONMENT), ("asked for", ENVIRONMENT | {"KL_SYMBOLIC_NUMBA": "1"}))
    }
    assert found["left off"].endswith("\nFalse\n")
    if find_spec("numba"):
        assert found["asked for"].endswith("\nTrue\n")
