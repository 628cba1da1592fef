"""Derivatives by the rules of calculus, on canonical forms."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sympy import Symbol

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.binding import free_symbols, rename_poly
from kl_symbolic.kernel.integrals import points
from kl_symbolic.kernel.polynomial import Atom, Poly, number, variable
from kl_symbolic.proof.statement import DIMENSION, ONE_COORDINATE

if TYPE_CHECKING:
    from kl_symbolic.kernel.canon import Canon


class NoDerivative(ProofError):  # noqa: N818 - an answer within the kernel, not an error of the user
    """The derivative of this expression is not computed by a rule."""


def derivative(canon: Canon, poly: Poly, theta: Atom) -> Poly:
    """Differentiate term by term and factor by factor."""
    parts = []
    for monomial, c in poly.terms.items():
        for atom, e in monomial:
            canon.arithmetic.spend(len(monomial) + 5)  # the product rule costs more than the sums that it makes
            rest = Poly({monomial - {(atom, e)}: c * e})
            parts.append(canon.product((rest, _lowered(atom, e), _derivative_of_atom(canon, atom, theta))))
    return canon.arithmetic.add(parts)


def _lowered(atom: Atom, e: Fraction) -> Poly:
    return variable(atom, e - 1) if e != 1 else number(1)


def _derivative_of_atom(canon: Canon, atom: Atom, theta: Atom) -> Poly:
    if atom == theta:
        return number(1)
    if not _label_of(theta) & free_symbols(atom):
        return number(0)
    match atom:
        case Atom("Log", (Poly() as u,)):
            return canon.arithmetic.mul(derivative(canon, u, theta), canon.arithmetic.power(u, Fraction(-1)))
        case Atom("Exp", (Poly() as u,)):
            return canon.arithmetic.mul(variable(atom), derivative(canon, u, theta))
        case Atom("Base", (Poly() as u,)):
            return derivative(canon, u, theta)
        case Atom("Power", (Poly() as base, Poly() as exponent)):
            grown = canon.arithmetic.mul(derivative(canon, exponent, theta), canon.log(base))
            inner = canon.product((exponent, derivative(canon, base, theta), canon.power(base, number(-1))))
            return canon.arithmetic.mul(variable(atom), canon.arithmetic.add([grown, inner]))
        case Atom("Sum", (Poly() as body, Symbol() as i, Poly() as size)) if theta.head == "indexed":
            # d/d(theta_j) of Sum_i f(theta_i) = f'(theta_j), if f involves theta in no other way and 1 <= j <= n.
            label, index = theta.args
            inside = Atom("indexed", (label, variable(Atom("symbol", (i,)))))
            one, dimension = Atom("symbol", (ONE_COORDINATE,)), variable(Atom("symbol", (DIMENSION,)))
            if index != variable(one) or size != dimension or points(body, label) != (inside,):
                raise NoDerivative(str(atom))
            return rename_poly(derivative(canon, body, inside), {Atom("symbol", (i,)): one})
        case Atom("indexed", (_, Poly() as index)) if theta.head == "indexed":
            other = theta.args[1]
            assert isinstance(other, Poly)
            if None not in (index.constant(), other.constant()) and index != other:
                return number(0)
    raise NoDerivative(str(atom))


def _label_of(theta: Atom) -> frozenset[Symbol]:
    """Return the symbol of a parameter, or the label of an indexed one."""
    return frozenset({theta.args[0]}) if isinstance(theta.args[0], Symbol) else frozenset()
