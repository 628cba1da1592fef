"""The error of a program, and how much of the error of its arguments it hands on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

# A bound of a condition number: one everywhere, or one for arguments between two numbers, ``condition(low, high)``.
ConditionNumber: TypeAlias = float | Callable[[float, float], float]


@dataclass(frozen=True)
class Rounding:
    """A bound of the relative error of a program, in units of eps of the dtype.

    Parameters
    ----------
    eps
        The error at exact arguments. Of the library's exp, log, expm1, log1p and sqrt an error of 1 eps is assumed.
    condition
        For each argument of the program, by how much a relative error in it is multiplied: a bound of the logarithmic
        derivative, everywhere or for arguments between two numbers. None is there if the arguments must be exact.
    domain
        Where both hold, in words.
    """

    eps: float
    condition: tuple[ConditionNumber, ...]
    domain: str

    def condition_between(self, place: int, low: float, high: float) -> float:
        """Return a bound of the condition number by an argument that lies between two numbers.

        >>> Rounding(1.0, (lambda low, high: max(-low, high),), "everywhere").condition_between(0, -3.0, 2.0)
        3.0
        """
        if place >= len(self.condition):
            return math.inf
        condition = self.condition[place]
        return condition(low, high) if callable(condition) else condition
