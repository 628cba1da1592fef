"""Which symbols a canonical form depends on, and renaming them: nothing is captured by a binder."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from functools import lru_cache

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.polynomial import Atom, Exponent, Monomial, Poly
from kl_symbolic.terms import BINDERS, Spend, Symbol


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
            found = [found[0] - found[1], *found[2:]]
        return frozenset().union(*found)
    return frozenset()


def rename(poly: Poly, names: dict[Atom, Atom], spend: Spend) -> Poly:
    """Replace atoms by atoms everywhere; meeting a binder of one of their symbols is an error: nothing is captured."""
    return _Renaming(names, spend).poly(poly)


class _Renaming:
    """Nested parts are renamed once, not once per occurrence."""

    def __init__(self, names: dict[Atom, Atom], spend: Spend) -> None:
        self.names, self.spend = names, spend
        self.symbols = frozenset().union(*(free_symbols(a) for pair in names.items() for a in pair))
        self.done: dict[Hashable, Hashable] = {}

    def poly(self, poly: Poly) -> Poly:
        if poly not in self.done:
            self.spend(1 + poly.size())
            total: dict[Monomial, Fraction] = {}
            for monomial, c in poly.terms.items():
                exponents: dict[Atom, Exponent] = {}
                for atom, e in monomial:
                    new = self.atom(atom)
                    exponents[new] = exponents.get(new, 0) + e
                renamed = frozenset((a, e) for a, e in exponents.items() if e)
                total[renamed] = total.get(renamed, Fraction(0)) + c
            self.done[poly] = Poly(total)
        found = self.done[poly]
        assert isinstance(found, Poly)
        return found

    def atom(self, atom: Atom) -> Atom:
        if atom in self.names:
            return self.names[atom]
        if atom not in self.done:
            if atom.head in BINDERS and atom.args[1] in self.symbols:
                raise ProofError("a bound variable would be captured")
            self.done[atom] = Atom(atom.head, tuple(map(self._argument, atom.args)))
        found = self.done[atom]
        assert isinstance(found, Atom)
        return found

    def _argument(self, thing: Hashable) -> Hashable:
        if isinstance(thing, Poly):
            return self.poly(thing)
        return self.atom(thing) if isinstance(thing, Atom) else thing


def split(body: Poly, x: Symbol) -> list[tuple[Poly, Poly]]:
    """Write a polynomial as a list of (factor free of x) * (monomial in x)."""
    parts = []
    for monomial, c in body.terms.items():
        inner = frozenset((a, e) for a, e in monomial if x in free_symbols(a))
        parts.append((Poly({monomial - inner: c}), Poly({inner: Fraction(1)})))
    return parts


@lru_cache(maxsize=10_000)
def points(thing: Hashable, x: Symbol) -> tuple[Atom, ...]:
    """Return the distinct ways in which x occurs: as itself or as a coordinate x[i]."""
    if isinstance(thing, Poly):
        return tuple(dict.fromkeys(p for m in thing.terms for a, _ in m for p in points(a, x)))
    if not isinstance(thing, Atom) or x not in free_symbols(thing):
        return (Atom("Symbol", (x,)),) if thing is x else ()
    if thing.head == "Symbol" or (thing.head == "Indexed" and thing.args[0] is x):
        return (thing,)
    return tuple(dict.fromkeys(p for a in thing.args for p in points(a, x)))
