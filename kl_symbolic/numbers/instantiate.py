"""Terms at a given dimension: sums and products written out, product laws as products of densities."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from kl_symbolic.proof.statement import definition
from kl_symbolic.terms import DEFINED_HEADS, Density, Number, Term, add, mul, rebuilt

WRITTEN_OUT = {"Sum": add, "Product": mul}
Known = dict[tuple[Term, tuple[tuple[Term, int], ...]], Term]


def instantiate(term: Term, integers: Mapping[Term, int], known: Known | None = None) -> Term:
    """Write out every sum, product and product law of `term`.

    A divergence or an entropy of product laws becomes the sum over the coordinates of the univariate quantity.

    Parameters
    ----------
    term
        A term.
    integers
        The values of the symbolic dimension and of the free index.
    known
        What was written out before, to be shared by terms that have parts in common.

    Examples
    --------
    >>> from kl_symbolic.terms import COORDINATE, DIMENSION, Array, Symbol
    >>> instantiate(Term("Sum", Array(Symbol("mu"))[COORDINATE], COORDINATE, DIMENSION), {DIMENSION: 2})
    mu[1] + mu[2]
    """
    if term in integers:
        return Number(integers[term])
    if not term.args:
        return term
    known = {} if known is None else known
    key = term, tuple((symbol, value) for symbol, value in integers.items() if symbol in term.free)
    if key not in known:
        known[key] = _instantiated(term, integers, known)
    return known[key]


def _instantiated(term: Term, integers: Mapping[Term, int], known: Known) -> Term:
    match term:
        case Term("Sum" | "Product", (body, index, size)):
            copies = (instantiate(body, {**integers, index: k}, known) for k in _range(size, integers))
            return WRITTEN_OUT[term.head](*copies)
        case Term("Density", (Term("ProductLaw") as law, x)):
            return mul(*(Density(one, x[k]) for k, one in enumerate(_coordinates(law, integers, known), start=1)))
    if term.head in DEFINED_HEADS and term.args[0].head == "ProductLaw":
        coordinates = [_coordinates(law, integers, known) for law in term.args]
        return add(*(Term(term.head, *one) for one in zip(*coordinates, strict=True)))
    return Term(term.head, *(instantiate(a, integers, known) for a in term.args))


def joint(term: Term) -> Term:
    """Replace each divergence and entropy of product laws by the joint integral that defines it."""

    def rule(head: str, *laws: Term) -> Term:
        quantity = Term(head, *laws)
        return definition(quantity) if laws[0].head == "ProductLaw" else quantity

    return rebuilt(term, {head: partial(rule, head) for head in DEFINED_HEADS})


def _coordinates(product: Term, integers: Mapping[Term, int], known: Known) -> list[Term]:
    law, index, size = product.args
    return [instantiate(law, {**integers, index: k}, known) for k in _range(size, integers)]


def _range(size: Term, integers: Mapping[Term, int]) -> range:
    number = instantiate(size, integers)
    assert isinstance(number, Number)
    return range(1, int(number.value) + 1)
