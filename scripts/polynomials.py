"""Print the polynomials of `kl_symbolic/functions`, to paste there; the tests certify their bounds.

Each interpolates its function at Chebyshev points, which is nearly as good as the best polynomial of its degree.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from typing import TypeAlias

from mpmath import mp, mpf

Series: TypeAlias = Callable[[int], mpf]


def expm1mx_by_square(k: int) -> mpf:
    """Return a coefficient of (e^t - 1 - t)/t^2."""
    return 1 / mp.factorial(k + 2)


def exp_by_cube(k: int) -> mpf:
    """Return a coefficient of (e^t - 1 - t - t^2/2)/t^3."""
    return 1 / mp.factorial(k + 3)


def artanh_by_cube(k: int) -> mpf:
    """Return a coefficient of (artanh(s) - s)/s^3 in powers of s^2."""
    return mpf(1) / (2 * k + 3)


# What it is, its power series, the interval, the number of coefficients. Those that are `SINGLE` are for float32.
POLYNOMIALS: dict[str, tuple[Series, str, str, int]] = {
    "EXPM1MX_BY_SQUARE": (expm1mx_by_square, "-1", "1", 15),
    "EXP_REDUCED": (exp_by_cube, "-0.347", "0.347", 10),
    "EXP_REDUCED_SINGLE": (exp_by_cube, "-0.347", "0.347", 5),
    "ARTANH_BY_CUBE": (artanh_by_cube, "0", "0.207", 13),
    "ARTANH_REDUCED": (artanh_by_cube, "0", "0.1112", 10),
    "ARTANH_REDUCED_SINGLE": (artanh_by_cube, "0", "0.1112", 4),
}
SINGLE = "_SINGLE"


def interpolated(series: Series, low: mpf, high: mpf, count: int, *, single: bool = False) -> list[float]:
    """Return the coefficients of the polynomial that has the values of a series at the Chebyshev points."""

    def value(x: mpf) -> mpf:
        return mp.nsum(lambda k: series(int(k)) * x**k, [0, 200], method="d")

    points = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    powers = mp.matrix([[x**k for k in range(count)] for x in points])
    found = [float(c) for c in mp.lu_solve(powers, mp.matrix([value(x) for x in points]))]
    return array("f", found).tolist() if single else found


def main() -> None:
    """Print them all."""
    mp.dps = 80
    for name, (series, low, high, count) in POLYNOMIALS.items():
        coefficients = interpolated(series, mp.mpmathify(low), mp.mpmathify(high), count, single=name.endswith(SINGLE))
        sys.stdout.write("\n    ".join((name, *(f"{c!r}," for c in coefficients))) + "\n")


if __name__ == "__main__":
    main()
