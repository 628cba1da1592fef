"""Arguments that every public function refuses, by name: no numbers, or outside the domain; and what NaN gives."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from numeric_arguments import ARRAYS, GOOD, PLACES, WITH_AXIS, WITH_OUT, call, function, refusal, reversed_in_memory
from numeric_exact import flat

from kl_symbolic import numeric
from kl_symbolic.numeric import loops, rows

pytestmark = pytest.mark.usefixtures("backend")


# What is not an array of real numbers

REAL = "must be an array of real numbers; got "
MASK = "must be an array without a mask; got a masked array"
BEYOND = "must lie within the range of float64; got an integer beyond it"
RAGGED = [[1.0], [1.0, 2.0]]
REFUSED = [
    (np.ones((2, 4), complex), REAL + "the dtype complex128"),
    (1j, REAL + "1j"),
    ("0.5", REAL + "'0.5'"),
    (["0.5", "0.5"], REAL + "the dtype <U3"),
    (b"1", REAL + "b'1'"),
    (np.zeros(2, "M8[D]"), REAL + "the dtype datetime64[D]"),
    (np.zeros(2, "m8[s]"), REAL + "the dtype timedelta64[s]"),
    (np.zeros(2, [("a", float)]), REAL + "the dtype [('a', '<f8')]"),
    (np.zeros(2, "V4"), REAL + "the dtype |V4"),
    (
        np.array(["0.25"] * 4, object),
        REAL + "the dtype object, with '0.25' at index (0,): convert it by .astype(float)",
    ),
    (None, REAL + "None"),
    ([None, 1.0], REAL + "the dtype object"),
    ({}, REAL + "a dict"),
    ((x for x in [1.0]), REAL + "a generator"),
    (Fraction(1, 2), REAL + "a Fraction"),
    (Decimal("0.5"), REAL + "a Decimal"),
    (len, REAL + "a builtin_function_or_method"),
    (10**400, BEYOND),
    (-(10**400), BEYOND),
    ([10**400, 1], BEYOND),
    (np.ma.array([0.5, 0.5], mask=[0, 1]), MASK),
    (np.ma.array([0.5, 0.5]), MASK),
    (np.ma.masked, MASK),
    pytest.param([np.ma.array([0.25] * 4, mask=[0, 0, 0, 1])], MASK),
    pytest.param([np.ma.masked, 1.0], MASK),
]


@pytest.mark.parametrize(("value", "message"), REFUSED)
def test_what_is_not_an_array_of_real_numbers_is_refused_by_name(value, message):
    for name, argument in PLACES:
        if value is not None or argument != "widths":
            assert refusal(lambda: call(name, {argument: value})).startswith(f"{argument} {message}")  # noqa: B023


@pytest.mark.parametrize("argument", ["p", "widths"])
def test_ragged_densities_and_widths_are_refused(argument):
    message = refusal(lambda: call("histogram_kl", {argument: RAGGED}))
    assert message.startswith(f"{argument} {REAL}nested lists of unequal lengths")


# Numbers outside the domain, and NaN

LARGE = {"threads": (1000, 265), "long-rows": (3, 88_000)}  # of more bytes than two threads are woken for
LAYOUTS = {"contiguous": np.array, "reversed": reversed_in_memory}
BY_MEAN = {"mu_1", "mu_2", "sigma_2", "logvar_2", "mu"}
BY_SCALE = {"sigma_1", "sigma_2", "logvar_1", "logvar_2", "logvar"}


def large(name, shape):
    random = np.random.default_rng(shape[0])
    whole = {}
    for argument in GOOD[name]:
        value = random.uniform(0.5, 1.5, shape)
        whole[argument] = value / value.sum(axis=-1, keepdims=True) if argument in {"p", "q", "p_1", "p_2"} else value
        if argument == "widths":
            whole[argument] = np.ones(shape)
    return whole | {k: np.array(1.0) for k in whole if k == "reconstruction"}


def invalid(name, argument):
    """What the argument may not be, and what the message says that it must be."""
    if argument == "nats":
        return []
    bad = [
        (np.inf, "finite"),
        (-np.inf, "non-negative" if argument in {"p", "q"} and "counts" not in name else "finite"),
    ]
    if argument.startswith(("sigma", "widths")):
        bad += [(0.0, "positive"), (-0.0, "positive"), (-5e-324, "positive")]
    if argument in {"p", "q"}:
        bad += [(-5e-324, "non-negative"), (-1.0, "non-negative")]
        bad += [] if "histogram" in name else [(1.5, f"the sum of {argument} along axis -1 must be 1; got ")]
    if "bernoulli" in name and argument in {"p_1", "p_2"}:
        bad = [(number, "from 0 to 1") for number in (-0.5, 1.5)]
    return bad


@pytest.mark.sample(24)
@pytest.mark.parametrize(("size", "layout"), [("threads", "contiguous"), ("long-rows", "reversed")])
@pytest.mark.parametrize(("name", "argument"), ARRAYS)
def test_the_last_number_of_a_large_array_is_looked_at(monkeypatch, name, argument, size, layout):
    if size == "long-rows":  # than a block
        monkeypatch.setattr(rows, "BLOCK", 1 << 13)
        monkeypatch.setattr(rows, "COPIED", 1 << 15)
    shape = LARGE[size]
    whole = {key: LAYOUTS[layout](value) if value.ndim else value for key, value in large(name, shape).items()}
    clean, place = call(name, whole), tuple(n - 1 for n in shape)
    bad, value = invalid(name, argument), whole[argument]
    for number, what in bad[-1:] if layout == "reversed" or name in WITH_OUT else []:
        value[-1, -1] = number
        message = refusal(lambda: call(name, whole))
        expected = f"{argument} must be {what}; got {number} at index {place}"
        assert message.startswith(what if what.startswith("the sum") else expected)
    value[-1, -1] = np.nan
    results, dependent = flat(call(name, whole)), [True]
    if "_grad" in name:
        dependent = [argument in BY_MEAN, argument in BY_SCALE]
        dependent = dependent if "mu" in GOOD[name] else [*dependent, dependent[0], True]
        dependent = dependent if "_value" not in name else [True, *dependent]
    for got, right, depends in zip(results, flat(clean), dependent, strict=True):
        if got.shape == shape:
            assert np.isnan(got[-1, -1]) == depends
            np.testing.assert_allclose(got[-1, :-1], right[-1, :-1], rtol=1e-9)
        else:
            assert np.isnan(got[-1] if got.ndim else got)
        np.testing.assert_array_equal(got[:-1] if got.ndim else [], right[:-1] if right.ndim else [])


@pytest.mark.parametrize("place", [*np.ndindex(2, 4)])
def test_a_bad_number_is_named_with_its_place_anywhere_in_a_small_array(place):
    for name, argument in ARRAYS:
        for number, what in invalid(name, argument):
            value = GOOD[name][argument].copy()
            value[place] = number
            message = refusal(lambda: call(name, {argument: value}))  # noqa: B023
            if what.startswith("the sum"):
                assert message.startswith(what)
                assert message.endswith(f" at index ({place[0]},)")
            else:
                assert message.startswith(f"{argument} must be {what}; got {number} at index {place}")
                message = refusal(lambda: call(name, {argument: number}))  # noqa: B023
                alone = len(GOOD[name]) == 1 and name in WITH_AXIS  # a number has no axis to sum over
                assert alone or message.startswith(f"{argument} must be {what}; got {number}")


@pytest.mark.parametrize("name", ["kl_normal_grad", "kl_diag_normal_grad"])
def test_equal_means_do_not_hide_a_nan(name):
    assert np.isnan(function(name)(1.0, 1.0, 1.0, np.nan)).all()


@pytest.mark.parametrize("name", ["kl_discrete", "entropy_discrete", "cross_entropy_discrete"])
def test_laws_whose_sum_overflows_are_refused_without_a_warning(name):
    assert "must be 1; got inf" in refusal(lambda: call(name, p=[1.7e308] * 4))


def test_histograms_of_numbers_whose_sum_overflows():
    assert refusal(lambda: numeric.histogram_kl([1.7e308] * 2, [1, 1], 1)).endswith("must be 1; got inf")
    assert numeric.histogram_kl([1.7e308] * 2, [1, 1]) == 0
    assert refusal(lambda: numeric.histogram_kl([[1, 2], [0, 0]], [1, 1])).endswith("positive; got 0.0 at index (1,)")


@pytest.mark.parametrize("nats", [1.7e308, [1.7e308], np.float32(3e38)])
def test_bits_beyond_the_range_are_infinite_without_a_warning(nats):
    assert np.all(numeric.in_bits(nats) == np.inf)


def test_numba_gives_no_warning_at_its_first_sight_of_one_entry_and_plain_numbers():
    if not loops.available():
        return
    code = "import numpy as n; from kl_symbolic.numeric import kl_normal; kl_normal(n.ones(1), 1, 0, 1)"
    subprocess.run([sys.executable, "-W", "error::FutureWarning", "-c", code], check=True, capture_output=True)
