"""The array functions as a whole: light to import, and the values of what is proved."""

from __future__ import annotations

import inspect
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numeric_draws import draw
from numeric_exact import EPS_ALLOWED, proved_value

from kl_symbolic.engine import derive
from kl_symbolic.kernel import prove
from kl_symbolic.numeric import in_bits, kl_diag_normal, kl_normal, kl_standard_normal
from kl_symbolic.proof.question import Question

pytestmark = pytest.mark.usefixtures("backend")


@pytest.mark.parametrize("distance", [None, 1e-4])
@pytest.mark.parametrize(
    ("kernel", "question"),
    [
        (kl_normal, Question("kl", "normal", "normal")),
        (kl_diag_normal, Question("kl", "diagonal_normal", "diagonal_normal", "logvar", "logvar", dim=3)),
        (kl_standard_normal, Question("kl", "diagonal_normal", "standard_normal", "logvar", "logvar", dim=3)),
    ],
)
def test_computes_what_is_proved(kernel, question, distance):
    derivation = derive(question)
    assert prove(derivation).statement == derivation.statement
    parameters = dict(zip(inspect.signature(kernel).parameters, draw(kernel, np.float64, distance), strict=False))
    for row in range(5):
        exact = proved_value(derivation.statement.right, parameters, row)
        got = float(kernel(*(v[row] for v in parameters.values())))
        assert abs(got - exact) <= EPS_ALLOWED * np.finfo(float).eps * exact


@pytest.mark.parametrize(("module", "heavy"), [("kl_symbolic.numeric", False), ("kl_symbolic.engine", True)])
def test_importing_the_kernels_does_not_import_sympy(module, heavy):
    """The second module shows that this check is able to fail."""
    code = f"import sys, {module}; print('sympy' in sys.modules or 'mpmath' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(heavy)


def test_overflow_shows_in_the_result_alone():
    """Whatever NumPy is told to do about it, in several threads at once, and ever after."""
    parameters = np.array([[1e200], [1.0]]), 1.0, 0.0, np.array([[1e-200], [1.0]])

    def call(_):
        with np.errstate(all="raise"):
            value = kl_normal(*parameters)
            return value, np.geterr()

    with ThreadPoolExecutor(4) as pool:
        for value, state in pool.map(call, range(40)):
            np.testing.assert_array_equal(value, [[np.inf], [0.5]])
            assert set(state.values()) == {"raise"}
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        np.exp(np.array([1e4]))


def test_bits_are_nats_over_log_2():
    np.testing.assert_array_equal(in_bits([np.log(2), 0.0, np.inf, np.nan]), [1.0, 0.0, np.inf, np.nan])
