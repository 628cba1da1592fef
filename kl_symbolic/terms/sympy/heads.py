"""Heads that SymPy never rewrites, one for each head of the language.

SymPy's own ``log``, ``exp``, ``Integral`` and ``Sum`` apply laws while an expression is built, so a step could vanish
before anyone proves it. These heads do nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Self

import sympy
from sympy import Basic, Expr, Indexed, IndexedBase, Integer, Symbol
from sympy.printing.str import StrPrinter

from kl_symbolic.functions import Domain, find_function
from kl_symbolic.terms.term import BINDERS

NO_NUMBERS = ("Law", "ProductLaw")  # heads of what has no value


class Inert(Expr):
    """An expression that nothing rewrites."""

    is_commutative = True
    is_extended_real = True
    is_finite = True
    is_real = True
    name = ""  # the head of the term that it stands for

    def __new__(cls, *args: object) -> Self:
        """Make the expression and do nothing else."""
        made: Self = Expr.__new__(cls, *(Integer(a) if isinstance(a, int) else a for a in args))
        return made

    def _sympystr(self, printer: StrPrinter) -> str:
        # Without this, SymPy would print our Integral with the code for its own, by the name of the class.
        return f"{self.name}({', '.join(printer.doprint(a) for a in self.args)})"

    def _eval_derivative(self, s: Symbol | Indexed) -> Expr:
        function = find_function(self.name)
        if function is None or None in function.derivatives:
            raise NotImplementedError(f"{self.name} has no derivative by a rule")
        slopes = (formula(NAMESPACE, *self.args) for formula in function.derivatives if formula)
        return sum((slope * a.diff(s) for slope, a in zip(slopes, self.args, strict=True)), Integer(0))


class Positive(Inert):
    """An inert expression that is positive wherever it is defined."""

    is_positive = True
    is_nonnegative = True
    is_negative = False
    is_nonpositive = False
    is_zero = False
    is_extended_positive = True


class Nonnegative(Inert):
    """An inert expression that is never negative."""

    is_nonnegative = True
    is_negative = False
    is_extended_nonnegative = True


class Binder(Inert):
    """An inert head whose second argument is a bound variable."""

    @property
    def free_symbols(self) -> set[Basic]:
        """The symbols on which this depends: all of the size's, and the body's except the bound one."""
        body, variable, *rest = self.args
        outer: set[Basic] = set().union(*(r.free_symbols for r in rest))
        return {s for s in body.free_symbols if not _mentions(s, variable)} | outer

    @property
    def bound_symbols(self) -> set[Basic]:
        """The variable that this head binds."""
        return {self.args[1]}


@cache
def head(name: str) -> Any:
    """Return the inert head that stands for the terms with a head of this name.

    Examples
    --------
    >>> log, x = head("log"), Symbol("x", positive=True)
    >>> log(x**2) + 1, log(x**2).diff(x)
    (log(x**2) + 1, 2/x)
    """
    # SymPy sorts by the names of classes: those of functions begin with a capital, as the others do.
    return type(name[0].upper() + name[1:], (_kind(name),), {"name": name, "__doc__": f"Terms with the head {name}."})


def _kind(name: str) -> Any:
    function = find_function(name)
    if function is not None and function.value is not Domain.REAL:
        return Positive if function.value.positive else Nonnegative
    if name in NO_NUMBERS:
        return Basic
    return Positive if name == "Density" else Binder if name in BINDERS else Inert


class _Namespace:
    """The namespace in which formulas become inert expressions."""

    def __getattr__(self, name: str) -> Any:
        function = find_function(name)
        return head(name) if function is None or function.domains else getattr(sympy, function.names["sympy"])


NAMESPACE = _Namespace()


def transform(expr: Basic, rules: Mapping[type[Basic], Callable[..., Basic]]) -> Any:
    """Rebuild `expr` bottom-up, replacing each head in `rules` by what its function makes of the arguments."""
    args = [transform(a, rules) for a in expr.args]
    for kind, rule in rules.items():
        if isinstance(expr, kind):
            return rule(*args)
    if not args or all(a is b for a, b in zip(args, expr.args, strict=True)):
        return expr
    return expr.func(*args)


def _mentions(symbol: Basic, variable: Basic) -> bool:
    if isinstance(variable, IndexedBase):
        return variable in (symbol, getattr(symbol, "base", None)) or symbol == variable.label
    return symbol == variable or (isinstance(symbol, Indexed) and variable in symbol.indices)
