"""Our own output and SymPy expressions are read back as the same formula."""

from __future__ import annotations

import pytest
import sympy
from evaluated import evaluated

from kl_symbolic import Notation, catalogue, derive, render
from kl_symbolic.claims import read
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import ordinary

NORMAL = Claim("kl", "normal", "normal")

DERIVATIONS = [
    *catalogue(),
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
        if d.claim.quantity == "decomposition":  # its right-hand side is no formula in the parameters
            with pytest.raises(RequestError, match=r"not part of a formula: H\(\.\.\.\)"):
                read(written, d.claim)
        else:
            assert evaluated(read(written, d.claim)) == d.statement.right


@pytest.mark.parametrize("d", [pytest.param(d, id=d.name) for d in DERIVATIONS if d.claim.quantity != "decomposition"])
def test_sympy_expressions_are_read_node_by_node(d):
    assert evaluated(read(d.statement.right, d.claim)) == d.statement.right
    closed = ordinary(d.statement.right)
    assert ordinary(evaluated(read(d.closed_form, d.claim))) == closed
    if not d.closed_form.is_Matrix:
        assert ordinary(evaluated(read(str(d.closed_form), d.claim))) == closed


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
