"""Formulas in special cases: values in place of parameters, with nothing but numbers worked out."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Basic, Expr, Indexed

from kl_symbolic.derivation import Derivation
from kl_symbolic.kernel import substitute


def in_special_case(expr: Expr, derivation: Derivation) -> Expr:
    """Return what a formula in the parameters of a claim is in the special case that a derivation is."""
    return in_place(expr, dict(derivation.special.values)) if derivation.special else expr


def in_place(expr: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """Return a formula with values in place of parameters; what has no value then keeps none.

    Examples
    --------
    >>> from sympy import Integer, Symbol
    >>> x = Symbol("x", real=True)
    >>> in_place(x / (x - 1), {x: Integer(1)})
    1/(-1 + 1)
    """
    table: dict[Basic, Basic] = dict(values)
    for parameter, value in values.items():
        if isinstance(parameter, Indexed):  # what is said of all coordinates holds for each of them
            entries = [entry for entry in expr.atoms(Indexed) if entry.base == parameter.base]
            table |= {e: value.base[e.indices] if isinstance(value, Indexed) else value for e in entries}
    made = substitute(expr, table) if table else expr
    assert isinstance(made, Expr)
    return made
