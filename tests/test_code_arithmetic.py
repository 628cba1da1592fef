"""Operations with their rounding errors: the errors are exact."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kl_symbolic.code.arrays import Interpreter
from kl_symbolic.code.operations import argument, as_node
from kl_symbolic.code.program import WRITER, Program, program_of
from kl_symbolic.functions import Polynomial

DTYPES = [np.float64, np.float32]


def computed(write, dtype, *arrays):
    """Return the values of what is written down with arguments of these names."""
    names = ("a", "b", "c", "d")[: len(arrays)]
    results = write(*map(argument, names))
    program = Program("f", names, tuple(map(as_node, results if isinstance(results, tuple) else (results,))))
    return Interpreter(np, np.dtype(dtype)).run(program, dict(zip(names, arrays, strict=True)))


def draw(dtype, seed):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=500) * 10.0 ** rng.uniform(-8, 8, 500)).astype(dtype)


def exactly(values):
    return [Fraction(float(v)) for v in values]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_product_and_its_rounding_error_are_the_product(dtype):
    a, b = draw(dtype, 1), draw(dtype, 2)
    product, rest = computed(WRITER.two_product, dtype, a, b)
    np.testing.assert_array_equal(product, a * b)
    assert np.any(rest)
    for p, r, u, v in zip(*map(exactly, (product, rest, a, b)), strict=True):
        assert p + r == u * v


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_difference_and_its_rounding_error_are_the_difference(dtype):
    a, b = draw(dtype, 3), draw(dtype, 4)
    difference, rest = computed(WRITER.two_difference, dtype, a, b)
    np.testing.assert_array_equal(difference, a - b)
    assert np.any(rest)
    for d, r, u, v in zip(*map(exactly, (difference, rest, a, b)), strict=True):
        assert d + r == u - v


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_difference_of_products_keeps_its_digits(dtype):
    eps = float(np.finfo(dtype).eps)
    rng = np.random.default_rng(5)
    a, b, c = (rng.lognormal(size=5000).astype(dtype) for _ in range(3))
    d = (a * b / c * (1 + rng.choice([-1, 0, 1], 5000) * 10.0 ** rng.uniform(-17, 0, 5000))).astype(dtype)
    worst, plain = 0.0, 0.0
    [values] = computed(WRITER.difference_of_products, dtype, a, b, c, d)
    for value, *at in zip(values, *map(exactly, (a, b, c, d)), strict=True):
        truth = at[0] * at[1] - at[2] * at[3]
        if truth:
            worst = max(worst, float(abs(Fraction(float(value)) - truth) / abs(truth)) / eps)
            naive = Fraction(float(dtype(at[0]) * dtype(at[1]) - dtype(at[2]) * dtype(at[3])))
            plain = max(plain, float(abs(naive - truth) / abs(truth)))
        else:
            assert value == 0
    assert 0.4 < worst <= 1.5  # the bound of the record
    assert plain > 0.5  # of the formula as it stands


def test_what_is_written_down_is_what_is_computed():
    polynomial = Polynomial((1.0, 2.0, 3.0), 0.0, 1.0, 0.0)
    assert str(WRITER.polynomial(polynomial, argument("x"))) == "(3.0*x + 2.0)*x + 1.0"
    [value] = computed(lambda x: WRITER.polynomial(polynomial, x), np.float64, np.array([2.0]))
    np.testing.assert_array_equal(value, [17.0])


@pytest.mark.parametrize(
    "write",
    [
        lambda x: WRITER.where(x > 0, 1.0, 2.0),
        lambda x: WRITER.sqrt(2.0) * x,
        lambda x: WRITER.itakura_saito(x, 2.0, x - 2),
    ],
)
def test_numbers_take_the_dtype_of_the_arrays(write):
    [value] = computed(write, np.float32, np.ones(1, np.float32))
    assert value.dtype == np.float32


def test_a_function_without_a_program_is_not_computed():
    with pytest.raises(KeyError, match="no program of factorial"):
        program_of("factorial")
