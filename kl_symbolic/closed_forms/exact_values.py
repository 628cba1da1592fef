"""Values of closed forms at exact numbers, to any number of digits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any, TypeAlias

import mpmath

from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError
from kl_symbolic.reference.values import CertainValues
from kl_symbolic.terms import Symbol, Term, add, substitute

NOT_VECTORS = "the parameters of a product law are vectors: the sum is over the last axis; got numbers"
MOST_DIGITS = 10_000
_MOST_EXPONENT = 99_999  # of numbers: they are worked out exactly
_EXPONENT = re.compile(r"[eE]([+-]?[0-9_]+)")
_MOST_SHOWN = 10**9
ValuesAt: TypeAlias = Mapping[Term, Mapping[int, Term]]


class ExactValues:
    """Values of a closed form of one coordinate, or sums over coordinates.

    Parameters
    ----------
    term
        The closed form; of a gradient a vector.
    parameters
        Its parameters by the names of the arguments.
    digits
        How many digits.
    lows
        What parameters lie above: a number, or another parameter by name.
    edges
        Of a parameter that may be at the ends of its domain: the value there, by the end.

    Raises
    ------
    RequestError
        If there cannot be as many.
    """

    def __init__(
        self,
        term: Term,
        parameters: Mapping[str, Symbol],
        digits: Any,
        lows: Mapping[str, str | Fraction],
        edges: ValuesAt,
    ) -> None:
        if isinstance(digits, bool) or not isinstance(digits, Integral) or not 1 <= int(digits) <= MOST_DIGITS:
            raise RequestError(f"digits must be an integer from 1 to {MOST_DIGITS}, given: {given(digits)}")
        self._term, self._parameters, self._digits, self._edges = term, parameters, int(digits), edges
        self._lows = lows
        self._values = CertainValues(self._digits, any_size=True)

    def at(self, arguments: Mapping[str, Any]) -> Any:
        """Return the value at numbers; of a gradient a tuple.

        Raises
        ------
        RequestError
            If one is no number or not in its domain, or the digits cannot be had.
        """
        point = {name: exact_number(name, _plain(value)) for name, value in arguments.items()}
        self._require(point)
        return self._value(self._at(point), {self._parameters[name]: value for name, value in point.items()})

    def summed_at(self, arguments: Mapping[str, Any], count: int | None = None) -> Any:
        """Return the sum over coordinates, of which there are `count`; of a gradient the values of each, as tuples."""
        total: list[Term] = []
        values: dict[Term, Fraction] = {}
        for k, point in enumerate(_points(arguments, count)):
            own = {name: Symbol(f"{symbol.name}_{k}", symbol.domain) for name, symbol in self._parameters.items()}
            self._require(point)
            total.append(substitute(self._at(point), {self._parameters[name]: one for name, one in own.items()}))
            values |= {own[name]: value for name, value in point.items()}
        if self._term.head == "Vector":
            parts = zip(*(one.args for one in total), strict=True)
            rows = (tuple(self._value(one, values) for one in same) for same in parts)
            return tuple(rows) if total else ((),) * len(self._term.args)
        return self._value(add(*total), values)

    def _at(self, point: Mapping[str, Fraction]) -> Term:
        """Return the closed form, or its value where a parameter is at the end of its domain."""
        for name, value in point.items():
            ends = self._edges.get(self._parameters[name], {})
            if value in ends:
                return ends[int(value)]
        return self._term

    def _value(self, term: Term, values: Mapping[Term, Fraction]) -> Any:
        if term.head == "Vector":
            return tuple(self._value(one, values) for one in term.args)
        decimals = self._values.decimals(term, values)
        if decimals is None:
            raise RequestError(f"{self._digits} digits cannot be had here: {self._values.reason}")
        with mpmath.workdps(self._digits):
            return mpmath.mpf(decimals)

    def _require(self, point: Mapping[str, Fraction]) -> None:
        """Refuse numbers that are not where their parameters lie."""
        for name, value in point.items():
            symbol = self._parameters[name]
            ends = self._edges.get(symbol, {})
            if not (symbol.domain.has(value) or value in ends):
                raise RequestError(f"{name} must be {symbol.domain.words_with(ends)}, given: {_shown(value)}")
            low = self._lows.get(name)
            if low is not None and value <= (point[low] if isinstance(low, str) else low):
                raise RequestError(f"{name} must lie above {low}, given: {_shown(value)}")


def exact_number(name: str, value: Any) -> Fraction:
    """Return a number exactly as it is.

    Raises
    ------
    RequestError
        If it is none, or not finite, or has an exponent of more than five digits.

    Examples
    --------
    >>> exact_number("mu", "0.1"), exact_number("mu", 0.5), exact_number("mu", mpmath.mpf(2))
    (Fraction(1, 10), Fraction(1, 2), Fraction(2, 1))
    """
    try:
        if isinstance(value, mpmath.mpf) and mpmath.isfinite(value):
            mantissa, exponent = (int(part) for part in value.man_exp)
            if abs(exponent) <= _MOST_EXPONENT:
                return mantissa * Fraction(2) ** exponent
        elif isinstance(value, str):
            if all(abs(int(exponent)) <= _MOST_EXPONENT for exponent in _EXPONENT.findall(value)):
                return Fraction(value)
        elif isinstance(value, Decimal):
            if value.is_finite() and abs(value.adjusted()) <= _MOST_EXPONENT:
                return Fraction(value)
        elif isinstance(value, Rational):
            return Fraction(int(value.numerator), int(value.denominator))
        elif isinstance(value, Real):  # those of NumPy and SymPy are exact in more digits than a float has
            top, bottom = (value if hasattr(value, "as_integer_ratio") else float(value)).as_integer_ratio()
            return Fraction(int(top), int(bottom))
    except (ValueError, ArithmeticError):
        pass
    raise RequestError(f"{name} must be a finite exact number, such as 3, '0.1' or '1/3'; given: {given(value)}")


def _points(arguments: Mapping[str, Any], count: int | None) -> Sequence[dict[str, Fraction]]:
    """Return the numbers of each coordinate."""
    listed = {name: _coordinates(name, _plain(value)) for name, value in arguments.items()}
    if not any(isinstance(values, list) for values in listed.values()) and (listed or count is None):
        raise RequestError(NOT_VECTORS)
    sizes = {len(values) for values in listed.values() if isinstance(values, list)} - {1}
    found = max(sizes, default=1 if listed or count is None else count)
    if len(sizes) > 1 or (count is not None and found != count):
        lengths = ", ".join(f"{name} {len(v) if isinstance(v, list) else 'a number'}" for name, v in listed.items())
        wanted = "" if count is None else f"; the laws have {count}"
        raise RequestError(f"the parameters have different numbers of coordinates: {lengths}{wanted}")
    return [
        {
            name: (values[k if len(values) > 1 else 0] if isinstance(values, list) else values)
            for name, values in listed.items()
        }
        for k in range(found)
    ]


def _coordinates(name: str, value: Any) -> list[Fraction] | Fraction:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [exact_number(name, _plain(one)) for one in value]
    return exact_number(name, value)


def _plain(value: Any) -> Any:
    """Return an array of a library as numbers and lists of them, exactly as they are; anything else as it is."""
    return value.tolist() if hasattr(value, "tolist") else value


def _shown(value: Fraction) -> str:
    """Return a number for a message: short, and as it is if that is possible."""
    short = max(abs(value.numerator), value.denominator) < _MOST_SHOWN
    return str(value) if short else mpmath.nstr(mpmath.mpf(value.numerator) / value.denominator, 6)
