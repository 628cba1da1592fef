"""Symbols, labels and names that would be code, or would share a place: what becomes of them on a page."""

from __future__ import annotations

import re

import pytest
from sphinx_projects import Project, page

from kl_symbolic import replay
from kl_symbolic.options import parse_label as label

pytestmark = pytest.mark.usefixtures("proved_once")

HOSTILE = '"><script>alert(1)</script>'
PAGES = {
    "index.rst": page(
        ".. toctree::\n\n   other",
        ".. kl-derivation:: poisson poisson\n   :label: α",
        f".. kl-derivation:: poisson poisson\n   :label: {HOSTILE}",
        f".. kl-closed-form:: normal standard_normal\n   :symbols: mu={HOSTILE}",
        ".. kl-closed-form:: normal standard_normal\n   :symbols: mu=\\href{javascript:alert(1)}{x}",
        f".. kl-closed-form:: normal standard_normal\n   :symbols: {HOSTILE}=m",
        f".. kl-closed-form:: {HOSTILE} normal",
        f".. kl-closed-form:: normal normal\n   :param: {HOSTILE}",
        f".. kl-closed-form:: normal normal\n   :indices: {HOSTILE}",
        f".. kl-claim:: normal normal\n\n   {HOSTILE}",
        f":kl-closed-form:`{HOSTILE} normal` and :kl-ref:`normal normal unit={HOSTILE}`.",
        ".. kl-derivation:: poisson poisson\n   :label: A",
        ".. kl-derivation:: exponential exponential\n   :label: a",
    ),
    "other.rst": page(
        ".. kl-derivation:: exponential exponential\n   :label: a",
        ".. kl-derivation:: poisson poisson\n   :label: part/a.b:c",
        ".. kl-closed-form:: normal standard_normal\n   :label: d_e\n"
        "   :symbols: mu=\\hat{\\mu}^{*}, sigma=\\sigma_{\\text{old}}\n\nIs it :eq:`d_e`?",
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("labels"), PAGES)


@pytest.fixture(scope="module")
def built(project):
    return project.build_here("html", "-q")


def test_each_of_them_is_a_warning_with_its_line(built):
    assert built.code == 0
    for words in (
        "a label holds at most 100 letters a to z, digits, and . _ : / - between them, given: 'α'",
        f"given: '{HOSTILE}'",
        'the symbol mu: " is not among the characters that are accepted',
        r"the symbol mu: \href is not among the commands that are accepted",
        "the name of a symbol is like mu_1",
        "unknown family",
        "no parameterisation",
        "there is a place #derivation-a on this page already; give this one another :label:",
    ):
        assert words in built.warnings


def test_nothing_of_them_is_markup(built):
    html = built.page()
    assert "alert(1)" in html
    assert not re.search(r"<script>(?!document)|javascript:", html)
    places = re.findall(r' id="([^"]*)"', html)
    assert len(places) == len(set(places))


@pytest.mark.slow
@pytest.mark.parametrize(("builder", "name"), [("latex", "p.tex"), ("text", "index.txt")])
def test_nothing_of_them_is_a_command(project, builder, name):
    out = project.build(builder, "-q").page(name)
    assert "alert(1)" in out
    assert r"\href{javascript" not in out


def test_two_labels_never_share_a_file_and_each_holds_its_proof(built):
    links = {name: re.findall(r'href="(_downloads/[^"]+)"', built.page(name)) for name in ("index.html", "other.html")}
    ((first,), (second, third)) = links.values()
    shown = [replay(built.page(link)).question.p for link in (first, second, third)]
    assert shown == ["poisson", "exponential", "poisson"]
    assert [link.rpartition("/")[2] for link in (first, second, third)] == ["a.json", "a.json", "part-a-b-c.json"]


def test_symbols_with_accents_and_words_are_formulas(built):
    assert r"(\hat{\mu}^{\ast})^2" in built.page("other.html")
    assert r"\sigma_{\text{old}}" in built.page("other.html")
    assert 'href="#equation-d-e"' in built.page("other.html")


@pytest.mark.parametrize("given", ["vae", "vae-2", "eq:kl_1", "A", "7", "part/a.b", "a" * 100])
def test_a_label_is_taken_as_it_is(given):
    assert label(given) == given


@pytest.mark.parametrize(
    "given", ["", "α", "a b", "a\n", "-a", "a-", "../a", "a%", "a{", r"a\b", "a<b", "a" * 101, "a\u2028"]
)
def test_a_label_of_other_characters_is_refused(given):
    with pytest.raises(ValueError, match="a label holds"):
        label(given)
