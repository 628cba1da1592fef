"""Recognise a statistic times a density as a constant times the density of another law."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow, Rational

from kl_symbolic.engine.chain import Chain
from kl_symbolic.engine.heads import Density, Exp, Log, Sqrt, density_of, statistic
from kl_symbolic.engine.tactics import log_of_product
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families import Moment
from kl_symbolic.functions import all_functions
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Law, Namespace
from kl_symbolic.terms.sympy import head, inert, ordinary, read, transform

FORMULAS = Namespace()


def by_recognition(chain: Chain, moment: Moment, x: Expr) -> Chain:
    """Write E[T] as a constant times an integral of another density, or as E[T] under that."""
    law, _, parameters = laws(chain.question)
    assert moment.member is not None
    name, arguments = moment.member(FORMULAS, *parameters)
    member = Law(name, *arguments)
    density, other = (Density(inert(one), x) for one in (law, member))
    formulas = density_of(inert(law), x), density_of(inert(member), x)
    if sympy.simplify(ordinary(read(formulas[0] - formulas[1]))) == 0:
        return chain.then("recognition", lambda e: e.xreplace({density: other}))
    factor = constant(statistic(moment, x)[0] * formulas[0] / formulas[1], x)
    if factor is None:
        raise NoClosedFormError(f"{moment.name} of {law} is not recognised under {member}")
    return chain.then("recognition", lambda e: factor * e.func(other, *e.args[1:]))


def constant(quotient: Expr, x: Expr) -> Expr | None:
    """Return a quotient of formulas as a constant without x, or None if it has x in it.

    Examples
    --------
    >>> x, r, s = sympy.symbols("x r s", positive=True)
    >>> constant(x * Exp(-r * x) / (x * Exp(s - r * x)), x)
    exp(-s)
    """
    terms = Add.make_args(sympy.expand(log_of_product(quotient), log=False))
    made: Expr = Mul(*map(_exponential, terms))
    return None if made.has(x) else shifted(made)


def _exponential(term: Expr) -> Expr:
    logarithms = [f for f in Mul.make_args(term) if isinstance(f, Log)]
    return Pow(logarithms[0].args[0], term / logarithms[0]) if len(logarithms) == 1 else Exp(term)


def shifted(expr: Expr) -> Expr:
    """Bring the arguments of functions together by their functional equations.

    Examples
    --------
    >>> gamma, a = head("gamma"), sympy.Symbol("a", positive=True)
    >>> shifted(gamma(a + 1) / gamma(a))
    a
    """
    equations = {
        head(f.name): f.identities["functional equation"]
        for f in all_functions().values()
        if "functional equation" in f.identities
    }

    def value(kind: Any, *args: Expr) -> Any:
        found = equations[kind](_Algebra(), *args)
        return kind(*args) if found is None else found

    return transform(expr, {kind: lambda *args, kind=kind: value(kind, *args) for kind in equations})


class _Algebra:
    """What the identities of functions may do, with expressions; nothing that they say is believed."""

    def number(self, value: Fraction | int) -> Expr:
        return Rational(value.numerator, value.denominator)

    def add(self, parts: Iterable[Expr]) -> Expr:
        return Add(*parts)

    def mul(self, a: Expr, b: Expr) -> Expr:
        return a * b

    def power(self, base: Expr, exponent: Fraction) -> Expr:
        return base ** self.number(exponent)

    def root(self, base: Expr) -> Any:
        return Sqrt(base)

    def apply(self, function: str, *args: Expr) -> Any:
        return head(function)(*args) if args else getattr(sympy, function)

    def inert(self, function: str, *args: Expr) -> Any:
        return head(function)(*args)

    def constant_part(self, value: Expr) -> Fraction:
        number, _ = value.as_coeff_Add()
        return Fraction(int(number.p), int(number.q)) if isinstance(number, Rational) else Fraction(0)

    def is_positive(self, _: Expr) -> bool:
        return True  # the kernel decides
