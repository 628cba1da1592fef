"""Odd arguments that every public function reads: all kinds of arrays and numbers give the right result."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from numeric_arguments import (
    ARRAYS,
    BY_NAME,
    GOOD,
    HOT,
    PLACES,
    REMAINDERS,
    Own,
    assert_same,
    call,
    function,
    reversed_in_memory,
)
from numeric_exact import flat

from kl_symbolic import numeric

pytestmark = [
    pytest.mark.usefixtures("backend"),
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
]


def test_every_public_function_is_here():
    assert {name.split()[0] for name in GOOD} | REMAINDERS.keys() == set(numeric.__all__) - BY_NAME
    for name, argument in PLACES:
        assert argument in inspect.signature(function(name)).parameters


class ArrayLike:
    """Not an array, but convertible, as the columns of data frames are."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype or float)


def unaligned(values):
    raw = np.zeros(values.nbytes + 1, np.uint8)[1:].view(float).reshape(values.shape)
    raw[...] = values
    return raw


FLOATS = {
    "big-endian": lambda v: v.astype(">f8"),
    "big-endian-float32": lambda v: v.astype(">f4"),
    "float16": lambda v: v.astype(np.float16),
    "objects": lambda v: v.astype(object),
    "longdouble": lambda v: v.astype(np.longdouble),
    "lists": lambda v: v.tolist(),
    "tuples": lambda v: tuple(map(tuple, v.tolist())),
    "list-of-arrays": list,
    "list-of-float32": lambda v: [list(row) for row in v.astype(np.float32)],
    "array-like": ArrayLike,
    "matrix": np.matrix,
    "subclass": lambda v: v.view(Own),
    "reversed": reversed_in_memory,
    "every-other": lambda v: np.repeat(np.repeat(v, 2, axis=0), 3, axis=1)[::2, ::3],
    "Fortran": np.asfortranarray,
    "field-of-records": lambda v: np.rec.fromarrays([v, v], names="a,b").a,
    "unaligned": unaligned,
}


@pytest.mark.parametrize("kind", FLOATS)
def test_float_dtypes_layouts_and_subclasses_change_nothing(kind):
    for name, argument in ARRAYS:
        got = call(name, {argument: FLOATS[kind](GOOD[name][argument])})
        if kind in ("big-endian-float32", "list-of-float32", "float16") and len(GOOD[name]) == 1:
            assert got.dtype == np.float32
        else:
            assert_same(got, call(name))


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint64, ">i4"])
def test_integers_and_truth_values_are_numbers(kind):
    for name, argument in PLACES:
        whole = {key: np.ones((2, 4)) if key.startswith(("sigma", "widths")) else HOT for key in GOOD[name]}
        whole |= {key: np.array(1.0) for key in whole if key == "reconstruction"}
        assert_same(call(name, whole | {argument: whole[argument].astype(kind)}), call(name, whole))


@pytest.mark.parametrize("name", GOOD)
def test_read_only_files_and_broadcast_views_are_read(name, tmp_path):
    files = {}
    for argument, value in GOOD[name].items():
        np.save(tmp_path / argument, value)
        files[argument] = np.load(tmp_path / f"{argument}.npy", mmap_mode="r")
    assert_same(call(name, files), call(name))
    views = {argument: np.broadcast_to(v[1], (3, 4)) for argument, v in GOOD[name].items() if v.ndim}
    assert_same(call(name, views), call(name, {argument: v.copy() for argument, v in views.items()}))


@pytest.mark.parametrize("name", [name for name in GOOD if "vae" not in name])
@pytest.mark.parametrize("layout", [">f4", "<f4"])
def test_float32_of_either_byte_order_gives_float32(name, layout):
    narrow = {argument: value.astype(layout) for argument, value in GOOD[name].items()}
    native = {argument: value.astype(np.float32) for argument, value in GOOD[name].items()}
    for got, wide in zip(flat(call(name, narrow)), flat(call(name)), strict=True):
        assert got.dtype == np.dtype(np.float32)
        np.testing.assert_allclose(got, wide, rtol=1e-5, atol=1e-6)
    assert_same(call(name, narrow), call(name, native))


def test_negative_zero_is_zero_and_a_subnormal_number_nearly():
    for name, argument in ARRAYS:
        given = GOOD[name][argument]
        for tiny, rtol in [(-0.0, 0), (5e-324, 1e-14)]:
            got, right = (flat(call(name, {argument: np.where(given == 0, v, given)})) for v in (tiny, 0.0))
            for one, other in zip(got, right, strict=True):
                np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol and 1e-323)
