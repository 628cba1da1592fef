"""The laws of integrals: each looks at one term under an integral and says what it equals, or None."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from sympy import Symbol

from kl_symbolic.errors import ProofError
from kl_symbolic.families import all_families
from kl_symbolic.kernel.binding import free_symbols, rename_poly
from kl_symbolic.kernel.polynomial import Atom, Monomial, Poly, number, variable

if TYPE_CHECKING:
    from kl_symbolic.kernel.canon import Canon


def sum_outside(canon: Canon, m: Monomial, x: Symbol, support: str, size: Poly) -> Poly | None:
    """Integral of f(x) Sum_i g_i(x) = Sum_i of the integral of f(x) g_i(x), for a single sum: by linearity."""
    sums = [(atom, e) for atom, e in m if atom.head == "Sum"]
    if "linear" not in canon.theories or len(sums) != 1 or sums[0][1] != 1:
        return None
    body, i, n = sums[0][0].args
    assert isinstance(body, Poly)
    assert isinstance(i, Symbol)
    assert isinstance(n, Poly)
    rest = Poly({m - {sums[0]}: Fraction(1)})
    if i in free_symbols(rest):
        raise ProofError("a bound variable would be captured")
    return canon.sum(canon.integral(canon.arithmetic.mul(rest, body), x, support, size), i, n)


def one_coordinate(canon: Canon, m: Monomial, x: Symbol, support: str, size: Poly) -> Poly | None:
    """Integral of p(x) g(x_i) over all coordinates = integral of p_i(t) g(t): the others integrate to one."""
    joint = [(atom, e) for atom, e in m if atom.head == "Density" and atom.args[1] == x]
    if len(joint) != 1 or joint[0][1] != 1:
        return None
    product_law = joint[0][0].args[0]
    assert isinstance(product_law, Atom)
    law, i, dimension = product_law.args
    rest = Poly({m - {joint[0]}: Fraction(1)})
    occurrences = points(rest, x)
    if dimension != size or x in free_symbols(product_law) or _support_of(law) != support or len(occurrences) != 1:
        return None
    (point,) = occurrences
    index = symbol_of(point.args[1]) if point.head == "indexed" else None
    if index is None:
        return None
    assert isinstance(i, Symbol)
    t = Atom("symbol", (x,))
    coordinate = rename_poly(variable(Atom("Density", (law, variable(t)))), {Atom("symbol", (i,)): index})
    return canon.integral(canon.arithmetic.mul(coordinate, rename_poly(rest, {point: t})), x, support, number(1))


def derivative_outside(canon: Canon, m: Monomial, x: Symbol, support: str, size: Poly) -> Poly | None:
    """Integral of T p d(log p)/d(theta) = d/d(theta) of the integral of T p, for T free of theta."""
    for atom, e in m:
        if atom.head != "Diff" or e != 1:
            continue
        score, theta = atom.args
        for density, f in m:
            if density.head != "Density" or f != 1 or score != variable(Atom("Log", (variable(density),))):
                continue
            assert isinstance(theta, Atom)
            rest = Poly({m - {(atom, e), (density, f)}: Fraction(1)})
            if free_symbols(theta) & free_symbols(rest) or x in free_symbols(theta):
                return None
            weighted = canon.arithmetic.mul(rest, variable(density))
            return canon.diff(canon.integral(weighted, x, support, size), theta)
    return None


def total_mass(_: Canon, m: Monomial, x: Symbol, support: str, size: Poly) -> Poly | None:
    """Integral of p = 1."""
    if len(m) == 1 and size == number(1):
        ((atom, e),) = m
        if e == 1 and atom.head == "Density" and atom.args[1] == variable(Atom("symbol", (x,))):
            law = atom.args[0]
            if x not in free_symbols(law) and _support_of(law) == support:
                return number(1)
    return None


@lru_cache(maxsize=10_000)
def points(thing: Hashable, x: Symbol) -> tuple[Atom, ...]:
    """Return the distinct ways in which x occurs: as itself or as a coordinate x[i]."""
    if isinstance(thing, Poly):
        return tuple(dict.fromkeys(p for m in thing.terms for a, _ in m for p in points(a, x)))
    if not isinstance(thing, Atom) or x not in free_symbols(thing):
        return (Atom("symbol", (x,)),) if thing == x else ()
    if thing.head == "symbol" or (thing.head == "indexed" and thing.args[0] == x):
        return (thing,)
    return tuple(dict.fromkeys(p for a in thing.args for p in points(a, x)))


def _support_of(law: object) -> str | None:
    if isinstance(law, Atom) and law.head == "Law":
        return all_families()[str(law.args[0])].support.value
    return None


def symbol_of(index: Hashable) -> Atom | None:
    """Return the atom of an index that is a symbol, i or j; None for a number."""
    single = index.single() if isinstance(index, Poly) else None
    if single is None or single[1] != 1 or len(single[0]) != 1:
        return None
    ((atom, e),) = single[0]
    return atom if e == 1 and atom.head == "symbol" else None
