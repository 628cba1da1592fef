"""Make the constants of the kernels, among them polynomials with a certified bound of their errors.

Usage: python scripts/constants.py [--check]

Writes kl_symbolic/numeric/constants.py; with --check says whether that file is what would be written.

The coefficients are those of the Chebyshev approximation that mpmath computes, rounded to the dtype. The bound holds
for the rounded ones, whatever mpmath did: what separates the polynomial from a Taylor polynomial is a polynomial with
rational coefficients; on an interval it lies between the least and the greatest of its Bernstein coefficients
(Farouki, The Bernstein polynomial basis: a centennial retrospective, 2012, section 3), which are computed exactly; what
the Taylor polynomial leaves out is at most a geometric series. Not covered is the rounding of the evaluation in
floating point, which the tests measure.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import comb, factorial
from pathlib import Path
from typing import TYPE_CHECKING

import mpmath
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = Path(__file__).parents[1] / "kl_symbolic" / "numeric" / "constants.py"
TAYLOR = 24  # terms, of which each is at most half as large as the one before on the intervals below
PIECES = 16  # of the interval: the Bernstein coefficients come the closer to the polynomial


@dataclass(frozen=True)
class Function:
    """A function given by its Taylor series at 0, on an interval around it."""

    name: str
    what: str
    coefficient: Callable[[int], Fraction]
    low: Fraction
    high: Fraction
    degrees: dict[str, int]  # by dtype
    allowed: Callable[[float], float]  # error, by the eps of the dtype


FUNCTIONS = [
    # |r| <= log(2)/2 = 0.34657... and a little more, for the reduction of the argument is rounded.
    Function(
        "EXPONENTIAL",
        "(e^r - 1 - r)/r^2",
        lambda k: Fraction(1, factorial(k + 2)),
        Fraction(-347, 1000),
        Fraction(347, 1000),
        {"float64": 10, "float32": 4},
        lambda eps: eps * 2 / 3,  # the least value is 0.44, so at most 3/2 eps of any
    ),
    # |w| <= 1/5 for w = (a - b)/(a + b) and a/b between 2/3 and 3/2, and a little more.
    Function(
        "LOGARITHM",
        "(2 atanh(w) - 2 w)/w^3 in powers of w^2",
        lambda k: Fraction(2, 2 * k + 3),
        Fraction(0),
        Fraction(401, 10000),
        {"float64": 7, "float32": 2},
        lambda eps: 5 * eps,  # it is multiplied by w^3 and added to what is at least eight times as large
    ),
    # t/(e^t - 1) + t/2 is t coth(t/2)/2, an even function (Abramowitz and Stegun, 23.1.1).
    Function(
        "COTH",
        "(t coth(t/2) - 2)/t^2 in powers of t^2",
        lambda k: 2 * Fraction(*mpmath.bernfrac(2 * k + 2)) / factorial(2 * k + 2),
        Fraction(0),
        Fraction(16, 100),
        {"float64": 4, "float32": 1},
        lambda eps: 5 * eps,  # times t^2 <= 0.16 it is added to 2 - t >= 1.6: half an eps of the sum
    ),
]


def fitted(function: Function, degree: int, dtype: str) -> list[Fraction]:
    """Return the coefficients of a near-best approximation, lowest first, each a number of the dtype."""
    with mpmath.workdps(60):
        series = [mpmath.mpf(c.numerator) / c.denominator for c in map(function.coefficient, range(TAYLOR))]
        interval = [mpmath.mpf(v.numerator) / v.denominator for v in (function.low, function.high)]
        best = mpmath.chebyfit(lambda x: mpmath.polyval(series[::-1], x), interval, degree + 1)
        return [Fraction(float(np.dtype(dtype).type(mpmath.nstr(c, 40)))) for c in reversed(best)]


def certified(function: Function, coefficients: list[Fraction]) -> Fraction:
    """Return a number that the error of a polynomial nowhere exceeds on the interval."""
    taylor = [function.coefficient(k) for k in range(TAYLOR)]
    difference = [a - b for a, b in zip(coefficients + [Fraction(0)] * TAYLOR, taylor, strict=False)]
    edges = [function.low + (function.high - function.low) * k / PIECES for k in range(PIECES + 1)]
    worst = max(largest(difference, a, b) for a, b in pairwise(edges))
    reach = max(-function.low, function.high)
    # The series' coefficients fall, so what is left out is below a geometric series.
    return worst + abs(function.coefficient(TAYLOR)) * reach**TAYLOR / (1 - reach)


def largest(polynomial: list[Fraction], low: Fraction, high: Fraction) -> Fraction:
    """Return a bound of the absolute value of a polynomial on an interval: its largest Bernstein coefficient."""
    shifted = moved(polynomial, low, high - low)
    degree = len(shifted) - 1
    return max(
        abs(sum(Fraction(comb(i, j), comb(degree, j)) * shifted[j] for j in range(i + 1))) for i in range(degree + 1)
    )


def moved(polynomial: list[Fraction], offset: Fraction, scale: Fraction) -> list[Fraction]:
    """Return the coefficients of the polynomial in t that it is at offset + scale t."""
    result = [Fraction(0)]
    for c in reversed(polynomial):
        times = [offset * a for a in result] + [Fraction(0)]
        for k, a in enumerate(result):
            times[k + 1] += scale * a
        times[0] += c
        result = times
    return result


def source() -> str:
    """Return the text of the module with all polynomials.

    Raises
    ------
    SystemExit
        If a bound is not what the kernels rely on.
    """
    lines = [
        '"""Constants of the kernels, polynomials lowest power first; scripts/constants.py makes them."""',
        "",
        "# fmt: off",
    ]
    for function in FUNCTIONS:
        lines += ["", f"# {function.what} for {float(function.low)} <= x <= {float(function.high)}"]
        lines.append(f"{function.name} = {{")
        for dtype, degree in function.degrees.items():
            coefficients = fitted(function, degree, dtype)
            bound, eps = certified(function, coefficients), float(np.finfo(dtype).eps)
            if bound > function.allowed(eps):
                sys.exit(f"{function.name}, {dtype}: the error may be {float(bound):.3g}")
            lines.append(f'    "{dtype}": (  # error at most {rounded_up(bound)}')
            lines += [f"        {float(c)!r}," for c in coefficients]
            lines.append("    ),")
        lines.append("}")
    lines += ["", "# log(2) as a sum", "LOG_2 = {"]
    for dtype in ("float64", "float32"):
        lines.append(f'    "{dtype}": {parts_of_log_2(dtype)},')
    lines.append("}")
    return "\n".join(lines) + "\n"


def parts_of_log_2(dtype: str) -> tuple[float, ...]:
    """Return as few numbers as give k log(2) with an error of at most 3 eps, for every exponent k of the dtype."""
    info, parts = np.finfo(dtype), []
    with mpmath.workdps(60):
        rest = mpmath.log(2)
        while info.maxexp * abs(rest) > 3 * info.eps:
            parts.append(float(info.dtype.type(float(rest))))
            rest -= parts[-1]
    return tuple(parts)


def rounded_up(bound: Fraction) -> str:
    """Return two digits that are not below the bound."""
    return mpmath.nstr(mpmath.mpf(float(bound * Fraction(105, 100))), 2)


def main() -> None:
    """Write the module, or compare."""
    parser = argparse.ArgumentParser(description="Make the constants of the kernels.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file differs")
    if parser.parse_args().check:
        if TARGET.read_text(encoding="utf-8") != source():
            sys.exit(f"{TARGET.name} is not what this script writes")
    else:
        TARGET.write_text(source(), encoding="utf-8")


if __name__ == "__main__":
    main()
