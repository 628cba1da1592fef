"""Collect terms into the form in which a textbook writes a result. Untrusted, like everything in the engine."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import sympy
from sympy import Add, Basic, Expr, Integer, Mul, Pow

from kl_symbolic.engine.heads import Exp, Log, Sqrt, Sum, Vector
from kl_symbolic.engine.tactics import log_of_product
from kl_symbolic.terms.sympy import transform

FEWEST_TO_FACTOR = 3  # terms of a sum


def collect(expr: Expr) -> Expr:
    """Combine logarithms into one of a quotient, complete squares, and put terms over common denominators."""
    if isinstance(expr, Vector):
        return Vector(*(collect(a) for a in expr.args))
    unit = [
        f for f in Mul.make_args(expr) if isinstance(f, Pow) and isinstance(f.base, Log) and f.base.args[0].is_number
    ]
    if unit:
        return Mul(*unit) * collect(expr / Mul(*unit))
    terms = list(Add.make_args(sympy.expand(_normal(expr))))
    sums = [t for t in terms if t.has(Sum)]
    logs = [t for t in terms if t not in sums and sum(isinstance(f, Log) for f in Mul.make_args(t)) == 1]
    rest = [t for t in terms if t not in sums and t not in logs]
    return Add(*_collect_sums(sums), *_collect_logs(logs), *_collect_fractions(rest))


def _normal(expr: Expr) -> Expr:
    """Split every logarithm and simplify powers of exponentials and roots."""

    def log(u: Expr) -> Expr:
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
        (log,) = [f for f in Mul.make_args(term) if isinstance(f, Log)]
        coefficient[log.args[0]] += term / log
    over: dict[Expr, list[Expr]] = defaultdict(lambda: [Integer(1), Integer(1)])
    for argument, c in coefficient.items():
        below = c.could_extract_minus_sign()
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
            made.append(Mul(content, top, 1 / bottom))  # at once: SymPy would distribute a number over a sum
    return made


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
        for u, v in combinations(sorted(Mul.make_args(mixed), key=_variable_first), 2):
            w = mixed / (u * v)
            k = terms.get(u**2 * w)
            if k is not None and terms.get(v**2 * w) == k and abs(terms[mixed]) == 2 * abs(k):
                sign = terms[mixed] / (2 * k)
                for done in (mixed, u**2 * w, v**2 * w):
                    del terms[done]
                terms[(u + sign * v) ** 2 * w] = k
                break
    return Add(*(c * m for m, c in terms.items()))
