"""Numbers of double precision as what they are: rational numbers, written with all the decimals that they have."""

from __future__ import annotations

import sys
from decimal import Decimal
from fractions import Fraction

LEAST_DOUBLE = Fraction(2) ** -1074
LEAST_NORMAL = Fraction(2) ** -1022
LARGEST_DOUBLE = Fraction(sys.float_info.max)
SPACING = Fraction(2) ** -52  # between 1 and the next double


def nearest_double(value: Fraction) -> Fraction:
    """Return the double that is nearest to a number, the largest one beyond that.

    >>> nearest_double(Fraction(1, 10))
    Fraction(3602879701896397, 36028797018963968)
    """
    return Fraction(float(max(-LARGEST_DOUBLE, min(LARGEST_DOUBLE, value))))


def exact_decimals(double: Fraction) -> str:
    """Return all the decimals of a double.

    >>> exact_decimals(nearest_double(Fraction(1, 10))), exact_decimals(Fraction(3))
    ('0.1000000000000000055511151231257827021181583404541015625', '3')
    """
    return str(Decimal(float(double))).lower()


def is_normal(value: Fraction) -> bool:
    """Whether a number lies where doubles have their full precision.

    >>> is_normal(Fraction(-1, 3)), is_normal(LEAST_DOUBLE)
    (True, False)
    """
    return LEAST_NORMAL <= abs(value) <= LARGEST_DOUBLE
