"""What is accepted as a symbol, what is refused by name, and what becomes of the accepted ones in every format."""

from __future__ import annotations

import random
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kl_symbolic import Notation, derive
from kl_symbolic.errors import KLError, RequestError
from kl_symbolic.options import parse_symbols
from kl_symbolic.render import latex, mathml, pdf, text
from kl_symbolic.render.fonts import FONTS
from kl_symbolic.render.layout import ACCENTS, LETTERS, OPERATORS, SIGNS, Mark, number
from kl_symbolic.render.notation import MACRO
from kl_symbolic.render.tex_subset import SPACES, read

FORMATS = ("text", "latex", "tex", "markdown", "github", "html")

# Symbol: as LaTeX, as text.
ACCEPTED = {
    r"\mu_p": (r"\mu_p", "μₚ"),
    r"\sigma_{q,\phi}": (r"\sigma_{q, \phi}", "σ_(q, ϕ)"),
    r"\hat\mu": (r"\hat{\mu}", "μ̂"),
    r"\tilde{\sigma}_1": (r"\tilde{\sigma}_1", "σ̃₁"),
    r"\bar m": (r"\bar{m}", "m̄"),
    r"\vec x": (r"\vec{x}", "x⃗"),
    r"\boldsymbol{\mu}": (r"\boldsymbol{\mu}", "𝝁"),
    r"\hat{\bm\mu}": (r"\hat{\boldsymbol{\mu}}", "𝝁̂"),
    r"\mathbf{m}": (r"\mathbf{m}", "𝐦"),
    r"\mathcal N": (r"\mathcal{N}", "𝒩"),
    r"\mathbb{D}": (r"\mathbb{D}", "𝔻"),
    r"\mu^{(t)}": (r"\mu^{(t)}", "μ^(t)"),
    r"\mu'": (r"\mu^{\prime}", "μ′"),
    r"\mu''_1": (r"\mu_1^{\prime\prime}", "μ₁′′"),
    r"\mu_{\text{old}}": (r"\mu_{\text{old}}", "μ_old"),
    r"\sigma_{\text{log-var 2.0}}": (r"\sigma_{\text{log-var 2.0}}", "σ_(log-var 2.0)"),
    r"\sigma_{\mathrm{prior}}": (r"\sigma_{\mathrm{prior}}", "σ_prior"),
    r"\theta_{\mathrm{new},k}": (r"\theta_{\mathrm{new}, k}", "θ_(new, k)"),
    r"\ell": (r"\ell", "ℓ"),
    r"\varepsilon": (r"\varepsilon", "ε"),
    r"\mu^*": (r"\mu^{\ast}", "μ^*"),
    r"\mu^\star": (r"\mu^{\star}", "μ^⋆"),
    r"\mu^+": (r"\mu^+", "μ⁺"),
    r"\mu_{t-1}": (r"\mu_{t - 1}", "μ_(t − 1)"),
    r"\theta_{1:T}": (r"\theta_{1 : T}", "θ_(1 : T)"),
    r"\mu_{x|z}": (r"\mu_{x\vert z}", "μ_(x|z)"),
    r"\mu_{0.5}": (r"\mu_{0.5}", "μ_(0.5)"),
    r"\mu_\phi(x)": (r"\mu_\phi(x)", "μ_ϕ(x)"),
    r"a\,b": (r"a\,b", "a b"),
    r"\operatorname{KL}": (r"\mathrm{KL}", "KL"),
    "μ₁": (r"\mu_1", "μ₁"),
    "σ₁₂²": (r"\sigma_{12}^2", "σ₁₂²"),
    "φ_∞": (r"\varphi_{\infty}", "φ_∞"),
    "x12": ("x12", "x12"),
}

# Symbol: what of it is named.
REFUSED = {
    r"\input{/etc/hostname}": r"\input is not among the commands",
    r"\immediate\write18{id > pwned}": r"\immediate is not among the commands",
    r"\catcode`\@=11": r"\catcode is not among the commands",
    r"\csname input\endcsname": r"\csname is not among the commands",
    r"\href{javascript:alert(1)}{x}": r"\href is not among the commands",
    r"\cssId{a}{b}": r"\cssId is not among the commands",
    r"\end{document}": r"\end is not among the commands",
    r"\KL": r"\KL is not among the commands",
    "m\\": "\\ is not among the commands",
    "\\\u2028": "\\U+2028 (LINE SEPARATOR) is not among the commands",
    "^^5cinput": "nothing stands before ^",
    "<script>alert(1)</script>": "< is not among the characters",
    '"><b>': '" is not among the characters',
    "]]><!--": "] is not among the characters",
    "`x`": "` is not among the characters",
    "m$": "$ is not among the characters",
    "m%": "% is not among the characters",
    "m#1": "# is not among the characters",
    "m~n": "~ is not among the characters",
    "m&n": "& is not among the characters",
    "m_{[a](b)}": "[ is not among the characters",
    "a\rb": "U+000D",
    "a\x0bb": "U+000B",
    "a\u2028b": "U+2028 (LINE SEPARATOR)",
    "\u202ea": "U+202E (RIGHT-TO-LEFT OVERRIDE)",
    "m\u200b": "U+200B (ZERO WIDTH SPACE)",
    "\u0430": "U+0430 (CYRILLIC SMALL LETTER A)",
    "é": "U+00E9 (LATIN SMALL LETTER E WITH ACUTE)",
    r"\mathbf{\mu}": r"\mu stands in \mathbf, which holds letters a to z and digits",
    r"\mathbb{1}": r"1 stands in \mathbb, which holds capital letters",
    r"\text{a_b}": r"_ stands in \text, which holds letters, digits, spaces, hyphens and dots",
    r"\text{a{b}}": r"{ stands in \text",
    "x^a^b": "^ follows a script of the same kind",
    "x_a_b": "_ follows a script of the same kind",
    "x^a'": "' follows a script of the same kind",
    "{x^2}^2": "^ stands behind braces",
    r"\hat{x_1}": r"\hat stands over one letter",
    r"\hat{\bar{x}}": r"\hat stands over one letter",
    "m_{": "balanced TeX, and a } is missing",
    "m}": "balanced TeX, and } closes nothing",
    "m(t": "balanced TeX, and a ) is missing",
    r"\text{a": r"the } of \text is missing",
    "m_": "_ needs a letter",
    "m_{}": "there is nothing before the }",
    r"\,": "there is nothing to print",
    "": "there is nothing to print",
    r"\hat": r"\hat needs a letter",
    "2": "begin with a letter",
    "(m)": "begin with a letter",
    "a+b": "+ stands outside of scripts and parentheses",
    "-m": "- stands outside of scripts and parentheses",
    r"\star": r"\star stands outside",
    "m" * 201: "201 characters are given, and 200 are accepted",
    "{" * 21 + "m" + "}" * 21: "nested more than 20 deep",
    "m_{" * 21 + "m" + "}" * 21: "nested more than 20 deep",
}


@pytest.mark.parametrize("tex", ACCEPTED)
def test_what_people_write_is_accepted_and_written_in_every_way(tex):
    layout = read(tex, "the symbol mu")
    assert (latex(layout), text(layout)) == ACCEPTED[tex]
    assert latex(read(latex(layout), "the same")) == latex(layout)
    ElementTree.fromstring(mathml(layout))


@pytest.mark.parametrize("tex", REFUSED, ids=ascii)
def test_everything_else_is_refused_by_name_in_one_line(tex):
    for given in ({"symbols": {"mu": tex}}, *([] if MACRO.fullmatch(tex) else [{"divergence": tex}])):
        with pytest.raises(RequestError) as refusal:
            Notation(**given)
        assert REFUSED[tex] in str(refusal.value)
        assert str(refusal.value).isprintable()
        assert ("the symbol mu: " if "symbols" in given else "the name of the divergence: ") in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"symbols": {"mu<b>": "m"}}, "the name of a symbol is like mu_1 and stands on the left, given: 'mu<b>'"),
        ({"symbols": {r"\input": "m"}}, "the name of a symbol"),
        ({"symbols": {"mu\u2028": "m"}}, r"given: 'mu\u2028'"),
        ({"symbols": {1: "m"}}, "the name of a symbol"),
        ({"symbols": {"mu": 1}}, "the symbol mu is given as TeX, given: 1"),
        ({"symbols": "mu=m"}, "a mapping of names of symbols to TeX is expected, given: 'mu=m'"),
        ({"divergence": None}, "the name of the divergence is given as TeX"),
        ({"indices": []}, "indices must be one of 12, pq"),
    ],
)
def test_a_notation_of_another_kind_is_refused(given, words):
    with pytest.raises(RequestError, match=re.escape(words)):
        Notation(**given)


def test_a_symbol_is_given_once():
    with pytest.raises(RequestError, match="the symbol mu_1 is given twice"):
        parse_symbols(["mu_1=a", "mu_1=b"])


@pytest.mark.parametrize(
    ("tex", "squared", "indexed"),
    [
        (r"\mu^*", r"(\mu^{\ast})^2", r"\mu_i^{\ast}"),
        (r"\mu'", r"(\mu^{\prime})^2", r"\mu_i^{\prime}"),
        (r"\mu_{old}^{(t)}", r"(\mu_{old}^{(t)})^2", r"\mu_{old, i}^{(t)}"),
        (r"\hat\mu", r"\hat{\mu}^2", r"\hat{\mu}_i"),
        (r"\mu_1", r"\mu_1^2", r"\mu_{1,i}"),
        ("ab", "(ab)^2", "(ab)_i"),
        (r"\mu_\phi(x)", r"(\mu_\phi(x))^2", r"(\mu_\phi(x))_i"),
    ],
)
def test_a_symbol_with_scripts_of_its_own_can_be_squared_and_indexed(tex, squared, indexed):
    look = Notation(symbols={"mu": tex}).look("mu")
    assert latex(look.at(number(2))) == squared
    assert latex(look.at(None, Mark("i"))) == indexed


def test_an_exponent_is_never_taken_for_one_of_the_symbol():
    notation = Notation(symbols={"mu": r"\mu^2", "var": "v"})
    d = derive("normal", "standard_normal", param="var")
    assert "(\\mu^2)^2" in d.to_latex(notation=notation, stages=())
    assert "(μ²)²" in d.to_text(notation=notation, stages=())


def test_a_denominator_of_several_factors_stands_in_parentheses():
    d = derive("normal", "normal", quantity="gradient")
    written = d.to_text(notation=Notation(symbols={"sigma_2": r"\sigma(t)"}))
    assert "σ(t)" in written
    assert not re.search(r"/\d+σ", written)


def random_symbol(draw: random.Random) -> str:
    """Return pieces of TeX side by side, some of them as they should be."""
    pieces = [
        *LETTERS,
        *ACCENTS,
        *FONTS,
        *SPACES,
        *OPERATORS,
        *SIGNS,
        *"aB1{}{}()_^_^'''|*μ₁²",
        "{A}",
        "{t+1}",
        "_1",
        "^k",
    ]
    return " ".join(draw.choice(pieces) for _ in range(draw.randint(1, 8)))


def accepted(count: int) -> list[Notation]:
    draw, found = random.Random(20), []
    while len(found) < count:
        try:
            found.append(Notation(symbols={"mu": random_symbol(draw)}))
        except RequestError:
            continue
    return found


def test_whatever_is_accepted_compiles_and_holds_no_code():
    lines = []
    for notation in accepted(400):
        look = notation.look("mu")
        for layout in (look.at(None), look.at(number(2)), look.at(Mark("n"), Mark("i"))):
            tex = latex(layout)
            assert tex.isascii()
            assert not re.search(r"""[<>&"`$#%~@\[\]\r\n]|\^\^|\\[^A-Za-z,:;]|script:""", tex)
            assert set(re.findall(r"\\[A-Za-z]+", tex)) <= {*LETTERS, *ACCENTS, *FONTS, *OPERATORS, *SIGNS}
            assert text(layout).isprintable()
            ElementTree.fromstring(mathml(layout, alternative=tex))
            lines.append(f"${tex}$")
    body = "\\par\n".join(lines)
    tex = rf"\documentclass{{article}}\usepackage{{amsmath,amssymb}}\begin{{document}}{body}\end{{document}}"
    assert pdf(tex).startswith(b"%PDF")


def test_the_words_of_a_link_do_not_reach_any_format():
    notation = Notation(symbols={"mu": r"x_{javascript:alert(1)}"})
    d = derive("normal", "standard_normal")
    for kind in FORMATS:
        assert "javascript:" not in getattr(d, f"to_{kind}")(notation=notation)


def complaint(body: str) -> str:
    """Return what LaTeX says of an article."""
    try:
        pdf(rf"\documentclass{{article}}\begin{{document}}a{body}\end{{document}}")
    except KLError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    "body",
    [
        r"\input{%s}",
        r"\input{../outside}",
        r"\input{outside}",
        r"\IfFileExists{../outside}{\error}{}",
        r"\newread\r\openin\r=../outside \ifeof\r\else\error\fi",
        r"\newread\r\openin\r=%s \ifeof\r\else\error\fi",
        r"\newwrite\f\immediate\openout\f=../written \immediate\write\f{x}\immediate\closeout\f",
        r"\immediate\write18{touch ../written}",
        r"\input{|touch ../written}",
        r"\pdffiledump length 9 {%s}\ifnum\pdffilesize{%s}>0 \error\fi",
    ],
)
def test_latex_reads_and_writes_nothing_outside_of_its_folder(body, tmp_path, monkeypatch):
    outside = tmp_path / "outside.tex"
    outside.write_text(r"\error")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TEXINPUTS", f"{tmp_path}:")
    monkeypatch.setenv("openin_any", "a")
    monkeypatch.setenv("shell_escape", "t")
    assert "Undefined control sequence" not in complaint(body.replace("%s", str(outside)))  # as \error is
    assert [path.name for path in Path(tmp_path).iterdir()] == ["outside.tex"]


@pytest.mark.parametrize(
    "symbols",
    [
        {"mu_1": r"\mu_2"},
        {"mu_1": "m", "mu_2": "m"},
        {"mu_1": "m", "mu_2": r"\mathit{m}"},
        {"mu_1": "A", "mu_2": r"\mathrm{A}"},
        {"mu_1": r"a_\vert", "mu_2": r"a_\mid"},
        {"mu_1": r"\sigma_1^2"},
        {"mu_1": "a", "mu_2": "a^2"},
        {"mu_1": "x"},
        {"mu_1": r"\pi"},
        {"mu_1": "p"},
        {"sigma_1": r"\mathrm{log}"},
    ],
    ids=str,
)
def test_symbols_that_would_mean_two_things_are_refused(symbols):
    with pytest.raises(RequestError, match=r"written alike|means something else"):
        derive("normal", "normal").to_text(notation=Notation(symbols=symbols))


@pytest.mark.parametrize(
    "symbols", [{"mu_1": r"\mu^*", "mu_2": r"\mu"}, {"mu_1": r"\mu^{(1)}", "mu_2": r"\mu^{(2)}"}], ids=str
)
def test_symbols_that_differ_by_a_mark_are_written(symbols):
    assert derive("normal", "normal").to_latex(notation=Notation(symbols=symbols))
