"""Code for NumPy, PyTorch, JAX and Numba: run, and compared with mpmath."""

from __future__ import annotations

import numpy as np
import pytest
from code_programs import CASES, assert_near, functions_of

from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import Program
from kl_symbolic.code.targets import source_code

EPS32 = 2.0**-23
LIBRARIES = [name for name in CASES if name != "plain_sum"]  # libraries add up in their own ways


def results_of(value, name):
    return list(value) if len(CASES[name].program.results) > 1 else [value]


def as_lists(values):
    return [np.asarray(value).tolist() for value in values]


def called_at(name, target, make):
    """Return the results at each point, whose numbers and vectors are made arrays."""
    function = functions_of(target)[name]
    return [as_lists(results_of(function(*map(make, point)), name)) for point in CASES[name].points]


@pytest.mark.parametrize("name", LIBRARIES)
def test_numpy_agrees_with_mpmath(name):
    summed = CASES[name].program.summed
    assert_near(called_at(name, "numpy", np.array if summed else float), name)
    assert_near(called_at(name, "numpy", np.array), name)


@pytest.mark.parametrize("name", ["operations", "cross_difference", "remainders", "summed"])
def test_single_precision_stays_and_is_as_exact(name):
    case = CASES[name]
    points = [[np.array(one, np.float32) for one in point] for point in case.points[1:]]
    function = functions_of("numpy")[name]
    for point in points:
        found = function(*point)
        wanted = function(*(one.astype(np.float64) for one in point))
        assert found.dtype == np.float32
        assert abs(found - wanted) <= case.eps * EPS32 * abs(wanted)


def test_numpy_broadcasts_and_says_nothing_of_infinite_values():
    f = functions_of("numpy")["operations"]
    x, y = np.array([[0.3], [2.5]]), np.array([1.7, 0.4, 0.0])
    found = f(x, y)
    assert found.shape == (2, 3)
    assert found[0, 0] == f(0.3, 1.7)
    assert np.isinf(found[:, 2]).all()
    assert f(3, 2) == f(3.0, 2.0)


def test_parts_have_one_shape():
    found = functions_of("numpy")["parts"](np.ones((4, 1)), np.ones(3))
    assert {part.shape for part in found} == {(4, 3)}


def test_numpy_sums_over_the_last_axis():
    f = functions_of("numpy")["summed"]
    x, y = map(np.array, CASES["summed"].points[0])
    assert f(np.stack([x, 2 * x]), y).shape == (2,)
    assert f(np.stack([x, 2 * x]), y)[0] == f(x, y)


@pytest.mark.parametrize("target", ["numpy", "torch", "jax"])
def test_many_terms_of_single_precision_are_added_up_in_parts(target):
    library = pytest.importorskip({"jax": "jax.numpy"}.get(target, target))
    terms = np.random.default_rng(0).random((3, 20_000), np.float32)
    found = functions_of(target)["plain_sum"](library.asarray(terms))
    wanted = terms.sum(axis=-1, dtype=np.float64)
    assert np.abs(np.asarray(found) - wanted).max() <= 8 * EPS32 * wanted.max()


@pytest.mark.parametrize("name", LIBRARIES)
def test_torch_agrees_with_mpmath(name):
    torch = pytest.importorskip("torch")
    assert_near(called_at(name, "torch", lambda one: torch.tensor(one, dtype=torch.float64)), name, 2.0**-51)


def test_torch_has_derivatives_and_keeps_the_dtype():
    torch = pytest.importorskip("torch")
    f = functions_of("torch")["summed"]
    x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    f(x, 2.0).backward()
    assert x.grad.tolist() == pytest.approx([1 / 2.0 - 1 / 0.5, 0], rel=1e-14)
    assert f(torch.ones(3), 2.0).dtype == torch.float32


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("name", LIBRARIES)
def test_jax_agrees_with_mpmath(name):
    jax = pytest.importorskip("jax")
    # XLA's exp, expm1 and log1p err by up to 3 eps.
    assert_near(called_at(name, "jax", jax.numpy.asarray), name, 3 * 2.0**-52)


@pytest.mark.usefixtures("double_precision")
def test_jax_compiles_exact_products_and_has_its_own_log1p():
    jax = pytest.importorskip("jax")
    f = jax.jit(functions_of("jax")["cross_difference"])
    assert [float(f(*point)) for point in CASES["cross_difference"].points[:1]] == [-(2.0**-60)]
    program = Program("logarithm", ("x",), (call("log1p", argument("x")),))
    space = {}
    exec(source_code(program, "jax"), space)
    x = np.linspace(-0.999, 3, 5000)
    found, wanted = np.asarray(jax.jit(space["logarithm"])(x)), np.log1p(x.astype(np.longdouble))
    assert np.max(np.abs((found - wanted) / wanted)) <= 3 * 2.0**-52
    slope = jax.vmap(jax.grad(space["logarithm"]))(x)
    assert np.allclose(slope, 1 / (1 + x), rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", CASES)
def test_numba_agrees_with_mpmath(name):
    pytest.importorskip("numba")
    summed = CASES[name].program.summed
    assert_near(called_at(name, "numba", np.array if summed else float), name)


def test_numba_compiles_a_sum_and_refuses_different_lengths():
    pytest.importorskip("numba")
    f = functions_of("numba")["plain_sum"]
    assert f(np.array([1.0, *[2.0**-54] * 1000])) == 1 + 1000 * 2.0**-54
    assert f(np.arange(4)) == 6
    with pytest.raises(ValueError, match="the vectors must have the same length"):
        functions_of("numba")["slopes"](np.ones(2), np.ones(3))
