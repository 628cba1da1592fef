"""Our own output and SymPy expressions are read back as the same formula."""

from __future__ import annotations

import pytest
import sympy
from evaluated import evaluated

from kl_symbolic import Notation, catalogue, derive, render
from kl_symbolic.claims import read
from kl_symbolic.divergences import find_quantity
from kl_symbolic.engine import worked_out
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question
from kl_symbolic.terms.sympy import inert, ordinary

NORMAL = Question("kl", "normal", "normal")

DERIVATIONS = [
    *(d for d in catalogue() if not find_quantity(d.question.quantity).restates),  # in functions that nobody else has
    derive("diagonal_normal", "standard_normal", param="logvar", dim=3),
    derive("diagonal_normal", "diagonal_normal", dim=2),
    derive("normal", "normal", unit="bits", quantity="gradient"),
    derive("diagonal_normal", "diagonal_normal", quantity="asymmetry", unit="bits"),
    derive("diagonal_normal", quantity="entropy"),
]
NOTATIONS = {"12": Notation(), "pq": Notation(indices="pq", log="ln")}


@pytest.mark.parametrize("notation", NOTATIONS.values(), ids=NOTATIONS)
@pytest.mark.parametrize("d", [pytest.param(d, id=d.name) for d in DERIVATIONS])
def test_our_own_output_is_read_back_as_the_same_expression(d, notation):
    document = d.document(stages=(), notation=notation)
    right = document.theorem.right
    for written in (render.text(right), render.latex(right), render.display(document), render.one_line(document)):
        if d.question.quantity == "decomposition":  # its right-hand side is no formula in the parameters
            with pytest.raises(RequestError, match=r"not part of a formula: H\(\.\.\.\)"):
                read(written, d.question)
        else:
            assert evaluated(read(written, d.question)) == evaluated(d.statement.right)


@pytest.mark.parametrize(
    "d", [pytest.param(d, id=d.name) for d in DERIVATIONS if d.question.quantity != "decomposition"]
)
def test_terms_and_sympy_expressions_are_read_node_by_node(d):
    for right in (d.statement.right, inert(d.statement.right)):
        assert evaluated(read(right, d.question)) == evaluated(d.statement.right)
    closed = ordinary(d.statement.right)
    assert ordinary(worked_out(read(d.closed_form, d.question).term)) == closed
    if not d.closed_form.is_Matrix:
        assert ordinary(worked_out(read(str(d.closed_form), d.question).term)) == closed


def test_floats_are_read_as_the_decimals_that_they_print_as():
    names = sympy.symbols("mu_1 sigma_1", real=True)
    floating = sympy.log(names[1]) + sympy.Float("0.1") * names[0]
    assert evaluated(read(floating, NORMAL)) == evaluated(read("log(sigma_1) + 0.1*mu_1", NORMAL))


@pytest.mark.parametrize(
    "expr",
    [
        sympy.sin(sympy.Symbol("mu_1")),
        sympy.Symbol("mu_1 + 1"),
        sympy.I,
        sympy.oo,
        sympy.Function("f")(1),
        sympy.Integer(10) ** 100,
        object(),
    ],
)
def test_other_objects_are_refused(expr):
    with pytest.raises(RequestError):
        read(expr, NORMAL)


def test_an_expression_that_shares_its_parts_takes_bounded_time():
    e = sympy.Symbol("mu_1")
    for _ in range(40):
        e = sympy.Add(sympy.exp(e, evaluate=False), e, evaluate=False)
    with pytest.raises(RequestError, match="parts"):
        read(e, NORMAL)
