"""The cheap form of a sum is as good as the other one where it is used, and rows are computed each on its own."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numeric_exact import EPS_ALLOWED, exactly
from numeric_laws import draw, is_logarithm, is_real, is_unit, pairs_of_laws, proved

from kl_symbolic.code.cheap import cheap_program
from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import Program
from kl_symbolic.numeric import kl, loops
from kl_symbolic.numeric.laws import formula_for

EPS_OF_CHEAP = 8
POINTS = 300
DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def formula(laws):
    return formula_for(laws.p, laws.q, laws.param)


CHEAP = [laws for laws in pairs_of_laws() if formula(laws).value.cheap and "gamma" not in (laws.p, laws.q)]
SUMS = pytest.mark.parametrize("laws", CHEAP, ids=str)


@pytest.fixture(autouse=True)
def _without_numba(monkeypatch):
    monkeypatch.setattr(loops, "available", lambda: False)


def terms(laws, dtype):
    """Return parameters of one coordinate each: small and large remainders, means that are equal."""
    random = np.random.default_rng(1)
    found, spread = {}, np.concatenate([random.uniform(-9.5, 9.5, POINTS), random.uniform(-1, 1, POINTS)])
    for place, name in enumerate(laws.names):
        if is_real(laws, name):
            found[name] = np.zeros(2 * POINTS, dtype)
            continue
        varied = spread if place < 2 else 0 * spread  # the first scale; the other one is anything
        logarithm = varied + (random.uniform(-3, 3, 2 * POINTS) if name[-1] in "12" else 0)
        half = 0.5 if name.startswith("logstd") else 1
        found[name] = (half * logarithm if is_logarithm(name) else np.exp(logarithm)).astype(dtype)
    return found


@SUMS
@DTYPES
@pytest.mark.sample(10)
def test_the_error_of_the_worst_sum_is_small(laws, dtype):
    """A sum is worst if all errors have one sign, and if it is as small as it may be, or has only its largest terms."""
    cheap, parameters = formula(laws).value.cheap, terms(laws, dtype)
    with np.errstate(all="ignore"):
        got = formula(laws).value.cheap_function(*(v[None] for v in parameters.values()))[0]
    with mpmath.workdps(60):
        exact = [laws.value(*map(exactly, point)) for point in zip(*parameters.values(), strict=True)]
        errors = np.array([float(exactly(a) - b) for a, b in zip(got, exact, strict=True)]) / np.finfo(dtype).eps
    values = np.array([float(v) for v in exact])
    allowed = values <= cheap.most
    errors, values = errors[allowed], values[allowed]
    assert (values > cheap.least).sum() > POINTS / 10
    assert (values < cheap.least).sum() > POINTS / 10
    for signed in (errors, -errors):
        above, below = values >= cheap.least, values < cheap.least
        assert (signed[above] / values[above]).max() <= EPS_OF_CHEAP
        # Of every pair of terms, so many of each that the sum is just large enough.
        a, b = values[above][:, None], values[below][None]
        share = (cheap.least - b) / (a - b)
        error = share * signed[above][:, None] + (1 - share) * signed[below][None]
        assert error.max() / cheap.least <= EPS_OF_CHEAP


@DTYPES
@pytest.mark.parametrize("width", [1, 3, 64])
def test_sums_around_the_least_are_accurate(dtype, width):
    laws = proved("normal", "normal", "logvar")
    random = np.random.default_rng(2)
    mu = random.normal(size=(12, width))
    gap = random.uniform(-1.2, 1.2, (12, width))
    parameters = {"mu_1": mu, "logvar_1": gap, "mu_2": mu, "logvar_2": 0 * gap}
    sums = kl("diagonal_normal", "diagonal_normal", param="logvar", **parameters)
    parameters["mu_1"] = mu + np.sqrt(np.maximum(0, 0.5 - 2 * sums / width))[:, None] * random.uniform(
        0.97, 1.03, (12, 1)
    )
    parameters = {name: v.astype(dtype) for name, v in parameters.items()}
    got = kl("diagonal_normal", "diagonal_normal", param="logvar", **parameters)
    with mpmath.workdps(60):
        for row, value in enumerate(got):
            points = zip(*(parameters[name][row] for name in laws.names), strict=True)
            exact = mpmath.fsum(laws.value(*map(exactly, point)) for point in points)
            assert abs(exactly(value) - exact) <= EPS_ALLOWED * exactly(np.finfo(dtype).eps) * exact


@DTYPES
@pytest.mark.sample(6)
@pytest.mark.parametrize("laws", pairs_of_laws(), ids=str)
def test_rows_do_not_depend_on_each_other(laws, dtype):
    """Small sums, large ones, one that is NaN, and one with parameters that are not ordinary."""
    random = np.random.default_rng(3)
    rows = [draw(laws, random, 5, dtype, spread) for spread in (1e-3, 0.1, 0.5, 1.0, 2.0, 1.0)]
    rows[-1][laws.names[0]][2] = np.nan
    rows.append({name: v * dtype(1e-8 if is_unit(name) else 1e8) for name, v in draw(laws, random, 5, dtype).items()})
    rows[-1] |= {name: np.full(5, 30, dtype) for name in laws.names if is_logarithm(name)}

    def total(parameters):
        return kl(
            f"diagonal_{laws.p}" if "standard" not in laws.p else laws.p,
            product_of(laws.q),
            param=laws.param,
            **parameters,
        )

    together = total({name: np.stack([row[name] for row in rows]) for name in laws.names})
    alone = [total(row) for row in rows]
    np.testing.assert_array_equal(together, alone)


def product_of(name):
    return name if "standard" in name else f"diagonal_{name}"


def test_a_remainder_of_a_remainder_has_no_cheap_form():
    x = argument("x")
    nested = Program("f", ("x",), (call("expm1mx", call("expm1mx", x)),))
    assert cheap_program(nested) is None
    assert cheap_program(Program("f", ("x",), (call("expm1mx", x) * call("expm1mx", x),))) is None
    assert cheap_program(Program("f", ("x",), (-call("expm1mx", x),))) is None
    assert cheap_program(Program("f", ("x",), (x * x,))) is None


def test_thresholds_are_those_of_the_terms_with_their_factors():
    x, y = argument("x"), argument("y")
    found = cheap_program(Program("f", ("x", "y"), (3 * call("expm1mx", x) + call("expm1mx", y) / 4 + x * x,)))
    assert (found.least, found.most) == (3 * 0.5 + 0.5 / 4, 2e4 / 4)
