"""What SymPy makes of a formula that was read, or of a term."""

from __future__ import annotations

import sympy

from kl_symbolic.reading.formula import Reading
from kl_symbolic.terms import Term
from kl_symbolic.terms.sympy import inert


def evaluated(formula: Reading | Term) -> sympy.Expr:
    """Return what SymPy makes of a formula, which is read as it was written."""
    return inert(formula if isinstance(formula, Term) else formula.term, evaluate=True)
