"""Slips in the terms of a closed form: missing, doubled, of the wrong sign, without a square."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import TypeAlias

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Rational, default_sort_key

from kl_symbolic.proof.language import Log, Sum
from kl_symbolic.proof.parameters import base_of
from kl_symbolic.proof.statement import laws
from kl_symbolic.slips.quantities import Quantity

MOST_TERMS = 6
BASES = (10, 2)  # of logarithms that are taken for natural ones

Put: TypeAlias = Callable[[Expr], Expr]


def mistaken(quantity: Quantity) -> Iterator[tuple[str, Expr]]:
    """Yield in words what is wrong with one term, or with a square in all, and the quantity with that mistake."""
    found = [(term, quantity.written(term), put) for term, put in terms(quantity.expression)]
    for term, shown, put in found:
        yield f"the term {shown} is missing", put(Integer(0))
        yield f"the sign of the term {shown} is wrong", put(-term)
        for power in _squares(term):
            once = put(term.xreplace(_without_square(power)))
            yield f"a square is missing: {quantity.written(power.base)} in the term {shown}", once
        yield f"the term {shown} is doubled", put(2 * term)
        yield f"the term {shown} is halved", put(term / 2)
        if term.has(Log):
            for base in BASES:
                yield f"the logarithm in the term {shown} is to the base {base}", put(term / Log(Integer(base)))
        exchanged = term.xreplace(_exchange(quantity))
        if exchanged != term:
            yield f"the parameters of P and Q are exchanged in the term {shown}", put(exchanged)
    for power in _squares(quantity.expression):
        if sum(term.has(power) for term, _, _ in found) > 1:
            once = quantity.expression.xreplace(_without_square(power))
            yield f"a square is missing: {quantity.written(power.base)} in every term that has it", once


def mistaken_in_several_terms(quantity: Quantity) -> Iterator[tuple[str, Expr]]:
    """Yield in words the same slip in several terms, and the quantity with it; of few terms only."""
    found = list(terms(quantity.expression))
    for size in range(2, len(found) if len(found) <= MOST_TERMS else 0):
        for chosen in combinations(found, size):
            words = " and ".join(quantity.written(term) for term, _ in chosen)
            for slip, factor in (("are doubled", 2), ("are halved", Rational(1, 2)), ("have the wrong sign", -1)):
                # Each `put` changes one term of the whole, so the changes add up.
                changes = (Add(put(factor * term), -quantity.expression) for term, put in chosen)
                yield f"the terms {words} {slip}", Add(quantity.expression, *changes)


def terms(expr: Expr, put: Put = lambda new: new) -> Iterator[tuple[Expr, Put]]:
    """Yield every term, within sums and products with sums too, and what puts another in its place.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> sorted(str(put(5 * term)) for term, put in terms(2 * (x + y)))
    ['10*x + 2*y', '2*x + 10*y']
    """
    if isinstance(expr, Add):
        for k, term in enumerate(expr.args):
            yield from terms(term, _inside(put, expr.args[:k] + expr.args[k + 1 :]))
        return
    factors = expr.args if isinstance(expr, Mul) else (expr,)
    inner = next((factor for factor in factors if isinstance(factor, Add | Sum)), None)
    others = tuple(factor for factor in factors if factor is not inner)
    if isinstance(inner, Sum):
        body, *bounds = inner.args
        yield from terms(body, lambda new: put(Mul(*others, Sum(new, *bounds))))
    elif inner is not None:
        yield from terms(Add(*(Mul(*others, term) for term in inner.args)), put)
    else:
        yield expr, put


def _inside(put: Put, rest: tuple[Expr, ...]) -> Put:
    return lambda new: put(Add(*rest, new))


def _squares(expr: Expr) -> list[Pow]:
    return sorted((power for power in expr.atoms(Pow) if power.exp in (2, -2)), key=default_sort_key)


def _without_square(power: Pow) -> dict[Basic, Basic]:
    return {power: Pow(power.base, power.exp / 2)}


def _exchange(quantity: Quantity) -> dict[Basic, Basic]:
    """Return the replacement that exchanges the parameters of the two laws, if both have the same."""
    symbols = {str(base_of(s)): s for s in laws(quantity.claim).parameters}
    pairs = {s: symbols.get(name.replace("_1", "_2")) for name, s in symbols.items() if "_1" in name}
    if not pairs or None in pairs.values():
        return {}
    both = {**pairs, **{b: a for a, b in pairs.items()}}
    return {base_of(a): base_of(b) for a, b in both.items() if b is not None}
