"""The array kernels against the textbook's closed forms with digits to spare, and against those that are proved."""

from __future__ import annotations

import inspect
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from kl_symbolic.engine import derive
from kl_symbolic.errors import RequestError
from kl_symbolic.kernel import prove
from kl_symbolic.numeric import in_bits, kl_diag_normal, kl_normal, kl_standard_normal
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import ordinary

pytestmark = pytest.mark.usefixtures("backend")

EPS_ALLOWED = 16  # the accuracy contract of the package
DISTANCES = {np.float64: [10.0**-k for k in range(1, 13)], np.float32: [10.0**-k for k in range(1, 7)]}
NEARLY_EQUAL = [(dtype, distance) for dtype, distances in DISTANCES.items() for distance in distances]
DTYPES = [np.float64, np.float32]
ROWS = 60


def exact_normal(mu_1, sigma_1, mu_2, sigma_2):
    mu_1, sigma_1, mu_2, sigma_2 = (mpmath.mpf(float(v)) for v in (mu_1, sigma_1, mu_2, sigma_2))
    half = mpmath.mpf(1) / 2
    return mpmath.log(sigma_2 / sigma_1) + (sigma_1**2 + (mu_1 - mu_2) ** 2) / (2 * sigma_2**2) - half


def exact_diag_normal(mu_1, logvar_1, mu_2, logvar_2):
    total = mpmath.mpf(0)
    for row in zip(mu_1, logvar_1, mu_2, logvar_2, strict=True):
        m_1, v_1, m_2, v_2 = (mpmath.mpf(float(v)) for v in row)
        total += (v_2 - v_1 + mpmath.exp(v_1 - v_2) + (m_1 - m_2) ** 2 * mpmath.exp(-v_2) - 1) / 2
    return total


def exact_standard_normal(mu, logvar):
    return exact_diag_normal(mu, logvar, 0 * mu, 0 * logvar)


KERNELS = {kl_normal: exact_normal, kl_diag_normal: exact_diag_normal, kl_standard_normal: exact_standard_normal}


def assert_accurate(kernel, *parameters):
    """Compare each row with the exact value: infinite beyond the dtype's range, one subnormal off below it."""
    got = np.atleast_1d(kernel(*parameters))
    info = np.finfo(parameters[0].dtype)
    assert got.dtype == info.dtype
    with mpmath.workdps(120):  # the textbook formula cancels up to 52 of them
        for row, value in zip(zip(*parameters, strict=True), got, strict=True):
            exact = KERNELS[kernel](*row)
            if exact > info.max:
                assert value == np.inf, row
                continue
            allowed = EPS_ALLOWED * mpmath.mpf(float(info.eps)) * exact + mpmath.mpf(float(info.smallest_subnormal))
            assert np.isfinite(value), row
            assert value >= 0, row
            assert abs(mpmath.mpf(float(value)) - exact) <= allowed, row


def draw(kernel, dtype, distance=None, width=3):
    """Parameters of an array of laws; Q at the given relative distance from P, or independent of it."""
    random = np.random.default_rng(ROWS)
    shape = (ROWS,) if kernel is kl_normal else (ROWS, width)
    location, scale = random.normal(0, 3, shape), random.normal(0, 2, shape)
    if kernel is kl_normal:
        scale = np.exp(scale)
    if kernel is kl_standard_normal:
        laws = [location, scale] if distance is None else [distance * location, distance * scale]
    elif distance is None:
        laws = [location, scale, location[::-1] + 1, scale[::-1]]
    else:
        near = [v * (1 + distance * random.uniform(-1, 1, shape)) for v in (location, scale)]
        laws = [location, scale, *near]
    return [v.astype(dtype) for v in laws]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_agrees_with_the_textbook(kernel, dtype):
    assert_accurate(kernel, *draw(kernel, dtype))


@pytest.mark.parametrize(("dtype", "distance"), NEARLY_EQUAL)
@pytest.mark.parametrize("kernel", KERNELS)
def test_is_accurate_when_p_is_nearly_q(kernel, dtype, distance):
    assert_accurate(kernel, *draw(kernel, dtype, distance))


@pytest.mark.parametrize("dtype", DTYPES)
def test_is_accurate_on_both_sides_of_every_switch(dtype):
    log_ratios = np.array(
        [c + d for c in (-1, -0.7, -0.5, -0.4, 0.4, 0.5, 0.7, 1) for d in np.linspace(-0.02, 0.02, 9)]
    )
    zeros, sigma_2 = np.zeros_like(log_ratios), np.full_like(log_ratios, 0.7)
    assert_accurate(kl_normal, *(v.astype(dtype) for v in (zeros, sigma_2 * np.exp(log_ratios), zeros, sigma_2)))
    mu, logvar = zeros[:, None].astype(dtype), 2 * log_ratios[:, None].astype(dtype)
    assert_accurate(kl_standard_normal, mu, logvar)
    assert_accurate(kl_diag_normal, mu, logvar + dtype(0.3), mu, mu + dtype(0.3))


@pytest.mark.parametrize(
    "parameters",
    [
        (1e150, 1.0, -1e150, 1.0),
        (1e160, 1.0, 0.0, 1.0),  # overflows, as it should
        (1e160, 1.0, 0.0, 1e10),
        (1.5e308, 1.0, -1.5e308, 1e300),  # the difference of the means overflows, the divergence does not
        (0.0, 1e-300, 0.0, 1e300),  # the ratio of the scales underflows
        (0.0, 1e300, 0.0, 1e-300),
        (0.0, 1.8e154, 0.0, 1.0),  # the square of the ratio overflows, half of it does not
        (0.0, 5e-324, 0.0, 1e-320),
        (1e-320, 1e-320, 3e-320, 2e-320),
        (0.0, 1.0, 0.0, 1e9),
    ],
)
def test_is_accurate_in_the_extremes_of_the_scale(parameters):
    assert_accurate(kl_normal, *(np.array([v]) for v in parameters))


@pytest.mark.parametrize(
    "parameters",
    [
        (0.0, 350.123, 0.0, -340.456),  # the rounding error of the difference, magnified 690-fold
        (0.0, -700.0, 0.0, 700.0),
        (0.0, 700.0, 0.0, -700.0),
        (1e150, 700.0, -1e150, 699.9),
        (1e300, 1500.0, 0.0, 1500.0),  # 1/sigma_2 underflows, the divergence does not
        (1e-300, -1500.0, 0.0, -1500.0),
        (0.0, -1e4, 0.0, -1e4 + 1),
        (0.0, -1e308, 0.0, 1e308),
        (0.0, 1e308, 0.0, -1e308),
        (0.0, 710.4, 0.0, 0.0),  # the exponential overflows, half of it does not
    ],
)
def test_is_accurate_in_the_extremes_of_the_log_variance(parameters):
    assert_accurate(kl_diag_normal, *(np.array([[v]]) for v in parameters))


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_underflows_is_rounded_up_for_zero_says_that_the_laws_are_equal(dtype):
    smallest, zero = np.finfo(dtype).smallest_subnormal, dtype(0)
    assert kl_normal(smallest, dtype(1), zero, dtype(1)) == smallest
    assert kl_standard_normal([zero, zero], [zero, smallest]) == smallest
    assert kl_diag_normal([zero], [smallest], zero, zero) == smallest


reals = st.floats(-1e150, 1e150)
scales = st.floats(1e-150, 1e150)
log_variances = st.floats(-700, 700)


@given(reals, scales, reals, scales)
def test_is_never_negative_and_zero_only_for_equal_laws(mu_1, sigma_1, mu_2, sigma_2):
    value = kl_normal(mu_1, sigma_1, mu_2, sigma_2)
    assert value >= 0
    assert (value == 0) == ((mu_1, sigma_1) == (mu_2, sigma_2))
    assert kl_normal(mu_1, sigma_1, mu_1, sigma_1) == 0


@given(st.lists(st.tuples(reals, log_variances, reals, log_variances), min_size=1, max_size=4))
def test_sums_are_never_negative_and_zero_only_for_equal_laws(rows):
    mu_1, logvar_1, mu_2, logvar_2 = np.array(rows).T
    value = kl_diag_normal(mu_1, logvar_1, mu_2, logvar_2)
    assert value >= 0
    assert (value == 0) == (np.array_equal(mu_1, mu_2) and np.array_equal(logvar_1, logvar_2))
    assert kl_diag_normal(mu_1, logvar_1, mu_1, logvar_1) == 0
    assert (kl_standard_normal(mu_1, logvar_1) == 0) == (not mu_1.any() and not logvar_1.any())


@given(reals, log_variances)
def test_standard_normal_agrees_with_the_general_kernel(mu, logvar):
    general = kl_diag_normal([mu], [logvar], 0.0, 0.0)
    assume(np.isfinite(general))
    assert kl_standard_normal([mu], [logvar]) == pytest.approx(general, rel=1e-14)


@given(st.tuples(st.integers(0, 3), st.integers(1, 3)), st.integers(0, 15))
def test_broadcasts_as_numpy_does(shape, which):
    random = np.random.default_rng(which)
    arrays = [np.exp(random.normal(size=shape if which >> k & 1 else shape[1:])) for k in range(4)]
    whole = np.broadcast_arrays(*arrays)
    np.testing.assert_array_equal(kl_normal(*arrays), kl_normal(*whole))
    np.testing.assert_array_equal(kl_diag_normal(*arrays), kl_diag_normal(*whole))
    assert kl_normal(*arrays).shape == whole[0].shape


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_memory_layout_changes_nothing(kernel, dtype):
    parameters = draw(kernel, dtype, width=300)
    value = kernel(*parameters)
    spaced = [np.repeat(v, 2, axis=0)[::2] for v in parameters]
    np.testing.assert_array_equal(kernel(*spaced), value)
    np.testing.assert_array_equal(kernel(*(v[::-1] for v in parameters))[::-1], value)
    np.testing.assert_array_equal(kernel(*(np.asfortranarray(v) for v in parameters)), value)
    np.testing.assert_array_equal(kernel(*(v[:7] for v in parameters)), value[:7])
    if kernel is not kl_normal:
        np.testing.assert_array_equal(kernel(*(v.T for v in parameters), axis=0), value)


@pytest.mark.parametrize("kernel", [kl_diag_normal, kl_standard_normal])
def test_long_sums_lose_no_digits_along_any_axis(kernel):
    parameters = [np.repeat(v[:, :1], 200, axis=0) for v in draw(kernel, np.float32)]
    assert_accurate(kernel, *(v.T for v in parameters))
    np.testing.assert_array_equal(kernel(*parameters, axis=0), kernel(*(v.T for v in parameters), axis=1))


@pytest.mark.parametrize("kernel", KERNELS)
def test_nan_spoils_its_own_row_only(kernel):
    clean = draw(kernel, np.float64)
    for k in range(len(clean)):
        spoilt = [v.copy() for v in clean]
        spoilt[k][2] = np.nan
        expected = kernel(*clean).copy()
        expected[2] = np.nan
        np.testing.assert_array_equal(kernel(*spoilt), expected)


def test_single_numbers_give_single_numbers_and_empty_arrays_empty_ones():
    assert isinstance(kl_normal(1, 1, 0, 1), np.float64)
    assert isinstance(kl_normal(*np.ones(4, np.float32)), np.float32)
    assert isinstance(kl_standard_normal([1.0], [0.0]), np.float64)
    assert kl_normal([], 1.0, 0.0, 1.0).shape == (0,)
    assert kl_standard_normal(np.ones((0, 3)), 0.0).shape == (0,)
    np.testing.assert_array_equal(kl_standard_normal(np.ones((3, 0)), 0.0), np.zeros(3))


def test_python_numbers_do_not_promote_and_integers_become_float64():
    assert kl_normal(np.ones(2, np.float32), 1.0, 0, 1).dtype == np.float32
    assert kl_normal(np.ones(2, np.float32), np.ones(2), 0, 1).dtype == np.float64
    assert kl_normal(np.array([100], np.int8), 1, np.array([-100], np.int8), 1) == 200**2 / 2
    assert kl_normal(2**70, 1, 0, 1) == 2.0**139
    assert in_bits(np.ones(2, np.float32)).dtype == np.float32


def test_arguments_are_left_alone():
    parameters = draw(kl_diag_normal, np.float64, 1e-3)
    copies = [v.copy() for v in parameters]
    kl_diag_normal(*parameters)
    np.testing.assert_array_equal(parameters, copies)


def test_bits_are_nats_over_log_2():
    np.testing.assert_array_equal(in_bits([np.log(2), 0.0, np.inf, np.nan]), [1.0, 0.0, np.inf, np.nan])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kl_normal(0, -1, 0, 1), "sigma_1 must be positive; got -1.0"),
        (lambda: kl_normal(0, 1, 0, [[1, 2], [0, 3]]), "sigma_2 must be positive; got 0.0 at index (1, 0)"),
        (lambda: kl_normal(np.float32(0), 1e-60, 0, 1), "sigma_1 must be positive; got 0.0 in float32"),
        (lambda: kl_normal(np.inf, 1, 0, 1), "mu_1 must be finite; got inf"),
        (lambda: kl_diag_normal(0, 0, 0, [0, -np.inf]), "logvar_2 must be finite; got -inf at index (1,)"),
        (
            lambda: kl_normal([1, 2], 1, [1, 2, 3], 1),
            "the shapes of the parameters do not broadcast: mu_1 (2,), sigma_1 (), mu_2 (3,), sigma_2 ()",
        ),
        (lambda: kl_normal("a", 1, 0, 1), "mu_1 must be an array of real numbers; got the dtype <U1"),
        (lambda: kl_normal(None, 1, 0, 1), "mu_1 must be an array of real numbers; got the dtype object"),
        (lambda: kl_normal(0, 1j, 0, 1), "sigma_1 must be an array of real numbers; got the dtype complex128"),
        (
            lambda: kl_standard_normal([[1], [1, 2]], 0),
            "mu must be an array of real numbers; got nested lists of unequal lengths",
        ),
        (lambda: kl_normal(10**400, 1, 0, 1), "mu_1 must lie within the range of float64; got an integer beyond it"),
        (
            lambda: kl_standard_normal([1.0], 0.0, axis=1),
            "axis must be one of the axes of the parameters; got 1 for the shape (1,)",
        ),
        (
            lambda: kl_standard_normal(1.0, 0.0),
            "axis must be one of the axes of the parameters; got -1 for the shape (); single numbers have no axis",
        ),
    ],
)
def test_an_error_names_the_argument_and_the_value(call, message):
    with pytest.raises(RequestError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("distance", [None, 1e-4])
@pytest.mark.parametrize(
    ("kernel", "claim"),
    [
        (kl_normal, Claim("kl", "normal", "normal")),
        (kl_diag_normal, Claim("kl", "diagonal_normal", "diagonal_normal", "logvar", dim=3)),
        (kl_standard_normal, Claim("kl", "diagonal_normal", "standard_normal", "logvar", dim=3)),
    ],
)
def test_computes_what_is_proved(kernel, claim, distance):
    derivation = derive(claim)
    assert prove(derivation).statement == derivation.statement
    formula = ordinary(derivation.statement.right)
    unknowns = formula.atoms(sympy.Indexed) or formula.free_symbols
    parameters = dict(zip(inspect.signature(kernel).parameters, draw(kernel, np.float64, distance), strict=False))
    for row in range(5):
        values = {unknown: entry(parameters, row, str(unknown)) for unknown in unknowns}
        exact = formula.xreplace(values).evalf(60)
        got = sympy.Float(float(kernel(*(v[row] for v in parameters.values()))), 60)
        assert abs(got - exact) <= EPS_ALLOWED * np.finfo(float).eps * exact


def entry(parameters, row, unknown):
    """Return the exact value that "mu_1" or "mu_1[2]" has in a row."""
    name, _, index = unknown.rstrip("]").partition("[")
    return sympy.Rational(float(parameters[name][row][int(index) - 1] if index else parameters[name][row]))


@pytest.mark.parametrize(("module", "heavy"), [("kl_symbolic.numeric", False), ("kl_symbolic.engine", True)])
def test_importing_the_kernels_does_not_import_sympy(module, heavy):
    """The second module shows that this check is able to fail."""
    code = f"import sys, {module}; print('sympy' in sys.modules or 'mpmath' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(heavy)


@pytest.mark.parametrize("kernel", [kl_normal, kl_diag_normal])
def test_a_masked_array_is_refused_rather_than_read_without_its_mask(kernel):
    masked = np.ma.MaskedArray([1.0, 2.0], mask=[False, True])
    with pytest.raises(RequestError, match="without a mask"):
        kernel(masked, 1.0, 0.0, 1.0)
