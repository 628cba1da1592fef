"""Arrays anywhere in memory, of any subclass: parameters and results are the same to the last bit, or refused."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numeric_arguments import GOOD, Own, assert_same, call, refusal
from numeric_draws import DTYPES
from numeric_exact import flat
from numpy.lib.stride_tricks import as_strided

from kl_symbolic.numeric import arrays as on_arrays
from kl_symbolic.numeric import kl_normal, loops, rows

pytestmark = [
    pytest.mark.usefixtures("backend"),
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
]

WITH_OUT = [name for name in GOOD if name.startswith("kl_") and not name.endswith("l_grad")]
WITH_GRADIENT = [name for name in WITH_OUT if "_grad" in name]
ROWS, WIDTH = 8, 256  # a few batches of whole lines of the cache
OFFSETS = [(dtype, offset) for dtype in DTYPES for offset in range(1, np.dtype(dtype).itemsize)]
FILLER = 0xA5


@pytest.fixture
def direct(monkeypatch):
    """Results are written where they belong even if they are few."""
    monkeypatch.setattr(on_arrays, "FEW", 0)


def parameters(name, dtype=np.float64, shape=(ROWS, WIDTH)):
    whole = {}
    for k, argument in enumerate(GOOD[name]):
        value = np.exp(np.random.default_rng(k).normal(size=shape))
        whole[argument] = (
            value / value.sum(axis=-1, keepdims=True) if argument in {"p", "q", "p_1", "p_2"} else value
        ).astype(dtype)
        if argument == "widths":
            whole[argument] = np.ones(shape, dtype)
        if argument == "reconstruction":
            whole[argument] = np.array(2.5, dtype)
    return whole


def surrounded(like, offset):
    """Return an array like another one that begins so many bytes after a line of the cache, and all bytes around it."""
    memory = np.full(like.nbytes + 192, FILLER, np.uint8)
    begin = -memory.ctypes.data % 64 + 64 + offset
    whole = memory[begin - 64 : begin + like.nbytes + 64]
    return whole[64 : 64 + like.nbytes].view(like.dtype).reshape(like.shape), whole


def as_out(arrays):
    return arrays[0] if len(arrays) == 1 else (arrays[0], tuple(arrays[1:]))


def assert_written(name, given, arrays, **options):
    """Call with arrays for the result; they are returned, and hold what the same call returns without them."""
    right = flat(call(name, {k: np.array(v) for k, v in given.items()}, **options))
    for got, array in zip(flat(call(name, given, out=as_out(arrays), **options)), arrays, strict=True):
        assert got is array
    for array, expected in zip(arrays, right, strict=True):
        np.testing.assert_array_equal(np.asarray(array), expected, strict=True)


# Where arrays begin


@pytest.mark.usefixtures("direct")
@pytest.mark.parametrize(("dtype", "offset"), OFFSETS)
@pytest.mark.parametrize("name", WITH_OUT)
def test_results_are_written_to_any_byte_and_nowhere_else(name, dtype, offset):
    given = parameters(name, dtype)
    likes = flat(call(name, given))
    for which in [range(len(likes)), *([k] for k in range(len(likes)))]:  # all of them, and each alone
        places = [surrounded(v, offset if k in which else 0) for k, v in enumerate(likes)]
        assert_written(name, given, [array for array, _ in places])
        for _, whole in places:
            assert (whole[:64] == FILLER).all()
            assert (whole[-64:] == FILLER).all()


@pytest.mark.parametrize("size", [1 << 7, 1 << 14])
@pytest.mark.parametrize(("dtype", "offset"), OFFSETS)
def test_parameters_are_read_from_any_byte(monkeypatch, dtype, offset, size):
    monkeypatch.setattr(rows, "BLOCK", size)
    monkeypatch.setattr(rows, "COPIED", size)
    for name in GOOD:
        given, moved = parameters(name, dtype), {}
        for k, (argument, value) in enumerate(given.items()):
            moved[argument], _ = surrounded(value, offset + k)
            moved[argument][...] = value
        assert_same(call(name, moved), call(name, given))


# Subclasses


class Contrary(np.ndarray):
    """A subclass that is no use as an array, but for what it holds."""

    __array_ufunc__ = None
    shape = strides = flags = size = ndim = property(lambda self: self._refuse())

    def _refuse(self, *_args, **_options):
        raise TypeError("not here")

    view = copy = astype = reshape = ravel = __array__ = __getitem__ = __setitem__ = __array_function__ = _refuse


NUMPYS = (np.matrix, np.memmap, np.recarray)  # whose arrays may hold numbers
SUBCLASSES = [*NUMPYS, Own, Contrary]


def subclasses(kind):
    return {kind}.union(*map(subclasses, kind.__subclasses__()))


def test_every_subclass_of_numpy_is_here():
    here = {kind for kind in subclasses(np.ndarray) if kind.__module__.split(".")[0] == "numpy"}
    rest = here - {*NUMPYS, np.ndarray}
    assert here > set(NUMPYS)
    assert {kind.__name__ for kind in rest if not issubclass(kind, np.ma.MaskedArray)} <= {"chararray"}


@pytest.mark.usefixtures("direct")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", SUBCLASSES, ids=lambda kind: kind.__name__)
def test_subclasses_are_read_and_written_as_the_plain_arrays_that_they_hold(kind, dtype):
    for name in GOOD:
        given = parameters(name, dtype)
        whole = {argument: v.view(kind) if v.ndim else v for argument, v in given.items()}
        assert_same(call(name, whole), call(name, given))
    for name in WITH_OUT:
        given = parameters(name, dtype)
        whole = {argument: v.view(kind) for argument, v in given.items()}
        for options in [{"axis": 0}, {"axis": 1}] if "diag" in name or "standard" in name else [{}]:
            likes = flat(call(name, given, **options))
            for order in "CF":
                outs = [viewed(np.full(v.shape, np.nan, dtype, order), kind) for v in likes]
                assert_written(name, given, outs, **options)
                assert_written(name, whole, outs, **options)


def viewed(array, kind):
    return array.view(kind) if array.ndim > 1 or kind is not np.matrix else array  # a matrix has two dimensions


@pytest.mark.parametrize("name", WITH_OUT)
def test_a_file_on_disk_is_written(name, tmp_path):
    given = parameters(name)
    right = flat(call(name, given))
    for begin in (0, 3):  # bytes; a file may have a heading
        paths = [tmp_path / str(k) for k in range(len(right))]
        files = [np.memmap(path, v.dtype, "w+", begin, v.shape) for path, v in zip(paths, right, strict=True)]
        assert_written(name, given, files)
        for path, file, expected in zip(paths, files, right, strict=True):
            file.flush()
            assert path.read_bytes()[begin:] == expected.tobytes()


@pytest.mark.parametrize("name", WITH_OUT)
def test_masked_arrays_and_text_for_results_are_refused(name):
    right = flat(call(name))
    for k in range(len(right)):
        arrays = [np.full_like(v, -1) for v in right]
        for odd, message in [
            (np.ma.array(arrays[k]), "out must be an array without a mask; got a masked array"),
            (np.full(right[k].shape, "text"), "out must have the dtype of the result, float64"),
            (arrays[k].astype(">f8"), "out must have the dtype of the result, float64; got >f8"),
            (arrays[k].astype(np.float16), "out must have the dtype of the result, float64; got float16"),
        ]:
            out = as_out([*arrays[:k], odd, *arrays[k + 1 :]])
            assert refusal(lambda: call(name, out=out)).startswith(message)  # noqa: B023  # called at once
        assert all((v == -1).all() for v in arrays)


# Numbers that share memory


def overlapping(shape, dtype=np.float64):
    """Arrays of which two numbers share memory: all of it, or a part."""
    size = np.dtype(dtype).itemsize
    memory = np.zeros(4096, dtype)
    strides = [(0,) * len(shape), (size,) * len(shape), (size // 2,) * len(shape), (*(-size for _ in shape[1:]), 0)]
    return [as_strided(memory[2048:], shape, some) for some in strides if len(shape) > 1 or some != (size,)]


@pytest.mark.parametrize("name", WITH_OUT)
def test_a_result_is_not_written_to_an_array_that_overlaps_itself(name):
    right = flat(call(name))
    for k, v in enumerate(right):
        for odd in overlapping(v.shape):
            out = as_out([*(np.zeros_like(w) for w in right[:k]), odd, *(np.zeros_like(w) for w in right[k + 1 :])])
            assert refusal(lambda: call(name, out=out)) == (  # noqa: B023  # called at once
                "out must have a place for each number; got an array that overlaps itself"
            )
            assert not odd.any()


@pytest.mark.usefixtures("direct")
@pytest.mark.parametrize("strides", [(16, 24), (24, 16), (-24, 16), (3000, -1000), (8 * 7, -8 * 6)])
def test_an_array_whose_numbers_interlock_is_written(strides):
    shape = (3, 3)
    out = as_strided(np.zeros(4096)[2048:], shape, strides)
    assert_written("kl_normal", parameters("kl_normal", shape=shape), [out])


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("few", [0, 512])
@pytest.mark.parametrize("name", WITH_GRADIENT)
def test_two_results_are_not_written_to_one_place(monkeypatch, name, few, axis):
    monkeypatch.setattr(on_arrays, "FEW", few)
    options = {} if name.startswith("kl_normal") else {"axis": axis}
    given = parameters(name, shape=(64, 64))
    right = flat(call(name, given, **options))
    for k in range(len(right) - 1):
        for change in (np.asarray, np.ndarray.view, lambda v: v.view(Own)):
            arrays = [np.zeros(v.shape) for v in right]
            last = change(arrays[-1])
            arrays[k] = last if last.shape == right[k].shape else last[-1]
            message = refusal(lambda: call(name, given, out=as_out(arrays), **options))  # noqa: B023  # called at once
            assert message == "the arrays of out must not share memory"
            assert not any(v.any() for v in arrays)


@pytest.mark.parametrize("name", WITH_GRADIENT)
def test_results_may_lie_between_each_other(name):
    given = parameters(name)
    right = flat(call(name, given))
    memory = np.zeros((ROWS, WIDTH, len(right)))
    records = np.zeros((ROWS, WIDTH), [(f"field {k}", float) for k in range(len(right))])
    values = [np.zeros_like(right[0])] if right[0].ndim == 1 else [memory[..., 0]]
    assert_written(name, given, values + [memory[..., k] for k in range(1, len(right))])
    assert_written(name, given, [np.zeros_like(right[0]), *(records[f"field {k}"] for k in range(1, len(right)))])


@pytest.mark.usefixtures("direct")
@pytest.mark.parametrize("convert", [lambda v: v.view(">f8"), list], ids=["other-byte-order", "list"])
def test_a_parameter_that_is_converted_may_be_where_the_result_goes(convert):
    first, *others = parameters("kl_normal").values()
    right, out = kl_normal(first, *others), np.empty_like(first)
    given = convert(out)
    if isinstance(given, list):
        out[...] = first
    else:
        given[...] = first
    assert kl_normal(given, *others, out=out) is out
    np.testing.assert_array_equal(out, right)
    out[...] = 0
    given[-1][-1] = np.inf  # found after the rows before it are done
    before = out.copy()
    message = refusal(lambda: kl_normal(given, *others, out=out))
    assert message == f"mu_1 must be finite; got inf at index ({ROWS - 1}, {WIDTH - 1})"
    assert out.tobytes() == before.tobytes()


def test_an_array_of_broadcast_arrays_is_read_without_a_warning_and_written(monkeypatch):
    given = parameters("kl_normal")
    right = call("kl_normal", given)
    monkeypatch.setattr(rows, "COPIED", 1 << 7)
    flagged = {k: np.broadcast_arrays(v, np.zeros((1, 1, 1)))[0] for k, v in given.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(call("kl_normal", flagged), right[None])
    (out, _) = np.broadcast_arrays(np.zeros_like(right), np.zeros((1, 1, 1)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of NumPy, where it writes to such an array
        assert call("kl_normal", given | flagged, out=out) is out
    np.testing.assert_array_equal(out, right[None])


@pytest.mark.parametrize("size", [1 << 7, 1 << 14])
@pytest.mark.parametrize("name", WITH_OUT)
def test_no_loop_is_given_an_array_that_is_not_aligned(monkeypatch, name, size):
    monkeypatch.setattr(rows, "BLOCK", size)
    monkeypatch.setattr(rows, "COPIED", size)
    given, seen = parameters(name), []

    def watched(run):
        return lambda program, within, *given: seen.append(given) or run(program, within, *given)

    monkeypatch.setattr(loops, "run_rows", watched(loops.run_rows))
    monkeypatch.setattr(loops, "run_elements", watched(loops.run_elements))
    likes = flat(call(name, given))
    for argument, value in given.items():
        moved, _ = surrounded(value, 4)
        moved[...] = value
        call(name, given, **{argument: moved}, out=as_out([surrounded(v, 4)[0] for v in likes]))
    assert seen or not loops.available()
    for groups in seen:
        written = [v for group in groups for v in (group if isinstance(group, list) else [group])]
        assert all(v.flags.aligned and v.flags.c_contiguous for v in written)
