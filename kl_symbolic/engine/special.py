"""Special cases: values in place of parameters, and the result collected as a textbook writes it."""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Basic, Expr, Integer

from kl_symbolic.engine.collect import collect
from kl_symbolic.engine.heads import Exp, Log, Sqrt, Sum, Vector, expression
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.special import Special, Values, put_in
from kl_symbolic.terms import Symbol, Term
from kl_symbolic.terms.sympy import read, transform


def special(derivation: Derivation, values: Values, names: tuple[tuple[Term, Symbol], ...] = ()) -> Special:
    """Put values in place of parameters of a derivation, and collect.

    Examples
    --------
    >>> from kl_symbolic.engine import derive
    >>> from kl_symbolic.proof.question import Question
    >>> from kl_symbolic.proof.statement import laws
    >>> question = Question("kl", "exponential", "exponential")
    >>> one, two = laws(question).parameters
    >>> special(derive(question), ((two, one),)).right
    0
    """
    return Special(values, simplified(put_in(derivation.statement.right, values)), names)


def simplified(term: Term) -> Term:
    """Collect a term in which numbers stand where parameters did.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> x = Symbol("x")
    >>> simplified(Term("log", 1) + Term("exp", 0) * x + x)
    2*x
    """
    rules: dict[type[Basic], Callable[..., Basic]] = {Exp: _exp, Sqrt: _sqrt, Log: _log, Sum: _sum}
    worked = transform(expression(term), rules)
    if isinstance(worked, Vector):
        return read(Vector(*(transform(collect(part), rules) for part in worked.args)))
    return read(transform(collect(worked), rules))


def worked_out(term: Term) -> Term:
    """Return a term with its arithmetic worked out: like terms added, powers of equal things merged.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> x = Symbol("x")
    >>> worked_out(x * x + 2 * (x + 1) - x)
    x + x**2 + 2
    """
    return read(expression(term))


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
