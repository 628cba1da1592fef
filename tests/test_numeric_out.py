"""The array that a caller gives for the result: of any layout that fits, and refused where it does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from numeric_arguments import ARRAYS, GOOD, WITH_OUT, Own, assert_same, call, refusal

pytestmark = pytest.mark.usefixtures("backend")


def shapes(name):
    return (2, 4) if name == "kl_normal" else (2,)


OUTS = {
    "shape": (lambda s: np.zeros((*s, 1)), "the shape of the result"),
    "one-more": (lambda s: np.zeros((s[0] + 1, *s[1:])), "the shape of the result"),
    "number": (lambda _: np.zeros(()), "the shape of the result"),
    "float32": (lambda s: np.zeros(s, np.float32), "the dtype of the result, float64; got float32"),
    "longdouble": (lambda s: np.zeros(s, np.longdouble), "the dtype of the result, float64; got "),
    "integers": (lambda s: np.zeros(s, int), "the dtype of the result, float64; got int64"),
    "objects": (lambda s: np.zeros(s, object), "the dtype of the result, float64; got object"),
    "big-endian": (lambda s: np.zeros(s, ">f8"), "the dtype of the result, float64; got >f8"),
    "records": (lambda s: np.zeros(s, [("a", float)]), "the dtype of the result, float64; got [('a', '<f8')]"),
    "broadcast": (lambda s: np.broadcast_to(0.0, s), "out must be writeable; got a read-only array"),
    "list": (lambda s: np.zeros(s).tolist(), "out must be a NumPy array; got list"),
    "scalar": (lambda _: np.float64(0), "out must be a NumPy array; got float64"),
    "tuple": (lambda s: (np.zeros(s),), "out must be a NumPy array; got tuple"),
    "masked": (lambda s: np.ma.array(np.zeros(s), mask=True, hard_mask=True), "mask"),
}
FITTING = {
    "Fortran": lambda s: np.zeros(s, order="F"),
    "spaced": lambda s: np.zeros([2 * n for n in s])[tuple([slice(None, None, 2)] * len(s))],
    "reversed": lambda s: np.zeros(s)[tuple([slice(None, None, -1)] * len(s))],
    "subclass": lambda s: np.zeros(s).view(Own),
    "field-of-records": lambda s: np.zeros(s, [("a", "i1"), ("b", float)])["b"],
}


@pytest.mark.parametrize("kind", OUTS)
@pytest.mark.parametrize("name", WITH_OUT)
def test_an_out_that_does_not_fit_is_refused(name, kind):
    make, message = OUTS[kind]
    assert message in refusal(lambda: call(name, out=make(shapes(name))))


@pytest.mark.parametrize("kind", FITTING)
@pytest.mark.parametrize("name", WITH_OUT)
def test_an_out_of_any_layout_is_filled_and_returned(name, kind):
    out = FITTING[kind](shapes(name))
    assert call(name, out=out) is out
    assert_same(np.array(out), call(name))


@pytest.mark.parametrize("name", WITH_OUT)
def test_an_out_for_one_number_is_filled_and_one_is_left_alone_after_an_error(name):
    out, first = np.array(-1.0), next(iter(GOOD[name]))
    rows = {argument: value[0, 0] if name == "kl_normal" else value[0] for argument, value in GOOD[name].items()}
    assert call(name, rows, out=out) is out
    assert out == call(name, rows)
    out = np.full(shapes(name), -1.0)
    assert refusal(lambda: call(name, {first: np.full((2, 4), np.inf)}, out=out))
    assert (out == -1).all()


@pytest.mark.parametrize(("name", "argument"), [place for place in ARRAYS if place[0] in WITH_OUT])
def test_an_out_may_overlap_any_argument(name, argument):
    right = call(name)
    for columns in (slice(0, 4), slice(1, 5), slice(3, None, -1)):
        memory = np.empty((3, 5))
        value, out = memory[:2, :4], memory[1:, columns] if name == "kl_normal" else memory[1:, columns][:, 1]
        value[...] = GOOD[name][argument]
        assert_same(np.array(call(name, {argument: value}, out=out)), right)
