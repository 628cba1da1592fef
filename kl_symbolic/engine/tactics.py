"""Tactics: functions that rewrite an expression as a textbook would. Untrusted, and none names a family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Add, Basic, Expr, Mul, Pow, Rational

from kl_symbolic.engine.heads import (
    DEFINED,
    Density,
    Diff,
    Exp,
    Integral,
    Log,
    Product,
    ProductLaw,
    Sqrt,
    Sum,
    definition_of,
    density_of,
    integral_over,
)
from kl_symbolic.proof.supports import is_finite
from kl_symbolic.terms.sympy import read, transform


def unfold_definitions(expr: Expr) -> Expr:
    """Write each divergence and entropy as the integral that defines it."""
    return expr.xreplace({quantity: definition_of(quantity) for quantity in expr.atoms(*DEFINED)})


def fold_definitions(expr: Expr, quantities: list[Expr]) -> Expr:
    """Write each integral that defines one of some quantities as that quantity."""
    found: dict[Basic, Expr] = {}
    for quantity in quantities:
        sign, defining = definition_of(quantity).as_coeff_Mul()
        found[defining] = quantity / sign
    return expr.xreplace(found)


def split_quotients(expr: Expr) -> Expr:
    """Log(p(x) / q(x)) = Log p(x) - Log q(x)."""
    return expr.replace(lambda e: isinstance(e, Log), lambda e: log_of_product(e.args[0]))


def insert_densities(expr: Expr) -> Expr:
    """Replace p(x) and q(x) by their formulas under each logarithm, and a product density by its product."""

    def formula(law: Basic, x: Expr) -> Expr:
        if isinstance(law, ProductLaw):
            inner, i, size = law.args
            return Product(Density(inner, x[i]), i, size)
        return density_of(law, x)

    return expr.replace(lambda e: isinstance(e, Log), lambda e: Log(transform(e.args[0], {Density: formula})))


def log_of_product(u: Expr) -> Expr:
    """Log of a product, quotient or power, written out; a numerical factor such as 2*pi stays whole."""
    constant = Mul(*(f for f in Mul.make_args(u) if f.is_number))
    factors = [f for f in Mul.make_args(u) if not f.is_number] + ([constant] if constant != 1 else [])
    return Add(*map(_log_of_factor, factors))


def _log_of_factor(f: Expr) -> Expr:
    if isinstance(f, Exp):
        return f.args[0]
    if isinstance(f, Sqrt):
        return log_of_product(f.args[0]) / 2
    if isinstance(f, Pow):
        return f.args[1] * log_of_product(f.args[0])
    if isinstance(f, Rational) and f.q != 1:
        return Log(sympy.Integer(f.p)) - Log(sympy.Integer(f.q)) if f.p != 1 else -Log(sympy.Integer(f.q))
    return Log(f)


def logs_of_products_as_sums(expr: Expr) -> Expr:
    """Log(prod p_i / prod q_i) = sum of Log(p_i / q_i)."""

    def as_sum(u: Expr) -> Expr:
        top, bottom = u.as_numer_denom() if not isinstance(u, Product) else (u, sympy.S.One)
        products = [f for f in (*Mul.make_args(top), *Mul.make_args(bottom)) if isinstance(f, Product)]
        if not products:
            return Log(u)
        _, i, size = products[0].args
        bodies = {f: f.args[0] for f in products}
        return Sum(Log(top.xreplace(bodies) / bottom.xreplace(bodies)), i, size)

    return expr.replace(lambda e: isinstance(e, Log), lambda e: as_sum(e.args[0]))


def move_sums_outside(expr: Expr) -> Expr:
    """Move a finite sum, and the constants beside it, out of each integral."""

    def outside(body: Expr, *rest: Basic) -> Expr:
        factors = Mul.make_args(body)
        for s in factors:
            if isinstance(s, Sum):
                others = Mul(*(f for f in factors if f is not s))
                inner, i, size = s.args
                return Sum(Integral(others * inner, *rest), i, size)
        return Integral(body, *rest)

    return transform(expr, {Integral: outside})


def one_coordinate(expr: Expr) -> Expr:
    """Integrate the coordinates out that an integrand does not involve."""

    def marginal(body: Expr, x: Basic, support: Basic, size: Basic) -> Expr:
        for density in body.atoms(Density):
            if isinstance(density.args[0], ProductLaw) and density.args[1] == x:
                law, i, _ = density.args[0].args
                point = x.label
                rest = (body / density).xreplace({x[i]: point})
                return integral_over(Density(law, point) * rest, law)
        return Integral(body, x, support, size)

    return transform(expr, {Integral: marginal})


def write_out(expr: Expr) -> Expr:
    """Write a sum over coordinates, or an integral over finitely many whole numbers, as its terms."""

    def terms(s: Expr) -> Expr:
        body, i, *rest = s.args
        first, last = (1, rest[0]) if isinstance(s, Sum) else rest[0].args
        return Add(*(body.xreplace({i: sympy.Integer(k)}) for k in range(int(first), int(last) + 1)))

    finite = (i for i in expr.atoms(Integral) if is_finite(read(i.args[2])))
    return expr.xreplace({s: terms(s) for s in (*expr.atoms(Sum), *finite)})


def insert_formulas(expr: Expr) -> Expr:
    """Write each density as its formula."""
    return transform(expr, {Density: density_of})


def expand_squares(expr: Expr) -> Expr:
    """Multiply out the powers of sums inside each integral."""
    powers = {
        e: sympy.expand(e)
        for e in expr.atoms(Pow)
        if isinstance(e.args[0], Add) and e.args[1].is_Integer and e.args[1] > 0
    }
    return transform(
        expr, {Integral: lambda body, *rest: Integral(Mul(*(f.xreplace(powers) for f in Mul.make_args(body))), *rest)}
    )


def linearity(expr: Expr) -> Expr:
    """Split each integral into (factor free of x) * (integral of a basis statistic), one for each statistic."""

    def split(body: Expr, x: Expr, *rest: Basic) -> Expr:
        groups: dict[Expr, list[Expr]] = {}
        for term in Add.make_args(sympy.expand(body)):
            inner = [f for f in Mul.make_args(term) if f.has(x)]
            groups.setdefault(Mul(*inner), []).append(Mul(*(f for f in Mul.make_args(term) if f not in inner)))
        return Add(*(Add(*outer) * Integral(inner, x, *rest) for inner, outer in groups.items()))

    return Add(*(_without_double_minus(term) for term in Add.make_args(transform(expr, {Integral: split}))))


def _without_double_minus(term: Expr) -> Expr:
    """Write -(-a - b) c as (a + b) c."""
    sign, rest = term.as_coeff_Mul()
    for f in Mul.make_args(rest):
        if sign < 0 and isinstance(f, Add) and all(t.could_extract_minus_sign() for t in f.args):
            return -sign * Mul(-f, *(g for g in Mul.make_args(rest) if g is not f))
    return term


def derivative_outside(expr: Expr) -> Expr:
    """Integral of T p d(log p)/d(theta) = d/d(theta) of the integral of T p."""

    def outside(body: Expr, *rest: Basic) -> Expr:
        for score in body.atoms(Diff):
            return Diff(Integral(body / score, *rest), score.args[1])
        return Integral(body, *rest)

    return transform(expr, {Integral: outside})


def expand_outside_logarithms(expr: Expr) -> Any:
    """Multiply out, but for what stands under a logarithm, and sums that stand below."""
    names = {one: sympy.Dummy(real=True) for one in (*expr.atoms(Log), *sums_below(expr))}
    return sympy.expand(expr.xreplace(names)).xreplace({name: one for one, name in names.items()})


def sums_below(expr: Expr) -> list[Expr]:
    """Return the powers of sums that stand below: 1/(a + b)."""
    return [power for power in expr.atoms(Pow) if power.base.is_Add and power.exp.is_negative]


def differentiate(expr: Expr) -> Expr:
    """Carry every derivative out."""

    def derivative(body: Expr, theta: Expr) -> Expr:
        if isinstance(body, Mul):
            sums = [f for f in body.args if isinstance(f, Sum)]
            if sums:
                return Mul(*(f for f in body.args if f not in sums)) * derivative(sums[0], theta)
        if isinstance(body, Sum) and isinstance(theta, sympy.Indexed):
            inner, i, _ = body.args
            return inner.diff(theta.base[i]).xreplace({i: theta.indices[0]})
        return expand_outside_logarithms(body.diff(theta))

    return transform(expr, {Diff: derivative})


Tactic = Callable[[Expr], Expr]
