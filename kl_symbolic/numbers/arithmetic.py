"""Values of terms without integrals: one evaluator, for numbers of any kind.

An `Arithmetic` says how numbers of one kind are made, added, multiplied, raised and put into functions. What a function
is called where the numbers come from, and where its arguments must lie, stands in its record.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial, reduce
from typing import Any

import numpy as np

from kl_symbolic.errors import KLError
from kl_symbolic.functions import Domain, Function, find_function
from kl_symbolic.terms import Namespace as Formulas
from kl_symbolic.terms import Number, Term

# mpmath, its numbers and intervals, and those of Arb come without types.
Context = Any
Value = Any

# In bits: mpmath needs as many digits more for the exponential of a number as its exponent has, and more memory than
# there is for a tower of exponentials or powers.
LARGEST_EXPONENT = 1000

FORMULAS = Formulas()
NOT_IN_DOMAIN = {
    Domain.POSITIVE: "a number that is not positive",
    Domain.NONNEGATIVE: "a negative number",
    Domain.NATURAL: "a number that is none of 0, 1, 2, ...",
    Domain.INDEX: "a number that is none of 1, 2, 3, ...",
}


class UnresolvedError(KLError):
    """A value that could not be found, or whose error could not be estimated."""


class MissingFunctionError(UnresolvedError):
    """A function that a library does not have."""


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """How to compute with numbers of one kind.

    Parameters
    ----------
    number
        Makes one of a rational number.
    function
        Returns a function of such numbers by its record; of a constant, a function without arguments.
    add, multiply
        Of two or more numbers.
    power
        Of a base and an exponent.
    """

    number: Callable[[Fraction], Value]
    function: Callable[[Function], Callable[..., Value]]
    add: Callable[[Sequence[Value]], Value] = lambda values: reduce(operator.add, values)
    multiply: Callable[[Sequence[Value]], Value] = lambda values: reduce(operator.mul, values)
    power: Callable[[Value, Value], Value] = operator.pow

    def value(self, term: Term, of: Callable[[Term], Value]) -> Value:
        """Return the value of a term by those `of` its arguments.

        Raises
        ------
        UnresolvedError
            If it is no number, arithmetic operation or function, or a function has no value there.
        """
        match term:
            case Number(value):
                return self.number(value)
            case Term("Add"):
                return self.add(list(map(of, term.args)))
            case Term("Mul"):
                return self.multiply(list(map(of, term.args)))
            case Term("pow", (base, exponent)):
                return self.power(of(base), of(exponent))
        function = find_function(term.head)
        if function is None:
            raise UnresolvedError(f"cannot evaluate {term}")
        if function.definition:
            return of(function.definition(FORMULAS, *term.args))
        return self.function(function)(*map(of, term.args))


class Namespace:
    """The namespace in which formulas become numbers: ``m.log(x)``, ``m.pi``.

    Examples
    --------
    >>> m = Namespace(FLOATS)
    >>> float(m.sqrt(4 * m.pi / m.pi))
    2.0
    """

    def __init__(self, arithmetic: Arithmetic) -> None:
        self._arithmetic = arithmetic

    def __getattr__(self, name: str) -> Value:
        function = find_function(name)
        if function is None:
            raise AttributeError(f"no function is called {name}")
        if function.definition:
            return partial(function.definition, self)
        apply = self._arithmetic.function(function)
        return apply if function.domains else apply()


def evaluate(
    term: Term, values: Mapping[Term, Value], arithmetic: Arithmetic, known: dict[Term, Value] | None = None
) -> Value:
    """Return the value of a term without integrals, sums over coordinates and derivatives.

    Parameters
    ----------
    term
        The term; `instantiate` writes sums out.
    values
        Numbers in place of symbols and coordinates.
    arithmetic
        `FLOATS`, which are arrays too, or `intervals`, or `balls_of_arb`.
    known
        Values of other terms that were found before, with the same `values` and at the same precision.

    Raises
    ------
    UnresolvedError
        If a symbol has no value, or something cannot be evaluated.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> x = Symbol("x")
    >>> evaluate(x**2 - Term("exp", x) / 2, {x: np.array([0.0, 1.0])}, FLOATS).round(4).tolist()
    [-0.5, -0.3591]
    >>> from mpmath.ctx_iv import MPIntervalContext
    >>> iv = MPIntervalContext()
    >>> evaluate(Term("log", x) + 1, {x: iv.mpf(1)}, intervals(iv))
    mpi('1.0', '1.0')
    """
    known = {} if known is None else known
    if term in values:
        return values[term]
    if term not in known:
        if term.head in ("Symbol", "Indexed"):
            raise UnresolvedError(f"{term} has no value")
        known[term] = arithmetic.value(term, lambda part: evaluate(part, values, arithmetic, known))
    return known[term]


def within_domains(
    function: Function, apply: Callable[..., Value], is_whole: Callable[[Value], bool | None]
) -> Callable[..., Value]:
    """Return a function that refuses numbers of which it is not certain that they are in its domains."""
    checks = [(k, domain) for k, domain in enumerate(function.domains) if domain is not Domain.REAL]

    def checked(*args: Value) -> Value:
        for k, domain in checks:
            inside = args[k] > 0 if domain.positive else args[k] >= 0
            if not inside or (domain.integer and not is_whole(args[k])):
                raise UnresolvedError(f"the {function.title} of {NOT_IN_DOMAIN[domain]}")
        return apply(*args)

    return checked if checks else apply


def bounded(ctx: Context, record: Function, apply: Callable[..., Value]) -> Callable[..., Value]:
    """Return a function of numbers of mpmath that refuses those at which its value is too large to compute."""
    if not record.rapid:
        return apply

    def refusing(*args: Value) -> Value:
        if any(is_enormous(ctx, value) for value in args):
            raise UnresolvedError(f"the {record.title} of a number beyond 2^{LARGEST_EXPONENT}")
        return apply(*args)

    return refusing


def is_enormous(ctx: Context, value: Value) -> bool:
    """Whether a number is finite and too large for an exponent."""
    return bool(ctx.mag(value) > LARGEST_EXPONENT and not ctx.isinf(value) and not ctx.isnan(value))


def name_in(function: Function, library: str) -> str:
    """Return what a library calls a function.

    Raises
    ------
    MissingFunctionError
        If it does not have it.
    """
    if library not in function.names:
        raise MissingFunctionError(f"cannot evaluate the {function.title} with {library}")
    return function.names[library]


# Floating point: single numbers, or arrays of them; not a number outside of a domain, as in NumPy.


def _of_floats(function: Function) -> Callable[..., Value]:
    found = getattr(np, name_in(function, "numpy").removeprefix("np."))
    return found if function.domains else lambda: found


def _float(value: Fraction) -> np.float64:
    """Return the nearest floating-point number."""
    try:
        return np.float64(float(value))
    except OverflowError:
        return np.float64(math.copysign(math.inf, value))


FLOATS = Arithmetic(_float, _of_floats)


# Intervals of mpmath, at the precision that their context has at that moment.


@cache
def intervals(ctx: Context) -> Arithmetic:
    """Return the arithmetic of the intervals of an mpmath context: a value lies in the interval that is found.

    Examples
    --------
    >>> from mpmath.ctx_iv import MPIntervalContext
    >>> iv = MPIntervalContext()
    >>> Namespace(intervals(iv)).sqrt(iv.mpf(-1))
    Traceback (most recent call last):
    kl_symbolic.numbers.arithmetic.UnresolvedError: the square root of a negative number
    """

    def function(record: Function) -> Callable[..., Value]:
        found = getattr(ctx, name_in(record, "mpmath"), None)
        if found is None:
            raise MissingFunctionError(f"mpmath has no intervals of the {record.title}")
        if not record.domains:
            return lambda: +found
        apply = bounded(ctx, record, found)
        return within_domains(record, lambda *args: widened(apply(*args)), ctx.isint)

    def widened(value: Value) -> Value:
        """Return an interval with room for the last bits: the ends of functions are not always rounded outwards."""
        room = ctx.mpf(2) ** (3 - ctx.prec)
        return value * ctx.mpf([1 - room.b, 1 + room.b])

    def power(base: Value, exponent: Value) -> Value:
        if is_enormous(ctx, exponent):
            raise UnresolvedError(f"an exponent beyond 2^{LARGEST_EXPONENT}")
        found = base**exponent
        if not isinstance(found, ctx.mpf):
            raise UnresolvedError("a fractional power of a number that is not positive")
        return found if ctx.isint(exponent) else widened(found)

    return Arithmetic(lambda value: ctx.mpf(value.numerator) / value.denominator, function, power=power)


# Balls of Arb, which python-flint has: at the precision of ``flint.ctx``.


def method_of_arb(kind: Any, record: Function) -> Callable[..., Value]:
    """Return a function as a kind of balls has it: an order comes last there."""
    found: Callable[..., Value] = getattr(kind, name_in(record, "arb"))
    return (lambda order, x: found(x, order)) if record.style == "order" else found


@cache
def balls_of_arb() -> Arithmetic:
    """Return the arithmetic of the balls of Arb, as intervals are, and faster at many digits.

    Raises
    ------
    ImportError
        If python-flint is not installed.
    """
    from flint import acb, arb, fmpq

    def function(record: Function) -> Callable[..., Value]:
        if not record.domains:
            return getattr(arb, name_in(record, "arb"))  # type: ignore[no-any-return]
        real = hasattr(arb, name_in(record, "arb"))  # some they have for complex numbers only
        found = method_of_arb(arb if real else acb, record)

        # A method of theirs takes whatever is first for a ball, and breaks down if it is none.
        def apply(*args: Value) -> Value:
            return found(*map(arb, args)) if real else found(*map(acb, args)).real

        return within_domains(record, apply, arb.is_integer)

    def power(base: Value, exponent: Value) -> Value:
        if not (base.contains(0) and exponent.is_integer() and exponent > 0):
            return base**exponent
        size = base.abs_upper() ** exponent  # around 0 theirs is not finite
        return size * (arb(0.5, 0.5) if (exponent / 2).is_integer() else arb(0, 1))

    return Arithmetic(lambda value: arb(fmpq(value.numerator, value.denominator)), function, power=power)
