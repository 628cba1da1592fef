"""Expressions at a given dimension: sums and products written out, product laws as products of densities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Basic, Indexed, IndexedBase, Integer, Mul, Pow

from kl_symbolic.proof.language import DEFINED_HEADS, Density, Product, ProductLaw, Sum
from kl_symbolic.proof.statement import definition

if TYPE_CHECKING:
    from collections.abc import Mapping


def instantiate(expr: Basic, integers: Mapping[Basic, int]) -> Basic:
    """Write out every sum, product and product law of `expr`.

    A divergence or an entropy of product laws becomes the sum over the coordinates of the univariate quantity.

    Parameters
    ----------
    expr
        An expression of the language of derivations.
    integers
        The values of the symbolic dimension and of the free index.

    Examples
    --------
    >>> from sympy import IndexedBase, Symbol
    >>> i, n = Symbol("i"), Symbol("n")
    >>> instantiate(Sum(IndexedBase("mu")[i], i, n), {n: 2})
    mu[1] + mu[2]
    """
    if not expr.args or isinstance(expr, IndexedBase):
        return Integer(integers[expr]) if expr in integers else expr
    if isinstance(expr, Indexed):
        return expr.base[tuple(instantiate(index, integers) for index in expr.indices)]
    if isinstance(expr, Sum | Product):
        body, index, size = expr.args
        terms = [instantiate(body, {**integers, index: k}) for k in _range(size, integers)]
        return (Add if isinstance(expr, Sum) else Mul)(*terms, evaluate=False) if len(terms) > 1 else terms[0]
    if isinstance(expr, Density) and isinstance(expr.args[0], ProductLaw):
        law, x = expr.args
        return Mul(*(Density(one, x[k]) for k, one in enumerate(_coordinates(law, integers), start=1)))
    if isinstance(expr, DEFINED_HEADS) and isinstance(expr.args[0], ProductLaw):
        coordinates = [_coordinates(law, integers) for law in expr.args]
        return Add(*(expr.func(*one) for one in zip(*coordinates, strict=True)))
    args = [instantiate(a, integers) for a in expr.args]
    # What SymPy would cancel, such as 0*Log(0), may have no value.
    return expr.func(*args, evaluate=False) if isinstance(expr, Add | Mul | Pow) else expr.func(*args)


def joint(expr: Basic) -> Basic:
    """Replace each divergence and entropy of product laws by the joint integral that defines it."""
    return expr.xreplace({h: definition(h) for h in expr.atoms(*DEFINED_HEADS) if isinstance(h.args[0], ProductLaw)})


def _coordinates(product: Basic, integers: Mapping[Basic, int]) -> list[Basic]:
    law, index, size = product.args
    return [instantiate(law, {**integers, index: k}) for k in _range(size, integers)]


def _range(size: Basic, integers: Mapping[Basic, int]) -> range:
    return range(1, int(instantiate(size, integers)) + 1)
