"""Special cases in Sphinx: values in the arguments, and the option ``where``."""

from __future__ import annotations

import pytest
from sphinx_projects import Project, page

from kl_symbolic.errors import RequestError
from kl_symbolic.sphinxext import request

pytestmark = pytest.mark.usefixtures("proved_once")


def test_a_page_shows_special_cases_beside_the_general_theorem(tmp_path):
    text = """
.. kl-derivation:: poisson(3) poisson(l)
   :digits: 20

.. kl-derivation:: poisson poisson
   :where: lambda_1 = lambda_2
   :digits: 20

.. kl-derivation:: poisson poisson
   :digits: 20

.. kl-closed-form:: poisson poisson
   :where: lambda_1 = 1/2,
           lambda_2 = 2

.. kl-certificate:: poisson(3) poisson
   :digits: 20

See :kl-ref:`poisson(3) poisson(l)` and :kl-closed-form:`poisson poisson where=lambda_2=1`.
"""
    project = Project(tmp_path, {"index.rst": page(text)})
    built = project.build_here()
    assert (built.code, built.warnings) == (0, "")
    shown = built.page()
    assert shown.count("Special case</strong>") == 2
    assert shown.count("The proof of the general theorem") == 2
    assert "where " in shown
    kept = sorted(path.stat().st_mtime_ns for path in tmp_path.rglob("checks/*.json"))
    assert len(kept) == 4
    assert project.build_here("html", "-W", "-n", "-E").code == 0
    assert sorted(path.stat().st_mtime_ns for path in tmp_path.rglob("checks/*.json")) == kept


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        (".. kl-closed-form:: poisson(0) poisson", "must be positive, given: 0"),
        (".. kl-closed-form:: poisson poisson\n   :where: lambda_2 >= 1", "where takes equalities"),
        (".. kl-closed-form:: poisson(1, 2) poisson", "poisson takes 1 value, lambda"),
        (".. kl-closed-form:: a b c", "name the law P, and the law Q"),
        (".. kl-claim:: poisson(3) poisson\n\n   0", "this is not KL(P ‖ Q)"),
    ],
)
def test_what_does_not_fit_is_a_warning_with_its_line(directive, words, tmp_path):
    built = Project(tmp_path, {"index.rst": page(directive)}).build_here()
    assert built.code == 1
    assert words in built.warnings
    assert "index.rst:" in built.warnings


def test_a_claim_about_laws_with_values_says_where_it_holds(tmp_path):
    claim = ".. kl-claim:: normal normal\n   :where: sigma_1 = sigma_2\n\n   (mu_1 - mu_2)^2/(2 sigma^2)"
    built = Project(tmp_path, {"index.rst": page(claim)}).build_here("text")
    assert (built.code, built.warnings) == (0, "")
    shown = next(tmp_path.rglob("index.txt")).read_text("utf-8")
    assert "✓ proved" in shown
    assert "where " in shown


def test_parentheses_hold_a_word_together():
    assert request.from_text("normal(mu=0, sigma=s) normal where=mu_2=1") == request.Request(
        "normal(mu=0, sigma=s)", "normal", (("where", "mu_2=1"),)
    )
    with pytest.raises(RequestError, match="name the law P"):
        request.from_text("where=mu_2=1")
