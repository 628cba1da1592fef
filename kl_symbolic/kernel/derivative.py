"""Derivatives by the rules of calculus, on canonical forms."""

from __future__ import annotations

from kl_symbolic.errors import ProofError
from kl_symbolic.functions import find_function
from kl_symbolic.kernel.binding import free_symbols, points, rename
from kl_symbolic.kernel.polynomial import Atom, Exponent, Poly, number, variable
from kl_symbolic.kernel.theory import Canonical
from kl_symbolic.terms import DIMENSION, ONE_COORDINATE, Symbol


class NoDerivative(ProofError):  # noqa: N818 - an answer within the kernel, not an error of the user
    """The derivative of this expression is not computed by a rule."""


def derivative(canon: Canonical, atom: Atom) -> Poly | None:
    """Carry a derivative out, where the rules of calculus suffice."""
    match atom:
        case Atom("Diff", (Poly() as body, Atom() as theta)):
            try:
                return _derivative(canon, body, theta)
            except NoDerivative:
                return None
    return None


def _derivative(canon: Canonical, poly: Poly, theta: Atom) -> Poly:
    """Differentiate term by term and factor by factor."""
    parts = []
    for monomial, c in poly.terms.items():
        for atom, e in monomial:
            canon.arithmetic.spend(len(monomial) + 5)  # the product rule costs more than the sums that it makes
            rest = Poly({monomial - {(atom, e)}: c * e})
            parts.append(canon.product((rest, _lowered(atom, e), _derivative_of_atom(canon, atom, theta))))
    return canon.arithmetic.add(parts)


def _lowered(atom: Atom, e: Exponent) -> Poly:
    return variable(atom, e - 1) if e != 1 else number(1)


def _derivative_of_atom(canon: Canonical, atom: Atom, theta: Atom) -> Poly:
    if atom == theta:
        return number(1)
    if not _label_of(theta) & free_symbols(atom):
        return number(0)
    function = find_function(atom.head)
    if function is not None:
        return _by_chain_rule(canon, atom, theta)
    match atom:
        case Atom("Base", (Poly() as u,)):
            return _derivative(canon, u, theta)
        case Atom("Sum", (Poly() as body, Symbol() as i, Poly() as size)) if theta.head == "Indexed":
            # d/d(theta_j) of Sum_i f(theta_i) = f'(theta_j), if f involves theta in no other way and 1 <= j <= n.
            label, index = theta.args
            inside = Atom("Indexed", (label, variable(Atom("Symbol", (i,)))))
            one, dimension = Atom("Symbol", (ONE_COORDINATE,)), variable(Atom("Symbol", (DIMENSION,)))
            assert isinstance(label, Symbol)
            if index != variable(one) or size != dimension or points(body, label) != (inside,):
                raise NoDerivative(str(atom))
            slope = _derivative(canon, body, inside)
            return rename(slope, {Atom("Symbol", (i,)): one}, canon.arithmetic.spend)
        case Atom("Indexed", (_, Poly() as index)) if theta.head == "Indexed":
            other = theta.args[1]
            assert isinstance(other, Poly)
            if None not in (index.constant(), other.constant()) and index != other:
                return number(0)
    raise NoDerivative(str(atom))


def _by_chain_rule(canon: Canonical, atom: Atom, theta: Atom) -> Poly:
    """Return the sum over the arguments of (partial derivative of the function) * (derivative of the argument)."""
    function = find_function(atom.head)
    assert function is not None
    arguments = [a for a in atom.args if isinstance(a, Poly)]
    parts = []
    for slope, inner in zip(function.derivatives, arguments, strict=True):
        moved = _derivative(canon, inner, theta)
        if moved.terms and slope is None:
            raise NoDerivative(str(atom))
        if moved.terms and slope is not None:
            parts.append(canon.arithmetic.mul(canon.formula(slope, *arguments), moved))
    return canon.arithmetic.add(parts)


def _label_of(theta: Atom) -> frozenset[Symbol]:
    """Return the symbol of a parameter, or the label of an indexed one."""
    return frozenset({theta.args[0]}) if isinstance(theta.args[0], Symbol) else frozenset()
