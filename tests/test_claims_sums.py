"""Sums over the coordinates that name no index."""

from __future__ import annotations

import pytest

from kl_symbolic.claims import read
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question

NORMAL = Question("kl", "normal", "normal")
DIAGONAL = Question("kl", "diagonal_normal", "diagonal_normal")
VAE = Question("kl", "diagonal_normal", "standard_normal", "logvar", "logvar")


def test_a_sum_without_an_index_runs_over_the_coordinates():
    found = read("sum(logvar - mu^2) - n/2", VAE)
    assert found.term == read("sum_i (logvar_i - mu_i^2) - n/2", VAE).term
    assert dict(found.inferred) == {
        "sum(...)": "the sum over the coordinates",
        "logvar": "logvar[i]",
        "mu": "mu[i]",
    }
    assert dict(read("sum(m1 - m2)", DIAGONAL).inferred)["m1"] == "mu_1[i]"
    assert dict(read("sum(mu_1)", VAE).inferred)["mu_1"] == "mu[i]"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mu*sum(mu)", "mu has a coordinate"),  # beside the sum there is none
        ("sum(sum(mu))", "a sum within a sum"),
        ("sum mu", "no parameter 'sum'"),
        ("sum(mu_i)", "its sum has none: write sum_i"),
        ("sum(mu[j])", "its sum has none: write sum_i"),
        ("sum(nothing)", "no parameter 'nothing'"),
    ],
)
def test_other_sums_without_an_index_are_refused(text, reason):
    with pytest.raises(RequestError, match=reason):
        read(text, VAE)


def test_a_sum_needs_laws_with_coordinates():
    with pytest.raises(RequestError, match="these laws are none"):
        read("sum(mu_1)", NORMAL)
