"""Requests to audit laws with values: names of arguments, what is refused, and the same for tests and the command."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from kl_symbolic.audit import audit
from kl_symbolic.audit.target import target
from kl_symbolic.errors import RequestError
from kl_symbolic.testing import assert_kl

pytestmark = pytest.mark.usefixtures("proved_once")

SHARED = {"p": "normal", "q": "normal", "args": ("mu_1", "mu_2", "sigma"), "where": "sigma_1 = sigma_2"}


def to_three(mu, sigma):
    return np.log(3 / sigma) + (sigma**2 + mu**2) / 18 - 0.5


def shared(m, n, sigma):
    return (m - n) ** 2 / (2 * sigma**2)


def test_arguments_have_the_names_of_the_user_or_ours():
    for args in (("m", "s"), ("mu_1", "sigma_1"), ("mu", "sigma"), ("m", "sigma_1")):
        assert target("normal(m, s)", "normal(0, 3)", args).names == args
    found = audit(to_three, "normal", "normal(0, 3)", ("mu", "sigma"), regions=["far"])
    assert "mu, sigma stand for mu_1, sigma_1" in found.notes


@pytest.mark.parametrize(
    ("p", "q", "options", "words"),
    [
        (
            "normal",
            "normal(0, 3)",
            {"args": ("m", "s")},
            "the arguments of normal and normal(0, 3) are mu_1,sigma_1 or",
        ),
        ("normal", "normal(0, 3)", {"args": ("mu_2", "sigma_2")}, "given: mu_2,sigma_2"),
        ("normal", "normal", {"args": ("mu", "sigma"), "where": "sigma_1 = sigma_2"}, "where sigma_1 = sigma_2 are"),
        ("normal", "normal(0, 3)", {"args": ("mu",)}, "given: mu"),
        ("normal(m, s)", "normal(m, s)", {}, "is 0 for all parameters: there is nothing to call a function with"),
        ("normal(0, 1)", "normal(2, 1)", {}, "is 2 for all parameters"),
        ("N(0, 4)", "normal", {}, "may give the standard deviation or the variance"),
        ("normal", "normal", {"where": "sigma_1 <= sigma_2"}, "where takes equalities"),
        ("normal", "normal", {"where": "sigma_1 > 1"}, "it takes no conditions: sigma_1 > 1"),
        ("normal(0, -1)", "normal", {}, "must be positive"),
        ("normal", 3, {}, "a law must be a string or an object of a library"),
    ],
)
def test_a_request_that_does_not_fit_is_refused(p, q, options, words):
    with pytest.raises(RequestError) as refused:
        audit(to_three, p, q, **options)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_assert_kl_takes_values_and_equalities():
    assert_kl(shared, **SHARED, rows=4)
    with pytest.raises(AssertionError, match="sigma stands for the variance"):
        assert_kl(lambda m, n, v: (m - n) ** 2 / (2 * v), **SHARED, rows=4)


def test_the_command_takes_values_and_equalities(command, tmp_path, monkeypatch):
    text = (
        "def shared(m, n, s):\n    return (m - n)**2 / (2 * s**2)\ndef centred(m, s):\n    return m**2 / (2 * s**2)\n"
    )
    (tmp_path / "special_losses.py").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    words = ("audit", "special_losses:shared", "--pair", "normal", "normal", "--rows", "4")
    done = command(*words, "--where", "sigma_1 = sigma_2", "--args", "mu_1,mu_2,sigma")
    assert (done.returncode, done.stderr) == (0, "")
    assert "kl(normal, normal) where sigma_2 = sigma_1, proved" in done.stdout
    done = command(*words, "--where", "sigma_1 = sigma_2", "--where", "mu_2 = 0")
    assert done.returncode == 1  # it takes three arguments
    words = ("audit", "special_losses:centred", "--pair", "normal(m, s)", "normal(0, s)", "--rows", "4")
    done = command(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "should be   m**2/(2*s**2)" in done.stdout
    done = command(*words, "--where", "s < 1")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
