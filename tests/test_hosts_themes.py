"""The directives in themes of other people: nothing is too pale or too wide, however a theme switches to the dark."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from docs_browser import DESK, TELEPHONE, chromium, watched, wrong_formulas, wrong_looks
from docs_site import Page, missing
from sphinx_projects import Project, page

pytestmark = pytest.mark.slow

MATHJAX = Path(__file__).parents[1] / "docs" / "_static" / "mathjax"
CONF = f"""
extensions = ["kl_symbolic.sphinxext"]
project = "P"
html_theme = "THEME"
html_static_path = [{str(MATHJAX)!r}]
mathjax_path = {next(MATHJAX.glob("*.js")).name!r}
"""
OPTIONS = "\n   :param: logvar\n   :digits: 20"
PAGE = page(
    f".. kl-derivation:: normal standard_normal{OPTIONS}\n   :lemmas: full",
    ".. kl-claim:: exponential exponential\n\n   lambda_2/lambda_1 - 1 - log(lambda_2/lambda_1)",
    ".. kl-claim:: exponential exponential\n\n   lambda_2/lambda_1 - 1",
    ".. kl-closed-form:: normal no_such_law",
    f".. kl-certificate:: normal standard_normal{OPTIONS}",
    ".. kl-catalogue::\n   :quantity: gradient",
)
OURS = ":is(.kl-proved, .kl-refuted, .kl-error, .kl-copy, .kl-stage, .eqno, mjx-container)"
# How a reader, or the theme for the reader, switches; a theme without a switch has one look.
SWITCHES = {
    "furo": "(dark) => document.body.dataset.theme = dark ? 'dark' : 'light'",
    "pydata_sphinx_theme": "(dark) => document.documentElement.dataset.theme = dark ? 'dark' : 'light'",
    "sphinx_rtd_theme": None,
    "alabaster": None,
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The setting that lets all builds share their cross-checks."""
    return f"kl_symbolic_cache = {str(tmp_path_factory.mktemp('cache'))!r}\n"


@pytest.fixture(scope="module", params=SWITCHES)
def theme(request, tmp_path_factory, cache):
    """The name of a theme, and the page in it."""
    if importlib.util.find_spec(request.param) is None:
        missing(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    conf = CONF.replace("THEME", request.param) + cache
    built = Project(folder, {"index.rst": PAGE}, conf).build("html", "-q")
    assert built.code == 0, built.warnings
    return request.param, built.out / "index.html"


@pytest.mark.parametrize("size", [TELEPHONE, DESK], ids=["telephone", "desk"])
def test_a_page_is_right_in_a_theme(browser, theme, size):
    name, path = theme
    with browser.new_context(viewport=size) as context:
        found, foreign = watched(context)
        found.goto(path.as_uri())
        assert wrong_formulas(found, Page(path).equations) == []
        assert wrong_looks(found, OURS) == []  # as the system switches
        for dark in (False, True) if SWITCHES[name] else ():
            found.evaluate(SWITCHES[name], dark)
            assert wrong_looks(found, OURS) == []
        assert foreign == []


def test_a_wide_equation_scrolls_by_itself_and_shows_its_number(browser, theme):
    with browser.new_context(viewport=TELEPHONE) as context:
        found = context.new_page()
        found.goto(theme[1].as_uri())
        found.evaluate("MathJax.startup.promise")
        equations = found.locator(".kl-derivation div.math").evaluate_all("""(all) => all.map((e) => {
            const [formula, number] = [e.querySelector('mjx-container'), e.querySelector('.eqno')];
            const edge = formula.getBoundingClientRect().right, seen = number && number.getBoundingClientRect();
            return {wide: formula.scrollWidth > formula.clientWidth, inside: edge <= innerWidth,
                    beside: !seen || (seen.left >= edge && seen.right <= innerWidth)};
        })""")
        assert any(equation["wide"] for equation in equations)
        assert all(equation["inside"] and equation["beside"] for equation in equations)


def test_a_colour_that_is_too_pale_is_found(browser, theme):
    with browser.new_context() as context:
        found = context.new_page()
        found.goto(theme[1].as_uri())
        found.add_style_tag(content=".kl-proved { color: color-mix(in srgb, #8c8 90%, #888); }")
        assert any("kl-proved" in what for what in wrong_looks(found, OURS))
