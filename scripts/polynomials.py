"""Print the polynomials of `kl_symbolic/functions`, to paste there; the tests certify their bounds.

Each interpolates its function at Chebyshev points, which is nearly as good as the best polynomial of its degree.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeAlias

from mpmath import mp, mpf

Series: TypeAlias = Callable[[int], mpf]

# What it is, its power series, the interval, the number of coefficients.
POLYNOMIALS: dict[str, tuple[Series, str, str, int]] = {
    "EXPM1MX_BY_SQUARE": (lambda k: 1 / mp.factorial(k + 2), "-1", "1", 15),
    "ARTANH_BY_CUBE": (lambda k: mpf(1) / (2 * k + 3), "0", "0.207", 13),
}


def interpolated(series: Series, low: mpf, high: mpf, count: int) -> list[float]:
    """Return the coefficients of the polynomial that has the values of a series at the Chebyshev points."""

    def value(x: mpf) -> mpf:
        return mp.nsum(lambda k: series(int(k)) * x**k, [0, 200], method="d")

    points = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    powers = mp.matrix([[x**k for k in range(count)] for x in points])
    return [float(c) for c in mp.lu_solve(powers, mp.matrix([value(x) for x in points]))]


def main() -> None:
    """Print them all."""
    mp.dps = 80
    for name, (series, low, high, count) in POLYNOMIALS.items():
        coefficients = interpolated(series, mp.mpmathify(low), mp.mpmathify(high), count)
        sys.stdout.write("\n    ".join((name, *(f"{c!r}," for c in coefficients))) + "\n")


if __name__ == "__main__":
    main()
