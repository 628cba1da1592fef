"""The order in which a textbook writes terms and factors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cache, lru_cache

from kl_symbolic.families import all_families
from kl_symbolic.functions import find_function
from kl_symbolic.render.notation import VARIABLES
from kl_symbolic.terms import (
    Number,
    Symbol,
    Term,
    Text,
    add,
    addends,
    base_and_exponent,
    coefficient,
    factors,
    has,
    mul,
    parts,
    power,
)

MIN_TERMS_TO_FACTOR = 3
APPLIED = ("prefix", "order")  # how a function is written that has a name and an argument
# Kinds of factors that stand behind all others, in this order.
TRAILING = ("Density", "Diff", "Add", *APPLIED, "exponential", "KL", "Sum", "Product", "Integral")
# What comes first in doubt; all other heads follow by name, and what has no arguments precedes what has some.
RANKS = {"Number": 0, "Mul": 2, "Add": 3}
MOST_KEYS = 4096  # that are remembered


def kind(term: Term) -> str:
    """Return the style in which a function is written; of anything else, the head.

    Examples
    --------
    >>> kind(Term("log", 2)), kind(Term("Density", 2))
    ('prefix', 'Density')
    """
    function = find_function(term.head)
    return function.style if function else term.head


def sign(term: Term) -> tuple[bool, Term]:
    """Return whether a term carries a minus sign, and the term without it.

    Examples
    --------
    >>> sign(-2 * Symbol("x")), sign(Symbol("x") - 1)
    ((True, 2*x), (False, x - 1))
    """
    negative = coefficient(term)[0] < 0
    return negative, mul(-1, term) if negative else term


def is_below(factor: Term) -> bool:
    """Whether a factor belongs into a denominator."""
    return all(sign(term)[0] for term in addends(base_and_exponent(factor)[1]))


def inverse(factor: Term) -> Term:
    """Return one over a factor, which then belongs to the other side of a fraction.

    Examples
    --------
    >>> inverse(Symbol("x") ** -2), inverse(1 / Symbol("x"))
    (x**2, x)
    """
    base, exponent = base_and_exponent(factor)
    return power(base, add(*(mul(-1, term) for term in addends(exponent))))


def common_factor(e: Term) -> Fraction | None:
    """Return the number that the terms of -(1 + log v - m^2 - v)/2 share; the constant then becomes positive."""
    terms = addends(e)
    others = [t for t in terms if not _is_constant(t)]
    constants = [t for t in terms if _is_constant(t)]
    sizes = {abs(coefficient(t)[0]) for t in others}
    if len(terms) < MIN_TERMS_TO_FACTOR or len(sizes) != 1 or not all(isinstance(t, Number) for t in constants):
        return None
    (size,) = sizes
    constant = sum(coefficient(t)[0] for t in constants)
    if size in (0, 1) or constant == 0 or (constant / size).denominator != 1:
        return None
    return None if any(is_below(f) for t in others for f in factors(t)) else -size if constant < 0 else size


def in_order(e: Term) -> list[Term]:
    """Return the terms of a sum: logarithms, fractions, powers of x and other terms, numbers; positive ones first.

    A positive number leads where others are subtracted from it: 1 + log v - m^2 - v, but a + b - 1 and a + b + 1.

    Examples
    --------
    >>> x = Symbol("x")
    >>> in_order(1 - x + Term("log", x)), in_order(1 + x)
    ([1, log(x), -x], [x, 1])
    """
    terms = addends(e)
    numbers = [t.value for t in terms if isinstance(t, Number)]
    number_first = any(sign(t)[0] for t in terms) and all(value > 0 for value in numbers)
    return sorted(terms, key=lambda term: _term_key(term, number_first=number_first))


def factor_key(f: Term) -> tuple[object, ...]:
    """Order factors: symbols, then densities, derivatives, sums in parentheses, logarithms, integrals."""
    what = kind(f)
    return (TRAILING.index(what) + 1 if what in TRAILING else 0, _sort_key(f))


def _term_key(term: Term, *, number_first: bool) -> tuple[object, ...]:
    negative, positive = sign(term)
    pairs = [base_and_exponent(f) for f in factors(positive)]
    styles = set(map(kind, parts(positive)))
    constant = _is_constant(positive)
    if constant and styles.isdisjoint(APPLIED):
        place = -1 if number_first else 3
    elif any(kind(f) in (*APPLIED, "Diff") or _is_logarithm(f) for f in factors(positive)):
        place = 0
    elif any(map(is_below, factors(positive))) and not has(positive, "Integral"):
        place = 1
    else:
        place = 2
    degree = sum(n.value for base, n in pairs if str(base) in VARIABLES and isinstance(n, Number))
    compound = any(base.head == "Add" for base, _ in pairs)
    return (place, -degree, compound, negative, constant, "exponential" in styles, _sort_key(positive))


def _is_constant(term: Term) -> bool:
    return not has(term, "Symbol", "Text")


@lru_cache(MOST_KEYS)
def _sort_key(e: Term) -> tuple[object, ...]:
    """Return a key by which numbers precede symbols, and these all else; a power stands beside its base.

    Numbers in names count by their size: the coordinate 10 comes after 9.
    """
    number, rest = coefficient(e)
    base, exponent = base_and_exponent(rest)
    inside: Sequence[object]
    match base:
        case Number(value):
            inside = [value]
        case Symbol(name) | Text(name):
            inside = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split("([0-9]+)", name)]
        case Term("Add" | "Mul"):
            inside = sorted(map(_sort_key, base.args))
        case _:
            inside = list(map(_sort_key, base.args))
    raised = (0, exponent.value) if isinstance(exponent, Number) else (1, _sort_key(exponent))
    return (RANKS.get(base.head, 4 if base.args else 1), base.head.lower(), len(base.args), inside, raised, number)


def _is_logarithm(f: Term) -> bool:
    """Whether a symbol stands for a logarithm, as a log-variance does."""
    match f:
        case Symbol(name) | Term("Indexed", (Term("Array", (Symbol(name),)), _)):
            return name.rstrip("0123456789").rstrip("_") in _logarithms()
    return False


@cache
def _logarithms() -> frozenset[str]:
    parameters = (p for family in all_families().values() for p in family.all_parameters)
    return frozenset(p.name for p in parameters if p.logarithm)
