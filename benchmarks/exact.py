"""References to 60 digits from the proved closed forms, and the error of an answer in eps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import mpmath
import numpy as np
from equal_laws import are_equal
from laws import Pair
from mpmath import mpf

from kl_symbolic import RequestError
from kl_symbolic.closed_forms.form import ClosedForm
from kl_symbolic.code.languages.arrays import array_function
from kl_symbolic.code.operations import Operation
from kl_symbolic.code.program import Program

DIGITS = 60
ROUNDED = 1e-35  # eps: less is the rounding of 60 digits


class Exact(NamedTuple):
    """The truth at one point; None where there is none, or its digits cannot be had.

    Parameters
    ----------
    value
        The divergence.
    slopes
        Its derivatives.
    """

    value: mpf | None
    slopes: tuple[mpf, ...] | None = None


def exact(pair: Pair, point: Sequence[float]) -> Exact:
    """Return the divergence of laws of one coordinate and its derivatives, at the parameters as they are rounded."""
    if are_equal(pair, point):
        return Exact(mpf(0), (mpf(0),) * len(point))
    if pair.is_discrete and point[1] == 0:  # no mean of a Poisson law
        return Exact(mpmath.inf)
    arguments = dict(zip(pair.closed.parameters, map(float, point), strict=True))
    value = _evaluated(pair.closed, arguments)
    return Exact(value, None if pair.is_discrete else _evaluated(pair.slopes, arguments))


def _evaluated(closed: ClosedForm, arguments: dict[str, float]) -> Any:
    try:
        return closed.evaluate(DIGITS, **arguments)
    except RequestError:  # a parameter is at the end of its domain, or too many digits cancel
        return None


def largest_parts(pair: Pair, laws: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return for each derivative the largest of the parts that are added up last, times the factors of their sum.

    0 where the bound of the error is relative to the derivative itself. Arguments are from where there is such a bound:
    nothing overflows.
    """
    assert pair.formula.gradient is not None
    wide = [law.astype(float) for law in laws]
    slopes = zip(pair.formula.gradient.results, pair.bounds[1:], strict=True)
    return [_size(pair, slope, wide) if bound.of_largest_part else np.zeros(wide[0].shape) for slope, bound in slopes]


def _size(pair: Pair, node: Operation, laws: Sequence[np.ndarray]) -> np.ndarray:
    match node.kind, node.args:
        case "add" | "sub", (a, b) if not {a.kind, b.kind} <= {"argument", "constant"}:
            return np.maximum(_size(pair, a, laws), _size(pair, b, laws))
        case "neg", (a,):
            return _size(pair, a, laws)
        case "mul", (a, b):
            return _size(pair, a, laws) * _size(pair, b, laws)
        case "div", (a, b):
            return _size(pair, a, laws) / _size(pair, b, laws)
    return np.abs(_function(pair, node)(*laws))


@cache
def _function(pair: Pair, node: Operation) -> Callable[..., np.ndarray]:
    return array_function(Program("part", pair.names, (node,)))


def error(answer: float, right: mpf, info: np.finfo, lost: float = 0, part: mpf | float = 0) -> float:
    """Return the relative error in eps; infinite if the answer is not a number or not finite without need.

    Below the smallest normal number one subnormal number is allowed, or more where a library may have `lost` more. An
    error may be relative to a larger `part` of the right number.
    """
    largest = max(abs(right), part)
    if mpmath.isinf(right) or not np.isfinite(answer):
        sure = float(info.max) * (1 - 64 * float(info.eps))
        return 0.0 if not np.isnan(answer) and _is_beyond(answer, right, largest, sure) else np.inf
    if largest == 0:
        return 0.0 if answer == 0 else np.inf
    allowed = max(lost, float(info.smallest_subnormal) if largest < float(info.tiny) else 0)
    found = float(max(mpf(0), abs(mpf(answer) - right) - allowed) / largest / float(info.eps))
    return found if found > ROUNDED else 0.0


def _is_beyond(answer: float, right: mpf, largest: mpf, sure: float) -> bool:
    """Whether an infinite answer is right: it has the sign of a number that is too large, or of such a part."""
    return bool(np.isinf(answer) and (right * np.sign(answer) > sure or (largest > abs(right) and largest > sure)))
