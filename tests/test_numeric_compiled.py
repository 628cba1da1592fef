"""What only the compiled kernels do: constants from a script, threads, compilation."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import mpmath
import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numeric_draws import DTYPES
from numeric_exact import EPS_ALLOWED, EXACT, exactly

from kl_symbolic.numeric import (
    blocks,
    compiled,
    compiled_sums,
    kl_diag_normal,
    kl_diag_normal_value_and_grad,
    kl_discrete,
    kl_normal,
    kl_normal_value_and_grad,
    kl_standard_normal,
    kl_standard_normal_value_and_grad,
)
from kl_symbolic.numeric.constants import EXPONENTIAL
from kl_symbolic.numeric.intrinsics import BATCH, LINE, at, room_like, stream, use_widest_vectors
from scripts import constants as script

ROOT = Path(__file__).parents[1]
GUARD = 12_000  # looks, of 10 ms each: two minutes, after which something hangs, however busy the machine is


@pytest.fixture(autouse=True, scope="module")
def _numba():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "NUMBA", True)
        yield


def test_the_constants_are_those_that_the_script_makes():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "constants.py", "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("function", script.FUNCTIONS, ids=lambda f: f.name)
def test_the_certified_bound_holds_and_is_not_far_off(function):
    coefficients = script.fitted(function, 4, "float64")
    bound = script.certified(function, coefficients)
    with mpmath.workdps(40):
        worst = max(
            abs(
                mpmath.polyval([mpmath.mpf(float(c)) for c in reversed(coefficients)], x)
                - mpmath.nsum(lambda k, x=x: mpmath.mpf(function.coefficient(int(k)).numerator)
                / function.coefficient(int(k)).denominator * x**k, [0, 60])
            )
            for x in mpmath.linspace(float(function.low), float(function.high), 101)
        )  # fmt: skip
        assert worst <= mpmath.mpf(bound.numerator) / bound.denominator <= 2 * worst


def test_a_wrong_coefficient_breaks_the_bound():
    (function,) = (f for f in script.FUNCTIONS if f.name == "EXPONENTIAL")
    coefficients = [Fraction(c) for c in EXPONENTIAL["float64"]]
    eps = float(np.finfo(np.float64).eps)
    assert script.certified(function, coefficients) <= function.allowed(eps)
    coefficients[3] += Fraction(1, 10**14)
    assert script.certified(function, coefficients) > function.allowed(eps)


@pytest.mark.parametrize("dtype", DTYPES)
@given(st.floats(-700, 700))
def test_every_log_variance_is_accurate(dtype, value):
    logvar = dtype(value if dtype == np.float64 else value * 85 / 700)
    with mpmath.workdps(700):  # e^v - 1 - v loses twice as many as v has zeros
        right = (mpmath.exp(exactly(logvar)) - 1 - exactly(logvar)) / 2
        got = kl_standard_normal(np.zeros((1, 1), dtype), np.full((1, 1), logvar))[0]
        allowed = EPS_ALLOWED * float(np.finfo(dtype).eps) * right + float(np.finfo(dtype).smallest_subnormal)
        assert abs(exactly(got) - right) <= allowed


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_whose_terms_do_not_all_wait_in_the_cache_are_accurate(dtype):
    mu, logvar = np.random.default_rng(2).normal(size=(2, 2, 2 * compiled_sums.TERMS + 5)).astype(dtype)
    with mpmath.workdps(40):
        for row, got in enumerate(kl_standard_normal(mu, logvar)):
            right = EXACT[kl_standard_normal](exactly(mu[row]), exactly(logvar[row]))
            assert abs(exactly(got) / right - 1) <= EPS_ALLOWED * exactly(np.finfo(dtype).eps)


def large(dtype, rows=4096, width=150):
    return np.random.default_rng(1).normal(size=(4, rows, width)).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", [kl_diag_normal, kl_standard_normal, kl_normal, kl_discrete])
def test_the_number_of_threads_changes_nothing(monkeypatch, kernel, dtype):
    mu_1, logvar_1, mu_2, logvar_2 = large(dtype)
    parameters = [mu_1, logvar_1] if kernel is kl_standard_normal else [mu_1, logvar_1, mu_2, logvar_2]
    if kernel is kl_normal:
        parameters = [mu_1, np.exp(logvar_1), mu_2, np.exp(logvar_2)]
    if kernel is kl_discrete:
        weights = np.exp(large(np.float64, width=160)[:2])
        parameters = [*(weights / weights.sum(axis=-1, keepdims=True)).astype(dtype)]
    assert sum(v.nbytes for v in parameters) > 3 * compiled.PART
    values = []
    for threads in (1, 2, 3):
        monkeypatch.setattr(compiled.numba.config, "NUMBA_NUM_THREADS", threads)
        values.append(kernel(*parameters))
        np.testing.assert_array_equal(values[-1], values[0])
    np.testing.assert_array_equal(kernel(*(v[:100] for v in parameters)), values[0][:100])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_function_for_small_arrays_changes_nothing(monkeypatch, dtype):
    parameters = [*large(dtype, 120, 60)]
    parameters[1::2] = np.exp(parameters[1::2])
    huge = np.finfo(dtype).max / 4
    for row, special in enumerate(
        [(np.nan, 1, 0, 1), (huge, 1, -huge, 1), (0, huge, 0, 1), (0, 1, 0, 1), (0, 1, 0, huge)]
    ):
        for parameter, value in zip(parameters, special, strict=True):
            parameter[row, row] = value
    layouts = [
        parameters,
        [v.T for v in parameters],
        [v[::-1, ::2] for v in parameters],
        [parameters[0], *(v[3:4, 3:4] for v in parameters[1:])],
        [v[7, 7] for v in parameters],
    ]
    few = [kl_normal(*some) for some in layouts]
    monkeypatch.setattr(blocks, "AT_ONCE", 0)
    for got, some in zip(few, layouts, strict=True):
        np.testing.assert_array_equal(got, kl_normal(*some))
    assert np.isnan(few[0]).sum() == 1
    assert not few[0][3, 3]


def placed(array, offset):
    """Return a copy that begins so many bytes after a line of the cache."""
    space = np.empty(array.nbytes + 2 * LINE, np.uint8)
    begin = -space.ctypes.data % LINE + offset
    copy = space[begin : begin + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "shape",
    [
        (1, 4 * BATCH - 1),
        (3, 331),
        (257, 1),
        (5, 64),
        (1, compiled_sums.TERMS),
        (3, compiled_sums.TERMS + 4 * BATCH + 1),
    ],
)
@pytest.mark.parametrize(
    ("value", "both"),
    [
        (kl_standard_normal, kl_standard_normal_value_and_grad),
        (kl_diag_normal, kl_diag_normal_value_and_grad),
        (kl_normal, kl_normal_value_and_grad),
        (kl_discrete, None),
    ],
)
def test_where_arrays_begin_changes_nothing(value, both, shape, dtype):
    laws = np.random.default_rng(3).normal(size=(2 if value in {kl_standard_normal, kl_discrete} else 4, *shape))
    if value in {kl_discrete, kl_normal}:
        laws = np.exp(laws)
    if value is kl_discrete:
        laws /= laws.sum(axis=-1, keepdims=True)
    laws = laws.astype(dtype)
    size = laws.itemsize
    for offset in range(0, LINE, 3 * size):
        parameters = [placed(law, (offset + 5 * size * k) % LINE) for k, law in enumerate(laws)]
        np.testing.assert_array_equal(value(*parameters), value(*laws))
        if both is None:
            continue
        expected, gradient = both(*laws)
        empty = [placed(np.full_like(v, np.nan), (offset + 7 * size * k) % LINE) for k, v in enumerate(gradient)]
        both(*parameters, out=(np.empty_like(expected), tuple(empty)))
        for got, right in zip(empty, gradient, strict=True):
            np.testing.assert_array_equal(got, right)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3, 331), (1, compiled_sums.TERMS), (2, compiled_sums.TERMS + 1), (400, 64)])
@pytest.mark.parametrize(
    "both", [kl_standard_normal_value_and_grad, kl_diag_normal_value_and_grad, kl_normal_value_and_grad]
)
def test_derivatives_past_the_caches_are_the_same(monkeypatch, both, shape, dtype):
    laws = np.random.default_rng(4).normal(size=(2 if both is kl_standard_normal_value_and_grad else 4, *shape))
    laws = (np.exp(laws) if both is kl_normal_value_and_grad else laws).astype(dtype)
    laws[0].flat[100] = np.nan
    expected, gradient = both(*laws)
    monkeypatch.setattr(compiled, "CACHE", 0)
    for offset in range(0, LINE, laws.itemsize):
        value = placed(np.full_like(expected, np.inf), offset if expected.shape == shape else 0)
        slopes = [placed(np.full_like(v, np.inf), offset) for v in gradient]
        both(*laws, out=(value, tuple(slopes)))
        for got, right in zip([value, *slopes], [expected, *gradient], strict=True):
            np.testing.assert_array_equal(got, right)


def test_large_new_arrays_begin_a_line():
    value, gradient = kl_normal_value_and_grad(*np.ones((4, 1025, 257), np.float32))
    assert not any(v.ctypes.data % LINE for v in (value, *gradient))
    assert all(v.shape == (1025, 257) and v.flags.c_contiguous for v in (value, *gradient))


def test_what_numba_kept_is_not_used_after_a_change_of_any_file():
    folder = Path(compiled_sums.__file__).parent
    names = ("compiled_loops", "compiled_terms", "constants", "intrinsics")
    files = b"".join((folder / f"{name}.py").read_text(encoding="utf-8").encode() for name in names)
    assert hashlib.sha256(files).hexdigest()[:16] == compiled_sums.SOURCES


def test_llvm_is_asked_for_the_widest_vectors():
    @numba.njit
    def nothing():
        use_widest_vectors()

    nothing()
    (code,) = nothing.inspect_llvm().values()
    assert '"prefer-vector-width"="512"' in code


def test_an_error_in_a_thread_reaches_the_one_that_asks(monkeypatch):
    def fails_but_at_first(numbers):
        if numbers[0]:
            raise MemoryError("of the second part")
        return 0

    monkeypatch.setattr(compiled.numba.config, "NUMBA_NUM_THREADS", 2)
    with pytest.raises(MemoryError, match="of the second part"):
        compiled._in_parallel(fails_but_at_first, [np.arange(8.0)], 2)
    assert compiled._in_parallel(len, [np.arange(8.0)], 2) == len(range(8))


def test_threads_hold_no_arrays(monkeypatch):
    monkeypatch.setattr(compiled.numba.config, "NUMBA_NUM_THREADS", 2)
    whole = np.arange(8.0)
    gone = weakref.ref(whole)
    compiled._in_parallel(len, [whole], 2)
    del whole
    for _ in range(GUARD):  # the thread may be about to let go
        if gone() is None:
            return
        time.sleep(0.01)
    pytest.fail("a thread that waits holds what it worked on")


def test_several_threads_may_call_at_once():
    mu, logvar, *_ = large(np.float64)
    alone, (by_mu, by_logvar) = kl_standard_normal_value_and_grad(mu, logvar)
    with ThreadPoolExecutor(8) as pool:
        for value, gradient in pool.map(lambda _: kl_standard_normal_value_and_grad(mu, logvar), range(32)):
            np.testing.assert_array_equal(value, alone)
            np.testing.assert_array_equal(gradient[0], by_mu)
            np.testing.assert_array_equal(gradient[1], by_logvar)


FORK = """
import os, sys, warnings
import numpy as np
from kl_symbolic.numeric import kl_standard_normal
mu, logvar = np.random.default_rng(0).normal(size=(2, 8192, 64))
value = kl_standard_normal(mu, logvar)
warnings.simplefilter("ignore", DeprecationWarning)  # for threads and a fork together, which is the point
child = os.fork()
if child == 0:
    os._exit(0 if np.array_equal(kl_standard_normal(mu, logvar), value) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_makes_threads_of_its_own():
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("wanted", "expected"), [("0", "False"), ("1", "True")])
def test_an_environment_variable_turns_numba_off(wanted, expected):
    code = (
        "import sys, numpy; from kl_symbolic.numeric import kl_standard_normal;"
        "kl_standard_normal(numpy.ones(2), numpy.ones(2)); print('numba' in sys.modules)"
    )
    environment = os.environ | {"KL_SYMBOLIC_NUMBA": wanted}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == expected


@pytest.mark.parametrize(
    "call",
    ["kl_normal(2.0, 1.0, 0.0, 1.0)", pytest.param("kl_standard_normal([2.0], [0.0])", marks=pytest.mark.slow)],
)
def test_a_folder_that_cannot_be_written_to_only_costs_time(call):
    code = f"from kl_symbolic.numeric import kl_normal, kl_standard_normal; print({call})"
    # The only place allowed for the cache is one that the user names, and there is none.
    environment = os.environ | {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert (done.stdout.strip(), done.stderr) == ("2.0", "")


def test_llvm_is_asked_to_stream():
    @numba.njit
    def copy(array):
        room = room_like(at(array, 0))
        for j in range(BATCH):
            room[j] = j
        stream(room, at(array, 0), 0)

    whole = placed(np.zeros(2 * BATCH), 0)
    copy(whole)
    np.testing.assert_array_equal(whole[:BATCH], np.arange(BATCH))
    assert not whole[BATCH:].any()
    (code,) = copy.inspect_llvm().values()
    assert "!nontemporal" in code
