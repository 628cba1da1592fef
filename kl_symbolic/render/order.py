"""The order in which a textbook writes terms and factors."""

from __future__ import annotations

import re
from functools import cache

import sympy
from sympy import Add, Basic, Expr, Indexed, Integer, Mul, Pow, Symbol

from kl_symbolic.families import all_families
from kl_symbolic.proof import language as lang

MIN_TERMS_TO_FACTOR = 3
VARIABLES = ("x", "k")  # of integration and summation
TRAILING = (lang.Density, lang.Diff, Add, lang.Log, lang.Exp, lang.KL, lang.Sum, lang.Product, lang.Integral)


def sign(e: Basic) -> tuple[bool, Basic]:
    """Return whether an expression carries a minus sign, and the expression without it."""
    negative = isinstance(e, Expr) and bool(e.as_coeff_Mul()[0].is_negative)
    return negative, -e if negative else e


def is_below(f: Basic) -> bool:
    """Whether a factor belongs into a denominator."""
    return isinstance(f, Pow) and bool(f.args[1].could_extract_minus_sign())


def common_factor(e: Add) -> sympy.Rational | None:
    """Return the number that the terms of -(1 + log v - m^2 - v)/2 share; the constant then becomes positive."""
    others = [t for t in e.args if not t.is_number]
    constant = Add(*(t for t in e.args if t.is_number))
    sizes = {abs(t.as_coeff_Mul()[0]) for t in others}
    if len(e.args) < MIN_TERMS_TO_FACTOR or len(sizes) != 1 or constant == 0 or not constant.is_Rational:
        return None
    (size,) = sizes
    if size == 1 or not (constant / size).is_Integer or any(is_below(f) for t in others for f in Mul.make_args(t)):
        return None
    return -size if constant < 0 else size


def in_order(e: Add) -> list[Basic]:
    """Return the terms of a sum: logarithms, fractions, powers of x and other terms, numbers; positive ones first.

    A positive number leads where others are subtracted from it: 1 + log v - m^2 - v, but a + b - 1 and a + b + 1.
    """
    numbers = [t for t in e.args if t.is_Rational]
    number_first = any(sign(t)[0] for t in e.args) and all(t > 0 for t in numbers)
    return sorted(e.args, key=lambda term: _term_key(term, number_first=number_first))


def factor_key(f: Basic) -> tuple[object, ...]:
    """Order factors: symbols, then densities, derivatives, sums in parentheses, logarithms, integrals."""
    place = next((k for k, head in enumerate(TRAILING, start=1) if isinstance(f, head)), 0)
    return (place, _sort_key(f))


def _term_key(term: Basic, *, number_first: bool) -> tuple[object, ...]:
    negative, positive = sign(term)
    factors = Mul.make_args(positive)
    if positive.is_number and not positive.has(lang.Log):
        kind = -1 if number_first else 3
    elif any(isinstance(f, lang.Log | lang.Diff) or _is_logarithm(f) for f in factors):
        kind = 0
    elif any(map(is_below, factors)) and not positive.has(lang.Integral):
        kind = 1
    else:
        kind = 2
    degree = sum((f.as_base_exp()[1] for f in factors if str(f.as_base_exp()[0]) in VARIABLES), Integer(0))
    degree += max((i.args[0].as_coeff_exponent(i.args[1])[1] for i in positive.atoms(lang.Integral)), default=0)
    compound = any(f.as_base_exp()[0].is_Add for f in factors)
    constant = positive.is_number
    return (kind, -degree, compound, negative, constant, positive.has(lang.Exp), _sort_key(positive))


def _sort_key(e: Basic) -> object:
    """Return SymPy's key of an expression, with numbers in names by their size: the coordinate 10 comes after 9."""
    return _natural(sympy.default_sort_key(e))


def _natural(key: object) -> object:
    if isinstance(key, tuple):
        return tuple(map(_natural, key))
    if isinstance(key, str):
        return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split("([0-9]+)", key))
    return key


def _is_logarithm(f: Basic) -> bool:
    """Whether a symbol stands for a logarithm, as a log-variance does."""
    if not isinstance(f, Symbol | Indexed):
        return False
    name = str(f.base.label if isinstance(f, Indexed) else f)
    return name.rstrip("0123456789").rstrip("_") in _logarithms()


@cache
def _logarithms() -> frozenset[str]:
    parameters = (p for family in all_families().values() for p in family.all_parameters)
    return frozenset(p.name for p in parameters if p.logarithm)
