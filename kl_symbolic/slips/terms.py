"""Slips in the terms of a closed form: missing, doubled, of the wrong sign, without a square."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from kl_symbolic.engine import worked_out
from kl_symbolic.functions import all_functions
from kl_symbolic.proof.parameters import base_of
from kl_symbolic.proof.statement import laws
from kl_symbolic.slips.quantities import Candidate
from kl_symbolic.terms import Number, Term, add, factors, has, mul, parts_with, power

MOST_TERMS = 6
BASES = (10, 2)  # of logarithms that are taken for natural ones


class Terms(NamedTuple):
    """The terms of a formula, and what makes a formula of others in their places."""

    parts: tuple[Term, ...]
    whole: Callable[[Sequence[Term]], Term]

    def put(self, places: Mapping[int, Term]) -> Term:
        """Return the formula with other terms in some places."""
        return self.whole([places.get(k, part) for k, part in enumerate(self.parts)])


def mistaken(quantity: Candidate) -> Iterator[tuple[str, Term]]:
    """Yield in words what is wrong with one term, or with a square in all, and the quantity with that mistake."""
    found, exchange = terms(quantity.expression), _exchange(quantity)
    cancelled = [worked_out(-term) for term in found.parts]
    for k, term in enumerate(found.parts):
        shown = quantity.written(term)
        yield f"the term {shown} is missing", found.put({k: Number(0)})
        yield f"the sign of the term {shown} is wrong", found.put({k: -term})
        for square in _squares(term):
            once = found.put({k: replaced(term, {square: _root(square)})})
            yield f"a square is missing: {quantity.written(square.args[0])} in the term {shown}", once
        yield f"the term {shown} is doubled", found.put({k: 2 * term})
        yield f"the term {shown} is halved", found.put({k: term / 2})
        if has(term, "log"):
            for base in BASES:
                other = found.put({k: term / Term("log", base)})
                yield f"the logarithm in the term {shown} is to the base {base}", other
        exchanged = worked_out(replaced(term, exchange))
        if exchanged not in (worked_out(term), *cancelled):
            yield f"the parameters of P and Q are exchanged in the term {shown}", found.put({k: exchanged})
    for square in _squares(quantity.expression):
        if sum(has(term, square) for term in found.parts) > 1:
            once = replaced(quantity.expression, {square: _root(square)})
            yield f"a square is missing: {quantity.written(square.args[0])} in every term that has it", once


def mistaken_in_functions(quantity: Candidate) -> Iterator[tuple[str, Term]]:
    """Yield in words what is wrong with a function other than the logarithm, and the quantity with that mistake."""
    whole, exchange = quantity.expression, _exchange(quantity)
    found = terms(whole)
    functions = [f for f in all_functions().values() if f.style == "prefix" and f.name != "log" and has(whole, f.name)]
    for function in functions:
        values = parts_with(whole, function.name)
        chosen = [k for k, term in enumerate(found.parts) if has(term, function.name)]
        for slip, factor in (("are missing", 0), ("have the wrong sign", -1)) if len(chosen) > 1 else ():
            parts = {k: factor * found.parts[k] if factor else Number(0) for k in chosen}
            yield f"the terms with the {function.title} {slip}", found.put(parts)
        for value in values:
            other = replaced(value, exchange)
            if other not in values:  # what stands there already would be cancelled
                words = f"{quantity.written(other)} stands in place of {quantity.written(value)}"
                yield words, replaced(whole, {value: other})
        logarithms = {Term("log", value): value for value in values if has(whole, Term("log", value))}
        if logarithms:
            yield f"the logarithm of the {function.title} is missing", replaced(whole, logarithms)


def mistaken_in_several_terms(quantity: Candidate) -> Iterator[tuple[str, Term]]:
    """Yield in words the same slip in several terms, and the quantity with it; of few terms only."""
    found = terms(quantity.expression)
    count = len(found.parts)
    for size in range(2, count if count <= MOST_TERMS else 0):
        for chosen in combinations(range(count), size):
            words = " and ".join(quantity.written(found.parts[k]) for k in chosen)
            for slip, factor in (("are doubled", 2), ("are halved", Fraction(1, 2)), ("have the wrong sign", -1)):
                yield f"the terms {words} {slip}", found.put({k: factor * found.parts[k] for k in chosen})


def terms(expression: Term) -> Terms:
    """Return the terms of a formula, those within sums and products with sums too.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> x, y = Symbol("x"), Symbol("y")
    >>> found = terms(2 * (x + y))
    >>> found.parts, found.put({0: 5 * x})
    ((2*x, 2*y), 5*x + 2*y)
    """
    if expression.head == "Add":
        inner = [terms(part) for part in expression.args]

        def whole(new: Sequence[Term]) -> Term:
            left = iter(new)
            return add(*(one.whole([next(left) for _ in one.parts]) for one in inner))

        return Terms(tuple(part for one in inner for part in one.parts), whole)
    several = next((factor for factor in factors(expression) if factor.head in ("Add", "Sum")), None)
    if several is None:
        return Terms((expression,), lambda new: new[0])
    others = [factor for factor in factors(expression) if factor is not several]
    if several.head == "Add":
        return terms(worked_out(add(*(mul(*others, part) for part in several.args))))
    body, *bounds = several.args
    inside = terms(body)
    return Terms(inside.parts, lambda new: mul(*others, Term("Sum", inside.whole(new), *bounds)))


def replaced(term: Term, values: Mapping[Term, Term]) -> Term:
    """Return a term with others in place of its parts, coordinates under a sum too.

    Examples
    --------
    >>> from kl_symbolic.terms import COORDINATE, Array, Symbol
    >>> mu = Array(Symbol("mu"))[COORDINATE]
    >>> replaced(Term("Sum", mu**2, COORDINATE, 3), {mu: Number(5)})
    Sum(5**2, i, 3)
    """
    if term in values:
        return values[term]
    return Term(term.head, *(replaced(arg, values) for arg in term.args)) if term.args else term


def _squares(term: Term) -> list[Term]:
    """Return the squares in a term, also those below."""
    return [one for one in parts_with(term, "pow") if one.args[1] in (Number(2), Number(-2))]


def _root(square: Term) -> Term:
    base, exponent = square.args
    return power(base, 1 if exponent is Number(2) else -1)


def _exchange(quantity: Candidate) -> dict[Term, Term]:
    """Return the replacement that exchanges the parameters of the two laws, if both have the same."""
    symbols = {str(base_of(s)): s for s in laws(quantity.question).parameters}
    pairs = {s: symbols.get(name.replace("_1", "_2")) for name, s in symbols.items() if "_1" in name}
    both: dict[Term, Term] = {}
    for one, other in pairs.items():
        if other is None:
            return {}
        both |= {base_of(one): base_of(other), base_of(other): base_of(one)}
    return both
