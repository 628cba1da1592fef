"""The Sphinx extension: what each directive and role puts on a page, in every builder, and across pages."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from sphinx_projects import CONF, Project, page

from kl_symbolic import derive, replay

pytestmark = pytest.mark.usefixtures("proved_once")

EXAMPLE = Path(__file__).parents[1] / "examples" / "sphinx_project"
GOLDEN = Path(__file__).parent / "golden"

DERIVATION = ".. kl-derivation:: exponential exponential"
ELEMENTS = {
    "derivation": DERIVATION + "\n   :digits: 30",
    "lemmas": ".. kl-derivation:: exponential exponential\n   :lemmas: full\n   :stages: 5,6\n   :digits: 30",
    "closed-form": ".. kl-closed-form:: exponential exponential\n   :label: result\n   :indices: pq",
    "certificate": ".. kl-certificate:: exponential exponential\n   :digits: 30",
    "catalogue": ".. kl-catalogue::\n   :quantity: decomposition",
    "claim": ".. kl-claim:: exponential exponential\n\n   lambda_2/lambda_1 - 1 - log(lambda_2/lambda_1)",
    "role": "A rate too small costs :kl-closed-form:`exponential exponential unit=bits` bits.",
    "reference": DERIVATION + "\n\nSee :kl-ref:`exponential exponential`.",
}
FILES = {
    "latex": "*.tex",
    "text": "*.txt",
    "man": "*.1",
    "texinfo": "*.texi",
    "epub": "*.xhtml",
    "xml": "*.xml",
    "gettext": "*.pot",
}
BUILDERS = ["html", "dirhtml", "singlehtml", "latex", "text", "man", "texinfo", "epub", "gettext", "xml"]


def body_of(html: str) -> str:
    """Return what stands between the title and the end of the page's section."""
    return re.search(r"</h1>\n(.*)</section>", html, re.DOTALL)[1].strip() + "\n"


@pytest.mark.parametrize("element", ELEMENTS)
def test_an_element_is_what_the_golden_file_shows(element, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)  # with which there is one check more
    built = Project(tmp_path, {"index.rst": page(ELEMENTS[element])}).build_here()
    assert (built.code, built.warnings) == (0, "")
    expected = (GOLDEN / f"{element}.html").read_text("utf-8")
    # What an array function measures, and how many digits more than the 30 agree, is not for this file.
    figures = re.compile(r"\d+(\.\d+)?(?= (digits|ulp))|(?<=_downloads/)\w+")
    assert figures.sub("N", body_of(built.page())) == figures.sub("N", expected)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The sample project of a third party."""
    pages = {path.name: path.read_text("utf-8") for path in EXAMPLE.glob("*.*")}
    conf = pages.pop("conf.py") + 'version = copyright = "1"\n'  # which books need
    return Project(tmp_path_factory.mktemp("example"), pages, conf)


@pytest.mark.slow
@pytest.mark.parametrize("builder", BUILDERS)
def test_every_builder_takes_the_sample_project_without_a_warning(example, builder):
    built = example.build(builder)
    assert (built.code, built.warnings) == (0, "")
    text = "".join(path.read_text("utf-8") for path in built.out.rglob(FILES.get(builder, "*.html")))
    words = "In the code we write it" if builder == "gettext" else "Proved: 40 steps, 7 lemmas included"
    assert words in text.replace("\n", " ")
    if builder in ("text", "man", "texinfo"):
        assert "KL(P ‖ Q) = −1/2 (1 + log σ² − μ² − σ²)" in text
        assert r"\frac" not in text
    if builder == "epub":
        assert "<math" in text
        assert "kl-copy" not in text
    if builder == "latex":
        assert r"\label{equation:index:kl-normal-standard-normal-logvar-2}" in text


def test_the_sample_project_takes_five_lines():
    code = [line for line in (EXAMPLE / "conf.py").read_text("utf-8").splitlines() if line]
    assert len(code) <= 5


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Two pages that cite each other, built."""
    pytest.importorskip("myst_parser")
    conf = CONF.replace('"]', '", "myst_parser"]', 1)
    project = Project(
        tmp_path_factory.mktemp("pages"),
        {
            "index.rst": page(
                DERIVATION,
                "By :eq:`kl-exponential-exponential-3` and :eq:`kl-entropy-exponential-2` in :kl-ref:`exponential "
                "quantity=entropy`.",
                ".. toctree::\n\n   other",
            ),
            "other.md": "# Other\n\n"
            "```{kl-derivation} exponential\n:quantity: entropy\n:label: kl-entropy-exponential\n```\n\n"
            "See {kl-ref}`exponential exponential` and {kl-closed-form}`exponential quantity=entropy`.\n",
        },
        conf,
    )
    return project.build()


def test_pages_cite_each_other_also_from_markdown(pages):
    assert (pages.code, pages.warnings) == (0, "")
    first, other = pages.page(), pages.page("other.html")
    assert 'href="#equation-kl-exponential-exponential-3"' in first
    assert 'href="other.html#equation-kl-entropy-exponential-2"' in first
    assert 'href="index.html#derivation-kl-exponential-exponential"' in other
    # The stage that cites the entropy as a lemma links to the page that derives it, and otherwise to one beside it.
    assert (
        'href="other.html#derivation-kl-entropy-exponential" title="Entropy: exponential"><em>Entropy: exponential</em>'
        in first
    )
    assert 'insert <a class="reference internal" href="#kl-exponential-exponential-lemma-3"><em>Cross-entropy' in first
    assert re.findall(r'id="(.*)">Lemma\. (.*?):', first) == [("kl-exponential-exponential-lemma-3", "Cross-entropy")]


def test_the_proof_to_download_is_proved_again(pages):
    (link,) = re.findall(r'href="(_downloads/[^"]+)"', pages.page())
    assert replay(pages.page(link)).question == derive("exponential", "exponential").question


def test_the_button_holds_the_latex_of_the_derivation(pages):
    assert derive("exponential", "exponential").to_latex().splitlines()[3] in pages.page()


def test_the_derivations_are_objects_for_other_projects(pages):
    from sphinx.util.inventory import InventoryFile

    with (pages.out / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, name: base + name)
    assert "kl(exponential, exponential)" in inventory["kl:derivation"]


@pytest.mark.slow
def test_a_second_build_reads_nothing(example):
    example.build()
    assert "0 added, 0 changed, 0 removed" in example.build().printed


CHANGE_A_FAMILY = """
import os
from kl_symbolic.sphinxext import store
def setup(app):
    if name := os.environ.get("CHANGED"):
        known = store.of_family
        store.of_family = lambda family: "changed" if family == name else known(family)
"""


@pytest.mark.slow
def test_a_changed_family_reads_again_just_the_pages_that_use_it(tmp_path, monkeypatch):
    project = Project(
        tmp_path,
        {
            "index.rst": page(".. toctree::\n\n   normal\n   poisson\n   role\n   nothing"),
            "normal.rst": page(".. kl-closed-form:: normal standard_normal"),
            "poisson.rst": page(".. kl-closed-form:: poisson poisson"),
            "role.rst": page("It is :kl-closed-form:`poisson poisson`."),
            "nothing.rst": page("Nothing."),
        },
        CONF + CHANGE_A_FAMILY,
    )
    assert "5 added" in project.build().printed
    assert "0 added, 0 changed" in project.build().printed
    monkeypatch.setenv("CHANGED", "poisson")
    built = project.build("html", "-W", "-v")
    assert "0 added, 2 changed, 0 removed" in built.printed
    assert "0 added, 0 changed" in project.build().printed


@pytest.mark.slow
def test_cross_checks_are_kept_and_proofs_are_not(tmp_path):
    project = Project(tmp_path, {"index.rst": page(DERIVATION)})
    project.build()
    (kept,) = (tmp_path / "doctrees" / "kl_symbolic" / "checks").glob("*.json")
    report = json.loads(kept.read_text("utf-8"))
    for check in report["checks"]:
        if check["digits"]:
            check["digits"] = 69.0
    kept.write_text(json.dumps(report), "utf-8")
    assert "agrees to 69 digits" in project.build("html", "-E", "-W").page()
    kept.write_text("{", "utf-8")
    assert "agrees to 69 digits" not in project.build("html", "-E", "-W").page()


def test_stages_lemmas_and_notation(tmp_path):
    options = (
        "\n   :digits: 10\n   :stages: 5-6\n   :lemmas: fold\n   :log: ln\n   :symbols: mu_1=m, sigma_1=\\sigma_{p}"
        "\n   :label: here"
    )
    built = Project(
        tmp_path, {"index.rst": page(f".. kl-derivation:: normal normal{options}", "By :eq:`here-6`.")}
    ).build()
    assert (built.code, built.warnings) == (0, "")
    html = built.page()
    assert re.findall(r"<strong>(\d)\. ", html) == ["5", "6"]
    assert r"\ln\frac{\sigma_2}{\sigma_p} + \frac{\sigma_p^2 + (m - \mu_2)^2}{2\sigma_2^2}" in html
    assert html.count('class="kl-lemma') == 2
    assert 'insert <a class="reference internal" href="#here-lemma-5">Lemma 5</a>' in html


def test_laws_macros_expectations_and_aligned_stages(tmp_path):
    options = (
        "\n   :symbols: P=q_\\phi, Q=p_\\theta, x=z\n   :divergence: \\KL\n   :expectation:\n   :environment: align"
        "\n   :label: vae"
    )
    built = Project(
        tmp_path, {"index.rst": page(f".. kl-derivation:: normal normal{options}", "By :eq:`vae-stages`.")}
    ).build()
    assert (built.code, built.warnings) == (0, "")
    html, _, copied = built.page().partition("data-latex=")
    assert r"D_{\mathrm{KL}}(q_\phi \,\|\, p_\theta) &amp;= \mathbb{E}_{q_\phi}" in html
    assert html.count("&amp;=") == html.count('class="kl-stage"') == 6
    assert r"\KL" not in html
    assert r"\KL(q_\phi \,\|\, p_\theta) &amp;= " in copied
    assert r"\label{vae-6}" in copied


@pytest.mark.slow
def test_the_equations_of_a_book_can_be_referred_to(tmp_path):
    blocks = (DERIVATION + "\n   :label: vae", "By :eq:`vae` and :eq:`vae-6`.")
    built = Project(tmp_path, {"index.rst": page(*blocks)}, CONF + 'copyright = "1"\n').build("epub")
    book = built.page("index.xhtml")
    links = set(re.findall(r'href="#(equation-[^"]*)"', book))
    assert links == {"equation-vae", "equation-vae-6"}
    assert all(book.count(f'id="{name}"') == 1 for name in links)


@pytest.mark.parametrize("value", ['kl_symbolic_indices = "pp"', 'kl_symbolic_divergence = r"\\input"'])
def test_a_wrong_value_in_conf_ends_the_build_by_name(value, tmp_path):
    built = Project(tmp_path, {"index.rst": page(".. kl-catalogue::")}, CONF + value + "\n").build()
    assert built.code != 0
    assert "ConfigError: conf.py: of the values kl_symbolic_..., " in built.warnings


def test_a_claim_with_a_symbol_that_there_is_not_is_a_warning(tmp_path):
    claim = (
        ".. kl-claim:: exponential exponential\n   :symbols: mu=m\n\n   lambda_2/lambda_1 - 1 - log(lambda_2/lambda_1)"
    )
    assert "no symbol 'mu'" in Project(tmp_path, {"index.rst": page(claim)}).build().warnings
