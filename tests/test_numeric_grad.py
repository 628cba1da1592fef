"""The gradients of array functions against those that are proved, with digits to spare."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import mpmath
import numpy as np
import pytest
from numeric_draws import DISTANCES, DTYPES, draw_normal, pairs
from numeric_exact import EPS_ALLOWED, exactly, proved_value
from numeric_laws import Laws, proved

from kl_symbolic import numeric
from kl_symbolic.engine import derive
from kl_symbolic.errors import RequestError
from kl_symbolic.kernel import prove
from kl_symbolic.proof.question import Question

pytestmark = pytest.mark.usefixtures("backend")

NEAR_AND_FAR = pairs({dtype: [None, *row] for dtype, row in DISTANCES.items()})
SHAPE = (40, 3)
CANCELLED = 1000  # digits: in the extremes the closed forms cancel, up to all of e^700


@dataclass(frozen=True)
class Kernel:
    name: str
    laws: Laws
    question: Question

    def __post_init__(self):
        for field, function in [("value", ""), ("grad", "_grad"), ("both", "_value_and_grad")]:
            object.__setattr__(self, field, getattr(numeric, f"kl_{self.name}{function}"))


NORMAL = Kernel("normal", proved("normal", "normal", "std"), Question("gradient", "normal", "normal"))
DIAGONAL = Kernel(
    "diag_normal",
    proved("normal", "normal", "logvar"),
    Question("gradient", "diagonal_normal", "diagonal_normal", "logvar", "logvar", dim=3),
)
STANDARD = Kernel(
    "standard_normal",
    proved("normal", "standard_normal", "logvar"),
    Question("gradient", "diagonal_normal", "standard_normal", "logvar", "logvar", dim=3),
)
KERNELS = [
    pytest.param(NORMAL, id="normal"),
    pytest.param(DIAGONAL, id="diagonal"),
    pytest.param(STANDARD, id="standard"),
]


def draw(kernel, dtype, distance=None):
    return draw_normal(kernel.value, dtype, distance, SHAPE, seed=3)


def assert_accurate(kernel, *parameters, eps_allowed=EPS_ALLOWED, digits=100):
    """Compare each entry with the exact value; where two terms cancel, the error may be relative to their sizes."""
    info = np.finfo(parameters[0].dtype)
    gradient = kernel.grad(*parameters)
    with mpmath.workdps(digits):
        for index in np.ndindex(parameters[0].shape):
            exact = kernel.laws.gradient(*(exactly(v[index]) for v in parameters))
            for component, (total, size) in zip(gradient, exact, strict=True):
                got = component[index]
                assert component.dtype == info.dtype
                if abs(total) > info.max:
                    assert got == mpmath.sign(total) * np.inf, (index, total)
                    continue
                allowed = eps_allowed * exactly(info.eps) * size + 4 * exactly(info.smallest_subnormal)
                assert abs(exactly(got) - total) <= allowed, (index, total)


@pytest.mark.sample(24)
@pytest.mark.parametrize(("dtype", "distance"), NEAR_AND_FAR)
@pytest.mark.parametrize("kernel", KERNELS)
def test_agrees_with_what_is_proved_near_and_far(kernel, dtype, distance):
    assert_accurate(kernel, *draw(kernel, dtype, distance))


def test_the_comparison_is_able_to_fail():
    with pytest.raises(AssertionError):
        assert_accurate(DIAGONAL, *draw(DIAGONAL, np.float64), eps_allowed=0.1)


@pytest.mark.parametrize(
    "parameters",
    [
        (1e150, 1.0, -1e150, 1.0),
        (1.5e308, 1.0, -1.5e308, 1e300),  # the difference of the means overflows, the derivatives do not
        (0.0, 1e-300, 0.0, 1e300),
        (0.0, 1e300, 0.0, 1e-300),
        (0.0, 1e308, 0.0, 1e150),  # the square of the ratio overflows, the derivatives do not
        (0.0, 1e300, 0.0, 1.1e300),
        (1e-160, 1e-310, 0.0, 1e-300),
        (0.02e-310, 1e-310, 0.0, 1e-310),
        (1e-320, 1e-320, 3e-320, 2e-320),
        (1e300, 1.0, 0.0, 1e200),
    ],
)
def test_is_accurate_in_the_extremes_of_the_scale(parameters):
    assert_accurate(NORMAL, *(np.array([v]) for v in parameters), digits=CANCELLED)


@pytest.mark.parametrize(
    "parameters",
    [
        (0.0, 350.123, 0.0, -340.456),  # the rounding error of the difference, magnified 690-fold
        (0.0, -700.0, 0.0, 700.0),
        (0.0, 710.4, 0.0, 0.0),  # the exponential overflows, half of it does not
        (1e150, 700.0, -1e150, 699.9),
        (1e300, 650.0, 0.0, 800.0),  # 1/sigma_2^2 underflows, the derivatives do not
        (1e-300, -700.0, 0.0, -800.0),
        (0.0, -1e4, 0.0, -1e4 + 1),
        (5e-324, 5e-324, 0.0, 0.0),
    ],
)
def test_is_accurate_in_the_extremes_of_the_log_variance(parameters):
    assert_accurate(DIAGONAL, *(np.array([v]) for v in parameters), digits=CANCELLED)
    if parameters[2:] == (0.0, 0.0):
        assert_accurate(STANDARD, *(np.array([v]) for v in parameters[:2]), digits=CANCELLED)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_is_zero_where_the_laws_are_equal(kernel, dtype):
    first = draw(kernel, dtype)[:2]
    parameters = [0 * v for v in first] if kernel is STANDARD else [*first, *first]
    for component in kernel.grad(*parameters):
        np.testing.assert_array_equal(component, 0)


@pytest.mark.sample(4)
@pytest.mark.parametrize("distance", [None, 1e-4])
@pytest.mark.parametrize("kernel", KERNELS)
def test_computes_what_is_proved(kernel, distance):
    derivation = derive(kernel.question)
    assert prove(derivation).statement == derivation.statement
    names = [name for name in inspect.signature(kernel.grad).parameters if name != "options"]
    parameters = draw(kernel, np.float64, distance)
    if kernel is NORMAL:
        parameters = [v[:, 0] for v in parameters]
    gradient = np.array(kernel.grad(*parameters))
    for row in range(5):
        named = dict(zip(names, parameters, strict=True))
        proved = [proved_value(formula, named, row) for formula in derivation.statement.right.args]
        got = gradient[:, row].ravel()
        # Two terms may cancel in the last parameter; the draws keep that to a factor of 20.
        allowed = [20 * EPS_ALLOWED * np.finfo(float).eps * abs(v) for v in proved]
        assert len(proved) == len(got)
        for one, other, bound in zip(got, proved, allowed, strict=True):
            assert abs(float(one) - other) <= bound


@pytest.mark.parametrize(("dtype", "distance"), NEAR_AND_FAR)
@pytest.mark.parametrize("kernel", KERNELS)
def test_value_and_gradient_are_those_of_the_single_functions(kernel, dtype, distance):
    parameters = draw(kernel, dtype, distance)
    value, gradient = kernel.both(*parameters)
    np.testing.assert_allclose(value, kernel.value(*parameters), rtol=2 * EPS_ALLOWED * np.finfo(dtype).eps)
    assert value.dtype == dtype
    for one, other in zip(gradient, kernel.grad(*parameters), strict=True):
        np.testing.assert_allclose(one, other, rtol=2 * EPS_ALLOWED * np.finfo(dtype).eps)


@pytest.mark.parametrize("kernel", KERNELS)
def test_components_have_the_broadcast_shape_and_may_be_written_to(kernel):
    width = SHAPE[1]
    parameters = [v if k == 0 else v[0] for k, v in enumerate(draw(kernel, np.float64))]
    whole = [v.copy() for v in np.broadcast_arrays(*parameters)]
    value, gradient = kernel.both(*parameters)
    assert value.shape == (SHAPE if kernel is NORMAL else SHAPE[:1])
    for one, other in zip(gradient, kernel.grad(*whole), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.shape == SHAPE
        one[0, width - 1] = 1.0
    assert not any(np.shares_memory(one, v) for one in gradient for v in parameters)


def test_single_numbers_give_single_numbers():
    assert all(isinstance(component, np.float64) for component in NORMAL.grad(1, 1, 0, 2))
    assert all(isinstance(component, np.float32) for component in STANDARD.grad(np.float32(1), np.float32(1)))
    value, gradient = NORMAL.both(1, 1, 0, 2)
    assert isinstance(value, np.float64)
    assert len(gradient) == 4


@pytest.mark.parametrize("kernel", KERNELS)
def test_nan_spoils_its_own_entries_only(kernel):
    clean = draw(kernel, np.float64)
    for k in range(len(clean)):
        spoilt = [v.copy() for v in clean]
        spoilt[k][2, 1] = np.nan
        value, gradient = kernel.both(*spoilt)
        assert np.isnan(value[2]).any()
        assert np.isnan(value).sum() == 1
        assert np.isnan([component[2, 1] for component in gradient]).any()
        for one, other in zip(gradient, kernel.grad(*clean), strict=True):
            one[2, 1] = other[2, 1]
            np.testing.assert_allclose(one[2], other[2], rtol=EPS_ALLOWED * 2.0**-52)  # by another formula
            one[2] = other[2]
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("function", [numeric.kl_normal_grad, numeric.kl_normal_value_and_grad])
def test_parameters_are_checked(function):
    with pytest.raises(RequestError, match=r"^sigma_2 must be positive; got -1\.0$"):
        function(0, 1, 0, -1)
