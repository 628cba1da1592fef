"""The array kernels agree with the closed form at the rounded parameters, also where P is near Q."""

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

from kl_symbolic import numeric
from kl_symbolic.checks import verify
from kl_symbolic.checks.arrays import NEAR, check_kernel, kernel_for
from kl_symbolic.engine import derive
from kl_symbolic.families import all_families
from kl_symbolic.numbers import draw
from kl_symbolic.proof.question import Question

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "KL_SYMBOLIC_NUMBA"}
N, S, D = "normal", "standard_normal", "diagonal_normal"
WITH_KERNEL = [
    (Question("kl", N, N), "kl_normal"),
    (Question("kl", N, N, unit="bits"), "kl_normal"),
    (Question("kl", N, S), "kl_normal"),
    (Question("kl", S, N), "kl_normal"),
    (Question("kl", S, S), "kl_normal"),
    (Question("kl", N, N, "logvar", "logvar"), "kl_diag_normal"),
    (Question("kl", S, N, "logvar", "logvar"), "kl_diag_normal"),
    (Question("kl", N, S, "logvar", "logvar"), "kl_standard_normal"),
    (Question("kl", D, D, "logvar", "logvar"), "kl_diag_normal"),
    (Question("kl", D, S, "logvar", "logvar"), "kl_standard_normal"),
    (Question("kl", D, S, "logvar", "logvar", dim=3), "kl_standard_normal"),
    (Question("kl", D, S, "logvar", "logvar", dim=3, unit="bits"), "kl_standard_normal"),
]
WITHOUT_KERNEL = [
    Question("kl", N, N, "var", "var"),
    Question("kl", D, D),
    Question("kl", "poisson", "poisson"),
    Question("kl", "exponential", N),
    Question("entropy", N),
    Question("asymmetry", N, N),
]


def kernel_checks(derivation, points):
    """Return the checks of the array kernel alone, at the points of `verify`."""
    return list(check_kernel(mpmath.MPContext(), derivation, draw(derivation.question, points, seed=0)))


@pytest.mark.parametrize(("question", "name"), WITH_KERNEL, ids=lambda v: getattr(v, "name", v))
def test_kernels_agree_with_the_closed_form(question, name):
    found = kernel_checks(derive(question), points=4)
    assert len(found) == (1 if question == Question("kl", S, S) else 1 + len(NEAR))
    for check in found:
        assert check.status == "agree", check
        assert check.ulps <= 16
        assert check.digits is None
        assert check.detail.startswith(name)


def test_the_report_has_the_checks_of_the_kernel_and_the_worst_of_their_ulps():
    derivation = derive(Question("kl", N, N))
    report = verify(derivation, digits=10, points=2, stages=False)
    found = [c for c in report.checks if c.route == "array kernel"]
    assert found == kernel_checks(derivation, points=2)
    assert report.ulps == max(c.ulps for c in found)


@pytest.mark.parametrize("question", WITHOUT_KERNEL, ids=lambda c: c.name)
def test_where_there_is_no_kernel_the_route_is_absent(question):
    assert kernel_for(question) is None
    assert kernel_checks(derive(question), points=1) == []


def test_every_kernel_that_a_family_names_exists():
    names = [name for family in all_families().values() for name in family.array_kernels.values()]
    assert names
    assert all(callable(getattr(numeric, name)) for name in names)


def textbook(mu, logvar, axis=-1):
    return -np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=axis) / 2


def test_the_textbook_formula_fails_near_equal_laws_only(monkeypatch):
    monkeypatch.setattr(numeric, "kl_standard_normal", textbook)
    at_points, *near = kernel_checks(derive(Question("kl", D, S, "logvar", "logvar")), points=3)
    assert at_points.status == "agree"
    assert [c.status for c in near] == ["disagree"] * len(NEAR)
    assert all(c.ulps > 1e4 for c in near)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_finite_disagrees(monkeypatch, value):
    monkeypatch.setattr(numeric, "kl_normal", lambda *a: np.full_like(a[0], value))
    assert {c.status for c in kernel_checks(derive(Question("kl", N, N)), points=2)} == {"disagree"}
    assert verify(derive(Question("kl", N, N)), digits=10, points=1, stages=False).status == "disagree"


def test_a_wrong_closed_form_disagrees_with_the_kernel():
    right = derive(Question("kl", N, N))
    *steps, last = right.steps
    wrong = replace(right, steps=(*steps, replace(last, after=last.after * (1 + Fraction(1, 10**12)))))
    assert {c.status for c in kernel_checks(wrong, points=2)} == {"disagree"}


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
