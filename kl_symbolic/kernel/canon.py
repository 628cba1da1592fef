"""Canonical forms: an expression is read into a polynomial, using only the laws of the named theories.

Two expressions that have the same canonical form under a theory are equal by the laws of that theory. Nothing here
searches, guesses or asks SymPy for mathematics: SymPy's trees are read, node by node.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import sympy
from sympy import Basic, Indexed, Integer, Symbol

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.binding import free_symbols
from kl_symbolic.kernel.derivative import NoDerivative, derivative
from kl_symbolic.kernel.integrals import derivative_outside, one_coordinate, sum_outside, total_mass
from kl_symbolic.kernel.polynomial import Arithmetic, Atom, Monomial, Poly, is_positive, number, variable
from kl_symbolic.kernel.rewriting import substitute, unfold_densities
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.statement import definition

MAX_TERMS_OF_SUM = 10_000


class Canon:
    """Read expressions into canonical form under a set of theories.

    Parameters
    ----------
    theories
        Names of the laws that may be used, see `kl_symbolic.kernel.rules`.
    equations
        Proved equations: atoms that may be replaced by polynomials.
    arithmetic
        Where the arithmetic is done and its cost is counted.
    """

    def __init__(self, theories: frozenset[str], equations: Mapping[Atom, Poly], arithmetic: Arithmetic) -> None:
        self.theories, self.equations, self.arithmetic = theories, equations, arithmetic
        self.known: dict[Basic, Poly] = {}
        self.unfolded: dict[Basic, Basic] = {}

    def read(self, expr: Basic) -> Poly:
        """Return the canonical form of an expression."""
        if expr not in self.known:
            self.arithmetic.spend(2 + len(expr.args))
            self.known[expr] = self._read(expr)
        return self.known[expr]

    def _read(self, expr: Basic) -> Poly:
        match expr:
            case sympy.Rational():
                return number(Fraction(int(expr.p), int(expr.q)))
            case sympy.Add():
                return self.arithmetic.add(self.read(a) for a in expr.args)
            case sympy.Mul():
                return self.product(self.read(a) for a in expr.args)
            case sympy.Pow():
                return self.power(self.read(expr.args[0]), self.read(expr.args[1]))
            case lang.Sqrt():
                return self.arithmetic.root(self.read(expr.args[0]))
            case lang.Log():
                inside = expr.args[0]
                if "density" in self.theories:
                    inside = unfold_densities(inside, self.unfolded, self.arithmetic.spend)
                return self.log(self.read(inside))
            case lang.Exp():
                return self.exp(self.read(expr.args[0]))
            case lang.Integral():
                body, x, support, size = expr.args
                return self.integral(self.read(body), _label(x), lang.name_of(support), self.read(size))
            case lang.Sum():
                return self.finite_sum(expr)
            case lang.Diff():
                return self.diff(self.read(expr.args[0]), self._atom_of(expr.args[1]))
            case lang.KL() | lang.Entropy() | lang.CrossEntropy() if "definition" in self.theories:
                return self.read(_unfolded_definition(expr))
        return self.atom(self._atom_of(expr))

    def _atom_of(self, expr: Basic) -> Atom:
        """Return the atom of an expression that has no laws of its own."""
        match expr:
            case Symbol():
                return Atom("symbol", (expr,))
            case Indexed() if len(expr.indices) == 1:
                return Atom("indexed", (expr.base.label, self.read(expr.indices[0])))
            case sympy.pi:
                return Atom("pi", ())
            case lang.Law():
                return Atom("Law", (lang.name_of(expr.args[0]), *(self.read(a) for a in expr.args[1:])))
            case lang.ProductLaw():
                law, i, size = expr.args
                return Atom("ProductLaw", (self._atom_of(law), i, self.read(size)))
            case lang.Product():
                body, i, size = expr.args
                return Atom("Product", (self.read(body), i, self.read(size)))
            case lang.Density():
                law, x = expr.args
                point = _label(x) if isinstance(law, lang.ProductLaw) else self.read(x)
                return Atom("Density", (self._atom_of(law), point))
            case lang.KL() | lang.Entropy() | lang.CrossEntropy():
                return Atom(type(expr).__name__, tuple(self._atom_of(a) for a in expr.args))
            case lang.Factorial() | lang.Vector():
                return Atom(type(expr).__name__, tuple(self.read(a) for a in expr.args))
        raise ProofError(f"the kernel does not know {type(expr).__name__}: {expr}")

    def atom(self, atom: Atom) -> Poly:
        """Return an atom, or what a cited equation says it equals."""
        return self.equations[atom] if atom in self.equations else variable(atom)

    def product(self, factors: object) -> Poly:
        """Return the product of polynomials."""
        result = number(1)
        for factor in factors:  # type: ignore[attr-defined]
            result = self.arithmetic.mul(result, factor)
        return result

    def power(self, base: Poly, exponent: Poly) -> Poly:
        """Return base^exponent; a symbolic exponent needs a positive base."""
        constant = exponent.constant()
        if constant is not None:
            return self.arithmetic.power(base, constant)
        if not is_positive(base):
            raise ProofError("a power with a symbolic exponent needs a positive base")
        return self.atom(Atom("Power", (base, exponent)))

    def exp(self, u: Poly) -> Poly:
        """Return Exp(u); theory `exp`: Exp(a + b) = Exp(a) Exp(b), Exp(c a) = Exp(a)^c, Exp(Log t) = t; c rational."""
        if "exp" not in self.theories:
            return variable(Atom("Exp", (u,)))
        return self.product(self._exp_of_term(m, c) for m, c in u.terms.items())

    def _exp_of_term(self, monomial: Monomial, c: Fraction) -> Poly:
        match list(monomial):
            case [(Atom("Log", (Poly() as inside,)), Fraction(numerator=1, denominator=1))]:
                return self.arithmetic.power(inside, c)
        return variable(Atom("Exp", (Poly({monomial: Fraction(1)}),)), c)

    def log(self, u: Poly) -> Poly:
        """Return Log(u); theory `log`: log of products and powers of positive things, log exp t = t, log 1 = 0."""
        single = u.single()
        if "log" not in self.theories or single is None or not is_positive(u):
            return self.atom(Atom("Log", (u,)))
        monomial, c = single
        parts = [
            self._scaled(self.atom(Atom("Log", (number(p),))), Fraction(e)) for p, e in self.arithmetic.prime_powers(c)
        ]
        parts += [self._scaled(self._log_of_atom(a), e) for a, e in monomial]
        return self.arithmetic.add(parts)

    def _log_of_atom(self, atom: Atom) -> Poly:
        match atom:
            case Atom("Exp", (Poly() as u,)):
                return u
            case Atom("Power", (Poly() as base, Poly() as exponent)):
                return self.arithmetic.mul(exponent, self.log(base))
            case Atom("Base", (Poly() as base,)):
                return self.atom(Atom("Log", (base,)))
            case Atom("number", (int() as n,)):
                return self.atom(Atom("Log", (number(n),)))
            case Atom("Product", (Poly() as body, Symbol() as i, Poly() as size)):
                return self.sum(self.log(body), i, size)
        return self.atom(Atom("Log", (variable(atom),)))

    def sum(self, body: Poly, i: Symbol, size: Poly) -> Poly:
        """Return Sum(body, i, n); theory `sum`: sums split, constants move out, the sum of 1 is n."""
        if "sum" not in self.theories:
            return self.atom(Atom("Sum", (body, i, size)))
        parts = []
        for outer, inner in _split(body, i):
            whole = self.atom(Atom("Sum", (inner, i, size))) if inner != number(1) else size
            parts.append(self.arithmetic.mul(outer, whole))
        return self.arithmetic.add(parts)

    def finite_sum(self, expr: lang.Sum) -> Poly:
        """Read a Sum; theory `finite`: over 1..n with a concrete n it is written out."""
        body, i, size = expr.args
        if "finite" not in self.theories or not isinstance(size, Integer):
            return self.sum(self.read(body), i, self.read(size))
        if int(size) > MAX_TERMS_OF_SUM:
            raise ProofError(f"a sum of {size} terms is too long to be written out")
        if any(i in binder.bound_symbols for binder in body.atoms(lang.Binder, lang.ProductLaw)):
            raise ProofError(f"the index {i} is bound twice")
        terms = (substitute(body, {i: Integer(k)}, self.arithmetic.spend) for k in range(1, int(size) + 1))
        return self.arithmetic.add(self.read(term) for term in terms)

    def integral(self, body: Poly, x: Symbol, support: str, size: Poly) -> Poly:
        """Return an integral; theory `linear`: it splits over terms, and what is free of x moves out."""
        if "linear" not in self.theories:
            return self._integral_of_term(body, x, support, size)
        parts = []
        for outer, inner in _split(body, x):
            parts.append(self.arithmetic.mul(outer, self._integral_of_term(inner, x, support, size)))
        return self.arithmetic.add(parts)

    def _integral_of_term(self, body: Poly, x: Symbol, support: str, size: Poly) -> Poly:
        single = body.single()
        if single is not None and single[1] == 1:
            for theory, law in (
                ("sum", sum_outside),
                ("fubini", one_coordinate),
                ("leibniz", derivative_outside),
                ("normalisation", total_mass),
            ):
                done = law(self, single[0], x, support, size) if theory in self.theories else None
                if done is not None:
                    return done
        return self.atom(Atom("Integral", (body, x, support, size)))

    def diff(self, body: Poly, theta: Atom) -> Poly:
        """Return Diff(body, theta); theory `derivative`: it is computed, where rules suffice."""
        if "derivative" in self.theories:
            try:
                return derivative(self, body, theta)
            except NoDerivative:
                pass
        return self.atom(Atom("Diff", (body, theta)))

    def _scaled(self, poly: Poly, c: Fraction) -> Poly:
        return self.arithmetic.mul(number(c), poly)


def _unfolded_definition(head: Basic) -> Basic:
    unfolded = definition(head)
    for integral in unfolded.atoms(lang.Integral):
        if _label(integral.args[1]) in head.free_symbols:
            raise ProofError(f"the variable of integration {integral.args[1]} would be captured")
    return unfolded


def _split(body: Poly, x: Symbol) -> list[tuple[Poly, Poly]]:
    """Write a polynomial as a list of (factor free of x) * (monomial in x)."""
    parts = []
    for monomial, c in body.terms.items():
        inner = frozenset((a, e) for a, e in monomial if x in free_symbols(a))
        parts.append((Poly({monomial - inner: c}), Poly({inner: Fraction(1)})))
    return parts


def _label(x: Basic) -> Symbol:
    label = x.label if isinstance(x, sympy.IndexedBase) else x
    if not isinstance(label, Symbol):
        raise ProofError(f"not a variable of integration: {x}")
    return label
