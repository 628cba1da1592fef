"""Programs for compilers: their errors; and loops of them, which have the values of ordinary programs, over vectors."""

from __future__ import annotations

import platform
from dataclasses import replace
from functools import cache
from math import inf, nan

import mpmath
import numpy as np
import pytest
from code_programs import CASES

from kl_symbolic.code.arrays import Interpreter
from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.languages.loops import loops_source
from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import Program
from kl_symbolic.functions import all_functions

numba = pytest.importorskip("numba")

CTX = mpmath.MPContext()
CTX.prec = 300
MANY, SMALL = 4000, 1e-60  # bits for arguments below a bound
COUNT = 300  # points of each kind
DTYPES = ("float64", "float32")
X, A = argument("x"), argument("a")


@cache
def compiled(program, dtype, within=()):
    """Return the functions of a module."""
    namespace = {}
    exec(loops_source(program, dtype, dict(within)), namespace)
    return namespace


def values(program, dtype, *arrays, within=()):
    """Return the results of a program at arrays, and how many elements are outside."""
    given = [np.ascontiguousarray(v, dtype) for v in arrays]
    results = [np.empty(len(given[0]), dtype) for _ in program.results]
    outside = compiled(program, dtype, within)["elements"](*given, *results)
    return results, outside


def program_of_one(name):
    """Return the program that is a call of one function."""
    function = all_functions()[name]
    args = (X, A, X - A) if function.gap else (X,)
    names = ("x", "a") if function.gap else ("x",)
    return Program(f"only_{name}", names, (call(name, *args),))


# Errors

EXACT = {
    "exp": CTX.exp,
    "expm1": CTX.expm1,
    "expm1mx": lambda t: CTX.expm1(t) - t,
    "log": CTX.log,
    "log1p": CTX.log1p,
    "log1pmx": lambda x: CTX.log1p(x) - x,
    "itakura_saito": lambda x, a: (x - a) / a - CTX.log(x / a),
    "log_ratio": lambda x, a: CTX.log(x / a),
    "kl_div": lambda x, a: x * CTX.log(x / a) - x + a,
}


def exact(name, args):
    """Return a value to many digits, also near 0, where what is computed of it cancels."""
    tiny = max(map(abs, args)) < SMALL or (name in ("expm1mx", "log1pmx") and abs(args[0]) < SMALL)
    with CTX.workprec(MANY if tiny else CTX.prec):
        return EXACT[name](*map(CTX.mpf, args))


def sizes(rng, low, high):
    return 10.0 ** rng.uniform(low, high, COUNT)


def points(name, dtype):
    """Draw arguments: of all sizes, near 0 or 1, near where a formula changes, subnormal, where a value overflows."""
    rng, info = np.random.default_rng(len(name)), np.finfo(dtype)
    far, digits = (290, 15.5) if dtype == "float64" else (33, 6.8)
    sign, close = rng.choice([-1, 1], COUNT), sizes(rng, -digits, 0)
    subnormal = float(info.smallest_subnormal) * rng.integers(1, 1000, COUNT)
    if name.startswith("exp"):
        most, least = np.log(float(info.max)), np.log(float(info.smallest_subnormal))
        changes = [half * np.log(2) / 2 * (1 + sign * close / 100) for half in (-3, -1, 1, 3)]
        x = [sign * close, sign * sizes(rng, -far, 0), sign * sizes(rng, 0, np.log10(most)), *changes, sign * subnormal]
        x += [rng.uniform(most - 1, most + 1, COUNT), rng.uniform(least - 2, least / 1.1, COUNT), -sizes(rng, 2, far)]
    elif name == "log":
        x = [sizes(rng, -far, far), 1 + sign * close / 2, np.sqrt(2) * (1 + sign * close / 2), subnormal]
        x += [float(info.smallest_normal) * rng.uniform(0.5, 2, COUNT)]
    elif name.startswith("log1p"):
        x = [
            sizes(rng, -far, far),
            sign * close / 2,
            rng.uniform(-1, 2, COUNT),
            -1 + close,
            1 + close,
            sign * subnormal,
        ]
        x += [-0.5 * (1 + sign * close / 2), 0.5 * (1 + sign * close / 4)]
    else:
        a = np.concatenate([sizes(rng, -far, far), *[sizes(rng, -3, 3)] * 4, subnormal, sizes(rng, -far, far)])
        ratios = sizes(rng, -far, far), 1 + sign * close / 2, rng.uniform(0.3, 3, COUNT), 2 * (1 + sign * close / 4)
        x = a * np.concatenate([sizes(rng, -3, 3), *ratios, np.ones(2 * COUNT)])
        x[-2 * COUNT :] = np.concatenate([sizes(rng, -far, far), subnormal])
        both = np.array([x, a]).astype(dtype)
        return list(both[:, (both > 0).all(0) & np.isfinite(both).all(0)])
    x = np.concatenate(x).astype(dtype)
    return [x[x > -1] if name.startswith("log1p") else x]


def test_every_vector_program_is_here():
    assert {name for name, f in all_functions().items() if f.vector_program} == EXACT.keys()


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.filterwarnings("ignore:overflow encountered in multiply")
@pytest.mark.sample(3)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXACT)
def test_the_error_of_a_vector_program_is_below_the_bound_of_the_function(name, dtype):
    given, info = points(name, dtype), np.finfo(dtype)
    ((found,), _) = values(program_of_one(name), dtype, *given)
    said = all_functions()[name].rounding
    allowed = said.eps + (0.5 * said.condition[2] if len(given) > 1 else 0)  # x - a is rounded
    worst = 0.0
    for value, *at in zip(found.tolist(), *(v.tolist() for v in given), strict=True):
        truth = exact(name, at)
        if abs(truth) > float(info.max):
            assert abs(value) == inf or abs(truth) < float(info.max) * (1 + float(info.eps))
        elif abs(truth) < 4 * float(info.smallest_normal):
            assert abs(value - truth) <= 8 * float(info.smallest_subnormal)
        else:
            worst = max(worst, float(abs(value - truth) / abs(truth) / float(info.eps)))
            assert worst <= allowed, (at, value, CTX.nstr(truth, 20))
    assert worst > 0.4


EDGES = {
    "exp": {inf: inf, -inf: 0, 0: 1, nan: nan, 1e300: inf, -1e300: 0},
    "expm1": {inf: inf, -inf: -1, 0: 0, nan: nan, -1e300: -1},
    "expm1mx": {inf: inf, -inf: inf, 0: 0, nan: nan, -(2.0**100): 2.0**100},
    "log": {inf: inf, 0: -inf, 1: 0, -1: nan, -inf: nan, nan: nan},
    "log1p": {inf: inf, -1: -inf, 0: 0, -2: nan, -inf: nan, nan: nan},
    "log1pmx": {inf: -inf, -1: -inf, 0: 0, -2: nan, nan: nan},
}
EDGES_OF_TWO = {
    "itakura_saito": {(3, 3): 0, (nan, 1): nan, (1, nan): nan},
    "log_ratio": {(3, 3): 0, (nan, 1): nan, (1, nan): nan, (0, 1): -inf, (1, 0): inf, (-1, 1): nan},
    "kl_div": {(3, 3): 0, (nan, 1): nan, (1, nan): nan, (0, 2): 2, (0, 0): 0, (1, 0): inf},
}


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.sample(3)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXACT)
def test_a_vector_program_has_the_edges_of_the_function(name, dtype):
    given = EDGES.get(name) or EDGES_OF_TWO[name]
    arrays = [list(given)] if name in EDGES else zip(*given, strict=True)
    ((found,), _) = values(program_of_one(name), dtype, *arrays)
    np.testing.assert_array_equal(found, np.array(list(given.values()), dtype))


# Loops

NUMBERS = {name: case.program for name, case in CASES.items() if not case.program.summed and case.program.arguments}


@pytest.mark.sample(2)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NUMBERS)
def test_loops_have_the_values_of_the_ordinary_program(name, dtype):
    program, rng = NUMBERS[name], np.random.default_rng(1)
    given = [rng.uniform(0.3, 3, 40).astype(dtype) for _ in program.arguments]
    results, outside = values(program, dtype, *given)
    ordinary = Interpreter(np, np.dtype(dtype)).run(program, dict(zip(program.arguments, given, strict=True)))
    assert outside == 0
    for ours, theirs in zip(results, ordinary, strict=True):
        np.testing.assert_allclose(ours, np.broadcast_to(theirs, ours.shape), rtol=200 * np.finfo(dtype).eps, atol=0)


VAE = Program("vae", ("mu", "logvar"), (argument("mu") * argument("mu") / 2 + call("expm1mx", argument("logvar")) / 2,))
VAE_AND_GRADIENT = replace(VAE, results=(*VAE.results, argument("mu"), call("expm1", argument("logvar")) / 2))


@pytest.mark.sample(4)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3, 1), (7, 5), (1, 2048), (2, 2049), (3, 5000), (3000, 2), (0, 4), (4, 0)])
def test_rows_are_sums_of_elements(shape, dtype):
    rng = np.random.default_rng(2)
    given = [rng.normal(size=shape).astype(dtype) for _ in range(2)]
    (terms, *slopes), _ = values(VAE_AND_GRADIENT, dtype, *(v.ravel() for v in given))
    sums, gradient = np.full(shape[0], nan), [np.empty_like(v) for v in given]
    assert compiled(VAE_AND_GRADIENT, dtype)["rows"](*given, sums, *gradient) == 0
    np.testing.assert_allclose(sums, terms.reshape(shape).sum(-1, dtype=float), rtol=1e-14)
    for ours, theirs in zip(gradient, slopes, strict=True):
        np.testing.assert_array_equal(ours.ravel(), theirs)


def test_the_sum_of_a_row_does_not_depend_on_other_rows():
    given = np.random.default_rng(3).normal(size=(2, 50, 37))
    rows = compiled(VAE, "float64")["rows"]
    together, alone = np.empty(50), np.empty(50)
    rows(*given, together)
    for k in range(50):
        rows(*given[:, k : k + 1], alone[k : k + 1])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("dtype", DTYPES)
def test_elements_outside_are_counted(dtype):
    within = (("logvar", FloatInterval(-2.0, 3.0)),)
    mu = [0, 0, 0, 0, 0, nan, inf, -inf, 1e30, inf]
    logvar = [-2, 3, -2.5, 3.5, nan, 0, 0, 0, 0, inf]
    _, outside = values(VAE, dtype, mu, logvar, within=within)
    assert outside == 7
    sums = np.empty(2)
    given = [np.array(v, dtype).reshape(2, 5) for v in (mu, logvar)]
    assert compiled(VAE, dtype, within)["rows"](*given, sums) == 7


def test_what_two_functions_share_is_computed_once():
    source = loops_source(VAE_AND_GRADIENT, "float64", {})
    assert source.count("np.rint(") == 1
    assert source == loops_source(replace(VAE_AND_GRADIENT), "float64", {})


def test_numbers_of_32_bits_stay_so():
    result = compiled(VAE, "float32")["term"]
    single = numba.float32
    result.compile((single, single))
    assert result.overloads[single, single].signature.return_type == single


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="looks for instructions of x86")
@pytest.mark.parametrize(("dtype", "suffix"), [("float64", "pd"), ("float32", "ps")])
def test_the_loop_of_a_vae_is_one_over_vectors(dtype, suffix):
    elements = compiled(VAE, dtype)["elements"]
    array = getattr(numba, dtype)[::1]
    elements.compile((array, array, array))
    (machine_code,) = elements.inspect_asm().values()
    assert machine_code.count(f"mul{suffix}") > 10
