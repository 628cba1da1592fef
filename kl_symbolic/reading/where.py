r"""Read what parameters are equal to and lie above: ``sigma_1 = sigma_2``, ``\sigma_2^2 = 4``, ``alpha_1 > 1``.

A parameter is equal to a rational number or to another parameter of the same kind, and nothing else: then the special
case follows from the general theorem, whose proof it cites. A square, a variance or a log-variance is read as what the
parameter is then equal to, where that is rational. A bound is one of a parameter itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

from kl_symbolic.errors import RequestError
from kl_symbolic.families import Parameter, find
from kl_symbolic.proof.parameters import base_of, parameter_records
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.special import Values
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.where import Relation
from kl_symbolic.reading.arithmetic import MOST_EXPONENT, short
from kl_symbolic.reading.coordinates import EVERY
from kl_symbolic.reading.grammar import tree
from kl_symbolic.reading.names import Names
from kl_symbolic.reading.syntax import Call, Inverse, Name, Negative, Node, Number, Plus, Power, Times, Total
from kl_symbolic.reading.tokens import excerpt, plain
from kl_symbolic.terms import Number as Rational
from kl_symbolic.terms import Term

AND = re.compile(r"\s+and\s+|;")
RELATIONS = re.compile("[<>]=?|=")
FORM = "where takes equalities, mu_2 = 0 or sigma_1 = sigma_2, and strict bounds, alpha_1 > 1, with commas between"


class Quantity(NamedTuple):
    """What a name says of a parameter, by the place of that: its base to a power, or the logarithm of that.

    The base of a standard deviation, a variance and a log-variance is sigma.
    """

    place: int
    power: Fraction
    logarithm: bool


class Equalities:
    """The parameters of a question, what they are equal to, and above what they lie.

    Parameters
    ----------
    question
        Whose parameters.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.symbols, self.records = laws(question).parameters, parameter_records(question)
        self.own: dict[str, int] = {}  # names of the user's own, and the places of what they stand for
        self.called: dict[int, str] = {}
        self._same = list(range(len(self.symbols)))  # for each place the first one of those that are equal
        self._numbers: dict[int, Fraction] = {}
        self.conditions: list[str] = []

    def read(self, where: str | Sequence[str]) -> None:
        """Read equalities and bounds.

        Raises
        ------
        RequestError
            If one is none, or does not fit.
        """
        for text in [where] if isinstance(where, str) else where:
            for one in apart(AND.sub(", ", text)):
                sides = [side.strip() for side in RELATIONS.split(one)]
                signs = RELATIONS.findall(one)
                if not signs or not all(sides) or any(mark in one for mark in "!:≤≥≠") or {">=", "<="} & set(signs):
                    raise RequestError(f"{FORM}, given: {excerpt(one)!r}")
                read = [self._side(side) for side in sides]
                for sign, (left, right) in zip(signs, pairwise(read), strict=True):
                    if sign == "=":
                        self._join(left, right, one.strip())
                    else:
                        self._order(*((left, right) if sign == ">" else (right, left)), one.strip())

    def put(self, quantity: Quantity, value: Fraction) -> None:
        """Say that something is equal to a number."""
        record = self.records[quantity.place]
        self._number(quantity.place, _solved(quantity, value, record, self.name(quantity.place)))

    def name(self, place: int) -> str:
        """Return what a parameter is called: by the user, or by us."""
        return self.called.get(place, str(base_of(self.symbols[place])))

    def equal(self, one: int, other: int) -> None:
        """Say that two parameters are equal."""
        if self.records[one].name != self.records[other].name:
            meanings = " and ".join(f"{self.name(k)} is a {self.records[k].meaning}" for k in (one, other))
            raise RequestError(f"these are not equal, for {meanings}")
        first, last = sorted((self._same[one], self._same[other]))
        numbers = [self._numbers[k] for k in (first, last) if k in self._numbers]
        self._same = [first if k == last else k for k in self._same]
        for value in numbers:
            self._number(first, value)
        if last in self.called:
            self.called.setdefault(first, self.called[last])

    def quantity(self, name: Name, question: Question, first: int = 0) -> Quantity:
        """Return what a name stands for among the parameters of a question, the first of which is at `first`."""
        if question is self.question and name.spelling in self.own and name.coordinate is None:
            return self.own_quantity(self.own[name.spelling])
        whole = any(find(law).product for law in (question.p, question.q) if law is not None)
        names, bound = (Names(question, [Total(name)]), EVERY) if whole else (Names(question, [name]), None)
        meaning = names.find(name, bound)
        if meaning.symbol not in laws(question).parameters:
            raise RequestError(f"{excerpt(name.written)} is one coordinate; say it of all, without an index")
        place = first + laws(question).parameters.index(meaning.symbol)
        return Quantity(place, meaning.power * self.records[place].power, meaning.is_logarithm)

    def own_quantity(self, place: int) -> Quantity:
        """Return a parameter itself."""
        record = self.records[place]
        return Quantity(place, Fraction(record.power), record.logarithm)

    @property
    def values(self) -> Values:
        """Each parameter that has a value, in their order, with a number or the parameter that it is equal to."""
        found: list[tuple[Term, Term]] = []
        for place, first in enumerate(self._same):
            if first in self._numbers:
                found.append((self.symbols[place], Rational(self._numbers[first])))
            elif first != place:
                found.append((self.symbols[place], self.symbols[first]))
        return tuple(found)

    def _number(self, place: int, value: Fraction) -> None:
        record = self.records[place]
        if not record.domain.has(value):
            raise RequestError(
                f"{self.name(place)}, the {record.meaning}, must be {record.domain.words}, given: {value}"
            )
        first = self._same[place]
        if self._numbers.setdefault(first, value) != value:
            raise RequestError(f"{self.name(place)} cannot be equal to {self._numbers[first]} and to {value}")

    def _side(self, text: str) -> Quantity | Fraction:
        node = parsed(text)
        value = number(node)
        if value is not None:
            return value
        power = Fraction(1)
        if isinstance(node, Power):
            exponent = number(node.exponent)
            node, power = node.base, exponent or power
        if not isinstance(node, Name) or node.called:
            raise RequestError(f"on each side stands a parameter or a rational number, given: {excerpt(text)}")
        found = self.quantity(node, self.question)
        if found.logarithm and power != 1:
            raise RequestError(f"a power of a logarithm is not read: {excerpt(text)}")
        return found._replace(power=found.power * power)

    def _order(self, larger: Quantity | Fraction, smaller: Quantity | Fraction, written: str) -> None:
        """Say that one side lies above another one."""
        own = [side for side in (larger, smaller) if isinstance(side, Quantity)]
        if not own or any(side != self.own_quantity(side.place) for side in own):
            raise RequestError(
                f"a bound is one of a parameter itself, not of a power or a logarithm: {excerpt(written)}"
            )
        if not isinstance(larger, Quantity):
            raise RequestError(
                f"a parameter lies above a number or another parameter, not below a number: {excerpt(written)}"
            )
        low = str(base_of(self.symbols[smaller.place])) if isinstance(smaller, Quantity) else smaller
        self.conditions.append(str(Relation(str(base_of(self.symbols[larger.place])), ">", low)))

    def _join(self, left: Quantity | Fraction, right: Quantity | Fraction, written: str) -> None:
        match left, right:
            case Quantity(), Quantity():
                if left[1:] != right[1:]:
                    raise RequestError(f"where both are parameters they must be of the same kind: {excerpt(written)}")
                self.equal(left.place, right.place)
            case Quantity(), Fraction():
                self.put(left, right)
            case Fraction(), Quantity():
                self.put(right, left)
            case _:
                raise RequestError(f"{FORM}, given: {excerpt(written)!r}")


def apart(text: str) -> Iterator[str]:
    """Cut a text at its commas, but for those in parentheses.

    >>> list(apart("normal(0, 1), b"))
    ['normal(0, 1)', ' b']
    """
    depth, last = 0, 0
    for k, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            yield text[last:k]
            last = k + 1
    yield text[last:]


def parsed(text: str) -> Node:
    """Parse a number, a name or a power."""
    try:
        return tree(*plain(text))
    except RecursionError:
        raise RequestError("not a value: it is nested too deep") from None


def number(node: Node) -> Fraction | None:
    """Return the rational number that a tree is, or None.

    >>> number(parsed("-3/4")), number(parsed("0.1")), number(parsed("sigma"))
    (Fraction(-3, 4), Fraction(1, 10), None)
    """
    match node:
        case Number(value):
            return value
        case Negative(inner):
            return _each((inner,), lambda a: -a)
        case Inverse(inner):
            return _each((inner,), _inverse)
        case Plus(parts):
            return _each(parts, lambda *terms: reduce(lambda a, b: short(a + b), terms))
        case Times(parts):
            return _each(parts, lambda *factors: reduce(lambda a, b: short(a * b), factors))
        case Power(base, exponent):
            return _each((base, exponent), _power)
        case Call("sqrt", argument):
            return _each((argument,), lambda a: _root(a, 2))
        case _:
            return None


def _each(parts: Sequence[Node], work: Callable[..., Fraction | None]) -> Fraction | None:
    """Work something out of parts that are numbers; None if one is none."""
    values = [number(part) for part in parts]
    return None if None in values else work(*values)


def _inverse(value: Fraction) -> Fraction:
    if value == 0:
        raise RequestError("not a number: a division by zero")
    return 1 / value


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator != 1:
        root = _root(base, exponent.denominator)
        return None if root is None else _power(root, Fraction(exponent.numerator))
    if abs(exponent) > MOST_EXPONENT or (base == 0 and exponent < 0):
        raise RequestError(f"not a number: {base} to the power {exponent}")
    return short(Fraction(base**exponent.numerator))


def _root(value: Fraction, order: int) -> Fraction | None:
    """Return the root of a positive number if it is rational."""
    if value <= 0 or order > MOST_EXPONENT:
        return value if order == 1 or value == 0 else None
    top, bottom = (_whole_root(n, order) for n in (value.numerator, value.denominator))
    return None if top is None or bottom is None else Fraction(top, bottom)


def _whole_root(n: int, order: int) -> int | None:
    """Return the root of a natural number if it is one, by bisection.

    >>> _whole_root(10**60, 3) == 10**20, _whole_root(2, 2)
    (True, None)
    """
    low, high = 0, 1 << (n.bit_length() // order + 1)  # the root is below high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**order <= n else (low, middle)
    return low if low**order == n else None


def _solved(quantity: Quantity, value: Fraction, record: Parameter, name: str) -> Fraction:
    """Return what a parameter is equal to where a power of its base, or the logarithm of one, is equal to a number."""
    ratio = Fraction(record.power) / quantity.power
    if quantity.logarithm == record.logarithm:
        if quantity.logarithm:
            return value * ratio
        if ratio == 1:
            return value
        if not record.domain.positive:
            raise RequestError(f"a power of {name} does not say what {name} is: give {name} itself")
        if value <= 0:
            raise RequestError(f"{name}, the {record.meaning}, must be positive; given a power of it that is {value}")
        found = _power(value, ratio)
        if found is not None:
            return found
    elif quantity.logarithm and value == 0:
        return Fraction(1)
    elif record.logarithm and value == 1:
        return Fraction(0)
    raise RequestError(f"{name} would not be rational; give {name} itself, or take another parameterisation (param)")
