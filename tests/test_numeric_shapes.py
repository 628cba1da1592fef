"""Axes, shapes that do not broadcast, empty arrays and numbers of arguments, for every public function."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numeric_arguments import GOOD, SEVERAL, WITH_AXIS, P, assert_same, call, function, refusal
from numeric_exact import flat

from kl_symbolic.arguments import given

pytestmark = pytest.mark.usefixtures("backend")


# Axes


@pytest.mark.parametrize("name", WITH_AXIS)
def test_an_axis_counts_from_either_end_and_may_be_a_numpy_integer(name):
    turned = {argument: np.swapaxes(value, 0, -1) if value.ndim else value for argument, value in GOOD[name].items()}
    for axis in (0, -2, np.int64(0), np.uint8(0)):
        assert_same(flat(call(name, turned, axis=axis))[0], flat(call(name))[0])


WRONG_AXES = [1.5, 0.0, -1.0, "0", True, np.True_, (0, 2), (0, -2), (0, 1.0), [0], np.array([0]), 1j, np.float64(1)]


@pytest.mark.parametrize(
    "axis",
    [
        2,
        -3,
        10**30,
        np.nan,
        np.inf,
        *(pytest.param(v, id=repr(v)) for v in WRONG_AXES),
    ],
)
def test_an_axis_that_is_not_there_or_not_an_integer_is_refused(axis):
    for name in WITH_AXIS:
        message = refusal(lambda: call(name, axis=axis))  # noqa: B023
        assert message.startswith("axis must ")
        assert str(axis) in message or given(axis) in message


@pytest.mark.parametrize("name", WITH_AXIS)
def test_single_numbers_have_no_axis(name):
    for value in (1.0, np.array(1.0)):
        message = refusal(lambda value=value: function(name)(**dict.fromkeys(GOOD[name], value)))
        assert message.startswith("axis must be one of the axes of ")


# Shapes


def test_shapes_that_do_not_broadcast_are_named():
    for (name, argument), shape in product(SEVERAL, [(2, 5), (3, 4), (5,), (0,)]):
        message = refusal(lambda: call(name, {argument: np.full(shape, 0.2)}))  # noqa: B023
        if (argument, shape) == ("widths", (5,)):
            assert message.startswith("widths must hold one width for each of the 4 bins; got 5 numbers")
        else:
            assert message.startswith("the shapes of the parameters do not broadcast: ")
            assert f"{argument} {shape}" in message


def test_more_dimensions_than_numpy_broadcasts_are_refused():
    for name, argument in SEVERAL:
        given = dict.fromkeys(GOOD[name], 1.0) | {argument: np.ones((1,) * 33)}
        assert "dimensions" in refusal(lambda: call(name, given))  # noqa: B023


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("empty", [0, 1, 2])
@pytest.mark.parametrize("name", GOOD)
def test_empty_arrays_give_empty_results_and_empty_sums_are_zero(name, empty, axis):
    shape = tuple(0 if k == empty else n for k, n in enumerate((2, 3, 4)))
    whole = {key: np.ones(shape) if value.ndim else 2.5 for key, value in GOOD[name].items()}
    options = {"axis": axis} if name in WITH_AXIS else {}
    if "vae" in name and axis != empty:
        assert refusal(lambda: call(name, whole, **options)).startswith("the batch is empty")
        return
    if "p" in whole and axis == empty:
        message = refusal(lambda: call(name, whole, **options))
        assert (
            message.endswith(f"along axis {axis} must be positive; got 0.0 at index (0, 0)")
            or "must be 1; got 0.0" in message
        )
        return
    value, *gradient = flat(call(name, whole, **options))
    left = tuple(n for k, n in enumerate(shape) if k != axis)
    assert value.shape == (() if "vae" in name else left if options else shape)
    assert not value.any() or value == 2.5
    assert all(v.shape == shape for v in gradient)


def test_what_meets_an_empty_array_is_looked_at_all_the_same():
    for name, argument in SEVERAL:
        whole = {key: np.ones((0, 4)) if value.ndim else 2.5 for key, value in GOOD[name].items()}
        message = refusal(lambda: call(name, whole | {argument: -np.inf}))  # noqa: B023
        assert message.startswith(tuple(f"{argument} must be {what}; got -inf" for what in ("finite", "non-negative")))


@pytest.mark.parametrize("name", GOOD)
def test_a_wrong_number_of_arguments_is_the_usual_type_error(name):
    for run in (
        function(name),
        lambda: function(name)(*[P] * 9),
        lambda: call(name, nonsense=1),
    ):
        with pytest.raises(TypeError, match=r"argument"):
            run()
