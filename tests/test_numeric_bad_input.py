"""What every public function makes of bad and of odd arguments: the right number, or an error of one line."""

from __future__ import annotations

import inspect
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from kl_symbolic import numeric
from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import blocks

pytestmark = [
    pytest.mark.usefixtures("backend"),
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
]

P = np.array([[0.25, 0.25, 0.5, 0.0], [0.125, 0.125, 0.25, 0.5]])
Q = np.array([[0.5, 0.25, 0.125, 0.125], [0.25, 0.25, 0.0625, 0.4375]])
WIDTHS = np.array([[0.5, 1.0, 2.0, 0.5], [1.0, 0.25, 0.5, 2.0]])
FIRST = np.array([[1.0, -2.0, 0.5, 0.0], [0.25, 3.0, -1.0, 2.0]])
SECOND = np.array([[0.0, -1.5, 2.5, 1.0], [-0.75, 1.0, 0.5, 0.125]])
SCALES = [np.array([[1.0, 0.5, 2.0, 0.75], [0.25, 3.0, 1.5, 4.0]]), np.array([[2.0, 0.5, 1.0, 0.5], [1.25, 2, 3, 1]])]
HOT = np.eye(4)[[0, 2]]
NORMAL = {"mu_1": FIRST, "sigma_1": SCALES[0], "mu_2": SECOND, "sigma_2": SCALES[1]}
DIAGONAL = {"mu_1": FIRST, "logvar_1": SECOND, "mu_2": -SECOND, "logvar_2": FIRST[:, ::-1]}
STANDARD = {"mu": FIRST, "logvar": SECOND}
LAWS = {"p": P, "q": Q}
GOOD = {  # arguments whose numbers are exact in all floating dtypes
    "kl_normal": NORMAL,
    "kl_diag_normal": DIAGONAL,
    "kl_standard_normal": STANDARD,
    "vae_loss": {"reconstruction": np.array(2.5), **STANDARD},
    "kl_discrete": LAWS,
    "entropy_discrete": {"p": P},
    "cross_entropy_discrete": LAWS,
    "histogram_kl": {"p": P / WIDTHS, "q": Q / WIDTHS, "widths": WIDTHS},
    "histogram_kl of counts": {"p": 8 * P, "q": 3 * Q},
    "in_bits": {"nats": FIRST},
}
for family in ("kl_normal", "kl_diag_normal", "kl_standard_normal"):
    GOOD[f"{family}_grad"] = GOOD[f"{family}_value_and_grad"] = GOOD[family]
GOOD["vae_loss_value_and_grad"] = GOOD["vae_loss"]
PLACES = [(name, argument) for name, arguments in GOOD.items() for argument in arguments]
ARRAYS = [place for place in PLACES if place[1] != "reconstruction"]
SEVERAL = [place for place in ARRAYS if len(GOOD[place[0]]) > 1]
WITH_OUT = ["kl_normal", "kl_diag_normal", "kl_standard_normal"]


def function(name):
    return getattr(numeric, name.split()[0])


WITH_AXIS = [name for name in GOOD if "axis" in inspect.signature(function(name)).parameters]


def call(name, changes=(), /, **options):
    return function(name)(**{**GOOD[name], **dict(changes), **options})


def flat(result):
    return [v for part in result for v in flat(part)] if isinstance(result, tuple) else [result]


def assert_same(got, expected):
    """Compare to the last bit; results are plain arrays or NumPy scalars."""
    for one, other in zip(flat(got), flat(expected), strict=True):
        assert type(one) is type(other)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, strict=True)


def refusal(run):
    with pytest.raises(RequestError) as caught:
        run()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 250
    return message


def test_every_public_function_is_here():
    assert {name.split()[0] for name in GOOD} == set(numeric.__all__)
    for name, argument in PLACES:
        assert argument in inspect.signature(function(name)).parameters


# The contiguous float64 computation, which the others are compared with


# Odd arguments that are read


class Own(np.ndarray):
    """A subclass."""


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
    "longdouble": lambda v: v.astype(np.longdouble),
    "lists": lambda v: v.tolist(),
    "tuples": lambda v: tuple(map(tuple, v.tolist())),
    "list-of-arrays": list,
    "list-of-float32": lambda v: [list(row) for row in v.astype(np.float32)],
    "array-like": ArrayLike,
    "matrix": np.matrix,
    "subclass": lambda v: v.view(Own),
    "reversed": lambda v: np.ascontiguousarray(v[::-1, ::-1])[::-1, ::-1],
    "every-other": lambda v: np.repeat(np.repeat(v, 2, axis=0), 3, axis=1)[::2, ::3],
    "Fortran": np.asfortranarray,
    "field-of-records": lambda v: np.rec.fromarrays([v, v], names="a,b").a,
    "unaligned": unaligned,
}


@pytest.mark.parametrize("kind", FLOATS)
def test_float_dtypes_layouts_and_subclasses_change_nothing(kind):
    for name, argument in ARRAYS:
        got = call(name, {argument: FLOATS[kind](GOOD[name][argument])})
        if "float32" in kind and len(GOOD[name]) == 1:
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


@pytest.mark.parametrize(
    "value", [2.5, np.array(2.5), np.float16(2.5), np.longdouble(2.5), Own((), buffer=np.array(2.5))]
)
@pytest.mark.parametrize("name", ["vae_loss", "vae_loss_value_and_grad"])
def test_the_reconstruction_is_one_number_of_any_kind(name, value):
    assert_same(call(name, reconstruction=value), call(name))
    assert flat(call(name, reconstruction=np.nan))[0] != flat(call(name))[0]
    assert flat(call(name, reconstruction=np.inf))[0] == np.inf
    assert refusal(lambda: call(name, reconstruction=[value])).startswith("reconstruction must be one number")


# Arguments that are refused

REAL = "must be an array of real numbers; got "
MASK = "must be an array without a mask; got a masked array"
BEYOND = "must lie within the range of float64; got an integer beyond it"
RAGGED = [[1.0], [1.0, 2.0]]
REFUSED = [
    (np.ones((2, 4), complex), REAL + "the dtype complex128"),
    (1j, REAL + "the dtype complex128"),
    ("0.5", REAL + "the dtype <U3"),
    (["0.5", "0.5"], REAL + "the dtype <U3"),
    (b"1", REAL + "the dtype |S1"),
    (np.zeros(2, "M8[D]"), REAL + "the dtype datetime64[D]"),
    (np.zeros(2, "m8[s]"), REAL + "the dtype timedelta64[s]"),
    (np.zeros(2, [("a", float)]), REAL + "the dtype [('a', '<f8')]"),
    (np.zeros(2, "V4"), REAL + "the dtype |V4"),
    (np.ones(4, object), REAL + "the dtype object"),
    (None, REAL + "the dtype object"),
    ([None, 1.0], REAL + "the dtype object"),
    ({}, REAL + "the dtype object"),
    ((x for x in [1.0]), REAL + "the dtype object"),
    (Fraction(1, 2), REAL + "the dtype object"),
    (Decimal("0.5"), REAL + "the dtype object"),
    (len, REAL + "the dtype object"),
    (10**400, BEYOND),
    (-(10**400), BEYOND),
    ([10**400, 1], REAL + "the dtype object"),
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


# Numbers outside the domain, and NaN

LARGE = {"threads": (1000, 265), "long-rows": (3, 88_000)}  # more than 2^18 numbers
LAYOUTS = {"contiguous": np.array, "reversed": FLOATS["reversed"]}
BY_MEAN = {"mu_1", "mu_2", "sigma_2", "logvar_2", "mu"}
BY_SCALE = {"sigma_1", "sigma_2", "logvar_1", "logvar_2", "logvar"}


def large(name, shape):
    random = np.random.default_rng(shape[0])
    whole = {}
    for argument in GOOD[name]:
        value = random.uniform(0.5, 1.5, shape)
        whole[argument] = value / value.sum(axis=-1, keepdims=True) if argument in {"p", "q"} else value
        if argument == "widths":
            whole[argument] = np.ones(shape)
    return whole | {k: np.array(1.0) for k in whole if k == "reconstruction"}


def invalid(name, argument):
    """What the argument may not be, and what the message says that it must be."""
    if argument == "nats":
        return []
    bad = [(np.inf, "finite"), (-np.inf, "finite")]
    if argument.startswith(("sigma", "widths")):
        bad += [(0.0, "positive"), (-0.0, "positive"), (-5e-324, "positive")]
    if argument in {"p", "q"}:
        bad += [(-5e-324, "non-negative"), (-1.0, "non-negative")]
        bad += [] if "histogram" in name else [(1.5, f"the sum of {argument} along axis -1 must be 1; got ")]
    return bad


@pytest.mark.parametrize(("size", "layout"), [("threads", "contiguous"), ("long-rows", "reversed")])
@pytest.mark.parametrize(("name", "argument"), ARRAYS)
def test_the_last_number_of_a_large_array_is_looked_at(monkeypatch, name, argument, size, layout):
    if size == "long-rows":  # than a block
        monkeypatch.setattr(blocks, "BLOCK", 1 << 16)
        monkeypatch.setattr(blocks, "BLOCK_OF_NUMBA", 1 << 18)
    shape = LARGE[size]
    whole = {key: LAYOUTS[layout](value) if value.ndim else value for key, value in large(name, shape).items()}
    clean, place = call(name, whole), tuple(n - 1 for n in shape)
    bad, value = invalid(name, argument), whole[argument]
    for number, what in bad[-1:] if layout == "reversed" or name in WITH_OUT else []:
        value[-1, -1] = number
        message = refusal(lambda: call(name, whole))
        expected = f"{argument} must be {what}; got {number} at index {place}"
        assert message == expected if " " not in what else message.startswith(what)
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
            if " " in what:
                assert message.startswith(what)
                assert message.endswith(f" at index ({place[0]},)")
            else:
                assert message == f"{argument} must be {what}; got {number} at index {place}"
                message = refusal(lambda: call(name, {argument: number}))  # noqa: B023
                assert message.startswith(f"{argument} must be {what}; got {number}")


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
    if not blocks.NUMBA:
        return
    code = "import numpy as n; from kl_symbolic.numeric import kl_normal; kl_normal(n.ones(1), 1, 0, 1)"
    subprocess.run([sys.executable, "-W", "error::FutureWarning", "-c", code], check=True, capture_output=True)


# The weight of vae_loss


def betas():
    yield from [-1, -5e-324, np.nan, np.inf, -np.inf, "1", None, 1j, [1.0], np.ones(1), np.array(1.0), Decimal(1), {}]
    yield pytest.param(10**400, id="huge")
    yield pytest.param(-(10**400), id="huge-below-zero")
    yield pytest.param(np.ma.array([1.0, 2.0], mask=[0, 1]), id="masked")
    yield pytest.param(np.ones((3, 3)), id="matrix")
    yield pytest.param(np.longdouble("1e400"), id="longdouble")


@pytest.mark.parametrize("beta", [*betas()])
@pytest.mark.parametrize("name", ["vae_loss", "vae_loss_value_and_grad"])
def test_beta_must_be_a_finite_number(name, beta):
    assert refusal(lambda: call(name, beta=beta)).startswith("beta must be a finite number >= 0; got ")


def test_beta_is_a_number_of_any_kind():
    for beta in (1, True, np.float16(1), np.uint8(1), np.longdouble(1)):
        assert_same(call("vae_loss_value_and_grad", beta=beta), call("vae_loss_value_and_grad"))
    assert call("vae_loss", beta=-0.0) == call("vae_loss", beta=0) == 2.5


def test_the_weight_zero_leaves_the_reconstruction_whatever_the_divergence():
    assert numeric.vae_loss(2.5, [1e200], [0.0], 0) == 2.5


def test_the_mean_over_the_batch_does_not_overflow_before_it_must():
    assert numeric.vae_loss(0.0, [[1.8e154]] * 2, 0.0) == numeric.vae_loss(0.0, [[1.8e154]], 0.0) < np.inf


def test_a_large_weight_of_float32_gradients_spoils_no_zero():
    _, (by_mu, by_logvar) = numeric.vae_loss_value_and_grad(0.0, np.float32([1.0]), np.float32([0.0]), 1e300)
    assert (by_mu[0], by_logvar[0]) == (np.inf, 0)


# Axes, numbers of arguments, and arrays of no numbers or none but one


@pytest.mark.parametrize("name", WITH_AXIS)
def test_an_axis_counts_from_either_end_and_may_be_a_numpy_integer(name):
    turned = {argument: np.swapaxes(value, 0, -1) if value.ndim else value for argument, value in GOOD[name].items()}
    for axis in (0, -2, np.int64(0), np.uint8(0)):
        assert_same(flat(call(name, turned, axis=axis))[0], flat(call(name))[0])


WRONG_AXES = [1.5, 0.0, -1.0, None, "0", True, np.True_, (0,), [0], np.array([0]), 1j, np.float64(1)]


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
        assert message.startswith("axis must be ")
        assert str(axis) in message


@pytest.mark.parametrize("name", WITH_AXIS)
def test_single_numbers_have_no_axis(name):
    for value in (1.0, np.array(1.0)):
        message = refusal(lambda value=value: function(name)(**dict.fromkeys(GOOD[name], value)))
        assert message.startswith("axis must be one of the axes of ")


@pytest.mark.parametrize("name", GOOD)
def test_a_wrong_number_of_arguments_is_the_usual_type_error(name):
    for run in (
        function(name),
        lambda: function(name)(*[P] * 9),
        lambda: call(name, nonsense=1),
    ):
        with pytest.raises(TypeError, match=r"argument"):
            run()


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
        assert message == f"{argument} must be finite; got -inf"


# The array for the result


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
