"""The documentation as a reader meets it: from a disk and from a server, on a telephone and a desk, light and dark."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from docs_browser import DESK, TELEPHONE, chromium, served, watched, wrong_formulas, wrong_looks
from docs_site import Page, built, missing

from kl_symbolic import replay

pytestmark = pytest.mark.slow

# The button says it for a second or two: a busy machine could look too late.
COPIED = """() => {
    const button = document.querySelector('button.kl-copy');
    window.copied = new Promise((done) => new MutationObserver(() => button.textContent === 'Copied' && done())
        .observe(button, {childList: true, characterData: true, subtree: true}));
}"""
DERIVATION = "reference/theorems/kl-normal-normal.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory)


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def server(site):
    with served(site.html) as address:
        yield address


@pytest.fixture
def page(browser, site):
    """The page of a derivation, from the disk, on a telephone."""
    with browser.new_context(viewport=TELEPHONE) as context:
        found, found.foreign = watched(context)
        found.goto((site.html / DERIVATION).as_uri())
        yield found


def equations_of(page):
    """Return how many formulas there are in the source of a page that came from the disk."""
    return Page(Path(urlsplit(page.url).path)).equations


def everything_wrong(context, site, address):
    """Look at every page; return what is wrong by page."""
    page, foreign = watched(context)
    wrong = {}
    for path in site.pages:
        name = path.relative_to(site.html).as_posix()
        page.goto(f"{address}/{name}")
        found = [*wrong_formulas(page, Page(path).equations), *wrong_looks(page), *foreign]
        foreign.clear()
        if found:
            wrong[name] = found
    return wrong


def test_every_page_is_right_from_a_disk_on_a_telephone(browser, site):
    with browser.new_context(viewport=TELEPHONE) as context:
        assert everything_wrong(context, site, site.html.as_uri()) == {}


def test_every_page_is_right_from_a_server_on_a_desk(browser, site, server):
    with browser.new_context(viewport=DESK) as context:
        assert everything_wrong(context, site, server) == {}


def test_an_undefined_macro_is_an_error(page):
    equations = equations_of(page)
    assert wrong_formulas(page, equations) == []
    page.evaluate("""async () => {
        const formula = document.createElement('div');
        formula.className = 'math';
        formula.textContent = '\\\\[\\\\nosuchmacro\\\\]';
        document.querySelector('article').append(formula);
        await MathJax.typesetPromise([formula]);
    }""")
    assert wrong_formulas(page, equations + 1) == [r"error in a formula: Undefined control sequence \nosuchmacro"]


def test_a_formula_that_is_not_typeset_is_found(page):
    assert wrong_formulas(page, 1000)[0].endswith("formulas typeset, 1000 on the page")


def test_what_is_too_wide_or_too_pale_is_found(page):
    page.evaluate("""document.querySelector('article').insertAdjacentHTML('beforeend',
        '<p style="width: 500px; background: #fff; color: #ccc">pale</p>')""")
    found = wrong_looks(page)
    assert any(what.startswith("light: too wide: DIV.content") for what in found)
    assert "light: too pale: P.: 1.6" in found


def test_a_request_to_another_machine_is_found(page):
    page.evaluate("""new Promise((done) => {
        const picture = new Image();
        picture.onerror = done;
        picture.src = 'http://example.org/picture.png';
    })""")
    assert page.foreign == ["http://example.org/picture.png"]


def test_a_wide_formula_scrolls_by_itself_and_shows_its_number(page):
    page.evaluate("MathJax.startup.promise")
    formulas = page.locator("div.math").evaluate_all("""(all) => all.map((e) => {
        const [formula, number] = [e.querySelector('mjx-container'), e.querySelector('.eqno')];
        return {wide: formula.scrollWidth > formula.clientWidth, reached: formula.tabIndex === 0,
                apart: !number || number.getBoundingClientRect().left >= formula.getBoundingClientRect().right,
                seen: !number || number.getBoundingClientRect().right <= innerWidth};
    })""")
    assert any(formula["wide"] for formula in formulas)
    assert all(formula["reached"] and formula["apart"] and formula["seen"] for formula in formulas)


def test_the_accessibility_tree_holds_the_mathematics(page):
    page.evaluate("MathJax.startup.promise")
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node["ignored"]]
    assert roles.count("MathMLMath") == equations_of(page)
    assert {"MathMLFraction", "MathMLSubSup", "MathMLIdentifier"} <= set(roles)


def test_the_copied_latex_compiles(browser, server, tmp_path):
    if shutil.which("pdflatex") is None:
        missing("pdflatex")
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page, _ = watched(context)
        page.goto(f"{server}/{DERIVATION}")
        page.evaluate(COPIED)
        page.click("button.kl-copy")
        page.evaluate("window.copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.get_attribute("button.kl-copy", "data-latex")
    before = "\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n\\begin{document}\n"
    (tmp_path / "copied.tex").write_text(f"{before}{copied}\n\\end{{document}}\n", "utf-8")
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "copied.tex"],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "copied.pdf").exists()


def test_the_button_copies_from_a_disk_too(page):
    page.evaluate("""() => {
        Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => { window.copied = text; }}});
    }""")
    page.click("button.kl-copy")
    page.wait_for_function("window.copied !== undefined")
    assert page.evaluate("window.copied") == page.get_attribute("button.kl-copy", "data-latex")


def test_the_search_works_from_a_disk(page, site):
    page.goto((site.html / "search.html").as_uri() + "?q=poisson")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all("(all) => all.map((e) => e.getAttribute('href'))")
    assert any(re.search(r"theorems/kl-poisson-poisson\.html", link) for link in found)


def test_the_proof_file_can_be_had_from_the_page(page, site):
    link = page.locator("a.download").first.get_attribute("href")
    target = (site.html / DERIVATION).parent / link
    assert replay(target.read_text("utf-8")).question.name == "kl(normal, normal)"
