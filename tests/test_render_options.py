"""How a derivation is shown: options that mean the same in Python, on the command line and in Sphinx."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import get_args
from unicodedata import normalize

import pytest

from kl_symbolic import Notation, catalogue, derive
from kl_symbolic.errors import RequestError
from kl_symbolic.options import Environment, Lemmas, parse_stages, parse_symbols
from kl_symbolic.render import pdf
from kl_symbolic.render.notation import MACRO
from kl_symbolic.sphinxext import request

NORMAL = derive("normal", "normal")
VAE = {"P": r"q_\phi", "Q": r"p_\theta", "x": "z"}
LATEX_LIKE = ("to_latex", "to_tex", "to_markdown", "to_github")
ALL = (*LATEX_LIKE, "to_html", "to_text")
TITLES = ["Entropy: normal", "Cross-entropy: normal"]


def labels(tex):
    return re.findall(r"\\label\{([^}]*)\}", tex)


def references(tex):
    return re.findall(r"\\(?:eqref\{|hyperref\[)([^}\]]*)[}\]]", tex)


@pytest.mark.parametrize("d", [pytest.param(d, id=d.name) for d in list(catalogue())[::7]])
@pytest.mark.parametrize("how", ["to_latex", "to_tex"])
@pytest.mark.parametrize("lemmas", get_args(Lemmas))
@pytest.mark.parametrize("environment", get_args(Environment))
def test_labels_are_unique_and_every_reference_leads_to_one(d, how, lemmas, environment):
    tex = getattr(d, how)(lemmas=lemmas, environment=environment)
    found = labels(tex)
    assert len(found) == len(set(found))
    assert set(references(tex)) <= set(found)
    assert len(found) >= len(d.steps) + 1


@pytest.mark.parametrize("how", ["to_latex", "to_tex"])
@pytest.mark.parametrize("lemmas", get_args(Lemmas))
def test_two_fragments_with_labels_of_their_own_share_none(how, lemmas):
    one, other = (labels(getattr(NORMAL, how)(label=name, lemmas=lemmas)) for name in ("vae", "eq:b"))
    assert not set(one) & set(other)
    assert {f"vae-{k}" for k in (1, 6)} | {"vae-statement"} <= set(one)
    assert all(name.startswith("vae") for name in one)


@pytest.mark.parametrize("how", ["to_html", "to_markdown"])
def test_anchors_have_the_prefix_too(how):
    page = getattr(NORMAL, how)(label="vae")
    anchors = set(re.findall(r'id="([^"]*)"', page))
    assert anchors
    assert all(name.startswith("vae") for name in anchors)
    assert set(re.findall(r'(?:\]\(|href=")#([^")]*)', page)) <= anchors


@pytest.mark.parametrize("label", ["", "a b", "a}", r"\a", "ü", "-a", "a" * 101])
def test_a_label_that_tex_or_html_could_misread_is_refused(label):
    with pytest.raises(RequestError, match="a label holds"):
        NORMAL.to_latex(label=label)


def test_lemmas_are_named_folded_or_full():
    name, fold, full = (NORMAL.to_latex(lemmas=lemmas) for lemmas in ("name", "fold", "full"))
    assert name == NORMAL.to_latex()
    comment, *rest = name.splitlines()
    assert comment.startswith("% Cited, but not in here: Cross-entropy: normal || normal; Entropy: normal.")
    assert comment.isascii()
    assert not any(line.startswith("%") for line in (*rest, *fold.splitlines(), *full.splitlines()))
    for title in TITLES:
        assert title in fold
    assert r"\emph{Entropy: normal} \eqref{kl-normal-normal-lemma-6-statement}" in fold
    assert len(labels(name)) < len(labels(fold)) < len(labels(full))
    assert r"\textit{Leibniz}" in full
    assert r"\textit{Leibniz}" not in fold


@pytest.mark.parametrize("how", ALL)
def test_a_lemma_that_is_named_only_is_cited_by_its_title(how):
    page = getattr(NORMAL, how)(lemmas="name")
    assert not re.search(r"Lemma \d", page)
    for title in TITLES:
        assert title in page


def test_the_lemmas_of_a_selection_are_those_that_it_rests_on():
    assert "Lemma" not in NORMAL.to_text(stages=[1, 2])
    folded, full = NORMAL.to_text(stages=[5]), NORMAL.to_text(stages=[5], lemmas="full")
    headings = [re.findall(r"^Lemma (\d)\.", text, re.MULTILINE) for text in (folded, full)]
    assert headings == [["5", "6"], list("123456")]


@pytest.mark.parametrize("how", ALL)
def test_laws_and_the_variable_have_other_names(how):
    page = getattr(NORMAL, how)(symbols=VAE)
    plain = getattr(NORMAL, how)()
    for ours in ("P", "Q", "p(x)", "q(x)", r"\mathrm{d}x"):
        if how in LATEX_LIKE:
            assert re.search(rf"(?<![A-Za-z\\]){re.escape(ours)}(?![A-Za-z])", plain)
            assert not re.search(rf"(?<![A-Za-z\\]){re.escape(ours)}(?![A-Za-z])", page.replace("Proof", ""))
    if how in LATEX_LIKE:
        assert r"(q_\phi \,\|\, p_\theta)" in page
        assert r"\log\frac{q_\phi(z)}{p_\theta(z)} \,\mathrm{d}z" in page
    if how == "to_text":
        assert "∫ q_ϕ(z) log(q_ϕ(z)/p_θ(z)) dz" in page


def test_coordinates_of_renamed_laws_and_vectors_keep_their_index():
    tex = derive("diagonal_normal", "diagonal_normal").to_latex(symbols=VAE, lemmas="full")
    assert r"D_{\mathrm{KL}}(q_{\phi,i} \,\|\, p_{\theta,i})" in tex
    assert r"q_\phi(\mathbf{z})" in tex
    assert r"\mathbf{x}" not in tex


def test_a_density_can_have_a_name_of_its_own():
    tex = NORMAL.to_latex(symbols={"P": r"\mathbb{P}", "p": "f", "Q": r"\mathbb{Q}", "q": "g"})
    assert r"D_{\mathrm{KL}}(\mathbb{P} \,\|\, \mathbb{Q}) = \int_{-\infty}^\infty f(x)\log\frac{f(x)}{g(x)}" in tex
    swapped = NORMAL.to_text(symbols={"P": "q", "Q": "p"})
    assert "KL(q ‖ p) = ∫" not in swapped
    assert "KL(q ‖ p)" in swapped
    assert "q(x) log(q(x)/p(x))" in swapped


@pytest.mark.parametrize(
    ("symbols", "words"),
    [
        ({"P": "q"}, "q would stand for P and for Q; give both a symbol"),
        ({"P": "Q"}, "would stand for P and for Q"),
        ({"p": "q"}, "would stand for P and for Q"),
        ({"mu_1": "P"}, "the symbols P and mu_1"),
        ({"mu_1": "q"}, "the symbols Q and mu_1"),
        ({"x": "p"}, "the symbols P and x"),
        ({"x": r"\mu_1"}, "the symbols mu_1 and x"),
        ({"P": "H"}, "cannot be written H"),
        ({"x": "d"}, "cannot be written d"),
        ({"P": r"\mathbb{E}"}, "cannot be written 𝔼"),
        ({"P": r"q_\phi(z)"}, "or give the density a symbol too, p="),
        ({"p": r"q_\phi(z\mid x)"}, "a density is printed with its own"),
        ({r"\mu_p": "mu_1"}, "stands on the left, given"),
        ({"Q": "q_p", "q": "p"}, "p would stand for P and for Q"),
        ({"mu_1": "s^{-1}", "sigma_1": "s"}, "the symbols mu_1 and sigma_1"),
        ({"mu_1": "s^{1/2}", "sigma_1": "s"}, "the symbols mu_1 and sigma_1"),
        ({"x": r"\pi^2"}, "cannot be written π"),
        ({"mu_1": r"\mathbb{R}"}, "cannot be written ℝ"),
        ({"mu_1": r"\mathrm{d}x"}, "a part of the symbol mu_1 cannot be written d"),
        ({"mu_1": r"\text{log}\,\sigma"}, "a part of the symbol mu_1 cannot be written log"),
        ({"k": "j"}, "no symbol 'k'"),
        ({"m": "mu_1"}, "what is shown on the right: mu_1=m"),
        ({"m": r"\mu_{1}"}, "what is shown on the right: mu_1=m"),
    ],
)
def test_symbols_that_would_mislead_are_refused_in_one_line(symbols, words):
    with pytest.raises(RequestError, match=re.escape(words)) as refusal:
        NORMAL.to_latex(symbols=symbols)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("symbols", "words"),
    [
        ({"mu_1": r"\mathbf{x}"}, "mu_1 and x"),
        ({"mu_1": "x_i"}, "mu_1 and x"),
        ({"Q": "P_i"}, "P and for Q"),
        ({"q": "p_i"}, "P and for Q"),
        ({"mu_1": "a", "sigma_1": "a_i"}, "mu_1 and sigma_1"),
    ],
)
def test_coordinates_and_vectors_are_symbols_too(symbols, words):
    with pytest.raises(RequestError, match=words):
        derive("diagonal_normal", "diagonal_normal").to_latex(symbols=symbols)


@pytest.mark.parametrize(("param", "symbol"), [("var", {"var_1": r"\sigma_2"}), ("logvar", {"logvar_1": r"\sigma_2"})])
def test_a_variance_cannot_look_like_the_standard_deviation_of_another_law(param, symbol):
    with pytest.raises(RequestError, match="would be written alike"):
        derive("normal", "normal", param=param).to_latex(symbols=symbol)


@pytest.mark.parametrize(
    ("divergence", "words"),
    [("H", "means something else"), ("P", "alike"), (r"\mu_1", "alike"), (r"\mathrm{log}", "means something else")],
)
def test_the_divergence_cannot_look_like_something_else(divergence, words):
    with pytest.raises(RequestError, match=words):
        NORMAL.to_latex(divergence=divergence)


def test_symbols_of_several_letters_get_parentheses():
    assert "(ab)!" in derive("poisson", "poisson").to_text(symbols={"k": "ab"})
    assert "(n²)!" in derive("poisson", "poisson").to_text(symbols={"k": "n^2"})
    assert r"\partial(ab)" in derive("normal", quantity="score", of="mu").to_latex(symbols={"mu": "ab"})


def test_a_comma_in_braces_does_not_end_a_symbol():
    assert parse_symbols([r"mu_1=\mu_{a,b=1}, sigma_1=s"]) == {"mu_1": r"\mu_{a,b=1}", "sigma_1": "s"}


@pytest.mark.parametrize("text", ["5-3", "1,3-2"])
def test_stages_that_run_backwards_are_refused(text):
    with pytest.raises(RequestError, match="in their order"):
        parse_stages(text)


@pytest.mark.parametrize(
    ("how", "option"),
    [
        ("to_text", "label"),
        ("to_text", "environment"),
        ("to_html", "environment"),
        ("to_cell", "label"),
        ("to_latex", "macros"),
        ("to_github", "macros"),
        ("to_tex", "foo"),
    ],
)
def test_an_option_that_a_method_does_not_have_is_refused(how, option):
    with pytest.raises(TypeError, match=f"no option '{option}' here; there are divergence, "):
        getattr(NORMAL, how)(**{option: None})


@pytest.mark.parametrize("how", ["to_markdown", "to_github"])
def test_one_aligned_stage_is_a_formula_too(how):
    for d in (derive("normal", "normal", param="logvar", unit="bits"), NORMAL):
        page = getattr(d, how)(stages=[1], environment="align", lemmas="name")
        for formula in re.findall(r"(?:\$\$|```math)\n(.*?)\n(?:\$\$|```)", page, re.DOTALL):
            assert ("&" in formula) == formula.startswith(r"\begin{aligned}")


def test_a_long_statement_is_broken():
    tex = derive("diagonal_normal", "diagonal_normal", dim=4).to_latex(stages=())
    assert tex.count(r"&\quad{}") >= 2


def test_coordinates_come_in_their_order():
    text = str(derive("diagonal_exponential", "diagonal_exponential", dim=11))
    order = [int(normalize("NFKC", k)) for k in re.findall(r"log\(λ₁([₀-₉]+)/", text)]
    assert order == list(range(1, 12))


def test_fragments_of_different_derivations_share_no_label():
    parts = (NORMAL, derive("normal", "normal", quantity="asymmetry"), derive("normal", quantity="entropy"))
    found = [name for d in parts for name in labels(d.to_latex(lemmas="full"))]
    assert len(found) == len(set(found))


def test_an_entropy_has_no_second_law():
    entropy = derive("normal", quantity="entropy")
    with pytest.raises(RequestError, match="no symbol 'Q'"):
        entropy.to_text(symbols={"Q": "R"})
    assert "H(R) = " in entropy.to_text(symbols={"P": "R"})


@pytest.mark.parametrize("d", [pytest.param(d, id=d.name) for d in list(catalogue())[::5]])
def test_expectations_stand_where_a_density_is_integrated_and_nowhere_else(d):
    plain, expected = d.to_text(), d.to_text(expectation=True)
    sign = re.compile(r"∑ₖ₌₀|∑_\(𝐤" if d.question.p.endswith(("poisson", "bernoulli")) else "∫")
    assert "𝔼" not in plain
    for line in expected.splitlines():
        if found := sign.search(line):  # what remains has no density under the integral, or nothing but it
            body = line[found.end() :]
            assert not re.match(r"[^+−]*\bp[ᵢ_a-z]*\([xk𝐱𝐤][ᵢ]?\) [^d+−]", body), line
    before, after = (len(sign.findall(text)) for text in (plain, expected))
    assert before - after >= expected.count("𝔼") > 0 or "𝔼" not in expected
    assert ("the expectation splits" in expected) <= ("splits" in plain)


def test_the_divergence_is_an_expectation():
    text = NORMAL.to_text(expectation=True, stages=[1, 2, 3])
    assert "KL(P ‖ Q)\n" in text
    assert "= 𝔼_P[log(p(x)/q(x))]" in text
    assert "= 𝔼_P[log p(x)] − 𝔼_P[log q(x)]" in text
    assert "the expectation splits" in text
    page = NORMAL.to_html(expectation=True)
    assert "<msub><mi>𝔼</mi><mi>P</mi></msub>" in page


@pytest.mark.parametrize("how", ["to_latex", "to_tex", "to_markdown"])
def test_a_macro_of_ones_own_is_kept_where_it_can_be_defined(how):
    page = getattr(NORMAL, how)(divergence=r"\KL")
    assert r"\KL(P \,\|\, Q)" in page
    assert r"D_{\mathrm{KL}}(" not in page


@pytest.mark.parametrize("how", ["to_github", "to_html", "to_text"])
def test_and_the_usual_name_stands_where_it_cannot(how):
    assert getattr(NORMAL, how)(divergence=r"\KL") == getattr(NORMAL, how)()


@pytest.mark.parametrize("tex", [r"\KL", r"\kl", r"\DKL", r"\Dkl", r"\KLD", r"\kldiv", r"\KLdivergence"])
def test_macros_are_known_by_their_names(tex):
    assert Notation(divergence=tex).macro == tex


@pytest.mark.parametrize("tex", [r"\input", r"\blacklozenge", r"\KL{}", r"\KL x", r"\KLx", r"\D", r"\write18", "KL\\"])
def test_no_other_command_is_a_macro(tex):
    assert not MACRO.fullmatch(tex)
    with pytest.raises(RequestError):
        Notation(divergence=tex)


@pytest.mark.parametrize("how", LATEX_LIKE)
def test_aligned_stages_are_one_formula_with_an_equals_sign_for_each(how):
    page = getattr(NORMAL, how)(environment="align", stages=range(1, 7))
    name = "align" if how in ("to_latex", "to_tex") else "aligned"
    *_, last = re.findall(rf"\\begin{{{name}}}(.*?)\\end{{{name}}}", page, re.DOTALL)
    assert last.count("&=") == len(NORMAL.steps)
    assert page.count("Definition") == getattr(NORMAL, how)(stages=range(1, 7)).count("Definition")


@pytest.mark.parametrize("environment", get_args(Environment))
@pytest.mark.parametrize("lemmas", get_args(Lemmas))
def test_a_fragment_of_every_form_compiles_twice_in_one_document_of_two_columns(environment, lemmas):
    options = {"environment": environment, "lemmas": lemmas, "divergence": r"\KL", "symbols": VAE, "expectation": True}
    body = "\n\n".join(NORMAL.to_latex(label=label, **options) for label in ("one", "two"))
    tex = r"\documentclass[twocolumn]{article}\usepackage{amsmath,amssymb}\newcommand\KL{\mathrm{KL}}"
    assert pdf(rf"{tex}\begin{{document}}{body}\end{{document}}").startswith(b"%PDF")


def test_an_article_of_every_form_compiles():
    d = derive("diagonal_normal", "standard_normal", quantity="gradient", param="logvar")
    assert d.to_pdf(environment="align", label="a", divergence=r"\kl", expectation=True).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lemmas": "all"}, "lemmas must be one of full, fold, name, given: 'all'"),
        ({"environment": "gather"}, "environment must be one of equation, align, given: 'gather'"),
        ({"log": "lg"}, "log must be one of log, ln"),
        ({"expectation": "yes"}, "True or False for expectation is expected, given: 'yes'"),
    ],
)
def test_options_have_names_for_their_values(options, words):
    with pytest.raises(RequestError, match=re.escape(words)):
        NORMAL.to_latex(**options)


def test_an_option_by_itself_goes_before_the_notation():
    mine = Notation(log="ln", indices="pq")
    assert NORMAL.to_text(notation=mine, log="log") == NORMAL.to_text(indices="pq")


def run(*arguments):
    command = [sys.executable, "-m", "kl_symbolic", "derive", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_the_command_line_has_the_same_options():
    code, out, _ = run(
        *("normal", "normal", "--format", "latex", "--label", "vae", "--divergence", r"\KL", "--environment", "align"),
        *("--symbols", r"P=q_\phi, Q=p_\theta", "--symbols", "x=z", "--expectation", "--lemmas", "fold", "--log", "ln"),
    )
    assert code == 0
    assert out == NORMAL.to_latex(
        label="vae", divergence=r"\KL", environment="align", symbols=VAE, expectation=True, lemmas="fold", log="ln"
    )


@pytest.mark.parametrize(
    ("form", "option"),
    [
        *(("json", option) for option in ("--label=a", "--environment=align", "--symbols=mu_1=m", "--stages=1")),
        *(("text", option) for option in ("--label=a", "--environment=align")),
        ("html", "--environment=align"),
    ],
)
def test_an_option_that_a_format_does_not_have_is_refused(form, option):
    name = option.split("=")[0]
    assert run("normal", "normal", "--format", form, option) == (2, "", f"kl-symbolic: --format {form} has no {name}\n")


def test_sphinx_has_the_same_notation():
    options = {"divergence": r"\KL", "symbols": request.HOW["symbols"](r"P=q_\phi, x=z"), "expectation": True}
    assert request.notation(options, Notation(log="ln")) == Notation(
        log="ln", divergence=r"\KL", symbols={"P": r"q_\phi", "x": "z"}, expectation=True
    )
