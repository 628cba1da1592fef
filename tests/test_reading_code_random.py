"""Formulas at random are read from code as what the code computes; that in Python is run."""

from __future__ import annotations

import ast
import random

import numpy as np
import pytest
from reading_code_trees import (
    COORDINATES,
    SAMPLES,
    arrays,
    expression,
    functions,
    methods,
    names_of,
    operators,
    statements,
    value,
)

from kl_symbolic.reading.code import read_code
from kl_symbolic.reading.grammar import tree


class Tensor(np.ndarray):
    """An array with methods as tensors have them."""

    add = np.add
    sub = np.subtract
    mul = np.multiply
    div = np.divide
    pow = np.power
    neg = np.negative
    exp = np.exp
    log = np.log
    sqrt = np.sqrt

    def __getattribute__(self, name):
        found = type(self).__dict__.get(name)
        return (lambda *others: found(self, *others)) if isinstance(found, np.ufunc) else super().__getattribute__(name)


def run(lines, names):
    """Run Python, and return what it returns."""
    space = {"np": np}
    exec("def f(mu, sigma, logvar):\n" + "\n".join(f"    {line}" for line in lines), space)
    return space["f"](**{name: array.view(Tensor) for name, array in names.items()})


@pytest.mark.parametrize("seed", range(60))
def test_formulas_at_random_mean_what_they_compute(seed):
    draw = random.Random(seed)
    parts = expression(draw)
    while not names_of(parts):
        parts = expression(draw)
    at = arrays(seed, ("mu", "sigma", "logvar"))
    kind, axis = draw.choice(["sum", "mean"]), draw.choice(["", ", axis=1", ", axis=0", ", 1"])
    styles = [[f"return {write(parts)}"] for write in (operators, functions, methods)]
    styles += [[ast.unparse(ast.parse(operators(parts)))], statements(parts)]
    styles[3][0] = f"return {styles[3][0]}"
    styles.append([*statements(parts)[:-1], f"total = np.{kind}({operators(parts)}{axis})", "return total"])
    for lines in styles:
        code = "def f(mu, sigma, logvar):\n" + "\n".join(f"    {line}" for line in lines)
        wanted, found = run(lines, at), value(read_code(code).node, at)
        assert np.allclose(np.asarray(wanted), found, rtol=1e-9), code
    plain = value(tree(operators(parts, module="")), at)
    for code in (operators(parts, "", dots=True) + ";", "x <- " + operators(parts, "K$") + "\nx"):
        assert np.allclose(value(read_code(code).node, at), plain, rtol=1e-9), code


def test_the_arrays_are_no_squares():
    assert SAMPLES != COORDINATES
