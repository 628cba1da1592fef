"""The laws of integrals: what each says of an integral of one term."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

from kl_symbolic.errors import ProofError
from kl_symbolic.families import all_families
from kl_symbolic.functions import Formula
from kl_symbolic.kernel.binding import free_symbols, points, rename, split
from kl_symbolic.kernel.polynomial import Atom, Monomial, Poly, number, variable
from kl_symbolic.kernel.theory import Canonical
from kl_symbolic.proof.supports import NO_END
from kl_symbolic.terms import Symbol


def linear(canon: Canonical, atom: Atom) -> Poly | None:
    """Integrals split over terms, and what is free of the variable moves out."""
    match atom:
        case Atom("Integral", (Poly() as body, Symbol() as x, support, size)):
            parts = split(body, x)
            if parts == [(number(1), body)]:
                return None
            return canon.arithmetic.add(
                canon.arithmetic.mul(outer, canon.value("Integral", inner, x, support, size)) for outer, inner in parts
            )
    return None


def sums_outside(canon: Canonical, atom: Atom) -> Poly | None:
    """Integral of f(x) Sum_i g_i(x) = Sum_i of the integral of f(x) g_i(x), for a single sum: by linearity."""
    m = _integrand(atom)
    sums = [(a, e) for a, e in m or () if a.head == "Sum"]
    if m is None or not canon.has(linear) or len(sums) != 1 or sums[0][1] != 1:
        return None
    body, i, n = sums[0][0].args
    assert isinstance(body, Poly)
    rest = Poly({m - {sums[0]}: Fraction(1)})
    if i in free_symbols(rest) | free_symbols(atom.args[2]):
        raise ProofError("a bound variable would be captured")
    return canon.value("Sum", canon.value("Integral", canon.arithmetic.mul(rest, body), *atom.args[1:]), i, n)


def fubini(canon: Canonical, atom: Atom) -> Poly | None:
    """Integral of p(x) g(x_i) over all coordinates = integral of p_i(t) g(t): the others integrate to one."""
    m = _integrand(atom)
    if m is None:
        return None
    _, x, support, size = atom.args
    assert isinstance(x, Symbol)
    joint = [(a, e) for a, e in m if a.head == "Density" and a.args[1] is x]
    if len(joint) != 1 or joint[0][1] != 1:
        return None
    product_law = joint[0][0].args[0]
    assert isinstance(product_law, Atom)
    law, i, dimension = product_law.args
    rest = Poly({m - {joint[0]}: Fraction(1)})
    occurrences = points(rest, x)
    if (
        dimension != size
        or x in free_symbols(product_law)
        or i in free_symbols(support)  # the law binds i: the support would be that of another coordinate
        or _support_of(canon, law) != support
        or len(occurrences) != 1
    ):
        return None
    (point,) = occurrences
    index = _index_symbol(point.args[1]) if point.head == "Indexed" else None
    if index is None:
        return None
    t = Atom("Symbol", (x,))
    spend = canon.arithmetic.spend
    coordinate = rename(variable(Atom("Density", (law, variable(t)))), {Atom("Symbol", (i,)): index}, spend)
    inner = canon.arithmetic.mul(coordinate, rename(rest, {point: t}, spend))
    return canon.value("Integral", inner, x, support, number(1))


def leibniz(canon: Canonical, atom: Atom) -> Poly | None:
    """Integral of T p d(log p)/d(theta) = d/d(theta) of the integral of T p, for T free of theta."""
    m = _integrand(atom) or frozenset()
    for part, e in m:
        if part.head != "Diff" or e != 1:
            continue
        score, theta = part.args
        for density, f in m:
            if density.head != "Density" or f != 1 or score != variable(Atom("log", (variable(density),))):
                continue
            rest = Poly({m - {(part, e), (density, f)}: Fraction(1)})
            # Neither the weight nor the range of the integral may depend on theta, nor theta be what is integrated.
            fixed = free_symbols(rest) | free_symbols(atom.args[2]) | free_symbols(atom.args[1])
            if free_symbols(theta) & fixed:
                return None
            weighted = canon.arithmetic.mul(rest, variable(density))
            return canon.value("Diff", canon.value("Integral", weighted, *atom.args[1:]), theta)
    return None


def normalisation(canon: Canonical, atom: Atom) -> Poly | None:
    """Integral of p = 1."""
    match atom:
        case Atom("Integral", (Poly() as body, Symbol() as x, support, size)) if size == number(1):
            for density in _only_factor(body):
                law, at = density.args if density.head == "Density" else (None, None)
                here = at == variable(Atom("Symbol", (x,)))
                if here and x not in free_symbols(law) and _support_of(canon, law) == support:
                    return number(1)
    return None


def _integrand(atom: Atom) -> Monomial | None:
    """Return the integrand of an integral of a single term without a number in front."""
    body = atom.args[0] if atom.head == "Integral" else None
    single = body.single() if isinstance(body, Poly) else None
    return single[0] if single is not None and single[1] == 1 else None


def _only_factor(body: Poly) -> list[Atom]:
    single = body.single()
    factors = list(single[0]) if single is not None and single[1] == 1 else []
    return [factors[0][0]] if len(factors) == 1 and factors[0][1] == 1 else []


def _support_of(canon: Canonical, law: object) -> Hashable:
    """Return the support of a scalar law as it stands in an integral; None for anything else."""
    if not (isinstance(law, Atom) and law.head == "Law"):
        return None
    name, *parameters = law.args
    support = all_families()[str(name)].support
    if support.name:
        return support.name
    given = [a for a in parameters if isinstance(a, Poly)]

    def end(formula: Formula | int | None) -> Hashable:
        if formula is None or isinstance(formula, int):
            return NO_END.text if formula is None else number(formula)
        return canon.formula(formula, *given)

    return Atom("Integers" if support.discrete else "Interval", (end(support.lower), end(support.upper)))


def _index_symbol(index: Hashable) -> Atom | None:
    """Return the atom of an index that is a symbol, i or j; None for a number."""
    factors = _only_factor(index) if isinstance(index, Poly) else []
    return factors[0] if factors and factors[0].head == "Symbol" else None
