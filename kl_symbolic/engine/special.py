"""Special cases: values in place of parameters, and the result collected as a textbook writes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy
from sympy import Basic, Expr, Integer

from kl_symbolic.engine.collect import collect
from kl_symbolic.engine.heads import Exp, Log, Sum, expression
from kl_symbolic.functions import Function, all_functions
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.special import Special, Values, put_in
from kl_symbolic.terms import Symbol, Term
from kl_symbolic.terms.sympy import head, read, transform

LARGEST_OF_RAPID = 20  # number at which a function that grows fast is worked out


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
    return read(collected(expression(term)))


def collected(expr: Expr) -> Any:
    """Collect an expression in which numbers may stand where parameters did."""
    return with_values(collect(with_values(expr)))


def with_values(expr: Expr) -> Any:
    """Work out the values of functions that are rational."""
    known = (f for f in all_functions().values() if f.style != "power" and f.domains and "algebra" in f.identities)
    rules: dict[type[Basic], Callable[..., Basic]] = {head(f.name): partial(_value, f) for f in known}
    return transform(expr, rules | {Exp: _exp, Log: _log, Sum: _sum})


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


def _value(function: Function, *args: Expr) -> Any:
    """Return a value of a function whose laws are always on, if it is rational."""
    if all(a.is_Rational and not (function.rapid and a > LARGEST_OF_RAPID) for a in args):
        value = getattr(sympy, function.names["sympy"])(*args)
        if value.is_Rational:
            return value
    return head(function.name)(*args)


def _sum(body: Expr, i: Expr, size: Expr) -> Expr:
    """Return a sum over the coordinates; of what is the same at each, the multiple."""
    return Sum(body, i, size) if i in body.free_symbols else size * body
