"""Terms as expressions of SymPy, and back.

`inert` and `read` are exact: what is made of a term is read as that term. `ordinary` makes what users get.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Self

import sympy
from sympy import Add, Basic, Expr, Indexed, IndexedBase, Integer, Mul, Pow, Rational
from sympy.core.symbol import Str

from kl_symbolic.errors import KLError
from kl_symbolic.functions import Domain, all_functions, find_function
from kl_symbolic.terms.sympy.defined import sympy_function
from kl_symbolic.terms.sympy.heads import head, transform
from kl_symbolic.terms.term import Number, Symbol, Term, Text
from kl_symbolic.terms.walk import parts

ASSUMPTIONS: dict[Domain, dict[str, bool]] = {
    Domain.REAL: {"real": True},
    Domain.NONNEGATIVE: {"nonnegative": True},
    Domain.POSITIVE: {"positive": True},
    Domain.UNIT: {"positive": True},  # SymPy knows no bounds
    Domain.NATURAL: {"integer": True, "nonnegative": True},
    Domain.INDEX: {"integer": True, "positive": True},
}


class Bounded(sympy.Symbol):
    """A symbol with a bound, of which SymPy knows nothing: it is told apart from others of its name, and read back."""

    __slots__ = ("own",)
    own: Symbol

    def __new__(cls, own: Symbol) -> Self:
        """Make the symbol that stands for one of ours."""
        made: Self = sympy.Symbol.__xnew__(cls, own.name, **ASSUMPTIONS[own.domain])
        made.own = own
        return made

    def _hashable_content(self) -> tuple[object, ...]:
        return (*super()._hashable_content(), _with_bounds(self.own))  # which SymPy sorts by, too


def _with_bounds(bound: Symbol | Number | None) -> str:
    """Return what tells a symbol from all others of its name."""
    if isinstance(bound, Symbol):
        return f"{bound.name} {bound.domain.value} > {_with_bounds(bound.above)}"
    return str(bound)


ARITHMETIC: dict[str, Callable[..., Basic]] = {"Add": Add, "Mul": Mul, "pow": Pow}


def inert(term: Term, *, evaluate: bool = False, known: dict[Term, Basic] | None = None) -> Any:
    """Return a term in SymPy's arithmetic with inert heads.

    Parameters
    ----------
    term
        The term.
    evaluate
        Whether SymPy may work sums, products and powers out; otherwise they are as they are written.
    known
        What was made before, with the same `evaluate`.

    Examples
    --------
    >>> x = Symbol("x", Domain.POSITIVE)
    >>> inert(Term("log", x) + x + x, evaluate=True)
    2*x + log(x)
    """
    known = {} if known is None else known
    if term not in known:
        known[term] = _made(term, [inert(a, evaluate=evaluate, known=known) for a in term.args], evaluate)
    return known[term]


def _made(term: Term, args: list[Basic], evaluate: bool) -> Basic:
    match term:
        case Number(value):
            return Rational(value.numerator, value.denominator)
        case Symbol(name, domain, above):
            bounded = above is not None or domain is Domain.UNIT
            return Bounded(term) if bounded else sympy.Symbol(name, **ASSUMPTIONS[domain])
        case Text(text):
            return Str(text)
        case Term("Array", (Symbol(name, domain),)):
            return IndexedBase(args[0] if isinstance(args[0], Bounded) else name, **ASSUMPTIONS[domain])
        case Term("Indexed", _):
            return Indexed(*args)
        case Term("Add" | "Mul" | "pow", _):
            return ARITHMETIC[term.head](*args, evaluate=evaluate)
    function = find_function(term.head)
    return getattr(sympy, function.names["sympy"]) if function and not args else head(term.head)(*args)


def read(expr: Basic, known: dict[Basic, Term] | None = None) -> Term:
    """Return an expression with inert heads as a term.

    Raises
    ------
    KLError
        If a part of it is not in the language.

    Examples
    --------
    >>> read(inert(Term("exp", 2) / 3))
    exp(2)/3
    """
    known = {} if known is None else known
    if expr not in known:
        known[expr] = _read(expr, known)
    return known[expr]


def _read(expr: Basic, known: dict[Basic, Term]) -> Term:
    match expr:
        case Rational():
            return Number(Fraction(int(expr.p), int(expr.q)))
        case Str():
            return Text(str(expr.name))
        case Bounded():
            return expr.own
        case sympy.Symbol():
            for domain, assumptions in ASSUMPTIONS.items():
                if expr == sympy.Symbol(expr.name, **assumptions):
                    return Symbol(str(expr.name), domain)
            raise KLError(f"the domain of the symbol {expr} is none of ours")
        case IndexedBase():
            return Term("Array", read(expr.label, known))
        case Indexed():
            return Term("Indexed", read(expr.base, known), read(expr.indices[0], known))
    if expr in _constants():
        return Term(_constants()[expr])
    name = {Add: "Add", Mul: "Mul", Pow: "pow"}.get(type(expr)) or getattr(expr, "name", None)
    if not isinstance(name, str):
        raise KLError(f"not in the language of derivations: {type(expr).__name__}")
    return Term(name, *(read(a, known) for a in expr.args))


def _constants() -> dict[Basic, str]:
    constants = (f for f in all_functions().values() if not f.domains)
    return {getattr(sympy, f.names["sympy"]): f.name for f in constants}


def ordinary(term: Term, symbols: Mapping[Symbol, Basic] | None = None) -> Expr:
    """Return a term as an ordinary expression of SymPy: with SymPy's own functions, sums and matrices.

    Parameters
    ----------
    term
        The term.
    symbols
        Symbols of SymPy that stand for some of ours; by default those with the assumptions that fit the domain.

    Examples
    --------
    >>> t = Symbol("t")
    >>> ordinary(Term("log", Term("exp", t))), ordinary(t + 1, {t: sympy.Symbol("u")})
    (t, u + 1)
    >>> ordinary(Term("log", Term("gamma", Term("exp", t))))
    loggamma(exp(t))
    """
    rules: dict[type[Basic], Callable[..., Basic]] = {
        head("Sum"): lambda body, i, n: sympy.Sum(body, (i, Integer(1), n)),
        head("Infinity"): lambda: sympy.oo,
        head("Vector"): lambda *entries: sympy.ImmutableMatrix(entries),
    }
    for function in all_functions().values():
        if function.domains:
            rules[head(function.name)] = sympy_function(function.name)
    rules[head("log")] = _logarithm
    bounded = (s for s in parts(term) if isinstance(s, Symbol))
    own: dict[Term, Basic] = {s: sympy.Symbol(s.name, **ASSUMPTIONS[s.domain]) for s in bounded}
    own.update((symbols or {}).items())
    made: Expr = transform(inert(term, evaluate=True, known=own), rules)
    return made


def _logarithm(inside: Expr) -> Expr:
    """Return a logarithm; of a function by the name that SymPy has for that, which has values where both would not."""
    named = {f.names["sympy"]: f.log_names["sympy"] for f in all_functions().values() if "sympy" in f.log_names}
    theirs = named.get(type(inside).__name__)
    return getattr(sympy, theirs)(*inside.args) if theirs else sympy.log(inside)
