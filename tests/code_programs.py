"""Programs for tests of code in other languages, with values that mpmath has to 50 digits, and how they run."""

from __future__ import annotations

import math
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import pytest

from kl_symbolic.code.operations import argument, call, constant
from kl_symbolic.code.program import Program, Writer
from kl_symbolic.code.targets import source_code

CTX = mpmath.MPContext()
CTX.dps = 50
M = Writer()
X, Y = argument("x"), argument("y")


@dataclass(frozen=True)
class Case:
    """A program, points, and what its results are there."""

    program: Program
    points: tuple[tuple[Any, ...], ...]
    value: Any
    eps: float = 4


def _operations():
    below = M.where(X < Y, 1, -1) * M.sqrt(abs(X - Y))
    horner = ((Fraction(1, 7) * X - Fraction(1, 3)) * X + Fraction(2, 5)) * X * X
    return (
        below
        + M.exp(-X) * abs(M.log(Y))
        + M.log1p(X * Y)
        - M.expm1(-X) / Y
        + 2 * M.where(Y <= 2, horner * horner, M.where(X < 1, -Y, 0))
    )


def _operations_value(x, y):
    horner = (x**2 / 7 - x / 3 + CTX.mpf(2) / 5) * x * x
    below = CTX.sqrt(abs(x - y)) * (1 if x < y else -1)
    last = 2 * (horner**2 if y <= 2 else -y if x < 1 else 0)
    return below + CTX.exp(-x) * abs(CTX.log(y)) + CTX.log(1 + x * y) - (CTX.exp(-x) - 1) / y + last


def _cross_difference():
    """Return x y - 1, exactly where it is small."""
    product, rest = M.two_product(X, Y)
    return (product - 1) + rest


def _itakura_saito(x, y):
    return x / y - 1 - CTX.log(x / y)


NEAR_ONE = 1 + 2.0**-30, 1 - 2.0**-30
VECTORS = ([0.5, 1.25, 3.0, 1e-3], [0.75, 1.25, 2.5, 2e-3])
REMAINDER = call("itakura_saito", X, Y, X - Y)
IN_RESERVED = ("lambda", "fn", "function", "end", "double", "total", "gamma", "t1", "np", "itakura_saito")
CASES = {
    case.program.name: case
    for case in (
        Case(
            Program("operations", ("x", "y"), (_operations(),), words=('Return "this" \\n */ $x.', "", "x > 0.")),
            ((0.3, 1.7), (2.5, 0.4), (1.0, 2.0), (1e-9, 3.0)),
            lambda x, y: [_operations_value(x, y)],
            10,
        ),
        Case(
            Program("cross_difference", ("x", "y"), (_cross_difference(),)),
            (NEAR_ONE, (0.1, 10.0), (1.5, 3.25)),
            lambda x, y: [x * y - 1],
            1,
        ),
        Case(
            Program("remainders", ("x", "y"), (REMAINDER + call("expm1mx", X - Y),)),
            ((1.0, 1.5), (3.0, 2.999999999), (0.1, 7.0), (2.0, 2.0)),
            lambda x, y: [_itakura_saito(x, y) + CTX.expm1(x - y) - (x - y)],
            8,
        ),
        Case(
            Program("parts", ("x", "y"), (X, -Y, constant(Fraction(1, 3)), X / Y, call("pi"), (X / Y) * (X / Y))),
            ((1.0, 3.0), (2.0, -5.0)),
            lambda x, y: [x, -y, CTX.mpf(1) / 3, x / y, CTX.pi, (x / y) ** 2],
        ),
        Case(
            Program(
                "reserved", IN_RESERVED, (sum(map(argument, IN_RESERVED), constant(0)) + call("log", argument("np")),)
            ),
            (tuple(map(float, range(1, 11))),),
            lambda *args: [sum(args) + CTX.log(args[8])],
        ),
        Case(Program("nothing", (), (call("pi") / 4,)), ((),), lambda: [CTX.pi / 4]),
        Case(
            Program("summed", ("x", "y"), (REMAINDER,), summed=True),
            (VECTORS, ([1.0], [2.0])),
            lambda x, y: [sum(map(_itakura_saito, x, y))],
            8,
        ),
        Case(
            Program("slopes", ("x", "y"), ((X - Y) / (X * Y), 1 / Y), summed=True),
            (VECTORS,),
            lambda x, y: [[(a - b) / (a * b) for a, b in zip(x, y, strict=True)], [1 / b for b in y]],
        ),
        Case(
            Program("plain_sum", ("x",), (X,), summed=True),
            (([1.0, *[2.0**-54] * 1000],), ([1e16, 1.0, -1e16],), ([math.inf, 1.0],)),
            lambda x: [sum(x)],
            1,
        ),
    )
}


def exact(value):
    """Return a point, or a vector of a point, as numbers of mpmath."""
    return [CTX.mpf(one) for one in value] if isinstance(value, list) else CTX.mpf(value)


def expected(name):
    """Return the results of a program at its points."""
    case = CASES[name]
    return [case.value(*map(exact, point)) for point in case.points]


def assert_near(found, name, eps=2.0**-52):
    """Compare results at all points: one value, or several, each a number or a vector."""
    case = CASES[name]
    for results, values, point in zip(found, expected(name), case.points, strict=True):
        assert len(results) == len(values)
        for result, value in zip(results, values, strict=True):
            pairs = zip(result, value, strict=True) if isinstance(value, list) else [(result, value)]
            for one, other in pairs:
                same = one == other or abs(CTX.mpf(float(one)) - other) <= case.eps * eps * abs(other)
                assert same, (name, point, one, other)


def literals(point, vector):
    """Return the arguments at a point in a language: numbers as they are, vectors between brackets."""
    return [vector.format(", ".join(map(number, one))) if isinstance(one, list) else number(one) for one in point]


def number(value):
    return {math.inf: "INFINITY"}.get(value, repr(value))


def on_path(program):
    """Return a compiler or an interpreter, and leave the test out where there is none."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def output(*command, **options):
    """Return what a command prints; its messages if it fails."""
    found = subprocess.run(command, capture_output=True, text=True, **options)
    assert found.returncode == 0, found.stderr
    return found.stdout


def written(folder, suffix, target):
    """Write all programs down, one in a file."""
    files = {name: folder / f"{name}.{suffix}" for name in CASES}
    for name, file in files.items():
        file.write_text(source_code(CASES[name].program, target), encoding="utf-8")
    return files


@cache
def functions_of(target):
    """Return the functions that code in Python defines, by name."""
    found = {}
    for name, case in CASES.items():
        space = {}
        exec(compile(source_code(case.program, target), f"{name} in {target}", "exec"), space)
        found[name] = space[name]
    return found
