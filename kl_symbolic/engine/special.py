"""Special cases: values in place of parameters, and the result collected as a textbook writes it."""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Basic, Expr, Integer, Symbol

from kl_symbolic.engine.collect import collect
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.language import Exp, Log, Scalar, Sqrt, Sum, Vector, transform
from kl_symbolic.proof.special import Special, Values, put_in


def special(derivation: Derivation, values: Values, names: tuple[tuple[Scalar, Symbol], ...] = ()) -> Special:
    """Put values in place of parameters of a derivation, and collect.

    Examples
    --------
    >>> from kl_symbolic.engine import derive
    >>> from kl_symbolic.proof.claim import Claim
    >>> from kl_symbolic.proof.statement import laws
    >>> claim = Claim("kl", "exponential", "exponential")
    >>> one, two = laws(claim).parameters
    >>> special(derive(claim), ((two, one),)).right
    0
    """
    return Special(values, simplified(put_in(derivation.statement.right, values)), names)


def simplified(expr: Expr) -> Expr:
    """Collect an expression in which numbers stand where parameters did."""
    rules: dict[type[Basic], Callable[..., Basic]] = {Exp: _exp, Sqrt: _sqrt, Log: _log, Sum: _sum}
    worked_out = transform(expr, rules)
    if isinstance(worked_out, Vector):
        return Vector(*(transform(collect(part), rules) for part in worked_out.args))
    return transform(collect(worked_out), rules)


def _exp(inside: Expr) -> Expr:
    return Integer(1) if inside == 0 else Exp(inside)


def _log(inside: Expr) -> Expr:
    return Integer(0) if inside == 1 else Log(inside)


def _sqrt(inside: Expr) -> Expr:
    root = sympy.sqrt(inside) if inside.is_Rational else None
    return root if root is not None and root.is_Rational else Sqrt(inside)


def _sum(body: Expr, i: Expr, size: Expr) -> Expr:
    """Return a sum over the coordinates; of what is the same at each, the multiple."""
    return Sum(body, i, size) if i in body.free_symbols else size * body
