"""The shapes in which people write one closed form: with 1/2 in front or not, logarithms together or apart.

A shape is only a proposal. The kernel decides of each whether it is the closed form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import gcd, lcm

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, pi

from kl_symbolic.proof.language import Exp, Log, Sqrt, Sum
from kl_symbolic.reading.syntax import Call, Inverse, Name, Negative, Node, Number, Plus, Power, Times, Total
from kl_symbolic.render.order import factor_key, in_order, is_below, sign

BASE = Symbol("e", positive=True)  # of the exponential, as a factor within a logarithm
ONE = Integer(1)


@dataclass(frozen=True)
class Shape:
    """A number in front of terms, each with its sign; whether they stand in a sum, and the number with them.

    `over` divides the whole: the logarithm of 2 of a divergence in bits.
    """

    front: Rational
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

    def __init__(self, written: Mapping[Expr, str], source: str = "", *, base: bool = False) -> None:
        self.written = {pi: "pi", BASE: "e", **written}
        self.source = source
        self.twice = self._TWICE.search(source) is not None
        self.logarithms = (_split, _merged, _with_base) if base else (_split, _merged)

    def of(self, closed: Expr) -> Iterator[Shape]:
        """Yield the shapes of a closed form, the one that the proof ends with first.

        >>> x, s = Symbol("x", real=True), Symbol("s", positive=True)
        >>> found = Shapes({x: "x", s: "s"}).of((x**2 + s**2 - 1) / 2 - Log(s))
        >>> sorted({shape.front for shape in found})
        [-1/2, 1/2, 1]
        """
        factors = Mul.make_args(closed)
        over = tuple(self.node(one.args[0]) for one in factors if isinstance(one, Pow) and isinstance(one.args[0], Log))
        kept = [one for one in factors if not (isinstance(one, Pow) and isinstance(one.args[0], Log))]
        summed = any(isinstance(one, Sum) for one in kept)
        body = Mul(*(one.args[0] if isinstance(one, Sum) else one for one in kept))
        for quotients, logarithms in product((_together, _apart, _without_quotients), self.logarithms):
            terms = logarithms(quotients(body))
            bottom = lcm(*(int(number.q) for number in terms.values()))
            for front in (ONE, *((Rational(1, bottom), Rational(-1, bottom)) if bottom > 1 else ())):
                made = [_term(number / front, rest, power=not self.twice) for rest, number in terms.items()]
                ordered = in_order(Add(*made, evaluate=False)) if len(made) > 1 else made
                nodes = tuple(map(self.node, ordered))
                yield Shape(front, nodes, summed, over=over)
                if summed and front != 1:
                    yield Shape(front, nodes, summed=True, inside=True, over=over)

    def node(self, e: Expr) -> Node:
        """Return the tree of an expression, in the order of textbooks."""
        match e:
            case Rational():
                return _times(e, None)
            case Add():
                return Plus(tuple(self.node(term) for term in in_order(e)))
            case Mul():
                number, rest = e.as_coeff_Mul()
                factors = sorted(Mul.make_args(rest), key=factor_key)
                above = [self.node(one) for one in factors if not is_below(one)]
                below = [Inverse(self.node(1 / one)) for one in factors if is_below(one)]
                made: list[Node] = [*above, *below]
                return _times(number, Times(tuple(made)) if len(made) > 1 else made[0])
            case Pow() if is_below(e):
                return Inverse(self.node(1 / e))
            case Pow():
                base, exponent = e.args
                if isinstance(exponent, Rational) and exponent.q == 2:  # noqa: PLR2004 - a half
                    return self.node(Sqrt(base) ** exponent.p)
                if isinstance(base, Add) and exponent == 2 and self.is_turned(base):  # noqa: PLR2004 - a square
                    base = -base
                return Power(self.node(base), self.node(exponent))
            case Log() | Exp() | Sqrt():
                return Call(type(e).__name__.lower(), self.node(e.args[0]))
        name = self.written.get(e, str(e))
        return Name(name, name)

    def is_turned(self, difference: Add) -> bool:
        """Whether somebody wrote b - a, and not a - b."""
        one, other = (self.written.get(sign(term)[1], "") for term in in_order(difference)[:2])
        return f"{other}-{one}" in self.source and f"{one}-{other}" not in self.source


def _times(number: Rational, node: Node | None) -> Node:
    """Return a number times something, with the sign before both."""
    size = Fraction(abs(int(number.p)), int(number.q))
    if node is None:
        made: Node = Number(size)
    elif size == 1:
        made = node
    else:
        made = Times((Number(size), *(node.factors if isinstance(node, Times) else (node,))))
    return Negative(made) if number < 0 else made


def _together(body: Expr) -> dict[Expr, Rational]:
    """Return the terms, each with its number."""
    found: dict[Expr, Rational] = {}
    outer, inner = body.as_coeff_Mul()
    for term in Add.make_args(inner):
        number, rest = term.as_coeff_Mul()
        found[rest] = found.get(rest, Integer(0)) + outer * number
    return {rest: number for rest, number in found.items() if number != 0}


def _apart(body: Expr) -> dict[Expr, Rational]:
    """Return the terms, those of a numerator each for itself: a/c + b/c."""
    parts = []
    for rest, number in _together(body).items():
        top = next((one for one in Mul.make_args(rest) if isinstance(one, Add)), None)
        parts += [number * rest] if top is None else [number * rest / top * one for one in top.args]
    return _together(Add(*parts))


def _without_quotients(body: Expr) -> dict[Expr, Rational]:
    """Return the terms with one exponential in each: exp(a - b) for exp(a)/exp(b)."""
    found: dict[Expr, Rational] = {}
    for rest, number in _apart(body).items():
        exponent, others = Integer(0), ONE
        for factor in Mul.make_args(rest):
            base, power = factor.as_base_exp()
            exponent, others = (
                (exponent + power * base.args[0], others) if isinstance(base, Exp) else (exponent, others * factor)
            )
        found[others * Exp(exponent) if exponent != 0 else others] = number
    return found


def _term(number: Rational, rest: Expr, *, power: bool) -> Expr:
    """Return a term; perhaps an integer multiple of the logarithm of a symbol as that of its power."""
    if power and isinstance(rest, Log) and isinstance(rest.args[0], Symbol) and number.q == 1 and abs(number) > 1:
        return (1 if number > 0 else -1) * Log(rest.args[0] ** abs(number))
    return number * rest


def _split(terms: dict[Expr, Rational]) -> dict[Expr, Rational]:
    """Return the terms with the logarithm of each symbol alone."""
    found: dict[Expr, Rational] = {}
    for rest, number in terms.items():
        for part, more in _split_one(rest):
            found[part] = found.get(part, Integer(0)) + number * more
    return {rest: number for rest, number in found.items() if number != 0}


def _split_one(rest: Expr) -> Iterator[tuple[Expr, Rational]]:
    logarithm = next((one for one in Mul.make_args(rest) if isinstance(one, Log)), None)
    if logarithm is None:
        yield rest, ONE
        return
    beside = rest / logarithm
    inside = Mul.make_args(logarithm.args[0])
    constant = Mul(*(one for one in inside if one.is_number))
    if constant != 1:
        yield beside * Log(constant), ONE
    for one in inside:
        base, exponent = one.as_base_exp()
        if not one.is_number:
            yield beside * Log(base), exponent


def _merged(terms: dict[Expr, Rational]) -> dict[Expr, Rational]:
    """Return the terms with one logarithm for all that have the same factor beside it."""
    found: dict[Expr, Rational] = {}
    groups: dict[Expr, dict[Expr, Rational]] = {}
    for rest, number in _split(terms).items():
        logarithm = next((one for one in Mul.make_args(rest) if isinstance(one, Log)), None)
        if logarithm is None:
            found[rest] = number
        else:
            groups.setdefault(rest / logarithm, {})[logarithm.args[0]] = number
    for beside, parts in groups.items():
        unit = Rational(gcd(*(int(n.p) for n in parts.values())), lcm(*(int(n.q) for n in parts.values())))
        unit = -unit if all(number < 0 for number in parts.values()) else unit
        found[beside * Log(Mul(*(one ** (number / unit) for one, number in parts.items())))] = unit
    return found


def _with_base(terms: dict[Expr, Rational]) -> dict[Expr, Rational]:
    """Return the terms with the number within the logarithm: log(2 pi e s^2)/2."""
    found = _merged(terms)
    logarithms = [rest for rest in found if isinstance(rest, Log)]
    if len(logarithms) == 1 and ONE in found:
        (one,) = logarithms
        exponent = found.pop(ONE) / found[one]
        number = found.pop(one)
        found[Log(one.args[0] * BASE**exponent)] = number
    return found
