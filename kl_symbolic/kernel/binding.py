"""Which symbols a canonical form depends on, and renaming them: nothing is captured by a binder."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from functools import lru_cache

from sympy import Symbol

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.polynomial import Atom, Monomial, Poly

BINDERS = {"Integral", "Sum", "Product", "ProductLaw"}  # heads (body, bound variable, ...)


@lru_cache(maxsize=100_000)
def free_symbols(thing: Hashable) -> frozenset[Symbol]:
    """Return the symbols on which an atom or a polynomial depends, bound ones excepted."""
    if isinstance(thing, Symbol):
        return frozenset({thing})
    if isinstance(thing, Poly):
        return frozenset().union(*(free_symbols(a) for m in thing.terms for a, _ in m))
    if isinstance(thing, Atom):
        found = [free_symbols(a) for a in thing.args]
        if thing.head in BINDERS:  # the variable is bound in the body, not in the size
            bound = thing.args[1]
            found = [found[0] - {bound}, *found[2:]]
        return frozenset().union(*found)
    return frozenset()


def rename(thing: Hashable, names: dict[Atom, Atom], done: dict[Hashable, Hashable] | None = None) -> Hashable:
    """Replace atoms by atoms everywhere; meeting a binder of one of their symbols is an error: nothing is captured."""
    done = {} if done is None else done  # nested parts are renamed once, not once per occurrence
    if not isinstance(thing, Poly | Atom):
        return thing
    if thing not in done:
        done[thing] = rename_poly(thing, names, done) if isinstance(thing, Poly) else _rename_atom(thing, names, done)
    return done[thing]


def _rename_atom(atom: Atom, names: dict[Atom, Atom], done: dict[Hashable, Hashable]) -> Atom:
    if atom in names:
        return names[atom]
    if atom.head in BINDERS:
        symbols = frozenset().union(*(free_symbols(a) for pair in names.items() for a in pair))
        if atom.args[1] in symbols:
            raise ProofError("a bound variable would be captured")
    return Atom(atom.head, tuple(rename(a, names, done) for a in atom.args))


def rename_poly(poly: Poly, names: dict[Atom, Atom], done: dict[Hashable, Hashable] | None = None) -> Poly:
    """Replace atoms by atoms in a polynomial."""
    done = {} if done is None else done
    total: dict[Monomial, Fraction] = {}
    for monomial, c in poly.terms.items():
        exponents: dict[Atom, Fraction] = {}
        for atom, e in monomial:
            new = rename(atom, names, done)
            assert isinstance(new, Atom)
            exponents[new] = exponents.get(new, Fraction(0)) + e
        renamed = frozenset((a, e) for a, e in exponents.items() if e)
        total[renamed] = total.get(renamed, Fraction(0)) + c
    return Poly(total)
