"""Requests that an audit refuses, functions that it cannot import, and reports."""

import json
import subprocess
import sys

import numpy as np
import pytest

from kl_symbolic.audit import audit, load_function
from kl_symbolic.audit.exact import certain, iv, mp
from kl_symbolic.audit.regions import draw, regions
from kl_symbolic.audit.target import target
from kl_symbolic.errors import InfiniteDivergenceError, NoClosedFormError, RequestError

pytestmark = pytest.mark.usefixtures("proved_once")


def ones(*arguments):
    return np.ones(np.shape(arguments[0])[:1])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"args": ("mu", "beta")}, "the arguments of diagonal_normal and standard_normal are mu,sigma or mu,var or"),
        ({"args": ("mu", "mu")}, "given: mu,mu"),
        ({"args": ("mu", "sigma"), "param": "logvar"}, "are mu,logvar in any order"),
        ({"param": "rate"}, "known: logstd, logvar, precision, std, var"),
        ({"dtype": "float16"}, "dtype must be one of float64, float32, given: 'float16'"),
        ({"library": "julia"}, "library must be one of numpy, torch, jax, python, given: 'julia'"),
        ({"reduction": "max"}, "reduction must be one of sample, none, sum, mean"),
        ({"regions": ["nowhere"]}, "no region 'nowhere'; there are far, near, equal"),
        ({"rtol": -1.0}, "rtol must be a positive number, given: -1.0"),
        ({"rows": 0}, "rows must be an integer from 1 to"),
    ],
)
def test_a_request_that_does_not_fit_is_refused(options, words):
    with pytest.raises(RequestError) as refused:
        audit(ones, "diagonal_normal", "standard_normal", **options)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("pair", "kind"),
    [
        (("nornal", "normal"), NoClosedFormError),
        (("normal", "exponential"), InfiniteDivergenceError),
        (("standard_normal", "standard_normal"), RequestError),
    ],
)
def test_laws_without_a_closed_form_are_refused(pair, kind):
    with pytest.raises(kind):
        audit(ones, *pair)


def test_what_is_no_function_is_refused():
    with pytest.raises(RequestError, match="function must be a function, given: 3"):
        audit(3, "normal", "normal")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("losses", "a function is named as mypackage.losses:kl_loss, given: 'losses'"),
        ("a b:c", "given: 'a b:c'"),
        (":f", "given: ':f'"),
        ("no_such_module:f", "cannot import no_such_module: ModuleNotFoundError"),
        ("math:nothing", "math has no 'nothing'"),
        ("math:pi", "math:pi is no function but a float"),
        ("broken_losses:f", "cannot import broken_losses: ZeroDivisionError: division by zero"),
        ("leaving_losses:f", "cannot import leaving_losses: SystemExit: 3"),
    ],
)
def test_a_function_that_cannot_be_imported_is_refused_in_one_line(spec, words, tmp_path, monkeypatch):
    (tmp_path / "broken_losses.py").write_text("1 / 0", "utf-8")
    (tmp_path / "leaving_losses.py").write_text("raise SystemExit(3)", "utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError) as refused:
        load_function(spec)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_function_of_the_present_directory_is_imported(tmp_path, monkeypatch):
    (tmp_path / "own_losses.py").write_text("class A:\n    @staticmethod\n    def f(x): return x", "utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    assert load_function("own_losses:A.f")(3) == 3


def test_a_report_is_plain_data_too():
    def kl(mu, logvar):
        return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=-1)

    found = audit(kl, "diagonal_normal", "standard_normal", ("mu", "logvar"), regions=["far", "near 1e-8"])
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["passed"] is False
    assert [row["region"] for row in data["rows"]] == ["far", "near 1e-8"]
    assert data["findings"][0]["kind"] == "zero"
    text = str(found)
    for words in ("kl: failed", "called with numpy, float64", "one value per sample", "near 1e-8", "findings"):
        assert words in text
    with pytest.raises(KeyError):
        found.row("nowhere")


def test_values_are_those_of_a_calculation_with_more_digits():
    found = target("diagonal_normal", "standard_normal", ("mu", "logvar"))
    columns = draw(found, "near 1e-12", "float64", 2)
    values = found.values(columns)
    with mp.workprec(3000):
        for index in np.ndindex(values.shape):
            mu, logvar = (mp.mpf(float(columns[name][index])) for name in ("mu", "logvar"))
            right = (mu**2 + mp.exp(logvar) - logvar - 1) / 2
            assert abs(values[index] - right) < mp.mpf(10) ** -60 * right


def test_a_value_that_may_be_zero_is_not_known():
    assert certain(lambda: iv.log(iv.exp(iv.mpf(1))) - 1) is None
    assert certain(lambda: 1 / iv.mpf([-1, 1])) is None
    assert certain(lambda: iv.mpf(0)) == 0


def test_regions_are_what_their_names_say():
    pair = target("normal", "normal", ("mu_1", "sigma_1", "mu_2", "sigma_2"))
    for dtype, nearest in (("float64", 12), ("float32", 6)):
        names = regions(pair, dtype)
        assert names["near"] == [f"near 1e-{k}" for k in range(1, nearest + 1)]
        for region in ("far", *names["near"], "equal", *names["extreme"]):
            drawn = draw(pair, region, dtype, 20)
            assert {column.dtype for column in drawn.values()} == {np.dtype(dtype)}
            assert all(np.isfinite(column).all() for column in drawn.values())
            assert (drawn["sigma_1"] > 0).all()
            values = pair.values(drawn)
            if region == "equal":
                assert not values.any()
            elif region == "far":
                assert all(value >= 0.25 for value in values.ravel())
            elif region.startswith("near"):
                distance = float(region.removeprefix("near "))
                largest = np.abs(drawn["sigma_1"] / drawn["sigma_2"] - 1).max()
                assert 0.3 * distance < largest < 1.1 * distance


def test_torch_and_jax_are_imported_only_where_they_are_needed():
    program = (
        "import sys, numpy as np\n"
        "from kl_symbolic.testing import assert_kl\n"
        "assert_kl(lambda a, b: a*np.log(a/b) - a + b, 'poisson', 'poisson', regions=['far'])\n"
        "print(*{'torch', 'jax'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
