"""Replace parts of expressions without letting SymPy rewrite what results.

SymPy's own ``xreplace`` rebuilds sums, products and powers with its automatic evaluation: that would put more into the
trusted base, and a hostile derivation could make it compute 9**9**9. Here nothing is evaluated, and a part that occurs
many times is visited once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from sympy import Add, Basic, Expr, IndexedBase, Mul, Pow

from kl_symbolic.families import all_families
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.statement import density_formula, laws, variable

Spend = Callable[[int], None]


def substitute(expr: Basic, values: Mapping[Basic, Basic], spend: Spend = lambda _: None) -> Basic:
    """Put `values` in place of symbols, everywhere at once; the labels of indexed quantities are names, and stay."""
    return _rewrite(expr, dict(values), lambda e: e, spend)


def unfold_densities(expr: Basic, done: dict[Basic, Basic], spend: Spend) -> Basic:
    """Replace each density by its formula, and a product density by the product over its coordinates."""

    def formula(e: Basic) -> Basic:
        if not isinstance(e, lang.Density):
            return e
        law, x = e.args
        if isinstance(law, lang.ProductLaw):
            inner, i, size = law.args
            return lang.Product(_density_at(inner, x[i], spend), i, size)
        return _density_at(law, x, spend)

    return _rewrite(expr, done, formula, spend)


def _density_at(law: Basic, point: Basic, spend: Spend) -> Basic:
    family, *arguments = law.args
    formula, x, parameters = _generic_density(lang.name_of(family))
    return substitute(formula, {x: point, **dict(zip(parameters, arguments, strict=True))}, spend)


@cache
def _generic_density(family: str) -> tuple[Expr, Expr, tuple[Expr, ...]]:
    law, _, parameters = laws(Claim("entropy", family))
    x = variable(all_families()[family].support)
    return density_formula(law, x), x, parameters


def _rewrite(expr: Basic, done: dict[Basic, Basic], rule: Callable[[Basic], Basic], spend: Spend) -> Basic:
    """Rebuild `expr` bottom-up by `rule`; `done` holds what is already known, so that no part is visited twice."""
    if expr not in done:
        spend(1 + len(expr.args))
        args = expr.args if isinstance(expr, IndexedBase) else [_rewrite(a, done, rule, spend) for a in expr.args]
        same = all(a is b for a, b in zip(args, expr.args, strict=True))
        done[expr] = rule(expr if same else _assembled(expr, args))
    return done[expr]


def _assembled(expr: Basic, args: list[Basic]) -> Basic:
    if isinstance(expr, Add | Mul | Pow):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)
