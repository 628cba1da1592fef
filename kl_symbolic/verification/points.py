"""Random exact parameter points of a claim."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

from sympy import Basic, Indexed, Integer

from kl_symbolic.families import Domain, Parameter, Support, find
from kl_symbolic.proof.language import ProductLaw
from kl_symbolic.proof.parameters import parameter_records
from kl_symbolic.proof.statement import COORDINATE, DIMENSION, ONE_COORDINATE, laws, left_side
from kl_symbolic.proof.statement import variable as variable_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kl_symbolic.proof.claim import Claim

LARGEST_DENOMINATOR = 12
DIMENSION_FOR_SYMBOLIC_N = 2


@dataclass(frozen=True)
class Point:
    """Exact values of the parameters, and what the dimension n and the free index j stand for."""

    values: Mapping[Basic, Fraction]
    integers: Mapping[Basic, int]


def dimension(claim: Claim) -> int:
    """Return the number of coordinates at which a claim is evaluated: 1 for scalar laws, 2 for symbolic n."""
    p = laws(claim).p
    if not isinstance(p, ProductLaw):
        return 1
    return DIMENSION_FOR_SYMBOLIC_N if claim.dim is None else claim.dim


def draw(claim: Claim, count: int, seed: int, size: int | None = None) -> tuple[Point, ...]:
    """Draw parameter points within the typical ranges of the families, the same ones for the same seed.

    A `size` stands for the dimension, in place of that which `dimension` gives.

    Examples
    --------
    >>> from kl_symbolic.proof.claim import Claim
    >>> (point,) = draw(Claim("entropy", "normal"), 1, seed=0)
    >>> sorted(str(symbol) for symbol in point.values)
    ['mu', 'sigma']
    """
    random = Random(f"{seed}: {claim.name}")  # noqa: S311 - test points, not secrets
    records, symbols = parameter_records(claim), laws(claim).parameters
    size, support = size or dimension(claim), find(claim.p).family.support
    variable, free = variable_of(support), left_side(claim).free_symbols
    points = []
    for number in range(count if symbols else 1):
        values = {}
        for symbol, record in zip(symbols, records, strict=True):
            for k in range(1, size + 1):
                values[at_coordinate(symbol, k)] = draw_value(record, random)
        if variable in free:
            values[variable] = draw_argument(support, random)
        points.append(Point(values, {DIMENSION: size, ONE_COORDINATE: 1 + number % size}))
    return tuple(points)


def at_coordinate(symbol: Basic, k: int) -> Basic:
    """Return the parameter of the k-th coordinate; a scalar parameter is returned as it is."""
    return symbol.xreplace({COORDINATE: Integer(k)}) if isinstance(symbol, Indexed) else symbol


def draw_argument(support: Support, random: Random) -> Fraction:
    """Draw a point of the support, for claims such as a score, that hold at every point of it."""
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
            if parameter.domain is Domain.REAL or value > 0:
                return value
