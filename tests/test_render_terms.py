"""How terms are printed: in the order of textbooks, by the records of their functions, and as people wrote them."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from kl_symbolic.functions import Domain, Function, all_functions
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import density_formula, laws
from kl_symbolic.render import Notation, latex, mathml, text
from kl_symbolic.render.order import common_factor, factor_key, in_order, inverse, is_below, sign
from kl_symbolic.render.printer import Printer
from kl_symbolic.terms import (
    DIMENSION,
    Array,
    Density,
    Integral,
    Namespace,
    Number,
    Symbol,
    Term,
    add,
)

m = Namespace()
PAIR = laws(Question("kl", "normal", "normal"))
VECTORS = laws(Question("kl", "diagonal_normal", "diagonal_normal", "logvar", "logvar"))
MU, S, NU, T = PAIR.parameters
X = Symbol("x")
HALF = Number(1) / 2
MINUS = Number(-1)


def printed(term, notation=None, pair=PAIR):
    return text(Printer(notation or Notation(), pair).expression(term))


# What people wrote, as it stands: nothing is collected, and nothing may read as something else.
WRITTEN = {
    "a product with its sign and number": (Term("Mul", MINUS, 2, MU), "−2μ₁"),
    "a number behind": (Term("Mul", MU, HALF), "μ₁/2"),
    "two numbers": (Term("Mul", 2, 3, MU), "6μ₁"),
    "numbers alone": (Term("Mul", 2, 3), "6"),
    "numbers that cancel": (Term("Mul", 2, HALF), "1"),
    "a factor twice": (Term("Mul", MU, MU), "μ₁μ₁"),
    "a term twice": (Term("Add", MU, MU), "μ₁ + μ₁"),
    "products of numbers and symbols": (Term("Mul", Term("Mul", 2, MU), Term("Mul", 3, S)), "2μ₁(3σ₁)"),
    "a number below another": (Term("Mul", Number(1) / 3, MU, Term("pow", Term("Mul", 2, S), MINUS)), "μ₁/(3(2σ₁))"),
    "a power of a number": (Term("Mul", 3, Term("pow", 2, MU)), "3(2^μ₁)"),
    "a product in a product": (Term("Mul", HALF, Term("Mul", MU, 1 / DIMENSION)), "μ₁/(2n)"),
    "a quotient in a product": (Term("Mul", MU, Term("Mul", 1 / T, NU)), "μ₁(μ₂/σ₂)"),
    "a product that is negative": (Term("Mul", Term("Mul", MINUS, MU), NU), "(−μ₁)μ₂"),
    "a sum with a minus sign": (Term("Mul", MINUS, MU + NU), "−(μ₁ + μ₂)"),
    "a sum that is subtracted": (Term("Add", S, Term("Mul", MINUS, MU - NU)), "σ₁ − (μ₁ − μ₂)"),
    "a sum in a sum": (Term("Add", S, Term("Add", T, -MU)), "σ₁ + σ₂ − μ₁"),
    "two minus signs": (Term("Mul", MINUS, Term("Mul", MINUS, MU)), "−(−μ₁)"),
    "one over one over": (Term("pow", Term("pow", MU, MINUS), MINUS), "1/(1/μ₁)"),
    "a factor 0": (Term("Mul", 0, MU), "0μ₁"),
    "an exponent 0": (Term("pow", MU, 0), "μ₁⁰"),
    "a negative number to a power": (Term("pow", MINUS, 2), "(−1)²"),
    "a square of an exponential": (Term("pow", m.exp(MU - NU), 2), "exp(2μ₁ − 2μ₂)"),
    "a square of a logarithm": (m.log(S) ** 2, "(log σ₁)²"),
    "an absolute value": (m.abs(MU - NU) ** 2, "|μ₁ − μ₂|²"),
    "a factorial": (m.factorial(MU - 1) / m.factorial(MU), "(μ₁ − 1)!/μ₁!"),
    "a root": (m.sqrt(2 * m.pi * S**2), "√(2πσ₁²)"),
}


@pytest.mark.parametrize(("term", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_what_people_wrote_is_printed_as_it_stands(term, expected):
    assert printed(term) == expected


TEXTBOOK = {
    "a divergence": (
        add(m.log(T / S), (S**2 + (MU - NU) ** 2) / (2 * T**2), -HALF),
        "log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²)/(2σ₂²) − 1/2",
    ),
    "a number in front": (add(HALF * MU**2, HALF * S**2, -HALF * m.log(T), -HALF), "−1/2 (1 + log σ₂ − μ₁² − σ₁²)"),
    "powers of the variable": ((X**2 - 2 * NU * X + NU**2) / T**2, "(x² − 2μ₂x + μ₂²)/σ₂²"),
    "a density before a logarithm": (m.log(S) * 2 * Density(PAIR.p, X) * MU, "2μ₁ p(x) log σ₁"),
    "a quotient of densities": (Density(PAIR.p, X) / Density(PAIR.q, X), "p(x)/q(x)"),
    "coordinates by their size": (add(*(Array(Symbol("mu"))[k] for k in (2, 10, 1, 9))), "μ₁ + μ₂ + μ₉ + μ₁₀"),
}


@pytest.mark.parametrize(("term", "expected"), TEXTBOOK.values(), ids=TEXTBOOK)
def test_the_order_is_that_of_textbooks_however_a_term_is_put_together(term, expected):
    draw = random.Random(0)

    def mixed(part):
        args = [mixed(a) for a in part.args] if part.head != "Law" else list(part.args)
        if part.head in ("Add", "Mul"):
            draw.shuffle(args)
        return Term(part.head, *args) if args else part

    for _ in range(10):
        assert printed(mixed(term)) == expected


def test_a_law_with_its_parameters_is_printed_by_name():
    other = laws(Question("kl", "exponential", "exponential")).p
    assert printed(Density(other, X)) == "f_(exponential(λ₁))(x)"


@pytest.mark.parametrize("quantity", ["p", "q"])
def test_log_variances_are_logarithms_of_squares_and_their_exponentials_powers(quantity):
    law = getattr(VECTORS, quantity).args[0]
    k = {"p": "₁ᵢ", "q": "₂ᵢ"}[quantity]
    logvar = VECTORS.parameters[1 if quantity == "p" else 3]
    assert printed(logvar, pair=VECTORS) == f"log σ{k}²"
    assert printed(m.exp(logvar), pair=VECTORS) == f"σ{k}²"
    assert printed(m.exp(-logvar / 2), pair=VECTORS) == f"1/σ{k}"
    assert text(Printer(Notation(), VECTORS, literal=True).expression(m.exp(logvar))) == f"e^(log σ{k}²)"
    assert f"σ{k}" in printed(density_formula(law, X), pair=VECTORS)


def test_the_logarithm_is_written_as_the_notation_says():
    assert printed(m.log(S) + m.log(2 * MU), Notation(log="ln")) == "ln(2μ₁) + ln σ₁"


def test_an_expectation_leaves_one_factor_of_the_density_out():
    p = Density(PAIR.p, X)
    assert printed(Integral(Term("Mul", p, X, p), X, "reals", 1), Notation(expectation=True)) == "𝔼_P[x p(x)]"


@pytest.fixture
def new_functions(monkeypatch):
    """Functions that nobody has told the printer of."""
    for function in (
        Function(name="erf", title="error function", domains=(Domain.REAL,), tex=r"\mathrm{erf}"),
        Function(name="gamma", title="gamma function", domains=(Domain.POSITIVE,), tex=r"\Gamma"),
        Function(name="sin", title="sine", domains=(Domain.REAL,), tex=r"\sin"),
        Function(name="beta", title="beta function", domains=(Domain.POSITIVE,) * 2, tex=r"\mathrm{B}"),
        Function(name="euler", title="Euler's constant", domains=(), style="letter", tex=r"\gamma"),
    ):
        monkeypatch.setitem(all_functions(), function.name, function)


@pytest.mark.usefixtures("new_functions")
@pytest.mark.parametrize(
    ("term", "plain", "tex"),
    [
        (Term("erf", MU), "erf(μ₁)", r"\mathrm{erf}(\mu_1)"),
        (Term("gamma", S / 2), "Γ(σ₁/2)", r"\Gamma\left(\frac{\sigma_1}{2}\right)"),
        (Term("sin", MU), "sin μ₁", r"\sin\mu_1"),
        (Term("beta", S, T + 1), "B(σ₁, σ₂ + 1)", r"\mathrm{B}(\sigma_1, \sigma_2 + 1)"),
        (Term("log", Term("gamma", S)), "log Γ(σ₁)", r"\log\Gamma(\sigma_1)"),
        (Term("erf", MU) ** 2 * 3, "3(erf(μ₁))²", r"3(\mathrm{erf}(\mu_1))^2"),
        (Term("euler") * 2 + Term("erf", MU), "erf(μ₁) + 2γ", r"\mathrm{erf}(\mu_1) + 2\gamma"),
    ],
)
def test_a_new_function_is_printed_by_its_record(term, plain, tex):
    layout = Printer(Notation(), PAIR).expression(term)
    assert (text(layout), latex(layout)) == (plain, tex)
    assert "mathrm" not in mathml(layout)


@pytest.mark.parametrize("function", all_functions().values(), ids=all_functions())
def test_every_function_has_a_layout(function):
    layout = Printer(Notation(), PAIR).expression(Term(function.name, *(MU, NU)[: function.arity]))
    assert text(layout)
    assert latex(layout).count("{") == latex(layout).count("}")
    assert mathml(layout)


def test_what_is_no_expression_has_no_layout():
    with pytest.raises(TypeError, match="no layout for Text"):
        printed(Term("Add", MU, "normal"))


def test_signs_denominators_and_inverses():
    assert sign(-3 * MU) == (True, 3 * MU)
    assert sign(Number(-3)) == (True, Number(3))
    assert sign(MU - 3) == (False, MU - 3)
    assert all(map(is_below, (1 / MU, MU**-X, MU ** (-X - 1))))
    assert not any(map(is_below, (MU ** (1 - X), MU, Number(2), m.log(1 / MU))))
    assert [inverse(f) for f in (1 / MU, MU**-X, MU**2)] == [MU, MU**X, MU**-2]


def test_a_number_is_put_in_front_only_where_the_constant_becomes_whole():
    assert common_factor(add(HALF * MU, HALF * S, -HALF)) == -HALF.value
    assert common_factor(add(HALF * MU, HALF * S, HALF)) == HALF.value
    half = add(HALF * MU, HALF * S)
    for other in (
        half,
        half + T + HALF,
        HALF * MU + HALF,
        MU + S + 1,
        2 * MU + 2 * S + 1,
        half + m.log(2),
        half + HALF / S - HALF,
    ):
        assert common_factor(other) is None


def test_factors_have_an_order():
    ordered = [MU, S, Density(PAIR.p, X), MU + 1, m.log(S), m.exp(S), Integral(X, X, "reals", 1)]
    assert all(sorted(some, key=factor_key) == ordered for some in permutations(ordered))


def test_the_order_of_a_sum_does_not_depend_on_how_it_was_put_together():
    terms = (m.log(S), -m.log(T), MU / S, NU**2, -X, Number(1))
    assert len({tuple(in_order(Term("Add", *some))) for some in permutations(terms)}) == 1
