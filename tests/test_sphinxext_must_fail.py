"""Projects whose build must fail, with one warning that names the file and the line."""

from __future__ import annotations

import pytest
from sphinx_projects import CONF, Project, page

pytestmark = pytest.mark.slow  # each case is a build in processes of its own

RIGHT = "log(sigma_2/sigma_1) + (sigma_1**2 + (mu_1 - mu_2)**2)/(2*sigma_2**2) - 1/2"
CLAIM = ".. kl-claim:: normal normal\n\n   "

MUST_FAIL = {
    "a term is missing": (CLAIM + RIGHT.removesuffix(" - 1/2"), "claim", "this is not KL(P ‖ Q) = log(σ₂/σ₁) + "),
    "the laws are swapped": (
        CLAIM + RIGHT.replace("1", "x").replace("2", "1").replace("x", "2"),
        "claim",
        "at mu_1 = ",
    ),
    "sigma for its square": (CLAIM + RIGHT.replace("sigma_1**2", "sigma_1"), "claim", "at mu_1 = "),
    "wrong by 1e-30": (CLAIM + RIGHT + " + 1e-30", "claim", "the truth"),
    "no value where the means are equal": (CLAIM + f"({RIGHT})*(mu_1 - mu_2)/(mu_1 - mu_2)", "claim", "mu_1 = mu_2"),
    "no value at all": (CLAIM + f"({RIGHT})*log(0)/log(0)", "claim", "no value: log(0)"),
    "a wrong side": (CLAIM + f"KL = {RIGHT} + 1 = {RIGHT}", "claim", "side 2 of 3"),
    "code": (CLAIM + "__import__('os').system('true')", "request", "not part of a formula: the function __import__"),
    "no formula": (CLAIM + "log(sigma_2", "request", "not a formula"),
    "another parameter": (CLAIM + "nu", "request", "no parameter 'nu'; there are mu_1, sigma_1, mu_2, sigma_2"),
    "an unknown law": (".. kl-derivation:: normall normal", "request", "did you mean normal"),
    "an infinite divergence": (".. kl-closed-form:: normal exponential", "request", "is infinite"),
    "one law too few": (".. kl-derivation:: normal", "request", "kl needs two laws"),
    "an unknown parameterisation": (".. kl-closed-form:: normal normal\n   :param: rate", "request", "'rate'"),
    "a stage too many": (".. kl-derivation:: normal normal\n   :stages: 9", "request", "there are 6 stages"),
    "an unknown symbol": (".. kl-closed-form:: normal normal\n   :symbols: tau=t", "request", "no symbol 'tau'"),
    "a role about nothing": ("It is :kl-closed-form:`normal nothing`.", "request", "unknown family 'nothing'"),
    "a role with an unknown option": ("It is :kl-closed-form:`normal normal size=3`.", "request", "no option 'size'"),
    "a link to nowhere": ("See :kl-ref:`normal normal`.", "ref.ref", "kl:ref reference target not found"),
    "an option that is none": (".. kl-derivation:: normal normal\n   :size: 3", "docutils", 'unknown option: "size"'),
    "stages that are none": (".. kl-derivation:: normal normal\n   :stages: all", "docutils", "given as 1,3-5"),
}


@pytest.mark.parametrize("case", MUST_FAIL)
def test_the_build_fails_and_says_where(case, tmp_path):
    block, kind, words = MUST_FAIL[case]
    built = Project(tmp_path, {"index.rst": page("Text.", block)}).build()
    first = next(line for line in built.warnings.splitlines() if "WARNING" in line or "ERROR" in line)
    assert built.code == 1
    assert "index.rst:6: " in first, built.warnings
    assert words in built.warnings
    if kind != "docutils":
        assert f"[{kind if '.' in kind else f'kl_symbolic.{kind}'}]" in built.warnings


def test_a_derivation_at_home_on_two_pages_is_found_also_by_two_processes(tmp_path):
    names = [f"page{k}" for k in range(6)]
    pages = {f"{name}.rst": page(".. kl-derivation:: poisson poisson") for name in names[:2]}
    pages |= {f"{name}.rst": page("Nothing.") for name in names[2:]}
    pages["index.rst"] = page(".. toctree::\n\n   " + "\n   ".join(names))
    built = Project(tmp_path, pages).build()
    assert built.code == 1
    assert "kl(poisson, poisson) has a place of its own already" in built.warnings


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        ("engine.derive = lambda *a: swapped(derive(*a))", "[kl_symbolic.proof]"),
        ("api.cross_check = lambda *a, **k: Report('x', 50, 2, ())", "the cross-check says unknown"),
    ],
)
def test_what_is_not_proved_or_not_checked_fails_the_build(tmp_path, break_it, words):
    conf = f"""{CONF}
from dataclasses import replace
from kl_symbolic import api, engine
from kl_symbolic.checks import Report
derive = engine.derive
def swapped(record):
    *steps, last = record.steps
    return replace(record, steps=(*steps, replace(last, after=-last.after)))
{break_it}
"""
    built = Project(tmp_path, {"index.rst": page(".. kl-derivation:: poisson poisson")}, conf).build()
    assert built.code == 1
    assert words in built.warnings


def test_without_strictness_the_page_says_what_is_wrong(tmp_path):
    built = Project(tmp_path, {"index.rst": page(".. kl-derivation:: normall normal")}).build("html", "-q")
    assert built.code == 0
    assert '<p class="kl-error">kl_symbolic: unknown family' in built.page()
