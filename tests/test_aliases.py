"""Names of laws as people say them."""

from __future__ import annotations

import pytest

from kl_symbolic import check, derive, families
from kl_symbolic.audit import audit
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.numeric import kl_standard_normal
from kl_symbolic.reading.aliases import canonical


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("Gaussian", "normal"),
        ("N", "normal"),
        ("Normal distribution", "normal"),
        ("exp", "exponential"),
        ("Pois", "poisson"),
        ("std normal", "standard_normal"),
        ("StandardNormal", "standard_normal"),
        ("gaussian_diag", "diagonal_normal"),
        ("Multivariate Normal Diag", "diagonal_normal"),
        ("independent-exponential", "diagonal_exponential"),
    ],
)
def test_usual_names_are_understood(said, ours):
    assert canonical(said) == ours


def test_our_own_names_stay_what_they_are():
    assert [canonical(name) for name in families.names()] == list(families.names())


def test_no_alias_is_the_name_of_another_family():
    aliases = [alias for family in families.all_families().values() for alias in family.aliases]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(families.names())
    assert all(alias == alias.lower() for alias in aliases)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("gausian", r"did you mean gaussian \(normal\)"),
        ("gaussian mixture", "no closed form for a mixture.*bounded.*estimated"),
        ("GMM", "no closed form for a mixture"),
        ("multivariate_normal", "covariances are not in the catalogue.*diagonal_normal"),
        ("laplace", "'laplace' is not in the catalogue; there are"),
        ("", "unknown family ''"),
        ("normal normal", "unknown family"),
    ],
)
def test_other_names_are_refused_with_what_to_do(said, words):
    with pytest.raises(NoClosedFormError, match=words):
        derive(said, "normal")


def test_derive_check_and_audit_take_them():
    assert derive("Gaussian", "N") == derive("normal", "normal")
    assert check("log(sigma) + 1/2 + log(2 pi)/2", "gauss", quantity="entropy").status == "proved"
    found = audit(kl_standard_normal, "diag_gaussian", "StandardNormal", ["mu", "logvar"], regions=["far"])
    assert found.passed
