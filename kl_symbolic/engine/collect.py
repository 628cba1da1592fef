"""Collect terms into the form in which a textbook writes a result. Untrusted, like everything in the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import sympy
from sympy import Add, Basic, Expr, Integer, Mul, Pow

from kl_symbolic.engine.heads import Exp, Log, Sqrt, Sum, Vector
from kl_symbolic.engine.tactics import expand_outside_logarithms, log_of_product, sums_below
from kl_symbolic.functions import find_function
from kl_symbolic.terms.sympy import Inert, transform

FEWEST_TO_FACTOR = 3  # terms of a sum
MOST_FACTORS = 4  # of a product that may be the mixed one of a square of products


def collect(expr: Expr) -> Expr:
    """Collect what multiplies a function, combine logarithms, complete squares, and find common denominators."""
    if isinstance(expr, Vector):
        return Vector(*(collect(a) for a in expr.args))
    unit = [
        f for f in Mul.make_args(expr) if isinstance(f, Pow) and isinstance(f.base, Log) and f.base.args[0].is_number
    ]
    if unit:
        return Mul(*unit) * collect(expr / Mul(*unit))
    terms = list(Add.make_args(expand_outside_logarithms(_normal(expr))))
    sums = [t for t in terms if t.has(Sum)]
    applied = {t: _only_value(t) for t in terms if t not in sums}
    values = [t for t, value in applied.items() if value and not _is_combined(value)]
    logs = [t for t, value in applied.items() if value and _is_combined(value)]
    rest = [t for t, value in applied.items() if value is None]
    return Add(*_collect_sums(sums), *_collect_values(values), *_collect_logs(logs), *_collect_fractions(rest))


def _only_value(term: Expr) -> Any:
    """Return the value of a function such as log or psi that is a factor of a term, if there is one and no more."""
    found = [f for f in Mul.make_args(term) if isinstance(f, Inert) and _is_applied(f)]
    return found[0] if len(found) == 1 else None


def _is_applied(value: Inert) -> bool:
    """Whether it is the value of a function that is written by its name: no exponential, no root."""
    function = find_function(value.name)
    return function is not None and function.style in ("prefix", "order")


def _is_combined(value: Expr) -> bool:
    """Whether it is a logarithm, and not of a function whose values may be too large to compute: log Gamma(a)."""
    if not isinstance(value, Log):
        return False
    (inside,) = value.args
    function = find_function(inside.name) if isinstance(inside, Inert) else None
    return function is None or not function.rapid


def _collect_values(terms: list[Expr]) -> list[Expr]:
    """Write a psi(u) - b psi(u) as (a - b) psi(u)."""
    coefficients: dict[Expr, list[Expr]] = defaultdict(list)
    for term in terms:
        value = _only_value(term)
        coefficients[value].append(term / value)
    return [Mul(Add(*_collect_fractions(parts)), value) for value, parts in coefficients.items()]


def _normal(expr: Expr) -> Expr:
    """Split every logarithm and simplify powers of exponentials and roots."""

    def log(u: Expr) -> Expr:
        u = Mul(*(Pow(_over_common_denominator(base), e) for base, e in (f.as_base_exp() for f in Mul.make_args(u))))
        numbers = [f for f in Mul.make_args(u) if f.is_number]
        others = Mul(*(f for f in Mul.make_args(u) if not f.is_number))
        return Add(log_of_product(others) if others != 1 else 0, *(log_of_product(c) for c in numbers if c != 1))

    def power(base: Expr, exponent: Expr) -> Expr:
        if isinstance(base, Exp) and exponent.is_Rational:
            inner = exponent * base.args[0]
            return 1 / Exp(-inner) if inner.could_extract_minus_sign() else Exp(inner)
        if isinstance(base, Sqrt) and exponent.is_Integer and exponent % 2 == 0:
            return base.args[0] ** (exponent / 2)
        return Pow(base, exponent)

    return transform(expr, {Log: log, Pow: power})


def _over_common_denominator(expr: Expr) -> Expr:
    """Write 1 - a/(a + b), in which a sum stands below, as b/(a + b)."""
    if not isinstance(expr, Add) or not sums_below(expr):
        return expr
    top, bottom = sympy.together(expr).as_numer_denom()
    return Mul(sympy.expand(top), 1 / bottom)


def _collect_sums(terms: list[Expr]) -> list[Expr]:
    """Put all sums over the same range together and move a common numerical factor out."""
    bodies: dict[tuple[Basic, Basic], list[Expr]] = defaultdict(list)
    for term in terms:
        (inner,) = [f for f in Mul.make_args(term) if isinstance(f, Sum)]
        body, i, size = inner.args
        bodies[i, size].append(term / inner * body)
    made = []
    for (i, size), parts in bodies.items():
        body = collect(Add(*parts))
        factor = _common_number(body)
        made.append(factor * Sum(Add(*(t / factor for t in Add.make_args(body))), i, size))
    return made


def _common_number(expr: Expr) -> Expr:
    """Return +-c if every term of a sum of three or more has the coefficient c or -c, else 1.

    The sign is such that a constant term becomes positive.
    """
    terms = Add.make_args(expr)
    sizes = {abs(t.as_coeff_Mul()[0]) for t in terms}
    if len(terms) < FEWEST_TO_FACTOR or len(sizes) != 1:
        return Integer(1)
    (size,) = sizes
    constant = sum((t for t in terms if t.is_Rational), Integer(0))
    return size if size == 1 or constant >= 0 else -size


def _collect_logs(terms: list[Expr]) -> list[Expr]:
    """Combine c Log(a) - c Log(b) into c Log(a/b)."""
    coefficient: dict[Expr, Expr] = defaultdict(lambda: Integer(0))
    for term in terms:
        log = _only_value(term)
        coefficient[log.args[0]] += term / log
    over: dict[Expr, list[Expr]] = defaultdict(lambda: [Integer(1), Integer(1)])
    for argument, c in coefficient.items():
        number = c.as_coeff_Add()[0] if isinstance(c, Add) else Integer(0)
        below = bool(number < 0) if number else c.could_extract_minus_sign()  # 1 - p stands above, and p - 1 below
        if c != 0:
            over[-c if below else c][below] *= argument
    return [-c * Log(below) if above == 1 else c * Log(above / below) for c, (above, below) in over.items()]


def _collect_fractions(terms: list[Expr]) -> list[Expr]:
    """Put terms with the same denominator over it, with squares completed in the numerator."""
    groups: dict[Expr, list[Expr]] = defaultdict(list)
    for term in terms:
        top, bottom = term.as_numer_denom()
        number, bottom = bottom.as_coeff_Mul()
        groups[bottom].append(top / number)
    _join_powers(groups)
    made: list[Expr] = []
    for bottom, parts in groups.items():
        content, primitive = Add(*parts).as_content_primitive()
        if bottom != 1 and _mostly_negative(primitive):
            content, primitive = -content, -primitive
        top = complete_squares(primitive)
        if bottom == 1 and not top.has(Add):
            made += parts
        elif bottom == 1:
            made += [content * t for t in Add.make_args(top)]
        else:
            # at once: SymPy would distribute a number over a sum
            tops = [top] if bottom.is_number else _without_common_factors(top)
            made.append(Mul(content, *tops, 1 / bottom))
    return made


def _join_powers(groups: dict[Expr, list[Expr]]) -> None:
    """Put terms over a + b over (a + b)^2 where others are."""
    for base in {bottom.base for bottom in groups if bottom.is_Pow and bottom.base.is_Add}:
        powers = sorted((b for b in groups if b.as_base_exp()[0] == base), key=lambda b: b.as_base_exp()[1])
        for lower in powers[:-1]:
            groups[powers[-1]] += [_normal(sympy.expand(top * powers[-1] / lower)) for top in groups.pop(lower)]


def _without_common_factors(top: Expr) -> list[Expr]:
    """Write a + a^2 as a (a + 1)."""
    terms = Add.make_args(top)
    first, *others = (
        {base: power for base, power in t.as_powers_dict().items() if base.is_symbol or isinstance(base, Exp)}
        for t in terms
    )
    common = [Pow(b, min([p, *(o[b] for o in others)])) for b, p in first.items() if all(b in o for o in others)]
    return [*common, Add(*(t / Mul(*common) for t in terms))] if others and common else [top]


def _mostly_negative(expr: Expr) -> bool:
    """Whether most terms carry a minus sign; with as many of both, the leading one decides."""
    terms = sorted(Add.make_args(expr), key=_variable_first)
    negative = [t.could_extract_minus_sign() for t in terms]
    count = sum(negative)
    return bool(2 * count > len(terms) or (2 * count == len(terms) and negative[0]))


def _variable_first(expr: Expr) -> tuple[bool, object]:
    """Order x - mu, not mu - x: the variable of integration leads."""
    return not any(str(s) in ("x", "k") for s in expr.free_symbols), sympy.default_sort_key(expr)


def complete_squares(expr: Expr) -> Expr:
    """Replace k u^2 w - 2 k u v w + k v^2 w by k (u - v)^2 w."""
    terms = {m: c for c, m in (t.as_coeff_Mul() for t in Add.make_args(expr))}
    for mixed in sorted(terms, key=sympy.default_sort_key):
        for u, v in _pairs(mixed):
            w = mixed / (u * v)
            k = terms.get(u**2 * w)
            if k is not None and terms.get(v**2 * w) == k and abs(terms[mixed]) == 2 * abs(k):
                sign = terms[mixed] / (2 * k)
                for done in (mixed, u**2 * w, v**2 * w):
                    del terms[done]
                terms[(u + sign * v) ** 2 * w] = k
                break
    return Add(*(c * m for m, c in terms.items()))


def _pairs(product: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Yield two of the factors of a product, then two products of some."""
    factors = sorted(Mul.make_args(product), key=_variable_first)
    yield from combinations(factors, 2)
    if len(factors) <= MOST_FACTORS:
        several = [one for size in range(1, len(factors)) for one in combinations(factors, size)]
        pairs = combinations(several, 2)
        yield from ((Mul(*one), Mul(*other)) for one, other in pairs if not set(one) & set(other))
