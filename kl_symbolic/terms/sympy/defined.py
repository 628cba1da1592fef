"""Functions that SymPy does not have, as functions of SymPy: they know their derivatives, and what they stand for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import mpmath
import sympy
from sympy import Expr
from sympy.codegen import cfunctions
from sympy.printing.latex import LatexPrinter

from kl_symbolic.errors import KLError
from kl_symbolic.functions import Function, find_function

_MOST_BITS, _GUARD = 100_000, 8


class Defined(sympy.Function):
    """A function that is an abbreviation: ``expand_func`` writes it out, and ``evalf`` computes what it stands for."""

    record: Function

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative by an argument."""
        slope = self.record.derivatives[argindex - 1]
        if slope is None:
            raise sympy.ArgumentIndexError(self, argindex)
        made: Expr = sympy.sympify(slope(ORDINARY, *self.args))
        return made

    def _eval_expand_func(self, **_: object) -> Expr:
        assert self.record.definition is not None
        made: Expr = sympy.sympify(self.record.definition(ORDINARY, *self.args))
        return made

    @classmethod
    def eval(cls, *args: Expr) -> Expr | None:
        """Return 0 where both points are equal, and what is a rational number at such."""
        if cls.record.gap and args[0] == args[1] and args[0].is_positive is not False:
            return sympy.S.Zero
        if all(arg.is_Rational for arg in args) and cls.record.definition is not None:
            value: Expr = sympy.sympify(cls.record.definition(ORDINARY, *args))
            return value if value.is_Rational else None
        return None

    def _eval_evalf(self, prec: int) -> Expr | None:
        """Return the value of what it stands for; None if too many digits cancel."""
        if self.free_symbols:
            return None
        # What is rounded on the way may be all that is left, so numbers are taken exactly as they are.
        exact = self.xreplace({number: sympy.Rational(number) for number in self.atoms(sympy.Float)})
        if not isinstance(exact, Defined):
            return exact
        value = to_bits(prec, self.record, *(sympy.lambdify([], arg, "mpmath") for arg in exact.args))
        with mpmath.workprec(prec + _GUARD):  # of what SymPy takes
            return None if value is None else sympy.sympify(value)._evalf(prec)  # noqa: SLF001 - to so many bits

    def _mpmathcode(self, printer: Any) -> str:
        """Return a call with numbers of mpmath, by which it is known that their precision is wanted."""
        number = printer._module_format("mpmath.mpf")  # noqa: SLF001 - SymPy's way to name a function
        return f"{self.record.name}({', '.join(f'{number}({printer.doprint(arg)})' for arg in self.args)})"

    def _eval_rewrite_as_tractable(self, *_: Expr, **__: object) -> Expr:
        """Return what it stands for: limits are taken of that."""
        return self._eval_expand_func()

    def _eval_nseries(self, x: Expr, n: int, logx: Expr | None, cdir: int = 0) -> Expr:
        made: Expr = self._eval_expand_func()._eval_nseries(x, n, logx, cdir)  # noqa: SLF001 - as SymPy asks
        return made

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        inside = ", ".join(map(printer.doprint, self.args))
        power = f"^{{{exp}}}" if exp else ""
        return rf"{self.record.tex}{power}\left({inside}\right)"


class _Multiprecision:
    """The namespace in which formulas are computed with mpmath."""

    def __getattr__(self, name: str) -> Any:
        function = find_function(name)
        if function is None:
            raise AttributeError(f"no function is called {name}")
        if "mpmath" in function.names:
            return getattr(mpmath, function.names["mpmath"])
        assert function.definition is not None
        return partial(function.definition, self)


_MULTIPRECISION = _Multiprecision()


def to_bits(bits: int, record: Function, *points: Callable[[], Any]) -> Any:
    """Return a value of an abbreviation to a number of bits, computed with more and more, for most may cancel.

    Parameters
    ----------
    bits
        How many.
    record
        The function.
    *points
        Return its arguments at the precision of mpmath.

    Returns
    -------
    mpmath.mpf or None
        None if it takes too many.
    """
    assert record.definition is not None
    more, last = 2 * bits, None
    while more <= _MOST_BITS:
        with mpmath.workprec(more):
            value = record.definition(_MULTIPRECISION, *(point() for point in points))
            if last and value and abs(value - last) < mpmath.ldexp(abs(value), -bits - _GUARD):
                return value
        more, last = 2 * more, value
    return None


def _real(number: Any) -> Any:
    """Return complex numbers and arrays of them as real ones, if they are: SymPy plots with such."""
    if isinstance(number, complex):
        return number if number.imag else number.real
    is_complex = getattr(getattr(number, "dtype", None), "kind", "") == "c"
    return number.real if is_complex and not (number.imag != 0).any() else number


def _computed(record: Function, *args: Any) -> Any:
    """Return values at numbers: with SymPy or mpmath if one is of it, else by the array function of that name."""
    if any(isinstance(arg, sympy.Basic) for arg in args):
        return sympy_function(record.name)(*args)
    if not any(isinstance(arg, mpmath.mpf) for arg in args):
        return getattr(importlib.import_module("kl_symbolic.numeric"), record.name)(*map(_real, args))
    numbers = [mpmath.mpmathify(arg) for arg in args]
    if all(number == 0 for number in numbers):  # nothing is rounded there
        assert record.definition is not None
        return record.definition(_MULTIPRECISION, *numbers)
    if record.gap and numbers[0] == numbers[1] and (numbers[0] > 0 or not record.domains[0].positive):
        return mpmath.mpf(0)
    value = to_bits(mpmath.mp.prec, record, *(lambda number=number: number for number in numbers))
    if value is None:
        raise KLError(f"too many digits of the {record.title} cancel")
    return +value


@cache
def sympy_function(name: str) -> Any:
    """Return what SymPy calls a function, or what stands for it there.

    Examples
    --------
    >>> from sympy import Symbol, expand_func
    >>> t = Symbol("t")
    >>> h = sympy_function("expm1mx")(t)
    >>> h, h.diff(t), expand_func(h), h.subs(t, 1).n(20)
    (expm1mx(t), expm1(t), -t + exp(t) - 1, 0.71828182845904523536)
    """
    record = find_function(name)
    assert record is not None
    theirs = record.names.get("sympy", "")
    for module in (sympy, cfunctions):
        if hasattr(module, theirs):
            return getattr(module, theirs)

    # SymPy's lambdify takes `_imp_` for the function's implementation.
    members = {
        "record": record,
        "nargs": record.arity,
        "_imp_": staticmethod(partial(_computed, record)),
        "__doc__": record.title,
    }
    return type(name, (Defined,), members)


def __getattr__(name: str) -> Any:
    """Return a function by its name, which is how it is unpickled."""
    record = find_function(name)
    if record is None or "sympy" in record.names:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return sympy_function(name)


class _Ordinary:
    """The namespace in which formulas become ordinary expressions of SymPy."""

    def __getattr__(self, name: str) -> Any:
        if find_function(name) is None:
            raise AttributeError(f"no function is called {name}")
        return sympy_function(name)


ORDINARY = _Ordinary()
