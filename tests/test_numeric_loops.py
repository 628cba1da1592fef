"""Compiled programs on arrays: threads, read-only arrays, what is kept on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import Program
from kl_symbolic.numeric import loops

numba = pytest.importorskip("numba")

MU, LOGVAR = argument("mu"), argument("logvar")
VAE = Program("vae", ("mu", "logvar"), (MU * MU / 2 + call("expm1mx", LOGVAR) / 2, MU, call("expm1", LOGVAR) / 2))
WITHIN = {"logvar": FloatInterval(-20.0, 20.0)}
DTYPES = ("float64", "float32")


@pytest.fixture(autouse=True)
def kept_apart(tmp_path_factory, monkeypatch):
    """Keep machine code in a folder of the tests."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path_factory.getbasetemp() / "numba"))


def draws(*shape, dtype="float64"):
    return list(np.random.default_rng(1).normal(size=(2, *shape)).astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_and_elements(dtype):
    given = draws(50, 7, dtype=dtype)
    given[1][3, 2] = 21
    sums, gradient, results = np.empty(50), *(np.empty((n, 50, 7), dtype) for n in (2, 3))
    assert loops.run_rows(VAE, WITHIN, given, sums, list(gradient)) == 1
    flat = [v.ravel() for v in given]
    assert loops.run_elements(VAE, WITHIN, flat, [v.ravel() for v in results]) == 1
    mu, logvar = np.asarray(given, float)
    np.testing.assert_allclose(
        sums, ((mu**2 + np.expm1(logvar) - logvar) / 2).sum(-1), rtol=1e-14 if dtype == "float64" else 1e-6
    )
    np.testing.assert_array_equal(gradient, results[1:])


@pytest.mark.parametrize("dtype", DTYPES)
def test_threads_do_not_change_a_bit(dtype, monkeypatch):
    given = draws(3001, 171, dtype=dtype)
    given[0][17, 3], given[1][2999, 3] = np.nan, 30
    found = []
    for threads in (1, 3):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
        sums, gradient = np.empty(3001), [np.empty_like(v) for v in given]
        assert loops.run_rows(VAE, WITHIN, given, sums, gradient) == 2
        results = [np.empty(given[0].size, dtype) for _ in range(3)]
        assert loops.run_elements(VAE, WITHIN, [v.ravel() for v in given], results) == 2
        found.append([sums, *gradient, *results])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_large_arrays_are_done_in_parts(monkeypatch):
    seen = []

    def counted(*arrays):
        seen.append(len(arrays[0]))
        return 1

    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 3)
    assert loops._in_parts(counted, [np.empty((100, 4 * loops.WORTH_A_THREAD // 100))], 4 * loops.WORTH_A_THREAD) == 3
    assert sorted(seen) == [33, 33, 34]
    assert loops._in_parts(counted, [np.empty((100, 1))], 100) == 1


def test_an_error_in_a_thread_is_raised(monkeypatch):
    def fails(array):
        if array[0]:
            raise ZeroDivisionError
        return 0

    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 2)
    with pytest.raises(ZeroDivisionError):
        loops._in_parts(fails, [np.arange(2 * loops.WORTH_A_THREAD)], 2 * loops.WORTH_A_THREAD)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # JAX warns of any fork
def test_threads_survive_a_fork(monkeypatch):
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 2)
    array = [np.zeros(2 * loops.WORTH_A_THREAD)]
    loops._in_parts(len, array, array[0].size)
    child = os.fork()
    if not child:
        os._exit(loops._in_parts(len, array, array[0].size) != array[0].size)
    assert os.waitpid(child, 0)[1] == 0


def test_read_only_arrays_are_no_reason_to_compile_again():
    given, sums = draws(4, 3), np.empty(4)
    gradient = [np.empty_like(v) for v in given]
    loops.run_rows(VAE, WITHIN, given, sums, gradient)
    before = sums.copy()
    for v in given:
        v.flags.writeable = False
    loops.run_rows(VAE, WITHIN, given, sums, gradient)
    np.testing.assert_array_equal(sums, before)
    (loop,) = [one.loop for key, one in loops._known.items() if key == ("rows", id(VAE), id(WITHIN), "d")]
    assert len(loop.signatures) == 1


def test_an_array_of_another_dtype_is_refused():
    given, sums = draws(4, 3), np.empty(4)
    with pytest.raises(TypeError, match="No matching definition"):
        loops.run_rows(VAE, WITHIN, [given[0], given[1].astype("float32")], sums, given)


def test_not_more_programs_are_known_than_fit(monkeypatch):
    monkeypatch.setattr(loops, "MOST_KNOWN", 2)
    monkeypatch.setattr(loops, "_known", {})
    monkeypatch.setattr(loops, "_made", lambda *_: lambda *_: 0)
    for _ in range(5):
        loops.run_elements(replace(VAE), WITHIN, draws(3), draws(3))
    assert len(loops._known) <= 2


def test_it_can_be_turned_off(monkeypatch):
    monkeypatch.delenv("KL_SYMBOLIC_NUMBA", raising=False)
    assert loops.available.__wrapped__()
    monkeypatch.setenv("KL_SYMBOLIC_NUMBA", "0")
    assert not loops.available.__wrapped__()


# On disk

IN_ANOTHER_PROCESS = """
import numpy as np
from test_numeric_loops import VAE, WITHIN, draws
from kl_symbolic.numeric import loops
sums = np.empty(4)
loops.run_rows(VAE, WITHIN, draws(4, 3), sums, draws(4, 3))
stats = next(iter(loops._known.values())).loop.stats
print(sums.tolist(), sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def in_another_process(folder):
    """Return the sums, and how often machine code was found on disk, and was not."""
    tests = Path(__file__).parent
    path = os.pathsep.join([str(tests), str(tests.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "HOME": str(folder), "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], env=environment, capture_output=True, text=True, check=True
    )
    sums, hits, misses = done.stdout.strip().rsplit(" ", 2)
    return sums, int(hits), int(misses)


def test_machine_code_is_kept_for_other_processes_and_a_changed_file_is_not_believed(tmp_path):
    first = in_another_process(tmp_path)
    assert first[1:] == (0, 1)
    assert in_another_process(tmp_path) == (first[0], 1, 0)
    (source,) = (tmp_path / "kl_symbolic").glob("*.py")
    written = source.read_text()
    source.write_text("raise SystemExit('this was executed')\n")
    assert in_another_process(tmp_path)[0] == first[0]
    assert source.read_text() == written
    assert [path.suffix for path in (tmp_path / "kl_symbolic").iterdir() if path.is_file()] == [".py"]


def test_it_works_where_nothing_can_be_kept(tmp_path):
    no_folder = tmp_path / "file"
    no_folder.write_text("")
    sums, hits, _ = in_another_process(no_folder)
    assert hits == 0
    assert len(sums.split()) == 4
    assert no_folder.read_text() == ""
