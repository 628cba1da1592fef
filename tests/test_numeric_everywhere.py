"""The same numbers in long rows, in several threads that call at once, and in other processes."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys
from ast import literal_eval
from fractions import Fraction

import numpy as np
import pytest
from numeric_exact import EPS_ALLOWED

from kl_symbolic.code.operations import argument, call
from kl_symbolic.numeric import entropy_discrete, kl, kl_discrete, kl_standard_normal, kl_value_and_grad
from kl_symbolic.numeric.laws import formula_for

THREADS = """
import threading, time
from kl_symbolic.numeric import kl

def call():
    try:
        found.append(float(kl("exponential", "exponential", lambda_1=[1.0, 1.0], lambda_2=2.0)[0]))
    except Exception as error:
        found.append(repr(error))

found, threads = [], [threading.Thread(target=call) for _ in range(40)]
for thread in threads:
    thread.start()
    time.sleep(0.05)
for thread in threads:
    thread.join()
print(set(found))
"""


@pytest.mark.slow  # it compiles anew
def test_threads_may_be_the_first_to_call(tmp_path):
    pytest.importorskip("numba")
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, env=environment)
    assert done.stdout, done.stderr
    (value,) = literal_eval(done.stdout)  # one, whichever thread compiles
    assert value == pytest.approx(1 - math.log(2), rel=EPS_ALLOWED * 2.0**-52)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("width", [10**6, pytest.param(10**7, marks=pytest.mark.slow)])
def test_long_rows_of_equal_terms_keep_their_digits(width):
    """Sums of blocks that are added one after the other all round the same way."""
    for value in (0.1, 0.7, 3.3, 9.9):
        got = kl_standard_normal(np.full(width, value), 0.0)
        exact = width * Fraction(value) ** 2 / 2
        assert abs(Fraction(float(got)) - exact) <= EPS_ALLOWED * Fraction(2) ** -52 * exact
    width -= width // 7  # no power of two in it
    p = np.full(width, 1 / width)
    assert kl_discrete(p, p) == 0
    assert entropy_discrete(p) == pytest.approx(np.log(width), rel=EPS_ALLOWED * 2.0**-52)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_operations_and_programs_may_be_copied_and_sent(way):
    node = call("expm1mx", argument("t")) / 2
    assert way(node) is node
    program = formula_for("gamma", "gamma").value.program
    assert way(program) == program


def test_lazy_arrays_may_be_sent_to_other_processes():
    da = pytest.importorskip("dask.array")
    cloudpickle = pytest.importorskip("cloudpickle")
    mu = np.random.default_rng(1).normal(size=(6, 3))
    lazy = da.from_array(mu, (2, 3))
    for result, right in (
        (kl_standard_normal(lazy, 0.5), kl_standard_normal(mu, 0.5)),
        (kl("normal", "normal", mu_1=lazy, sigma_1=1, mu_2=0, sigma_2=2), kl_of(mu)),
        (kl_value_and_grad("normal", "normal", mu_1=lazy, sigma_1=1, mu_2=0, sigma_2=2)[1]["mu_1"], mu / 4),
    ):
        sent = pickle.loads(cloudpickle.dumps(result))
        np.testing.assert_allclose(sent.compute(scheduler="synchronous"), right, rtol=1e-15)


def kl_of(mu):
    return kl("normal", "normal", mu_1=mu, sigma_1=1, mu_2=0, sigma_2=2)


@pytest.mark.parametrize(
    ("dtype", "huge", "large"), [(np.float64, -1e308, 1e300), (np.float32, -3e38, 1e30)], ids=["double", "single"]
)
def test_no_slope_of_finite_parameters_is_nan(dtype, huge, large):
    """The double of a logarithm overflows before the difference does."""
    point = {"mu_1": 1.0, "logstd_1": huge, "mu_2": 0.0, "logstd_2": large}
    value, slopes = kl_value_and_grad("normal", "normal", param="logstd", **{k: dtype(v) for k, v in point.items()})
    assert value == dtype(large) - dtype(huge) or value == np.inf
    assert (slopes["logstd_1"], slopes["logstd_2"]) == (-1, 1)


@pytest.mark.parametrize(
    ("laws", "equal"),
    [
        ("normal", {"mu": 1e7, "sigma": 1e-8}),
        ("poisson", {"lambda": 1e-300}),
    ],
)
def test_equal_laws_that_are_not_ordinary_are_not_computed_again(monkeypatch, laws, equal):
    def computed_again(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr("kl_symbolic.code.decimals.in_floats", computed_again)
    parameters = {f"{name}_{k}": value for name, value in equal.items() for k in (1, 2)}
    assert kl(laws, laws, **parameters) == 0
