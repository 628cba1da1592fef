"""The language of derivations: inert heads that SymPy never rewrites.

SymPy's own ``log``, ``exp``, ``Integral`` and ``Sum`` apply laws while an expression is built, so a step could vanish
before anyone proves it. These heads do nothing by themselves. `ordinary` turns them into SymPy's own at the border.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, TypeAlias

import sympy
from sympy import Basic, Expr, Indexed, IndexedBase, Integer, Symbol
from sympy.core.symbol import Str
from sympy.printing.str import StrPrinter

Scalar: TypeAlias = Symbol | Indexed


class Inert(Expr):
    """An expression that nothing rewrites."""

    is_commutative = True
    is_extended_real = True
    is_finite = True
    is_real = True

    def __new__(cls, *args: object) -> Self:
        """Make the expression and do nothing else."""
        made: Self = Expr.__new__(cls, *(Integer(a) if isinstance(a, int) else a for a in args))
        return made

    def _sympystr(self, printer: StrPrinter) -> str:
        # Without this, SymPy would print our Integral with the code for its own, by the name of the class.
        return f"{type(self).__name__}({', '.join(printer.doprint(a) for a in self.args)})"


class Positive(Inert):
    """An inert expression that is positive wherever it is defined."""

    is_positive = True
    is_nonnegative = True
    is_negative = False
    is_nonpositive = False
    is_zero = False
    is_extended_positive = True


class Log(Inert):
    """Log(u): the natural logarithm of a positive u."""

    def _eval_derivative(self, s: Scalar) -> Expr:
        return self.args[0].diff(s) / self.args[0]


class Exp(Positive):
    """Exp(u): the exponential of u."""

    def _eval_derivative(self, s: Scalar) -> Expr:
        return self * self.args[0].diff(s)


class Sqrt(Positive):
    """Sqrt(u): the positive square root of a positive u."""

    def _eval_derivative(self, s: Scalar) -> Expr:
        return self.args[0].diff(s) / (2 * self)


class Factorial(Positive):
    """Factorial(k): k! for a natural number k."""


class Law(Basic):
    """Law(family, *parameters): a member of a family, e.g. ``Law(Str("normal"), mu_1, sigma_1)``."""


class ProductLaw(Basic):
    """ProductLaw(law, i, n): independent coordinates, the i-th with `law`, i = 1..n."""

    bound_symbols = property(lambda self: {self.args[1]})


class Density(Positive):
    """Density(law, x): the density (or mass function) of `law` at a point x of its support."""


class KL(Inert):
    """KL(P, Q): the Kullback-Leibler divergence in nats."""


class Entropy(Inert):
    """Entropy(P): the (differential) entropy in nats."""


class CrossEntropy(Inert):
    """CrossEntropy(P, Q): the cross-entropy of Q relative to P, in nats."""


# What `statement.definition` unfolds into integrals.
DEFINED_HEADS = (KL, Entropy, CrossEntropy)


class Vector(Inert):
    """Vector(a, b, ...): several statements at once, component by component."""


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


class Integral(Binder):
    """Integral(body, x, support, dimension): over the support of a law, or a sum if that is discrete.

    `support` is ``Str`` of a `Support`; `dimension` is 1 for a scalar x, else x is an ``IndexedBase`` of that many
    coordinates.
    """


class Sum(Binder):
    """Sum(body, i, n): the sum over i = 1..n."""


class Product(Binder):
    """Product(body, i, n): the product over i = 1..n."""


class Diff(Inert):
    """Diff(body, theta): the derivative with respect to a parameter, not carried out."""


def _mentions(symbol: Basic, variable: Basic) -> bool:
    if isinstance(variable, IndexedBase):
        return variable in (symbol, getattr(symbol, "base", None)) or symbol == variable.label
    return symbol == variable or (isinstance(symbol, Indexed) and variable in symbol.indices)


class Namespace:
    """The math namespace in which a family's formulas become expressions of this language."""

    log = Log
    exp = Exp
    sqrt = Sqrt
    factorial = Factorial
    pi = sympy.pi


def transform(expr: Basic, rules: dict[type[Basic], Callable[..., Basic]]) -> Basic:
    """Rebuild `expr` bottom-up, replacing each head in `rules` by what its function makes of the arguments."""
    args = [transform(a, rules) for a in expr.args]
    for head, rule in rules.items():
        if isinstance(expr, head):
            return rule(*args)
    if not args or all(a is b for a, b in zip(args, expr.args, strict=True)):
        return expr
    return expr.func(*args)


def ordinary(expr: Basic) -> Expr:
    """Return `expr` with SymPy's own log, exp, sqrt, factorial and Sum in place of the inert heads.

    Examples
    --------
    >>> from sympy import Symbol
    >>> ordinary(Log(Exp(Symbol("t", real=True))))
    t
    """
    return transform(
        expr,
        {
            Log: sympy.log,
            Exp: sympy.exp,
            Sqrt: sympy.sqrt,
            Factorial: sympy.factorial,
            Sum: lambda body, i, n: sympy.Sum(body, (i, Integer(1), n)),
            Vector: lambda *entries: sympy.ImmutableMatrix(entries),
        },
    )


def name_of(text: Basic) -> str:
    """Return the Python string of a ``Str``."""
    assert isinstance(text, Str)
    return str(text.name)
