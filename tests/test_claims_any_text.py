"""Any text is read as one formula, or refused in one line: properties, and what the fuzzer met."""

from __future__ import annotations

import string
from contextlib import suppress
from pathlib import Path

import pytest
import sympy
from evaluated import evaluated
from hypothesis import assume, given
from hypothesis import strategies as st

from kl_symbolic.claims import read
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question

NORMAL = Question("kl", "normal", "normal")
LOGVAR = Question("kl", "normal", "normal", "logvar", "logvar")
VAE = Question("kl", "diagonal_normal", "standard_normal", "logvar", "logvar")
CORPUS = Path(__file__).parent / "fuzz" / "corpus"

PARAMETERS = {
    "mu_1": ("μ₁", r"\mu_1"), "sigma_1": ("σ_p", r"\sigma_{p}"), "mu_2": ("m2", r"\mu_q"),
    "sigma_2": ("σ₂", r"\sigma_2"), "2": ("2", "2"), "0.25": ("¼", r"\tfrac14"), "pi": ("π", r"\pi"),
}  # fmt: skip
BINARY = {
    "+": ("({} + {})", "({}+{})", r"\left({} + {}\right)"),
    "-": ("({} - {})", "({} − {})", r"\big({} - {}\big)"),
    "*": ("({}*{})", "(({}) ({}))", r"(({})({}))"),
    "/": ("(({})/({}))", "({})/({})", r"\frac{{{}}}{{{}}}"),
}
UNARY = {
    "log": ("log({})", "ln({})", r"\log\left({}\right)"),
    "exp": ("exp({})", "e^({})", r"e^{{{}}}"),
    "sqrt": ("sqrt({})", "√({})", r"\sqrt{{{}}}"),
    "-": ("(-({}))", "(−({}))", r"(-({}))"),
    "square": ("(({})**2)", "({})²", r"{{\left({}\right)}}^2"),
    "third power, below": ("(({})**(-3))", "({})⁻³", r"\frac1{{({})^{{3}}}}"),
}


def _wrapped(inner):
    unary = st.tuples(st.sampled_from(sorted(UNARY)), inner).map(
        lambda t: tuple(shape.format(arg) for shape, arg in zip(UNARY[t[0]], t[1], strict=True))
    )
    binary = st.tuples(st.sampled_from(sorted(BINARY)), inner, inner).map(
        lambda t: tuple(shape.format(a, b) for shape, a, b in zip(BINARY[t[0]], t[1], t[2], strict=True))
    )
    return st.one_of(unary, binary)


WRITTEN = st.recursive(st.sampled_from(sorted(PARAMETERS)).map(lambda n: (n, *PARAMETERS[n])), _wrapped, max_leaves=10)


@given(WRITTEN)
def test_python_text_and_latex_of_one_formula_are_read_as_one_expression(written):
    python, text, latex = written
    try:
        expected = evaluated(read(python, NORMAL))
    except RequestError:  # a division by zero, or a large number
        for other in (text, latex):
            with pytest.raises(RequestError):
                read(other, NORMAL)
        return
    assume(not expected.has(sympy.zoo, sympy.nan))  # SymPy's word for a division by zero, which is read as written
    for other in (text, f"KL = {latex}"):
        difference = sympy.expand(evaluated(read(other, NORMAL)) - expected)
        assert difference == 0 or sympy.cancel(difference) == 0


PIECES = [
    *"0123456789.+-*/^_(){}[],=&|\\ \n\t$%~'\"!<>", *string.ascii_letters, *"μσλπ²₁ᵢ√∑·×−÷½ⁿа１\u202e\0",
    r"\frac", r"\log", r"\left", r"\right", r"\sigma", r"\mu_1", r"\\", r"\begin{aligned}", r"\end{pmatrix}",
    r"\sum_{i=1}^n",
    r"\over", r"\boxed{", r"\color{red}{", r"\hat", r"\mathbf{", r"\text{", r"\Sigma", r"\prod_i", "^{(i)}", "^{(i)2}",
    r"\mathrm{tr}", r"\det", r"\|", "^T", r"\top", r"\quad", "(2)", "nats", "𝜎", "Σ", "Σ(", "∑", "‖", "ᵀ", "⅟", ":",
    "KL:",
    r"\tag{1}", r"\log 2\pi", "1/2 ", "sum[1..P]", "tr(", "log|", "Sigma", "diag(", "I", "sqrt", r"\left\{",
    "sigma_2", "mu_1", "Sum(", "(i, 1, n)", "log", "exp", "**", "e^", "9^", "1e", "sum_i", "__", "lambda", "mu[i]",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=80), st.sampled_from([NORMAL, VAE])
)
def test_no_text_does_anything_but_be_read_or_refused_in_one_line(text, question):
    message = ""
    try:
        read(text, question)
    except RequestError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_what_the_fuzzer_met_is_read_or_refused(path):
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    for question in (NORMAL, LOGVAR, VAE):
        with suppress(RequestError):
            read(text, question)
