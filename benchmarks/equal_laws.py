"""Parameters at which two laws are equal, or nearly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from itertools import product

import mpmath
import numpy as np
import sympy
from laws import Pair

from kl_symbolic.functions import Domain

Laws = dict[str, np.ndarray]
POWERS = tuple(2.0**k for k in range(-2, 3))  # of which the reciprocals are floating-point numbers, too
DIGITS = 40
STARTS = (0, -1, 1)


def free(pair: Pair) -> tuple[str, ...]:
    """Return the parameters of that law which can be made equal to any other one of its kind: of Q, if both can."""
    p, q = ([name for name in pair.names if name.endswith(end)] for end in ("_1", "_2"))
    return tuple((q if len(q) >= len(p) else p) or pair.names)


def equal(random: np.random.Generator, pair: Pair, laws: Laws) -> Laws:
    """Return laws that are equal, given laws that are not; some parameters may have to be other numbers."""
    if pair.is_of_one_family:
        half = len(pair.names) // 2
        return {name: laws[pair.names[k % half]] for k, name in enumerate(pair.names)}
    shape = next(iter(laws.values())).shape
    given = {name: random.choice(POWERS, shape) for name in pair.names if name not in free(pair)}
    chosen = np.stack([*given.values(), np.zeros(shape)])[0]
    found = {name: np.empty(shape) for name in free(pair)}
    for number in np.unique(chosen):
        for name, value in solved(pair, tuple((one, float(number)) for one in given)).items():
            found[name][chosen == number] = value
    return {name: {**given, **found}[name] for name in pair.names}


def are_equal(pair: Pair, point: Sequence[float]) -> bool:
    """Whether two laws are known to be equal."""
    if pair.is_of_one_family:
        half = len(point) // 2
        return tuple(point[:half]) == tuple(point[half:])
    values = dict(zip(pair.names, map(float, point), strict=True))
    given = tuple((name, value) for name, value in values.items() if name not in free(pair))
    known = all(value in POWERS for _, value in given)
    return known and all(values[name] == value for name, value in solved(pair, given).items())


def moved(
    random: np.random.Generator, pair: Pair, laws: Laws, distance: float | np.ndarray, *, only: bool = False
) -> Laws:
    """Return laws at a relative distance from equal ones, in all parameters or in one only; 0 is moved away from 0."""
    names = free(pair)
    which = random.integers(len(names), size=laws[names[0]].shape)
    found = dict(laws)
    for k, name in enumerate(names):
        step = distance * random.uniform(-1, 1, which.shape) * ((which == k) | (not only))
        if pair.stated.parameters[name].domain is Domain.UNIT:
            step = step * (1 - laws[name])  # it stays below 1
        found[name] = np.where(laws[name] == 0, step, laws[name] * (1 + step))
    return found


@cache
def solved(pair: Pair, given: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """Return where the derivatives by the free parameters are 0, which they are of equal laws."""
    names, at = free(pair), dict(given)
    unknown = sympy.symbols(names)
    slopes = [pair.slopes.expr[pair.names.index(name)].subs(at) for name in names]
    records = [pair.stated.parameters[name] for name in names]
    positive = [record.domain is Domain.POSITIVE for record in records]
    # In logarithms nothing leaves its domain.
    logarithms = {one: sympy.exp(one) for one, yes in zip(unknown, positive, strict=True) if yes}
    function = sympy.lambdify(unknown, [slope.subs(logarithms, simultaneous=True) for slope in slopes], "mpmath")
    with mpmath.workdps(DIGITS):
        root = _root(function, len(names))
        found = [mpmath.exp(x) if yes else x for x, yes in zip(root, positive, strict=True)]
        # What is 0 is found to be less than half of the digits.
        return {n: float(x) if abs(x) > 10 ** (-DIGITS / 2) else 0.0 for n, x in zip(names, found, strict=True)}


def _root(function: Callable[..., list[mpmath.mpf]], size: int) -> list[mpmath.mpf]:
    """Return where Newton's method finds a root; not from every start does it."""
    for start in product(STARTS, repeat=size):
        with suppress(ValueError, ZeroDivisionError):
            return list(mpmath.findroot(function, start, tol=mpmath.mpf(10) ** -48, maxsteps=50))
    raise ValueError("no parameters are found at which the laws are equal")
