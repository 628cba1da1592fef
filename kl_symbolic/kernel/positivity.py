"""Which canonical forms are certainly positive, or certainly not negative: by the signs of their terms."""

from __future__ import annotations

from functools import lru_cache

from kl_symbolic.functions import find_function
from kl_symbolic.kernel.polynomial import Atom, Poly
from kl_symbolic.terms import Symbol

ALWAYS_POSITIVE = {"Density", "pow", "Base", "number"}  # of powers only those of positive things are atoms


@lru_cache(maxsize=100_000)
def is_positive(poly: Poly) -> bool:
    """Decide whether positivity is plain to see: positive terms, and even powers beside them."""
    return is_nonnegative(poly) and any(all(atom_is_positive(a) for a, _ in monomial) for monomial in poly.terms)


def is_nonnegative(poly: Poly) -> bool:
    """Decide whether it is plain to see that nothing is negative: products of such things, and even powers."""
    return all(
        c > 0 and all(e % 2 == 0 or atom_is_nonnegative(a) for a, e in monomial) for monomial, c in poly.terms.items()
    )


def atom_is_positive(atom: Atom) -> bool:
    """Whether an atom is positive by its head, or by the domain of its symbol."""
    match atom:
        case Atom("Symbol" | "Indexed", (Symbol() as symbol, *_)):
            return symbol.domain.positive
        case Atom("Product", (Poly() as inside, *_)):
            return is_positive(inside)
    function = find_function(atom.head)
    if function is None or function.value.positive:
        return function is not None or atom.head in ALWAYS_POSITIVE
    match atom.args:
        case (Poly() as argument,) if function.root is not None:
            value = argument.constant()
            return value is not None and value > function.root
    return atom.head in ALWAYS_POSITIVE


def atom_is_nonnegative(atom: Atom) -> bool:
    """Whether an atom is positive, a root, or not negative by the domain of its symbol."""
    match atom:
        case Atom("Symbol" | "Indexed", (Symbol() as symbol, *_)):
            return symbol.domain.nonnegative
    return atom.head == "Root" or atom_is_positive(atom)
