"""The conditions of a question: a parameter lies above a number or another parameter, or is equal to one.

A bound belongs to the symbol: the statement speaks of numbers above it, and of no others. This is part of the trusted
base.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from kl_symbolic.errors import RequestError
from kl_symbolic.functions import Domain
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Number, Symbol

CONDITION = re.compile(r"([A-Za-z]\w{0,39}) (>|=) ([A-Za-z]\w{0,39}|-?\d{1,20}(?:/\d{1,20})?)", re.ASCII)
MOST_CONDITIONS = 20


class Relation(NamedTuple):
    """That a parameter lies above (``>``) something, or is equal to it (``=``): a rational number, or a parameter."""

    name: str
    sign: str
    other: str | Fraction

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.other}"


class ContradictionError(RequestError):
    """There are no numbers for which all conditions hold."""


class TwoBoundsError(RequestError):
    """A parameter lies above two others, and which of these is the larger one is not said."""

    def __init__(self, name: str, one: str | Fraction, other: str | Fraction) -> None:
        super().__init__(f"{name} lies above {one} and above {other}; say which of the two is the larger one")
        self.bounds = one, other


def read_condition(text: str) -> Relation:
    """Read a condition as it stands in a question.

    Raises
    ------
    RequestError
        If it is none.

    Examples
    --------
    >>> read_condition("b_2 > a_1"), read_condition("alpha = 1/2").other
    (Relation(name='b_2', sign='>', other='a_1'), Fraction(1, 2))
    """
    found = CONDITION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise RequestError(f"a condition is written as alpha > 1, b > a or b = a, given: {text!r}")
    name, sign, other = found.groups()
    if other[0].isalpha():
        return Relation(name, sign, other)
    if re.search(r"/0+$", other):
        raise RequestError(f"a condition with a division by zero: {text}")
    return Relation(name, sign, Fraction(other))


def has_equality(question: Question) -> bool:
    """Whether two parameters of a question are said to be equal, or one to be a number."""
    return any(read_condition(one).sign == "=" for one in question.where)


class Declared(NamedTuple):
    """What a family says of a parameter: where it lies, and above which other one."""

    domain: Domain
    above: str | None = None


def symbols_where(declared: Mapping[str, Declared], where: Sequence[str]) -> dict[str, Symbol | Number]:
    """Return what stands for each parameter under some conditions: a symbol with its bound, another one, or a number.

    Raises
    ------
    RequestError
        If a condition does not fit, or if they contradict one another.

    Examples
    --------
    >>> line = {"a_1": Declared(Domain.REAL), "a_2": Declared(Domain.REAL)}
    >>> symbols_where(line, ["a_1 > a_2"])["a_1"].above, symbols_where(line, ["a_1 = a_2"])
    (a_2, {'a_1': a_2, 'a_2': a_2})
    """
    return _Symbols(declared, where).all()


class _Symbols:
    def __init__(self, declared: Mapping[str, Declared], where: Sequence[str]) -> None:
        self.declared = declared
        self.equal: dict[str, str | Fraction] = {}
        self.above: dict[str, list[str | Fraction]] = {
            name: [one.above] if one.above else [] for name, one in declared.items()
        }
        self.known: dict[str, Symbol | Number] = {}
        self.waiting: dict[str, str] = {}  # parameters on the way, each with the sign by which we came there
        if len(where) > MOST_CONDITIONS:
            raise RequestError(f"more than {MOST_CONDITIONS} conditions")
        for name, sign, other in map(read_condition, where):
            for one in (name, other):
                if isinstance(one, str) and one not in declared:
                    raise RequestError(f"a condition on {one}, which is none of {', '.join(declared) or 'nothing'}")
            if sign == ">":
                self.above[name].append(other)
            elif self.equal.setdefault(name, other) != other:
                raise RequestError(f"{name} is equal to {self.equal[name]} and to {other}; say it once")

    def all(self) -> dict[str, Symbol | Number]:
        found = {name: self.of(name) for name in self.declared}
        for name, symbol in found.items():
            if isinstance(symbol, Number):
                self._require_number(name, symbol)
        return found

    def of(self, name: str, sign: str = "") -> Symbol | Number:
        if name not in self.known:
            if name in self.waiting:
                names = list(self.waiting)
                circle = names[names.index(name) :]
                words = " and ".join(circle)
                if ">" in (sign, *(self.waiting[one] for one in circle[1:])):
                    raise ContradictionError(f"the conditions on {words} contradict one another")
                raise RequestError(f"the conditions on {words} run in a circle; say once what is equal")
            self.waiting[name] = sign
            self.known[name] = self._made(name)
            del self.waiting[name]
        return self.known[name]

    def _made(self, name: str) -> Symbol | Number:
        if name in self.equal:
            value = self._value(self.equal[name], "=")
            self._require_equal(name, value)
            return value
        bound: Symbol | Number | None = None
        for other in self.above[name]:
            bound = self._larger(name, bound, self._value(other))
        if self.declared[name].domain is Domain.UNIT and bound is not None and lies_above(bound, Number(1)):
            raise ContradictionError(f"{name} must be {Domain.UNIT.words}, and lies above {bound}")
        return Symbol(name, self.declared[name].domain, bound)

    def _value(self, other: str | Fraction, sign: str = ">") -> Symbol | Number:
        return self.of(other, sign) if isinstance(other, str) else Number(other)

    def _larger(self, name: str, one: Symbol | Number | None, other: Symbol | Number) -> Symbol | Number:
        """Return the larger of two bounds."""
        if one is None or lies_above(other, one):
            return other
        if lies_above(one, other):
            return one
        raise TwoBoundsError(name, *(b.name if isinstance(b, Symbol) else b.value for b in (one, other)))

    def _require_equal(self, name: str, value: Symbol | Number) -> None:
        """Refuse what makes a parameter equal to something that may lie elsewhere."""
        domain = self.declared[name].domain
        if isinstance(value, Symbol):
            if value.domain is not domain:
                raise RequestError(f"{name} is {domain.words}, and {value} is {value.domain.words}: they are not equal")
            for other in self.above[name]:
                bound = self._value(other)
                if bound is value:
                    raise ContradictionError(f"{name} = {value}, and {name} lies above {other}")
                if not lies_above(value, bound):
                    raise RequestError(f"{name} = {value}, but {name} lies above {other}: say so of {value}")

    def _require_number(self, name: str, number: Number) -> None:
        if not self.declared[name].domain.has(number.value):
            raise ContradictionError(f"{name} must be {self.declared[name].domain.words}, given: {number}")
        for other in self.above[name]:
            bound = self._value(other)
            if not isinstance(bound, Number):
                raise RequestError(f"{name} = {number}, and {name} lies above {other}: give {other} a value, too")
            if bound.value >= number.value:
                raise ContradictionError(f"{name} = {number}, but {name} lies above {other}")


def lies_above(one: Symbol | Number, other: Symbol | Number) -> bool:
    """Whether one bound is the other one or lies above it, by what is said of the symbols.

    Examples
    --------
    >>> low = Symbol("a", Domain.REAL)
    >>> lies_above(Symbol("b", Domain.REAL, above=low), low), lies_above(low, Number(0))
    (True, False)
    """
    below: Symbol | Number | None = one
    while below is not None:
        if below is other:
            return True
        if isinstance(below, Number):
            return isinstance(other, Number) and below.value >= other.value
        if isinstance(other, Number) and other.value <= 0 and below.domain.nonnegative:
            return True
        below = below.above
    return False
