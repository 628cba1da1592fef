"""What SymPy makes of a formula that was read."""

from __future__ import annotations

import sympy

from kl_symbolic.reading.formula import Reading


def evaluated(reading: Reading) -> sympy.Expr:
    """Return what SymPy makes of a formula, which is read as it was written."""

    def rebuilt(e):
        return e if not e.args or isinstance(e, sympy.IndexedBase) else e.func(*map(rebuilt, e.args))

    return rebuilt(reading.expr)
