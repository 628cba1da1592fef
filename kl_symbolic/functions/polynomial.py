"""Polynomials in place of a function on an interval, with a certified bound of the difference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Polynomial:
    """A polynomial in floating-point coefficients that approximates a function on an interval.

    Parameters
    ----------
    coefficients
        Those of 1, x, x^2, ...
    low, high
        The interval.
    bound
        A bound of the relative difference from the function on the interval, certified in exact arithmetic by the test
        of that name; the rounding errors of the evaluation are not part of it.
    """

    coefficients: tuple[float, ...]
    low: float
    high: float
    bound: float
