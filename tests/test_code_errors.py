"""Bounds of errors: found for every stable form, never exceeded, hardly too large, and none for naive forms."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from error_measures import exact_values, largest_parts, points, traced, worst_error

from kl_symbolic.code.arrays import Interpreter
from kl_symbolic.code.error_bound import error_bounds
from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import WRITER, Program
from kl_symbolic.code.trace import Tracer
from kl_symbolic.families import Parameterisation, all_families
from kl_symbolic.functions import Function, all_functions
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.stable import stable_form, stable_gradient
from kl_symbolic.terms import Symbol

X, Y, Z, W = map(argument, "xyzw")
x, y = Symbol("x"), Symbol("y")
DTYPES = [np.float64, np.float32]
PAIRS = [
    (p.name, q.name, of_p, of_q)
    for p in all_families().values()
    for q in all_families().values()
    for of_p in p.param_names
    for of_q in q.param_names
    if p is not q or of_p == of_q
]
STATED = [laws for laws in PAIRS if stable_form(Question("kl", *laws)) is not None]
SAME = [laws for laws in STATED if laws[0] == laws[1]]
GRADIENTS = [laws for laws in STATED if stable_gradient(Question("kl", *laws)) is not None]
FULL = {"stable_form": "kl", "stable_gradient": "gradient"}
CASES = [("stable_form", laws) for laws in STATED] + [("stable_gradient", laws) for laws in GRADIENTS]


def most(laws) -> float:
    """Return the largest error that numerics.md allows."""
    return 64.0 if "gamma" in laws[:2] or "logit" in laws[2:] else 16.0


def bound_of(result, **within) -> float:
    [found] = error_bounds(
        Program("f", ("x", "y", "z", "w"), (result,)), {k: FloatInterval(*v) for k, v in within.items()}
    )
    return found.eps


# Forms


@pytest.mark.parametrize("laws", STATED, ids="-".join)
def test_a_stable_form_has_a_bound(laws):
    [found] = traced(Question("stable_form", *laws)).bounds
    assert found.eps <= most(laws), found
    assert not found.of_largest_part


@pytest.mark.parametrize("laws", GRADIENTS, ids="-".join)
def test_each_derivative_of_a_stable_form_has_a_bound(laws):
    for found in traced(Question("stable_gradient", *laws)).bounds:
        assert found.eps <= most(laws), found


@pytest.mark.parametrize("laws", SAME, ids="-".join)
def test_a_closed_form_within_a_family_has_no_bound(laws):
    """Near P = Q its terms cancel each other."""
    [found] = traced(Question("kl", *laws)).bounds
    assert found.eps == np.inf
    assert found.reason


def measured(quantity, laws, dtype, count, seed):
    """Return for each value of a program its largest error and its bound."""
    case = traced(Question(quantity, *laws))
    at = points(case, count, dtype, seed)
    exact = exact_values(Question(FULL[quantity], *laws), at)
    with np.errstate(all="ignore"):
        computed = Interpreter(np, np.dtype(dtype)).run(case.program, at)
        wide = {name: values.astype(np.float64) for name, values in at.items()}
        sizes = [
            largest_parts(case.program, case.within, wide, node) if bound.of_largest_part else None
            for node, bound in zip(case.program.results, case.bounds, strict=True)
        ]
    errors = [worst_error(*one, dtype) for one in zip(computed, exact, sizes, strict=True)]
    return list(zip(errors, (bound.eps for bound in case.bounds), strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("quantity", "laws"), CASES, ids=str)
def test_no_measured_error_is_larger_than_its_bound(quantity, laws, dtype):
    assert [(error, bound) for error, bound in measured(quantity, laws, dtype, 6, seed=1) if not error <= bound] == []


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("quantity", "laws"), CASES, ids=str)
def test_no_error_of_many_is_larger_than_its_bound(quantity, laws, dtype):
    assert [(error, bound) for error, bound in measured(quantity, laws, dtype, 250, seed=2) if not error <= bound] == []


def test_a_wrong_program_is_measured():
    """The closed form in place of the stable one: what is measured would show it."""
    laws = ("exponential", "exponential", "rate", "rate")
    case = traced(Question("kl", *laws))
    at = points(case, 20, np.float64, seed=1)
    [computed] = Interpreter(np, np.dtype(np.float64)).run(case.program, at)
    [exact] = exact_values(Question("kl", *laws), at)
    assert worst_error(computed, exact, None, np.float64) > 1e6


# Rules: a bound is at least what is measured, and not much more, so that no part of it can be left out

RNG = np.random.default_rng(7)
COUNT = 40_000
BETWEEN = {"x": (1.0, 2.0), "y": (2.0, 4.0), "z": (0.5, 1.0), "w": (5.0, 8.0)}
RULES = {
    "product": (X * Y, 0.95),
    "product of products": (X * Y * (Z * W), 0.85),
    "quotient": (X / Y, 0.95),
    "quotient of products": (X * Y / (Z * W), 0.8),
    "sum of products": (X * Y + Z * W, 0.7),
    "sum of one rounded": (X * Y + Z, 0.7),
    "difference of exact numbers": (Y - X, 0.9),
    "difference of rounded numbers": (W * Y - X * Z, 0.6),
    "difference with a small number": (Y - X * Z / 64, 0.9),
    "product with a power of two": (X * Y * 8 / 2, 0.95),
    "constant": (X * Fraction(1, 3), 0.65),
    "root": (WRITER.sqrt(X * Y), 0.8),
    "minus": (-(X * Y), 0.95),
    "size": (abs(-(X * Y)), 0.95),
    "exponential of a product": (call("exp", W * Y), 0.45),
    "exponential of a difference": (call("exp", X * Z - Y * W), 0.3),
    "logarithm of a product": (call("log", X * Y), 0.6),
    "expm1 of a product": (call("expm1", W * Y), 0.45),
    "log1p of a product": (call("log1p", -(Z * X / 4)), 0.5),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_right_and_sharp(name):
    result, share = RULES[name]
    program = Program("f", ("x", "y", "z", "w"), (result,))
    bound = bound_of(result, **BETWEEN)
    at = {k: RNG.uniform(*ends, COUNT).astype(np.float32) for k, ends in BETWEEN.items()}
    # Of library functions an error of 1 eps is assumed, and that of NumPy's is smaller: it is not asked for.
    assumed = sum(node.kind == "call" for node in (result,)) * 0.6
    [computed] = Interpreter(np, np.dtype(np.float32)).run(program, at)
    [exact] = Interpreter(np, np.dtype(np.float64)).run(program, {k: v.astype(np.float64) for k, v in at.items()})
    error = np.max(np.abs(computed - exact) / np.abs(exact)) / np.finfo(np.float32).eps
    assert share * (bound - assumed) <= error <= bound * (1 + 1e-6)


def test_exact_operations_cost_nothing():
    assert bound_of(-abs(X) * 4 / 8) == 0
    assert bound_of(X - Y) == pytest.approx(0.5, rel=1e-6)
    assert bound_of(X + (-Y)) == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize(
    "result",
    [
        X * Y - Z,
        X * Y - X * Z,
        (X - Y) * (X + Y) + X - Y,
        WRITER.sqrt(X) - 1,
        call("log", X * Y),
        call("log1p", X * Y),
        call("exp", X * Y),
        call("difference_of_products", X * Y, X, Y, Z),
        1 - call("exp", X),
        abs(X * Y - Z),
        WRITER.where(X < 1, X * Y - Z, X),
        WRITER.where(X < 1, X, X * Y - Z),
    ],
    ids=str,
)
def test_what_may_lose_all_digits_has_no_bound(result):
    assert bound_of(result) == np.inf


@pytest.mark.parametrize("case", ["summed", "single"])
def test_parts_of_a_single_value_must_not_cancel(case):
    [found] = error_bounds(Program("f", ("x", "y"), (X * Y - X,), summed=case == "summed"), {})
    assert found.eps == np.inf
    assert found.reason == "the parts of x*y - x may cancel each other"


def test_parts_of_derivatives_may_cancel():
    found = error_bounds(Program("f", ("x", "y"), (X * Y - X, X * Y)), {})
    assert [one.of_largest_part for one in found] == [True, False]
    assert found[0].eps == pytest.approx(1.5, rel=1e-5)  # half an eps of the product, a whole one of the sum


@pytest.mark.parametrize(
    "result",
    [call("itakura_saito", X * Y - X, X, X), X / (X * Y - X), WRITER.sqrt(X * Y - X)],
    ids=str,
)
def test_a_function_of_parts_that_cancel_has_no_bound(result):
    [found, _] = error_bounds(Program("f", ("x", "y"), (result, X)), {})
    assert found.eps == np.inf


def test_a_sum_of_sums_whose_parts_cancel_has_no_better_bound():
    [found, _] = error_bounds(Program("f", ("x", "y", "z"), (abs(X * Y - X) + abs(X * Z - X), X)), {})
    assert found.of_largest_part


def test_a_function_of_a_difference_needs_exact_numbers():
    assert bound_of(call("exp_of_difference", X, Y), **BETWEEN) == pytest.approx(1.5, rel=1e-4)
    assert bound_of(call("exp_of_difference", X * Z, Y), **BETWEEN) == np.inf


def test_a_condition_narrows_what_is_computed_under_it():
    far = abs(X * Y) < 3
    assert bound_of(WRITER.where(far, call("exp", X * Y), 1)) == pytest.approx(2.5, rel=1e-3)
    assert bound_of(WRITER.where(X < 2, 1, call("log", X * 3 + 2))) < 2
    assert bound_of(WRITER.where(X <= 2, call("log", X * 3 + 2), 1)) == np.inf


def test_a_function_without_a_bound_is_blamed(monkeypatch):
    record = Function(name="riddle", title="riddle", domains=all_functions()["exp"].domains)
    monkeypatch.setitem(all_functions(), "riddle", record)
    [found] = error_bounds(Program("f", ("x",), (call("riddle", X) + 1,)), {})
    assert found.reason == "no bound is known of the error of riddle"
    assert str(found) == "no bound of the error: no bound is known of the error of riddle"


def test_of_a_sum_over_coordinates_the_bound_is_that_of_the_terms():
    [found] = error_bounds(Program("f", ("x", "y"), (X * X * Y,), summed=True), {"y": FloatInterval(0, 1)})
    assert str(found) == "relative error at most 1.1 eps, and the error of the sum"
    assert found.domain == "y from 0 to 1"
    [found] = error_bounds(Program("f", ("x", "y"), (X * X * Y,), summed=True), {})
    assert found.of_largest_part  # terms of either sign cancel each other


def test_parameterisations_with_logarithms_are_bounded_by_less():
    assert isinstance(all_families()["normal"].parameterisations["logvar"], Parameterisation)
    within = traced(Question("stable_form", "normal", "normal", "logvar", "logvar")).within
    assert within["logvar_1"] == FloatInterval(-20.0, 20.0)


# What is written down


@pytest.mark.parametrize(
    ("term", "x", "y", "value"),
    [
        (x**2 / (2 * y), 1e-200, 1e-300, 5e-101),
        (x**2 / (2 * y), 1e200, 1e300, 5e99),
        (y * x**2 / 2, 1e-200, 1e250, 5e-151),
    ],
    ids=str,
)
def test_a_square_may_be_out_of_range_where_the_result_is_not(term, x, y, value):
    program = Program("f", ("x", "y"), (Tracer({Symbol("x"): "x", Symbol("y"): "y"}).node(term),))
    [found] = Interpreter(np, np.dtype(np.float64)).run(program, {"x": np.array(x), "y": np.array(y)})
    assert found == pytest.approx(value, rel=1e-15)
    assert bound_of(program.results[0] + Z, y=(1, 2), z=(0, 1)) < 2.1  # and it is still known to be no negative number


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("distance", [0.0, 1e-17, 1e-12, 1e-4, 0.5])
def test_a_product_of_three_numbers_minus_a_number_keeps_its_digits(dtype, distance):
    rng = np.random.default_rng(5)
    a, b = np.exp(rng.uniform(-9, 9, (2, 500))).astype(dtype)
    d = np.exp(rng.uniform(-9, 9, 500)).astype(dtype)
    c = (d / (a * b) * (1 + distance * rng.standard_normal(500))).astype(dtype)
    x = dict(zip("abcd", map(Symbol, "abcd"), strict=True))
    node = Tracer({symbol: name for name, symbol in x.items()}).node(x["a"] * x["b"] * x["c"] - x["d"])
    [found] = Interpreter(np, np.dtype(dtype)).run(
        Program("f", tuple("abcd"), (node,)), dict(zip("abcd", (a, b, c, d), strict=True))
    )
    for value, *row in zip(found, a, b, c, d, strict=True):
        u, v, w, z = (Fraction(float(one)) for one in row)
        right = u * v * w - z
        assert abs(Fraction(float(value)) - right) <= Fraction(3, 2) * abs(right) * Fraction(float(np.finfo(dtype).eps))
