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


@pytest.fixture
def pairs():
    return importlib.import_module("laws").pairs()


def judged(accuracy, competitor, pair, region, dtype="float64"):
    """The figures of a competitor at a few laws, as if it were ours, and the program's verdict."""
    regions, judging = importlib.import_module("regions"), importlib.import_module("judging")
    laws = regions.draw(pair, dtype, region, 20)
    truth = judging.truths(pair, dtype, laws)[0]
    case = accuracy.Case(pair.name, dtype, "a group", region)
    with np.errstate(all="ignore"):
        figures = judging.judge(truth, competitor.value(pair)(*laws), dtype)
    return figures, accuracy.verdict({case: {("kl_symbolic", "sum"): figures}})


@pytest.mark.parametrize("region", ["random", "1e-3", "1e-8", "equal", "all scales", "stated domain"])
@pytest.mark.parametrize("name", ["normal-normal-logvar", "gamma-exponential-rate", "poisson-poisson-rate"])
def test_our_functions_keep_their_promise(accuracy, pairs, name, region, capsys):
    ours = accuracy.Competitor(importlib.import_module("ours").our_value, None)
    assert judged(accuracy, ours, pairs[name], region)[1] == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "region", "complaint"),
    [
        ("normal-standard_normal-logvar", "1e-3", "worst error"),
        ("normal-standard_normal-logvar", "1e-10", "0 though P != Q"),
        ("normal-normal-std", "huge scales", "not finite"),
        ("discrete", "1e-8", "negative"),
    ],
)
def test_the_textbook_breaks_the_promise(accuracy, pairs, name, region, complaint, capsys):
    textbook = importlib.import_module("peers").numpy_textbook()
    figures, code = judged(accuracy, textbook, pairs[name], region)
    assert code == 1
    assert complaint in {"worst error": figures.broken()}.get(complaint, str(shares(figures)))
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Contract broken: kl_symbolic: sum: ")
    assert f"({name}, float64, {region})" in line


def shares(figures):
    """What else is wrong, beside errors."""
    words = {"negative": figures.negative, "0 though P != Q": figures.zero, "not finite": figures.not_finite}
    return [name for name, share in words.items() if share > 0]


def test_a_function_that_fails_breaks_the_promise_and_one_that_is_not_installed_does_not(accuracy, capsys):
    case = accuracy.Case("normal-normal-std", "float64", "a group", "random")
    assert accuracy.verdict({case: {("kl_symbolic JAX", ""): "failed: ValueError: no"}}) == 1
    found = {("kl_symbolic JAX", ""): "not installed: no jax", ("torch eager", ""): "failed: x"}
    assert accuracy.verdict({case: found}) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_all_stable_forms_are_measured(pairs):
    from kl_symbolic.families import all_families

    for family in all_families().values():
        for form in family.stable_forms:
            assert f"{family.name}-{form.partner or family.name}-{form.param or family.default}" in pairs
        for member in family.members:
            assert any(pair.q == member for pair in pairs.values())


def test_references_keep_60_digits_through_cancellation(pairs):
    exact = importlib.import_module("exact").exact
    with mpmath.workdps(60):
        t = mpmath.mpf(2) ** -500
        series = t**2 / 4 + t**3 / 12  # h(t)/2, whose next term is 300 digits further on
        found = exact(pairs["normal-standard_normal-logvar"], [0.0, 2.0**-500])
        assert abs(found.value / series - 1) < mpmath.mpf(10) ** -58
        assert abs(found.slopes[1] / (t / 2 + t**2 / 4) - 1) < mpmath.mpf(10) ** -58
    assert exact(pairs["discrete"], [0.5, 0.0]).value == mpmath.inf
    assert exact(pairs["discrete"], [0.0, 0.5]).value == 0.5
    assert exact(pairs["normal-normal-std"], [1.0, 2.0, 1.0, 2.0]) == (0, (0, 0, 0, 0))


def test_parts_that_cancel_are_found(pairs):
    pair = pairs["normal-normal-std"]
    *others, last = importlib.import_module("exact").largest_parts(pair, np.array([[3.0], [1.0], [0.0], [2.0]]))
    assert [one.tolist() for one in others] == 3 * [[0.0]]
    assert last.tolist() == [9 / 2**3]  # of 3^2 + (1 - 2) (1 + 2), over 2^3


def test_laws_are_found_that_are_equal(pairs):
    equal_laws = importlib.import_module("equal_laws")
    pair = pairs["gamma-exponential-scale"]
    assert equal_laws.free(pair) == ("alpha_1", "theta_1")
    assert equal_laws.solved(pair, (("lambda_2", 4.0),)) == {"alpha_1": 1.0, "theta_1": 0.25}


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


def test_the_probabilities_that_are_drawn_sum_to_one_exactly(pairs):
    regions = importlib.import_module("regions")
    for dtype in ("float32", "float64"):
        for region in ("random", "1e-6", "zero p", "zero q"):
            for law in regions.draw(pairs["discrete"], dtype, region, 5):
                assert {mpmath.fsum(map(mpmath.mpf, row.tolist())) for row in law} == {1}


def test_kernels_prints_a_table(tmp_path):
    figures = tmp_path / "figures.json"
    options = ["--sizes", "16x2", "--laws", "discrete", "--peers", "--rounds", "1", "--json", str(figures)]
    run = subprocess.run([sys.executable, BENCHMARKS / "kernels.py", *options], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert [line.split()[:3] for line in run.stdout.splitlines() if line.startswith("discrete")] == [
        ["discrete", "16x2", dtype] for dtype in ("float32", "float64")
    ]
    assert [line["ratios"] for line in json.loads(figures.read_text())["speed"]] == 2 * [{"NumPy textbook": 1.0}]
