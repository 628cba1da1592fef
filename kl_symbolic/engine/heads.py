"""The language as the engine has it: expressions of SymPy with inert heads, made of terms and read as terms."""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr

from kl_symbolic.families import Moment
from kl_symbolic.proof import statement
from kl_symbolic.terms import DEFINED_HEADS, Namespace, Term, term
from kl_symbolic.terms.sympy import head, inert, read

Log, Exp, Sqrt = map(head, ("log", "exp", "sqrt"))
Law, ProductLaw, Density = map(head, ("Law", "ProductLaw", "Density"))
Integral, Sum, Product, Diff, Vector = map(head, ("Integral", "Sum", "Product", "Diff", "Vector"))
DEFINED = tuple(map(head, DEFINED_HEADS))


def expression(written: Term) -> Any:
    """Return a term with SymPy's automatic arithmetic: like terms are added, powers of equal things merged."""
    return inert(written, evaluate=True)


def definition_of(quantity: Expr) -> Any:
    """Return the integral that defines a divergence or an entropy."""
    return expression(statement.definition(read(quantity)))


def density_of(law: Basic, x: Expr) -> Any:
    """Return the density of a scalar law at x as a formula."""
    return expression(statement.density_formula(read(law), read(x)))


def integral_over(body: Expr, law: Basic) -> Any:
    """Return the integral of `body` over the support of `law`."""
    return expression(statement.integral(read(body), read(law)))


def statistic(moment: Moment, x: Expr) -> tuple[Any, Any]:
    """Return what a moment is the expectation of, and the weight of the score that proves it."""
    what, weight = (expression(term(formula(Namespace(), read(x)))) for formula in (moment.statistic, moment.weight))
    return what, weight
