"""A derivation as the last value of a cell: in notebooks, in MyST-NB, and in a notebook that is not trusted."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from docs_browser import DESK, TELEPHONE, chromium, watched, wrong_looks
from docs_site import missing
from sphinx_projects import Project

from kl_symbolic import Notation, check, derive, prove
from kl_symbolic.audit import audit
from kl_symbolic.checks import Check, Report

CODE = "from kl_symbolic import derive\nd = derive('normal', 'standard_normal', param='logvar')\nd"
DERIVATION = derive("normal", "standard_normal", param="logvar")
READ = "details :is(p, li, summary, math), details ~ p, details ~ div math"
# What JupyterLab makes of HTML that is not trusted: tags that it does not know go, and so does what it does not know in
# a style; what stands between the tags stays.
DISTRUST = """() => {
  for (const e of document.querySelectorAll('[style]')) e.style.display = e.style.display === 'revert' ? 'none' : '';
  for (const e of document.querySelectorAll('template')) e.replaceWith(e.content);
  for (const e of document.querySelectorAll('math')) e.replaceWith(e.textContent);
}"""


class Tags(HTMLParser):
    """The tags of a text, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("law", ["normal", "diagonal_normal"])
def test_the_html_of_a_cell_meets_nothing_of_its_page(law):
    found = Tags(derive(law, law)._repr_html_())
    assert found.open == []
    names, attributes = {tag for tag, _ in found.tags}, {name for _, given in found.tags for name in given}
    assert {"details", "math", "template"} <= names
    assert not names & {"style", "script", "link", "a", "h1", "h2", "html", "body"}
    assert not attributes & {"id", "class", "name", "href"}


def test_a_cell_shows_what_is_asked_for_and_every_lemma_folded():
    text = DERIVATION.to_cell(stages=[2], notation=Notation(symbols={"mu": "m"}), proof=prove(DERIVATION))
    assert re.findall(r"<strong>(\d)\.", text) == ["2"]
    assert "<mi>m</mi>" in text
    assert "Proved: 40 steps" in text
    whole = DERIVATION._repr_html_()
    assert re.findall(r"<summary>Lemma (\d)\.", whole) == [str(k) for k in range(1, len(DERIVATION.lemmas) + 1)]


def test_hosts_are_given_html_and_latex_and_no_markdown():
    assert {name for name in dir(DERIVATION) if re.fullmatch("_repr_[a-z]+_", name)} == {"_repr_html_", "_repr_latex_"}


def halved(lambda_1, lambda_2):
    return lambda_1 / 2 - lambda_2


def test_results_print_as_a_few_lines():
    d = derive("diagonal_normal", "diagonal_normal", dim=40)
    refuted = check("log(sigma_1)", "normal", "normal")
    words = "both sides agree to 61.5 digits (estimated) at 8 points"
    agree = Check("quadrature", "statement", "agree", 61.5, None, 8, words)
    report = Report("kl(normal, normal)", 50, 8, (agree, *(replace(agree, subject=f"stage {k}") for k in range(50))))
    for result in (d, prove(d), report, refuted, audit(halved, "poisson", "poisson", regions=["far"])):
        assert repr(result).startswith(f"<{type(result).__name__} ")
        assert len(repr(result)) < 500
        assert "\n" not in repr(result)
    for result in (prove(d), report, refuted):
        assert len(str(result)) < 1000
        assert len(str(result).splitlines()) <= 8


def notebook(theme: str) -> str:
    """Run a notebook whose two cells show a derivation, and return it as a page."""
    for package in ("nbclient", "nbconvert", "ipykernel"):
        if importlib.util.find_spec(package) is None:
            missing(package)
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in (CODE, "d")])
    NotebookClient(book, timeout=300).execute()
    return HTMLExporter(theme=theme).from_notebook_node(book)[0]


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


def opened(context, address):
    """Open a page and every lemma on it."""
    page, _ = watched(context)
    page.goto(address)
    page.locator("details").evaluate_all("(all) => all.forEach((e) => { e.open = true; })")
    return page


def shown(page) -> list[str]:
    return page.locator("math").evaluate_all("(all) => all.map((e) => e.checkVisibility())")


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_notebook_shows_the_derivation(browser, tmp_path, theme):
    path = tmp_path / "notebook.html"
    path.write_text(notebook(theme), "utf-8")
    for size in (TELEPHONE, DESK):
        with browser.new_context(viewport=size) as context:
            page = opened(context, path.as_uri())
            assert len(shown(page)) == 2 * DERIVATION._repr_html_().count("<math")
            assert all(shown(page))
            assert wrong_looks(page, READ) == []
            assert page.locator("template").count() == 2
            page.evaluate(DISTRUST)
            assert page.locator(f"text={DERIVATION}").count() == 2
            assert page.locator("details:visible").count() == 0


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A project of MyST-NB, in a theme that switches to the dark."""
    for package in ("myst_nb", "pydata_sphinx_theme"):
        if importlib.util.find_spec(package) is None:
            missing(package)
    conf = 'extensions = ["myst_nb"]\nproject = "P"\nhtml_theme = "pydata_sphinx_theme"\nnb_execution_mode = "cache"\n'
    cells = "".join(f"```{{code-cell}}\n{code}\n```\n\n" for code in (CODE, "d"))
    text = f"---\nfile_format: mystnb\nkernelspec: {{name: python3}}\n---\n# Title\n\n{cells}"
    return Project(tmp_path_factory.mktemp("book"), {"index.md": text}, conf)


@pytest.mark.slow
def test_myst_nb_shows_the_derivation(browser, book):
    built = book.build("html", "-W")
    assert built.code == 0, built.warnings
    for size in (TELEPHONE, DESK):
        with browser.new_context(viewport=size) as context:
            page = opened(context, (built.out / "index.html").as_uri())
            assert len(shown(page)) == 2 * DERIVATION._repr_html_().count("<math")
            assert all(shown(page))
            assert wrong_looks(page, READ) == []
            assert "D_KL" not in page.inner_text("body")


@pytest.mark.slow
def test_myst_nb_writes_latex_into_the_pdf(book):
    built = book.build("latex", "-W")
    assert built.code == 0, built.warnings
    assert built.page("p.tex").count(r"D_{\mathrm{KL}}(P \,\|\, Q) = -\frac{1}{2}") == 2
