"""What people see: LaTeX that compiles, Markdown that GitHub accepts, HTML that parses."""

import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from kl_symbolic import Notation, catalogue, check, derive, prove, verify
from kl_symbolic.kernel import RULES
from kl_symbolic.kernel.alone import SINGLE_STEPS
from kl_symbolic.render import captions, pdf

pytestmark = pytest.mark.usefixtures("proved_once")

DERIVATIONS = {d.name: d for d in catalogue()}
SPECIAL = [
    derive("diagonal_normal", "standard_normal", param="logvar", dim=3),
    derive("normal", "normal", unit="bits", quantity="gradient"),
    derive("diagonal_normal", "diagonal_normal", quantity="asymmetry", unit="bits"),
]


def everything():
    return [pytest.param(d, id=d.name) for d in [*DERIVATIONS.values(), *SPECIAL]]


@pytest.mark.parametrize(
    ("name", "tex"),
    [
        (
            "kl(normal, normal)",
            r"\log\frac{\sigma_2}{\sigma_1} + \frac{\sigma_1^2 + (\mu_1 - \mu_2)^2}{2\sigma_2^2} - \frac{1}{2}",
        ),
        (
            "kl(diagonal_normal, standard_normal, logvar)",
            r"-\frac{1}{2}\sum_{i=1}^n (1 + \log\sigma_i^2 - \mu_i^2 - \sigma_i^2)",
        ),
        ("kl(poisson, poisson)", r"\lambda_1\log\frac{\lambda_1}{\lambda_2} + \lambda_2 - \lambda_1"),
        ("kl(exponential, exponential)", r"\log\frac{\lambda_1}{\lambda_2} + \frac{\lambda_2}{\lambda_1} - 1"),
    ],
)
def test_closed_forms_are_written_as_a_textbook_writes_them(name, tex):
    assert re.sub(r"\s+", "", f" = {tex}") in re.sub(r"\s+", "", DERIVATIONS[name]._repr_latex_())


@pytest.mark.sample(12)
@pytest.mark.parametrize("d", everything())
def test_latex_is_what_mathjax_and_github_accept(d):
    tex = d.to_latex()
    for mark in (r"\operatorname", r"\left\{", "Density", "Integral(", "Law", "_{}", "^{}", "--", "+ -"):
        assert mark not in tex
    assert tex.count("{") == tex.count("}")
    assert tex.count(r"\left(") == tex.count(r"\right)")


@pytest.mark.sample(12)
@pytest.mark.parametrize("d", everything())
def test_markdown_fences_are_closed_and_github_gets_no_dollars_alone(d):
    assert d.to_markdown().count("$$") % 2 == 0
    github = d.to_github()
    assert github.count("```") % 2 == 0
    assert re.sub(r"\$`[^`]*`\$", "", github).count("$") == 0


@pytest.mark.sample(12)
@pytest.mark.parametrize("d", everything())
def test_html_parses_links_to_what_is_there_and_asks_for_nothing(d):
    page = d.to_html()
    tree = ElementTree.fromstring(
        page.partition("\n")[2]
        .replace('<meta charset="utf-8">', "")
        .replace('<meta name="viewport" content="width=device-width, initial-scale=1">', "")
    )
    names = {e.get("id") for e in tree.iter() if e.get("id")}
    links = {e.get("href")[1:] for e in tree.iter("a")}
    assert links <= names
    assert "http" not in page
    assert len(list(tree.iter("math"))) > len(d.steps)


@pytest.mark.sample(12)
@pytest.mark.parametrize("d", everything())
def test_text_names_every_rule_and_keeps_to_one_line_a_formula(d):
    text = d.to_text()
    for step in d.steps:
        assert captions.RULES[step.rule][0] in text
    assert "None" not in text
    assert not re.search(r"  \S+  \S", text.replace("    ", "").replace("  1 ", ""))


def test_every_rule_of_the_kernel_has_a_caption_and_no_caption_is_left_over():
    assert captions.RULES.keys() == RULES.keys() | SINGLE_STEPS.keys()


def test_notation_changes_symbols_indices_logarithm_and_divergence():
    d = derive("normal", "normal")
    tex = d.to_latex(notation=Notation("pq", "ln", r"\mathrm{KL}", {"mu_1": r"\nu"}))
    assert r"\mathrm{KL}(P \,\|\, Q) = \ln\frac{\sigma_q}{\sigma_p}" in tex
    assert r"(\nu - \mu_q)^2" in tex
    assert r"\log" not in tex
    assert "log" not in d.to_text(notation=Notation(log="ln")).replace("logarithm", "").replace("log p", "")


def test_a_log_variance_can_be_given_a_symbol_of_its_own():
    d = derive("normal", "standard_normal", param="logvar")
    assert "−1/2 (1 + s − μ² − e^s)" in d.to_text(notation=Notation(symbols={"logvar": "s"}))


def test_the_certificate_tells_steps_axioms_conditions_and_digits():
    d = derive("normal", "normal")
    text = d.to_text(proof=prove(d), report=verify(d, points=1, stages=False))
    for words in (
        "38 steps",
        "normalisation of the normal density",
        "Conditions: σ₁ > 0, σ₂ > 0; 10 integrals converge absolutely; 2 derivatives move through integrals.",
        "nothing; every value is proved",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("how", "coordinate"),
    [
        ("to_text", "1 ≤ j ≤ n"),
        ("to_tex", r"$1 \le j \le n$"),
        ("to_markdown", r"$1 \le j \le n$"),
        ("to_github", r"$`1 \le j \le n`$"),
        ("to_html", "<mn>1</mn><mo>≤</mo><mi>j</mi><mo>≤</mo><mi>n</mi>"),
    ],
)
def test_every_kind_of_condition_is_printed_with_the_certificate(how, coordinate):
    d = derive("diagonal_normal", "standard_normal", quantity="gradient")
    proof = prove(d)
    printed = getattr(d, how)(proof=proof)
    assert coordinate in printed.partition("Conditions: ")[2]
    assert {c.kind for c in proof.conditions} == {"positive", "integrable", "interchange", "coordinate"}
    for kind, words in (("integrable", "integrals converge"), ("interchange", "derivatives move")):
        assert f"; {sum(c.kind == kind for c in proof.conditions)} {words}" in printed


def test_conditions_that_there_are_none_of_are_not_printed():
    d = derive("normal", quantity="score", of="mu")
    assert "Conditions: σ > 0." in d.to_text(proof=prove(d))
    one = derive("poisson", quantity="moment", of="mean")
    assert "; 1 derivative moves through an integral." in one.to_text(proof=prove(one))


def test_notebooks_get_dollars_not_brackets():
    d = derive("normal", "normal")
    assert d._repr_latex_().startswith("$$")
    assert d._repr_latex_().endswith("$$")
    assert r"\[" not in d._repr_latex_()


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("log((sigma_2/sigma_1)^2)", "log((σ₂/σ₁)²)"),
        ("(1/2)/(1/sigma_2^2)*mu_1", "μ₁/(2(1/σ₂²))"),
        ("mu_1*((1/sigma_2)*mu_2)", "μ₁μ₂/σ₂"),  # of products in products, only the factors are read
        ("log(sigma_2) - (mu_1 - (mu_2 - 1))", "log σ₂ − (μ₁ − (μ₂ − 1))"),
        ("-(mu_1 + mu_2)/2 - -log(sigma_1)", "log σ₁ − (μ₁ + μ₂)/2"),
    ],
)
def test_a_quotient_or_a_sum_behind_something_is_in_parentheses(written, printed):
    assert printed in str(check(written, "normal", "normal"))


def compile_article(tex):
    data = pdf(tex)
    assert data.startswith(b"%PDF")
    return data


def test_the_article_of_the_report_compiles_with_pdflatex():
    d = derive("normal", "normal")
    compile_article(d.to_tex(proof=prove(d)))


def test_a_fragment_compiles_in_a_document_of_somebody_else():
    body = derive("diagonal_normal", "standard_normal", param="logvar").to_latex()
    compile_article(rf"\documentclass{{article}}\usepackage{{amsmath,amssymb}}\begin{{document}}{body}\end{{document}}")


@pytest.mark.slow
@pytest.mark.parametrize("d", everything())
def test_every_article_compiles_and_no_line_runs_off_the_page(d, tmp_path):
    (tmp_path / "a.tex").write_text(d.to_tex(proof=prove(d)), encoding="utf-8")
    program = shutil.which("pdflatex")
    for _ in range(2):
        done = subprocess.run([program, "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True)
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    log = (tmp_path / "a.log").read_text("utf-8", "replace")
    assert "undefined" not in log
    assert [w for w in re.findall(r"Overfull \\hbox \((\d+\.?\d*)pt", log) if float(w) > 5] == []
