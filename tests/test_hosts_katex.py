"""KaTeX, which many hosts of Markdown use: it takes every formula that we write for it, and those of Sphinx."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from docs_browser import chromium
from docs_site import missing
from sphinx_projects import Project, page

from kl_symbolic.api import catalogue

pytestmark = pytest.mark.slow

DISPLAYED = re.compile(r"\$\$\n(.*?)\n\$\$|```math\n(.*?)\n```", re.DOTALL)
INLINE = re.compile(r"(?<![\\$])\$`?([^$`\n]+)`?\$")
REFUSED = """(formulas) => formulas.flatMap(([display, tex]) => {
  try { katex.renderToString(tex, {displayMode: display, throwOnError: true, strict: 'error'}); return []; }
  catch (error) { return [`${tex}: ${error.message}`]; }
})"""


@pytest.fixture(scope="module")
def katex():
    """A page with the KaTeX that the extension of Sphinx brings."""
    found = importlib.util.find_spec("sphinxcontrib.katex")
    if found is None:
        missing("sphinxcontrib-katex")
    with chromium() as browser:
        blank = browser.new_page()
        blank.add_script_tag(path=Path(found.origin).with_name("katex.min.js"))
        yield blank


def formulas(text: str) -> list[tuple[bool, str]]:
    displayed = [(True, "".join(found.groups(""))) for found in DISPLAYED.finditer(text)]
    return displayed + [(False, tex) for tex in INLINE.findall(DISPLAYED.sub("", text))]


def test_every_formula_of_every_derivation_is_taken(katex):
    texts = [f(d) for d in catalogue() for f in (type(d).to_markdown, type(d).to_github, type(d)._repr_latex_)]
    found = [formula for text in texts for formula in formulas(text)]
    assert min(sum(kind is display for kind, _ in found) for display in (True, False)) > 500
    assert sum(r"\begin{aligned}" in tex for _, tex in found) > 20
    assert katex.evaluate(REFUSED, found) == []


@pytest.mark.parametrize("tex", [r"{} &= a \\ &\quad{} + b", r"\operatorname{x", r"\nosuchmacro"])
def test_what_katex_does_not_take_is_found(katex, tex):
    assert len(katex.evaluate(REFUSED, [[True, tex]])) == 1


def test_a_project_that_uses_katex_shows_every_formula(katex, tmp_path):
    conf = 'extensions = ["kl_symbolic.sphinxext", "sphinxcontrib.katex"]\nproject = "P"\n'
    text = page(".. kl-derivation:: normal standard_normal\n   :lemmas: full\n   :digits: 20")
    built = Project(tmp_path, {"index.rst": text}, conf).build("html", "-W")
    assert (built.code, built.warnings) == (0, "")
    sources = re.findall(r'class="math[ "]', built.page())
    assert r"\begin{aligned}" in built.page()
    katex.goto((built.out / "index.html").as_uri())
    assert katex.locator(".katex-error").all_inner_texts() == []
    assert katex.locator(".katex").count() == len(sources)
