"""Coordinates in the closed forms that users get: mu[1], ..., mu[n], as in mathematics.

Most programming languages count from 0. To them SymPy would print the index as it stands, and a program would take the
second number for the first, without a word. These print it as their language counts.
"""

from __future__ import annotations

from typing import Protocol

from sympy import Basic, Expr, Indexed, IndexedBase, Number, Symbol, sympify

from kl_symbolic.errors import RequestError
from kl_symbolic.terms.language import COORDINATE
from kl_symbolic.terms.sympy.border import inert
from kl_symbolic.terms.sympy.heads import transform


class _Printer(Protocol):
    def _print(self, expr: Basic) -> str: ...


class Coordinates(IndexedBase):
    """The coordinates of a parameter.

    Examples
    --------
    >>> from sympy import lambdify
    >>> mu = Coordinates("mu")
    >>> mu[1] + 10 * mu[2]
    mu[1] + 10*mu[2]
    >>> lambdify(mu, mu[1] + 10 * mu[2])([3, 4])
    43
    """

    def __getitem__(self, index: object, **_: object) -> Expr:
        """Return one coordinate."""
        return Coordinate(self, index)


class Coordinate(Indexed):
    """One coordinate of a parameter, counted from 1."""

    def __new__(cls, base: object, index: object) -> Expr:
        """Make it; where numbers stand in place of the parameter, take one of them, and a single one for all."""
        label = base.label if isinstance(base, IndexedBase) else base
        if isinstance(label, Number):
            return label
        if isinstance(base, str | Symbol | IndexedBase):
            made: Expr = super().__new__(cls, base, index)
            return made
        return Indexed(base, _from_zero(index))

    def _code(self, printer: _Printer, **_: object) -> str:
        base, index = self.args
        return printer._print(Indexed(base, _from_zero(index)))  # noqa: SLF001 - SymPy's way from printer to printer

    def _python(self, printer: _Printer, **_: object) -> str:
        """Return Python code; a free coordinate of 0 would silently be the last one, so it is refused there."""
        code, (base, index) = self._code(printer), self.args
        if index.is_number or index == inert(COORDINATE):  # `COORDINATE` is that of a sum, which begins at 1
            return code
        place = printer._print(index)  # noqa: SLF001
        return f"{base}[{place} - 1 if {place} > 0 else '{place} > 0']"

    # What SymPy asks for, by language; Fortran, Julia, Octave, R, Maple and Mathematica count from 1 and are not here.
    _ccode = _cxxcode = _glsl = _javascript = _rust_code = _code
    _pythoncode = _lambdacode = _cmathcode = _mpmathcode = _numpycode = _scipycode = _numexprcode = _python
    _cupycode = _jaxcode = _torchcode = _tensorflowcode = _python


def with_coordinates(expr: Basic) -> Basic:
    """Return an expression with `Coordinate` in place of SymPy's ``Indexed``."""
    return transform(expr, {IndexedBase: Coordinates, Indexed: Coordinate})


def _from_zero(index: object) -> Expr:
    shifted: Expr = sympify(index) - 1
    if shifted.is_negative:
        raise RequestError(f"coordinates are counted from 1, given: {index}")
    return shifted
