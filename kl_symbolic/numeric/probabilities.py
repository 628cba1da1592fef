"""Whether numbers are probabilities: not negative, with the sum 1; and what they may be if they are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Any

import numpy as np

from kl_symbolic.functions import Domain
from kl_symbolic.numeric.formula import Formula
from kl_symbolic.numeric.inputs import EPS_BY_DTYPE, Floats, name_of, require


def tolerance(values: Iterable[Any]) -> float:
    """Return how much a sum may differ from 1: the trailing half of the digits of the coarsest dtype given.

    That is more than rounding accounts for, and less than a mistake.
    """
    dtypes = [value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype for value in values]
    return sqrt(max(EPS_BY_DTYPE.get(name_of(dtype), EPS_BY_DTYPE["float64"]) for dtype in dtypes))


def require_probabilities(formula: Formula, arrays: Mapping[str, Floats]) -> None:
    """Refuse negative numbers, with a word on what they may be; NaN passes."""
    for name, array in arrays.items():
        if formula.spaces[name].domain is Domain.NONNEGATIVE:
            require(~(array < 0), name, array, "non-negative", _what_negative_ones_may_be(name, array))


def require_one(totals: Mapping[str, Floats], allowed: float, axis: object) -> None:
    """Refuse sums that are not 1; NaN passes."""
    for name, sums in totals.items():
        require(~(np.abs(sums - 1) > allowed), f"{name} along axis {axis}", np.asarray(sums), "1")


def _what_negative_ones_may_be(name: str, array: Floats) -> str:
    if (array > 0).any():
        return f": if these are logits, pass the softmax of {name}"
    return f": if these are logarithms of probabilities, pass np.exp({name})"
