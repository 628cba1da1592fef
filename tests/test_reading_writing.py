"""A tree is written as text, LaTeX or code; what is found of somebody's style is what they wrote."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from kl_symbolic.reading.grammar import tree
from kl_symbolic.reading.styles import style_of
from kl_symbolic.reading.syntax import Inverse, Name, Number, Plus, Samples, Times, Total
from kl_symbolic.reading.targets import target_of
from kl_symbolic.reading.tokens import plain
from kl_symbolic.reading.writing import Around, Style, write

TEX = Style(tex=True, functions={"log": r"\ln"})
METHODS = frozenset({"abs", "digamma", "exp", "log", "log gamma", "sqrt"})
PYTHON = Style(power="**", decimal=True, functions={"log": "np.log", "exp": "np.exp"})


def read(text):
    return tree(*plain(text))


@pytest.mark.parametrize(
    ("text", "style", "expected"),
    [
        ("(a + b)/(2*c^2)", Style(), "(a + b)/(2*c^2)"),
        ("a - (b + c)", Style(), "a - (b + c)"),
        ("a - (b - c)*2", Style(), "a - 2 * (b - c)"),
        ("(-a)^2 - (a*b)^2", Style(), "(-a)^2 - (a*b)^2"),
        ("(x^2)^3", Style(), "(x^2)^3"),
        ("x^(-1/2)", Style(), "x^(-1/2)"),
        ("a/(b/c)", Style(), "a*c/b"),
        ("3*log(a)/2", Style(), "3*log(a)/2"),
        ("3*log(a)/2", PYTHON, "1.5*np.log(a)"),
        ("log(a)/3", PYTHON, "np.log(a)/3"),
        ("-1/2*(a + b)", Style(), "-1/2 * (a + b)"),
        ("-1/2*(a + b)", PYTHON, "-0.5 * (a + b)"),
        ("1/2*(a + b) + 1/2*c", Style(halved=True), "(a + b)/2 + c/2"),
        ("(a + b)/(2*s^2)", TEX, r"\frac{a + b}{2 s^2}"),
        ("log(a/b)*(a + b)", TEX, r"\left( \ln \frac{a}{b} \right) (a + b)"),
        ("c*log(a/b)", TEX, r"c \ln \frac{a}{b}"),
        ("1/2*(a/b + c)", TEX, r"\frac{1}{2} \left( \frac{a}{b} + c \right)"),
        ("log(a)^2", TEX, r"(\ln a)^2"),
        ("exp(a)*sqrt(2*b)", TEX, r"\exp(a) \sqrt{2 b}"),
        ("exp(a)*b", Style(functions={"exp": "e^"}), "e^a*b"),
        ("exp(a + b)", Style(functions={"exp": "e^"}), "e^(a + b)"),
        ("exp(2*a) + b^2", Style(dots=True, dotted_signs=True, decimal=True), "exp.(2 .* a) .+ b.^2"),
        ("exp(2*a)/b", Style(dots=True), "exp(2 .* a) ./ b"),
        ("log(a + b) + log(c)", Style(methods=frozenset({"log"})), "(a + b).log() + c.log()"),
        ("σ^2 + (a + b)^2", Style(power="²"), "σ² + (a + b)²"),
        ("log(2*π*σ^2)/2", Style(power="²", joined=True, constants={"pi": "π"}), "log(2πσ²)/2"),
        ("sum(a^2)/2", Style(total=Around("K.sum(", ", axis=-1)"), decimal=True), "0.5 * K.sum(a^2, axis=-1)"),
        ("sum_i (a + b)", Style(total=Around("sum_i", "", fenced=False)), "sum_i (a + b)"),
        ("sum_i a", Style(total=Around("∑", "", fenced=False)), "∑ (a)"),
        ("2*pi", Style(constants={"pi": "math.pi"}), "2*math.pi"),
    ],
)
def test_a_tree_in_a_style(text, style, expected):
    assert write(read(text), style) == expected


@pytest.mark.parametrize("text", ["a - (b - c)*2", "(x^2)^3/2", "a/(b*c)/d", "-(a + b)^2", "a^(b + c)", "2^(-a)*3"])
@pytest.mark.parametrize("style", [Style(), Style(power="**"), Style(decimal=True), TEX], ids=repr)
def test_what_is_written_says_the_same(text, style):
    written = write(read(text), style)
    assert write(read(written), style) == written
    assert value(read(written)) == pytest.approx(value(read(text)), rel=1e-12)


def value(node):
    """Work out a tree at a few numbers, without anything of the package."""
    numbers = {"a": 2, "b": 3, "c": 5, "d": 7, "x": 11}
    match type(node).__name__:
        case "Number":
            return float(node.value)
        case "Name":
            return numbers[node.spelling]
        case "Plus":
            return sum(map(value, node.terms))
        case "Times":
            return math.prod(map(value, node.factors))
        case "Negative":
            return -value(node.inner)
        case "Inverse":
            return 1 / value(node.inner)
        case "Power":
            return value(node.base) ** value(node.exponent)
    raise TypeError(node)


def test_parts_of_code():
    node = Times((Total(Name("self.mu", "self_mu")), Inverse(Samples("x.size(0)"))))
    assert write(node, Style(total=Around("torch.sum(", ")"))) == "torch.sum(self.mu)/x.size(0)"
    assert write(Plus((Number(Fraction(1, 3)), Number(Fraction(1, 4)))), PYTHON) == "1/3 + 0.25"
    assert write(Number(Fraction(1, 2)), Style(decimal=True, suffix="f0")) == "0.5f0"


@pytest.mark.parametrize(
    ("text", "total", "whole"),
    [
        ("torch.mean(torch.sum(a, 1))", Around("torch.mean(torch.sum(", ", 1))"), ()),
        ("torch.mean(-0.5 * torch.sum(a, dim=1), dim=0)", Around("torch.sum(", ", dim=1)"),
         (Around("torch.mean(", ", dim=0)"),)),
        ("(a + b).sum(dim=1).mean()", Around("(", ").sum(dim=1)"), (Around("(", ").mean()"),)),
        ("-0.5 * K.mean(1 + a, axis=-1)", Around("K.sum(", ", axis=-1)"), ()),
        ("k_mean(a, axis = -1L)", Around("k_sum(", ", axis = -1L)"), ()),
        ("tf$reduce_mean(a)", Around("tf$reduce_sum(", ")"), ()),
        ("kl = (a + b)\nreturn kl.mean()", Around("(", ").sum()"), ()),
        ("sum(exp.(a) .+ b, dims=1)", Around("sum(", ", dims=1)"), ()),
        ("Sum(a[i]**2, (i, 1, n))", Around("Sum(", ", (i, 1, n))"), ()),
        (r"\frac12 \sum_{j=1}^{J} (1 + \mu_j)", Around(r"\sum_{j=1}^{J}", "", fenced=False), ()),
        ("∑ᵢ₌₁ⁿ σᵢ", Around("∑ᵢ₌₁ⁿ", "", fenced=False), ()),
        ("a = torch.sum(mu, dim=2)\nsum_mu = torch.mean(logvar, dim=2)\nreturn (a + sum_mu).mean()",
         Around("torch.sum(", ", dim=2)"), (Around("(", ").mean()"),)),
        ("p.mean() - torch.sum(a, 1)", Around("torch.sum(", ", 1)"), ()),
        ("sum(a) + sum(b)", Around("sum(", ")"), ()),
        ("U.sum(self.logstd + .5 * np.log(2.0 * np.pi), 1)", Around("U.sum(", ", 1)"), ()),
        ("mu + sigma", None, ()),
    ],
)  # fmt: skip
def test_what_stands_around_a_sum(text, total, whole):
    style = style_of(text)
    assert (style.total, style.whole) == (total, whole)


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("log(a)^2", {"power": "^", "decimal": False}),
        ("0.5*a**2", {"power": "**", "decimal": True}),
        ("σ² + 2πσ", {"power": "²", "joined": True, "constants": {"pi": "π"}}),
        ("logvar.exp()", {"methods": METHODS, "power": "**"}),
        ("tf.square(a)", {"power": "**", "methods": frozenset()}),
        ("kl <- k_square(a)", {"power": "^", "dots": False}),
        ("0.5f0 .* exp.(a) .+ b.^2", {"power": "^", "dots": True, "dotted_signs": True, "suffix": "f0"}),
        ("-.5 * (a.^2 - exp(b));", {"power": "^", "dots": True, "dotted_signs": False}),
        ("a/(2.*b**2)", {"dots": False}),
        ("(a + b)/2", {"halved": True}),
        ("(a + b)/2*c - 0.5 + (a)/2.5", {"halved": False}),
        (r"\frac{1}{2} a", {"tex": True, "decimal": False}),
    ],
)
def test_the_style_of_a_text(text, attributes):
    style = style_of(text)
    assert {name: getattr(style, name) for name in attributes} == attributes


@pytest.mark.parametrize(
    ("text", "function", "expected"),
    [
        ("np.log(a)", "log", "np.log"),
        ("torch.sum(a.exp())", "exp", "torch.exp"),
        ("tf.reduce_sum(a)", "log", "tf.math.log"),
        ("tf.log(a)", "log", "tf.log"),
        ("LN(a/b)", "log", "LN"),
        ("keras::k_exp(a)", "exp", "keras::k_exp"),
        ("K$exp(a)", "log", "K$log"),
        ("TT.square(a) + log_b", "log", "TT.log"),
        (r"\ln a + e^{b}", "log", r"\ln"),
        (r"\ln a + e^{b}", "exp", "e^"),
        ("ln σ", "log", "ln"),
        ("F.softplus(rho)", "softplus", "F.softplus"),
    ],
)
def test_the_name_of_a_function(text, function, expected):
    assert style_of(text).functions[function] == expected


@pytest.mark.parametrize(
    ("text", "named", "expected"),
    [
        ("kl = a", True, ("kl = ", "")),
        ("-KL(p || q) = a", True, ("KL(p || q) = ", "")),
        ("a = b", False, ("", "")),
        ("return torch.sum(a,\n    dim=1)", False, ("return ", "")),
        ("def f(a):\n    x = a**2\n    return x", False, ("return ", "")),
        ("def f(a): return a**2", False, ("return ", "")),
        ("df['kl'] = np.log(a)", True, ("df['kl'] = ", "")),
        ("self.kl += tf.reduce_sum(\n    a,\n    axis=-1)", False, ("self.kl = ", "")),
        ("a <- tf$square(b)\n0.5 * tf$reduce_sum(a)", False, ("", "")),
        ("f(μ, logσ) = sum(μ.^2)", True, ("f(μ, logσ) = ", "")),
        ("f <- function(a) {\n  kl <- a**2\n}", False, ("kl <- ", "")),
        ("\\begin{align} D_{KL} &= a \\end{align}", True, ("D_{KL} = ", "")),
        ("& = a \\\\ & = b", True, ("", "")),
    ],
)
def test_what_stands_before_a_formula(text, named, expected):
    assert target_of(text, named=named) == expected
