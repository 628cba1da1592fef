"""The shapes in which people write one closed form: with 1/2 in front or not, logarithms together or apart.

A shape is only a proposal. The kernel decides of each whether it is the closed form.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import gcd, lcm
from typing import TypeAlias

from kl_symbolic.engine import worked_out
from kl_symbolic.functions import Domain, find_function
from kl_symbolic.reading.syntax import Call, Entries, Inverse, Name, Negative, Node, Plus, Power, Times, Total
from kl_symbolic.reading.syntax import Number as Numeral
from kl_symbolic.render.order import factor_key, in_order, is_below, sign
from kl_symbolic.terms import (
    Number,
    Symbol,
    Term,
    add,
    addends,
    base_and_exponent,
    coefficient,
    factors,
    has,
    mul,
    power,
)

Numbers: TypeAlias = dict[Term, Fraction]  # the terms of a sum without their numbers, and these

BASE = Symbol("e", Domain.POSITIVE)  # of the exponential, as a factor within a logarithm
ONE = Number(1)


@dataclass(frozen=True)
class Shape:
    """A number in front of terms, each with its sign; whether they stand in a sum, and the number with them.

    `over` divides the whole: the logarithm of 2 of a divergence in bits.
    """

    front: Fraction
    terms: tuple[Node, ...]
    summed: bool
    inside: bool = False
    over: tuple[Node, ...] = ()

    @property
    def node(self) -> Node:
        """The whole, as a tree."""
        body: Node = Plus(self.terms) if len(self.terms) > 1 else self.terms[0]
        if self.summed:
            body = Total(_times(self.front, body)) if self.inside else _times(self.front, Total(body))
        else:
            body = _times(self.front, body)
        return Times((body, *map(Inverse, self.over))) if self.over else body

    def reordered(self, terms: Iterable[Node]) -> Shape:
        """Return the same with its terms in another order."""
        return replace(self, terms=tuple(terms))


class Shapes:
    """Make shapes of closed forms in somebody's names.

    Parameters
    ----------
    written
        How each symbol is written.
    source
        What somebody wrote, without spaces: there ``(b - a)^2`` may stand for ``(a - b)^2``.
    base
        Whether e may stand within logarithms.
    """

    _TWICE = re.compile(r"2\.?\*?(?:\w+[.$])?\\?(?:log|ln)(?!_)")

    def __init__(self, written: Mapping[Term, str], source: str = "", *, base: bool = False) -> None:
        self.written = {Term("pi"): "pi", BASE: "e", **written}
        self.source = source
        self.twice = self._TWICE.search(source) is not None
        self.logarithms = (_split, _merged, _with_base) if base else (_split, _merged)

    def of(self, closed: Term) -> Iterator[Shape]:
        """Yield the shapes of a closed form, the one that the proof ends with first.

        >>> x, s = Symbol("x"), Symbol("s", Domain.POSITIVE)
        >>> found = Shapes({x: "x", s: "s"}).of((x**2 + s**2 - 1) / 2 - Term("log", s))
        >>> sorted({str(shape.front) for shape in found})
        ['-1/2', '1', '1/2']
        """
        parts = factors(worked_out(closed))
        units = [one for one in parts if one.head == "pow" and one.args[0].head == "log"]
        kept = [one for one in parts if one not in units]
        over = tuple(self.node(one.args[0]) for one in units)
        summed = any(one.head == "Sum" for one in kept)
        body = mul(*(one.args[0] if one.head == "Sum" else one for one in kept))
        for quotients, logarithms in product((_together, _opened, _apart, _without_quotients), self.logarithms):
            terms = logarithms(quotients(body))
            bottom = lcm(*(number.denominator for number in terms.values()))
            fronts = (Fraction(1), Fraction(1, bottom), Fraction(-1, bottom)) if bottom > 1 else (Fraction(1),)
            for front in fronts:
                made = [_term(number / front, rest, raised=not self.twice) for rest, number in terms.items()]
                nodes = tuple(map(self.node, in_order(Term("Add", *made)) if len(made) > 1 else made))
                yield Shape(front, nodes, summed, over=over)
                if summed and front != 1:
                    yield Shape(front, nodes, summed=True, inside=True, over=over)

    def node(self, e: Term) -> Node:
        """Return the tree of an expression, in the order of textbooks."""
        match e:
            case Number(value):
                return _times(value, None)
            case Term("Add"):
                return Plus(tuple(self.node(term) for term in in_order(e)))
            case Term("Mul"):
                number, rest = coefficient(e)
                parts = sorted(factors(rest), key=factor_key)
                above = [self.node(one) for one in parts if not is_below(one)]
                below = [Inverse(self.node(_opposite(one))) for one in parts if is_below(one)]
                made: list[Node] = [*above, *below]
                return _times(number, Times(tuple(made)) if len(made) > 1 else made[0])
            case Term("pow") if is_below(e):
                return Inverse(self.node(_opposite(e)))
            case Term("pow", (base, Number(exponent))) if exponent.denominator == 2:  # noqa: PLR2004 - a half
                return self.node(power(Term("sqrt", base), exponent.numerator))
            case Term("pow", (base, exponent)):
                if base.head == "Add" and exponent is Number(2) and self.is_turned(base):
                    base = add(*(-term for term in base.args))
                return Power(self.node(base), self.node(exponent))
            case Term(head, parts) if parts and find_function(head):
                inside = tuple(map(self.node, parts))
                return Call(head, Entries(inside) if inside[1:] else inside[0])
        name = self.written.get(e, str(e))
        return Name(name, name)

    def is_turned(self, difference: Term) -> bool:
        """Whether somebody wrote b - a, and not a - b."""
        one, other = (self.written.get(sign(term)[1], "") for term in in_order(difference)[:2])
        return f"{other}-{one}" in self.source and f"{one}-{other}" not in self.source


def _times(number: Fraction, node: Node | None) -> Node:
    """Return a number times something, with the sign before both."""
    size = abs(number)
    if node is None:
        made: Node = Numeral(size)
    elif size == 1:
        made = node
    else:
        made = Times((Numeral(size), *(node.factors if isinstance(node, Times) else (node,))))
    return Negative(made) if number < 0 else made


def _opposite(factor: Term) -> Term:
    """Return one over a power."""
    base, exponent = base_and_exponent(factor)
    return power(base, worked_out(-exponent))


def _together(body: Term) -> Numbers:
    """Return the terms, each with its number."""
    found: Numbers = defaultdict(Fraction)
    outer, inner = coefficient(body)
    for term in addends(inner):
        number, rest = coefficient(term)
        found[rest] += outer * number
    return _without_zeros(found)


def _opened(body: Term) -> Numbers:
    """Return the terms, each with its number, and those with logarithms of a sum apart: c log a - c log b."""
    parts: list[Term] = []
    for rest, number in _together(body).items():
        sums = [one for one in factors(rest) if one.head == "Add" and has(one, "log")]
        others = [one for one in factors(rest) if one not in sums[:1]]
        parts += [mul(number, *others, one) for one in (addends(sums[0]) if sums else [ONE])]
    return _together(worked_out(add(*parts)))


def _apart(body: Term) -> Numbers:
    """Return the terms, those of a numerator each for itself: a/c + b/c."""
    parts: list[Term] = []
    for rest, number in _together(body).items():
        top = next((one for one in factors(rest) if one.head == "Add"), ONE)
        others = [one for one in factors(rest) if one is not top]
        parts += [mul(number, *others, one) for one in addends(top)]
    return _together(worked_out(add(*parts)))


def _without_quotients(body: Term) -> Numbers:
    """Return the terms with one exponential in each: exp(a - b) for exp(a)/exp(b)."""
    found: Numbers = defaultdict(Fraction)
    for rest, number in _apart(body).items():
        exponents, others = [], []
        for factor in factors(rest):
            base, exponent = base_and_exponent(factor)
            if base.head == "exp":
                exponents.append(exponent * base.args[0])
            else:
                others.append(factor)
        total = worked_out(add(*exponents))
        found[mul(*others) if total is Number(0) else worked_out(mul(*others, Term("exp", total)))] += number
    return _without_zeros(found)


def _term(number: Fraction, rest: Term, *, raised: bool) -> Term:
    """Return a term; perhaps an integer multiple of the logarithm of a symbol as that of its power."""
    match rest:
        case Term("log", (Symbol() as symbol,)) if raised and number.denominator == 1 and abs(number) > 1:
            logarithm = Term("log", power(symbol, abs(number)))
            return logarithm if number > 0 else -logarithm
    return number * rest


def _split(terms: Numbers) -> Numbers:
    """Return the terms with the logarithm of each symbol alone."""
    found: Numbers = defaultdict(Fraction)
    for rest, number in terms.items():
        for part, more in _split_one(rest):
            found[part] += number * more
    return _without_zeros(found)


def _split_one(rest: Term) -> Iterator[tuple[Term, Fraction]]:
    logarithm, beside = _logarithm(rest)
    if logarithm is None:
        yield rest, Fraction(1)
        return
    inside = factors(logarithm.args[0])
    constant = mul(*(one for one in inside if not one.free))
    if constant is not ONE:
        yield beside * Term("log", constant), Fraction(1)
    for one in inside:
        match base_and_exponent(one):
            case base, Number(exponent) if one.free:
                yield beside * Term("log", base), exponent
            case _ if one.free:
                yield beside * Term("log", one), Fraction(1)


def _merged(terms: Numbers) -> Numbers:
    """Return the terms with one logarithm for all that have the same factor beside it."""
    found: Numbers = {}
    groups: dict[Term, Numbers] = defaultdict(dict)
    for rest, number in _split(terms).items():
        logarithm, beside = _logarithm(rest)
        if logarithm is None:
            found[rest] = number
        else:
            groups[beside][logarithm.args[0]] = number
    for beside, parts in groups.items():
        numbers = parts.values()
        unit = Fraction(gcd(*(n.numerator for n in numbers)), lcm(*(n.denominator for n in numbers)))
        unit = -unit if all(number < 0 for number in numbers) else unit
        inside = worked_out(mul(*(power(one, number / unit) for one, number in parts.items())))
        found[beside * Term("log", inside)] = unit
    return found


def _with_base(terms: Numbers) -> Numbers:
    """Return the terms with the number within the logarithm: log(2 pi e s^2)/2."""
    found = _merged(terms)
    logarithms = [rest for rest in found if rest.head == "log"]
    if len(logarithms) == 1 and ONE in found:
        (one,) = logarithms
        number = found.pop(one)
        exponent = found.pop(ONE) / number
        found[Term("log", worked_out(one.args[0] * power(BASE, exponent)))] = number
    return found


def _logarithm(rest: Term) -> tuple[Term | None, Term]:
    """Return the logarithm among the factors of a term, and what stands beside it; that of a gamma stays alone."""
    logarithm = next((one for one in factors(rest) if one.head == "log" and not _is_rapid(one.args[0])), None)
    return logarithm, mul(*(one for one in factors(rest) if one is not logarithm))


def _is_rapid(term: Term) -> bool:
    """Whether a term is the value of a function whose values may be too large to compute."""
    function = find_function(term.head)
    return function is not None and function.rapid


def _without_zeros(found: Numbers) -> Numbers:
    return {rest: number for rest, number in found.items() if number}
