"""The benchmarks' judgement can fail, their references agree with known values, and their tables are printed."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(autouse=True)
def _path(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))  # where a script in that folder finds its neighbours


@pytest.fixture
def accuracy():
    return importlib.import_module("accuracy")


def judged(accuracy, competitor, kernel, region, dtype="float64"):
    """The figures of a competitor at a few laws, as if they were ours, and the program's verdict."""
    regions, exact = importlib.import_module("regions"), importlib.import_module("exact")
    laws = regions.draw(kernel, dtype, region, 20)
    rights = [exact.exact(kernel, row) for row in zip(*laws, strict=True)]
    case = accuracy.Case(kernel, dtype, "a group", region)
    with np.errstate(all="ignore"):
        figures = accuracy.judge(case, competitor.functions[kernel](*laws), rights)
    return figures, accuracy.verdict({case: {"kl_symbolic": figures}})


@pytest.mark.parametrize("region", ["random", "1e-3", "1e-8", "equal", "all scales"])
def test_our_kernels_keep_their_promise(accuracy, region, capsys):
    from kl_symbolic import numeric

    ours = accuracy.Competitor({"kl_diag_normal": numeric.kl_diag_normal})
    assert judged(accuracy, ours, "kl_diag_normal", region)[1] == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("kernel", "region", "complaint"),
    [
        ("kl_standard_normal", "1e-3", "worst error"),
        ("kl_standard_normal", "mean only 1e-10", "0 though P != Q"),
        ("kl_normal", "huge scales", "not finite"),
        ("kl_discrete", "1e-8", "negative"),
    ],
)
def test_the_textbook_breaks_the_promise(accuracy, kernel, region, complaint, capsys):
    textbook = importlib.import_module("peers").numpy_textbook()
    figures, code = judged(accuracy, textbook, kernel, region)
    assert code == 1
    assert complaint in figures.broken()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Contract broken in 1 regions, first kl_symbolic: ")
    assert f"({kernel}, float64, {region})" in line


def test_a_kernel_that_fails_breaks_the_promise_and_one_that_is_not_installed_does_not(accuracy, capsys):
    case = accuracy.Case("kl_normal", "float64", "a group", "random")
    assert accuracy.verdict({case: {"kl_symbolic JAX": "failed: ValueError: no"}}) == 1
    assert accuracy.verdict({case: {"kl_symbolic JAX": "not installed: no jax", "torch eager": "failed: x"}}) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_references_keep_60_digits_through_cancellation():
    exact = importlib.import_module("exact").exact
    tiny = np.float64(2.0**-500)
    with mpmath.workdps(60):
        t = mpmath.mpf(2) ** -500
        series = t**2 / 4 + t**3 / 12  # h(t)/2, whose next term is 300 digits further on
        assert abs(exact("kl_standard_normal", [np.zeros(1), np.array([tiny])]) / series - 1) < mpmath.mpf(10) ** -58
    assert exact("kl_discrete", [np.array([0.5, 0.5]), np.array([1.0, 0.0])]) == mpmath.inf
    assert exact("kl_normal", [np.array([v]) for v in (1.0, 2.0, 1.0, 2.0)]) == 0


@pytest.mark.parametrize(
    ("answer", "right", "expected"),
    [
        (1.0, 1 + 2.0**-52, 1),
        (np.nan, 1, np.inf),
        (np.inf, 1, np.inf),
        (np.inf, mpmath.mpf(10) ** 400, 0),
        (1e300, mpmath.inf, np.inf),
        (5e-324, mpmath.mpf(10) ** -400, 0),  # one subnormal number is allowed
        (1e-323, mpmath.mpf(2) ** -1075, 2.0**52),  # of 1.5 too many one counts
        (1e-30, 0, np.inf),
    ],
)
def test_errors_in_eps(answer, right, expected):
    error = importlib.import_module("exact").error
    assert error(answer, mpmath.mpf(right), np.finfo(np.float64)) == pytest.approx(expected, abs=1e-9)


def test_the_probabilities_that_are_drawn_sum_to_one_exactly():
    regions = importlib.import_module("regions")
    for dtype in ("float32", "float64"):
        for region in ("random", "1e-6", "zero p", "zero q"):
            for law in regions.draw("kl_discrete", dtype, region, 5):
                assert {mpmath.fsum(map(mpmath.mpf, row.tolist())) for row in law} == {1}


def test_kernels_prints_a_table(tmp_path):
    figures = tmp_path / "figures.json"
    options = ["--sizes", "16x2", "--kernels", "kl_discrete", "--peers", "--rounds", "1", "--json", str(figures)]
    run = subprocess.run([sys.executable, BENCHMARKS / "kernels.py", *options], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert [line.split()[:3] for line in run.stdout.splitlines() if line.startswith("kl_discrete")] == [
        ["kl_discrete", "16x2", dtype] for dtype in ("float32", "float64")
    ]
    assert [line["ratios"] for line in json.loads(figures.read_text())["speed"]] == 2 * [{"NumPy textbook": 1.0}]
