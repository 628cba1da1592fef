"""Do two values with error estimates agree? A question with three answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kl_symbolic.numbers.arithmetic import Context
from kl_symbolic.numbers.balls import Ball, shown
from kl_symbolic.numbers.evaluator import GUARD_DIGITS, SMALLEST_SCALE

Status = Literal["agree", "disagree", "unknown"]

# A difference counts as real when it exceeds the estimated errors by this factor.
CLEARLY = 4


@dataclass(frozen=True)
class Comparison:
    """The outcome at one point."""

    status: Status
    digits: float | None
    detail: str = ""


def compare(ctx: Context, left: Ball, right: Ball, digits: int) -> Comparison:
    """Compare two values to a number of digits.

    Examples
    --------
    >>> import mpmath
    >>> from kl_symbolic.numbers.balls import Ball
    >>> ctx = mpmath.MPContext()
    >>> compare(ctx, Ball(ctx.mpf(1), ctx.mpf("1e-12")), Ball(ctx.mpf(1), ctx.zero), 10)
    Comparison(status='agree', digits=12.0, detail='')
    >>> compare(ctx, Ball(ctx.mpf(1), ctx.mpf("1e-5")), Ball(ctx.mpf(1), ctx.zero), 10).status
    'unknown'
    >>> compare(ctx, Ball(ctx.mpf(1), ctx.zero), Ball(ctx.mpf("1.001"), ctx.zero), 10).status
    'disagree'
    """
    with ctx.workdps(digits + GUARD_DIGITS):
        difference, error = abs(left.mid - right.mid), left.rad + right.rad
        if not (ctx.isfinite(difference) and ctx.isfinite(error)):
            return Comparison("unknown", None, "a value is not finite")
        scale = max(abs(left.mid), abs(right.mid), ctx.mpf(SMALLEST_SCALE))
        apart = (difference + error) / scale
        # No more digits are claimed than were computed with.
        most = digits + GUARD_DIGITS
        reached = float(min(-ctx.log10(apart), most)) if apart else float(most)
        reached = max(round(reached, 1), 0.0)
        tolerance = ctx.mpf(10) ** -digits
        if apart <= tolerance:
            return Comparison("agree", reached)
        if difference > CLEARLY * error and difference > tolerance * scale:
            return Comparison("disagree", reached, f"{shown(ctx, left.mid, 15)} against {shown(ctx, right.mid, 15)}")
        return Comparison("unknown", reached, f"the error estimate {shown(ctx, error / scale, 3)} is too large to tell")
