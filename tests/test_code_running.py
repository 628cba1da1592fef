"""Bounds of the error of each number: never too small, and small where a number has its digits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from error_measures import DIGITS, exact_values, points, traced

from kl_symbolic.code.arrays import Interpreter
from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import WRITER, Program
from kl_symbolic.code.running import Running
from kl_symbolic.functions import Function, Rounding, all_functions
from kl_symbolic.proof.question import Question

X, Y, Z = map(argument, "xyz")
FORMS = [
    ("exponential", "exponential", "rate", "rate"),
    ("exponential", "gamma", "rate", "rate"),
    ("gamma", "exponential", "mean", "rate"),
    ("gamma", "gamma", "rate", "rate"),
    ("poisson", "poisson", "rate", "rate"),
    ("normal", "normal", "std", "std"),
    ("normal", "normal", "logvar", "logvar"),
]
DTYPES = [np.float64, np.float32]


@pytest.fixture(autouse=True)
def every_function_has_a_bound(monkeypatch):
    """Of a function whose program has no proved bound yet, more than its measured error is assumed."""
    for name in ("gamma", "digamma", "polygamma"):
        record = all_functions()[name]
        if record.rounding is None:
            monkeypatch.setitem(all_functions(), name, replace(record, rounding=Rounding(8.0, (), "assumed by tests")))


def run(program, at, dtype=np.float64):
    with np.errstate(all="ignore"):
        return Running(np, np.dtype(dtype)).errors(program, {k: np.asarray(v, dtype) for k, v in at.items()})


def exceeded(laws, dtype, count, seed):
    """Return the points at which a closed form errs by more than its bound, and how far bounds are from errors."""
    question = Question("kl", *laws)
    case = traced(question)
    at = points(case, count, dtype, seed)
    [found] = run(case.program, at, dtype)
    [exact] = exact_values(question, at)
    with mpmath.workdps(DIGITS):
        errors = [abs(mpmath.mpf(float(v)) - right) for v, right in zip(found.value, exact, strict=True)]
        wrong = [k for k, (e, bound) in enumerate(zip(errors, found.error, strict=True)) if not e <= float(bound)]
    return wrong, found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("laws", FORMS, ids="-".join)
def test_a_running_bound_is_never_too_small(laws, dtype):
    wrong, found = exceeded(laws, dtype, 25, seed=3)
    assert wrong == []
    assert np.mean(np.isfinite(found.error)) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("laws", FORMS, ids="-".join)
def test_a_running_bound_is_not_too_small_at_many_points(laws, dtype):
    wrong, _ = exceeded(laws, dtype, 2_500, seed=4)
    assert wrong == []


def test_far_from_equal_laws_a_closed_form_keeps_its_digits():
    [found] = run(
        traced(Question("kl", "exponential", "gamma")).program, {"lambda_1": 2.0, "alpha_2": 4.0, "beta_2": 9.0}
    )
    assert found.error < 2e-14 * found.value


def test_near_equal_laws_it_is_known_to_lose_them():
    [found] = run(
        traced(Question("kl", "exponential", "gamma")).program,
        {"lambda_1": 2.0, "alpha_2": 1 + 1e-9, "beta_2": 2.0},
    )
    assert found.error > found.value


def test_values_are_those_of_the_program_without_bounds():
    case = traced(Question("kl", *FORMS[3]))
    at = points(case, 20, np.float64, seed=5)
    [plain] = Interpreter(np, np.dtype(np.float64)).run(case.program, at)
    [found] = run(case.program, at)
    assert np.array_equal(plain, found.value, equal_nan=True)


CANCEL = {
    "product": (X * Y - Z, lambda x, y, z: x * y - z),
    "quotient": (X / Y - Z, lambda x, y, z: x / y - z),
    "root": (WRITER.sqrt(X) - Y, lambda x, y, z: mpmath.sqrt(x) - y),
    "root of nearly 0": (WRITER.sqrt(abs(X * Y - Z)), lambda x, y, z: mpmath.sqrt(abs(x * y - z))),
    "logarithm": (call("log", X * Y) + X, lambda x, y, z: mpmath.log(x * y) + x),
    "exponential": (call("exp", X * Y * 10) - Z, lambda x, y, z: mpmath.exp(x * y * 10) - z),
    "expm1": (call("expm1", X - Y * Z), lambda x, y, z: mpmath.expm1(x - y * z)),
    "log1p": (call("log1p", X * Y - Z), lambda x, y, z: mpmath.log1p(x * y - z)),
    "choice": (WRITER.where(X < Y, X * Y - Z, X / Y - Z), lambda x, y, z: x * y - z if x < y else x / y - z),
    "two points": (
        call("itakura_saito", X * Y, Z, X * Y - Z),
        lambda x, y, z: x * y / z - 1 - mpmath.log(x * y / z),
    ),
    "quotient of a product": (Z / (X * Y) - 1, lambda x, y, z: z / (x * y) - 1),
    "parts": ((X * Y - Z) * (X - Y) / (X + Y * Z), lambda x, y, z: (x * y - z) * (x - y) / (x + y * z)),
    "constant": (X * 0.1 - Y * WRITER.pi, lambda x, y, z: x / 10 - y * mpmath.pi),
    "underflow": (X * 2.0**-600 * (Y * 2.0**-470) * 2.0**600, lambda x, y, z: x * y * mpmath.mpf(2) ** -470),
}


@pytest.mark.parametrize("name", CANCEL)
def test_each_operation_hands_errors_on(name):
    result, formula = CANCEL[name]
    rng = np.random.default_rng(11)
    x, y = rng.uniform(0.5, 2, (2, 300))
    z = np.where(rng.random(300) < 0.7, x * y * (1 + rng.choice([0, 1e-16, 1e-12, 1e-4], 300)), x)
    [found] = run(Program("f", ("x", "y", "z"), (result,)), {"x": x, "y": y, "z": z})
    with mpmath.workdps(60):
        for value, bound, *row in zip(found.value, found.error, x, y, z, strict=True):
            right = formula(*(mpmath.mpf(float(one)) for one in row))
            assert abs(mpmath.mpf(float(value)) - right) <= float(bound), row
    assert np.mean(np.isfinite(found.error)) > (0.2 if name == "two points" else 0.99)


@pytest.mark.parametrize(
    ("result", "at"),
    [
        (1 / (X * Y - Z), {"x": 0.1, "y": 10.0, "z": 1.0 - 2.0**-53}),  # the divisor may be 0
        (X * Y + 2.0**-200 / (X * Y + X * Y - Z), {"x": 0.1, "y": 10.0, "z": 2.0 - 2.0**-52}),
        (call("log", X * Y - Z), {"x": 0.1, "y": 10.0, "z": 1.0 - 2.0**-53}),  # so may what is below the logarithm
        (call("digamma", X * Y - Z), {"x": 0.1, "y": 10.0, "z": 1.0 - 2.0**-53}),
        (call("log1p", X * Y - Z), {"x": 0.1, "y": 1270.0, "z": 128 - 2.0**-46}),
        (WRITER.where(X * Y < Z, X, Y), {"x": 0.1, "y": 10.0, "z": 1.0}),  # either may be meant
        (X * Y, {"x": np.inf, "y": 1.0}),
        (X * Y, {"x": np.nan, "y": 1.0}),
        (call("exp", X), {"x": 1000.0}),
    ],
    ids=str,
)
def test_where_nothing_is_known_a_bound_is_infinite(result, at):
    [found] = run(Program("f", tuple(at), (result,)), at)
    assert found.error == np.inf


def test_a_constant_is_rounded():
    [found] = run(Program("f", ("x",), (X - Fraction(1, 10),)), {"x": 0.1})
    assert abs(Fraction(0.1) - Fraction(1, 10)) <= found.error <= 2e-17


def test_a_choice_by_exact_numbers_is_no_doubt():
    [found] = run(Program("f", ("x",), (WRITER.where(X <= 1, X, 2 * X),)), {"x": 1.0})
    assert (found.value, found.error) == (1.0, 0.0)


def test_a_function_without_a_bound_has_none_here(monkeypatch):
    exp = all_functions()["exp"]
    record = Function(name="riddle", title="riddle", domains=exp.domains, program=lambda m, x: m.exp(x))
    monkeypatch.setitem(all_functions(), "riddle", record)
    [found] = run(Program("f", ("x",), (call("riddle", X),)), {"x": 1.0})
    assert found.error == np.inf
