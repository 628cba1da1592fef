"""Random exact parameter points of a question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from kl_symbolic.families import Parameter, Support, find
from kl_symbolic.proof.parameters import bound_of, parameter_records
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.proof.supports import variable
from kl_symbolic.terms import COORDINATE, DIMENSION, ONE_COORDINATE, Number, Term, substitute

LARGEST_DENOMINATOR = 12
MOST_DRAWS = 20
DIMENSION_FOR_SYMBOLIC_N = 2


@dataclass(frozen=True)
class Point:
    """Exact values of the parameters, and what the dimension n and the free index j stand for."""

    values: Mapping[Term, Fraction]
    integers: Mapping[Term, int]


def dimension(question: Question) -> int:
    """Return the number of coordinates at which a question is evaluated: 1 for scalar laws, 2 for symbolic n."""
    p = laws(question).p
    if p.head != "ProductLaw":
        return 1
    return DIMENSION_FOR_SYMBOLIC_N if question.dim is None else question.dim


def draw(question: Question, count: int, seed: int, size: int | None = None) -> tuple[Point, ...]:
    """Draw parameter points within the typical ranges of the families, the same ones for the same seed.

    A `size` stands for the dimension, in place of that which `dimension` gives.

    Examples
    --------
    >>> from kl_symbolic.proof.question import Question
    >>> (point,) = draw(Question("entropy", "normal"), 1, seed=0)
    >>> sorted(str(symbol) for symbol in point.values)
    ['mu', 'sigma']
    """
    random = Random(f"{seed}: {question.name}")  # noqa: S311 - test points, not secrets
    records, symbols = parameter_records(question), laws(question).parameters
    size, support = size or dimension(question), find(question.p).family.support
    x, free = variable(support), left_side(question).free
    points = []
    for number in range(count if symbols else 1):
        values: dict[Term, Fraction] = {}
        for symbol, record in sorted(zip(symbols, records, strict=True), key=lambda pair: _height(pair[0])):
            for k in range(1, size + 1):
                values[at_coordinate(symbol, k)] = _draw_above(_bound_at(symbol, k, values), record, random)
        if x in free:
            values[x] = draw_argument(support, random)
        points.append(Point(values, {DIMENSION: size, ONE_COORDINATE: 1 + number % size}))
    return tuple(points)


def _height(parameter: Term) -> int:
    """Return how many parameters lie below one, so that their values are known before."""
    low = bound_of(parameter)
    return 0 if low is None or isinstance(low, Number) else 1 + _height(low)


def _bound_at(parameter: Term, k: int, values: Mapping[Term, Fraction]) -> Fraction | None:
    """Return the number above which the k-th coordinate of a parameter lies."""
    low = bound_of(parameter)
    return low.value if isinstance(low, Number) else None if low is None else values[at_coordinate(low, k)]


def _draw_above(bound: Fraction | None, parameter: Parameter, random: Random) -> Fraction:
    """Draw a value of a parameter that lies above a number; beyond its typical range where nothing of that does."""
    for _ in range(MOST_DRAWS if bound is not None else 1):
        value = draw_value(parameter, random)
        if bound is None or value > bound:
            return value
    assert bound is not None
    return bound + Fraction(random.randint(1, 48), LARGEST_DENOMINATOR)


def at_coordinate(symbol: Term, k: int) -> Term:
    """Return the parameter of the k-th coordinate; a scalar parameter is returned as it is."""
    return substitute(symbol, {COORDINATE: Number(k)})


def draw_argument(support: Support, random: Random) -> Fraction:
    """Draw a point of the support, for statements such as a score, which hold at every point of it."""
    if support.discrete:
        return Fraction(random.randint(0, 9))
    value = Fraction(random.randint(1, 48), LARGEST_DENOMINATOR)
    return value if support is Support.POSITIVE_REALS else random.choice((-1, 1)) * value


def draw_value(parameter: Parameter, random: Random) -> Fraction:
    """Draw a fraction with a small denominator from the typical range of a parameter."""
    low, high = parameter.typical
    while True:
        denominator = random.randint(1, LARGEST_DENOMINATOR)
        least, most = math.ceil(low * denominator), math.floor(high * denominator)
        if least <= most:
            value = Fraction(random.randint(least, most), denominator)
            if parameter.domain.has(value):
                return value
