"""Coordinates lie within the dimension of their integral: X[3] under an integral over two coordinates means nothing."""

from __future__ import annotations

from collections.abc import Mapping

from kl_symbolic.errors import ProofError
from kl_symbolic.terms import COORDINATE, DIMENSION, Number, Spend, Term


def require_coordinates(term: Term, spend: Spend) -> None:
    """Raise `ProofError` unless each coordinate of a variable of integration is one of those over which it runs.

    A number is at most the dimension, which is a number then; i belongs to a sum or product of as many terms; i and j
    that are free lie between 1 and n, so that the dimension is n.
    """
    _Coordinates(spend).look(term, DIMENSION, {})


class _Coordinates:
    def __init__(self, spend: Spend) -> None:
        self.spend = spend
        self.seen: set[object] = set()

    def look(self, term: Term, range_of_i: Term, sizes: Mapping[Term, Term]) -> None:
        """Look at a term under a binder of i with so many terms, and integrals over arrays of so many coordinates."""
        key = term, range_of_i, *sizes.items()
        if key in self.seen or not term.args:
            return
        self.seen.add(key)
        self.spend(1 + len(term.args))
        match term:
            case Term("Sum" | "Product" | "ProductLaw", (body, _, size)):
                self.look(body, size, sizes)
                return
            case Term("Integral", (body, Term("Array") as x, _, size)):
                self.look(body, range_of_i, {**sizes, x: size})
                return
            case Term("Density", (Term("ProductLaw", (_, _, size)), Term("Array") as x)):
                fits = sizes.get(x, size) is size
            case Term("Indexed", (x, index)) if x in sizes:
                fits = _is_within(index, range_of_i, sizes[x])
            case _:
                fits = True
        if not fits:
            sizes_shown = " and ".join(map(str, sizes.values()))
            raise ProofError(f"{term} is outside of an integral over {sizes_shown} coordinates")
        for part in term.args:
            self.look(part, range_of_i, sizes)


def _is_within(index: Term, range_of_i: Term, size: Term) -> bool:
    if isinstance(index, Number):
        return isinstance(size, Number) and index.value <= size.value
    return size is (range_of_i if index is COORDINATE else DIMENSION)
