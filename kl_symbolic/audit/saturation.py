"""Where the answer of a function no longer depends on a parameter: a clamp."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from kl_symbolic.audit.calls import Caller
from kl_symbolic.audit.libraries import CallError
from kl_symbolic.audit.target import Columns, Target

BEYOND = (15, 12)  # decades of a scale at which a clamped parameter makes no difference
STEPS = 60  # halvings of the way to the bound
SAME = 1e-9
DIGITS = 4  # of a bound, which people write with few


def bounds(
    caller: Caller, target: Target, order: Sequence[str], columns: Columns, name: str
) -> tuple[float | None, float | None]:
    """Return below and above which value of a parameter the answer stays the same; None where it does not."""
    record = target.records[name]
    low, high = map(float, record.typical)
    middle = (low + high) / 2

    def answer(value: float) -> float:
        row = {n: np.array(c[:1]) for n, c in columns.items()}
        row[name][...] = value
        try:
            return float(np.ravel(caller.one([row[n] for n in order], 0))[0])
        except CallError:
            return math.nan

    def bound(sign: int) -> float | None:
        if record.logarithm:
            first, second = (sign * record.power * decades * math.log(10) for decades in BEYOND)
        else:
            first, second = (10.0 ** (sign * record.power * decades) for decades in BEYOND)
        limit = answer(first)

        def same(value: float) -> bool:
            return abs(answer(value) - limit) <= SAME * max(1.0, abs(limit))

        if not same(second) or same(middle):
            return None
        beyond, within = second, middle
        for _ in range(STEPS):
            between = (beyond + within) / 2 if record.logarithm else math.sqrt(beyond * within)
            beyond, within = (between, within) if same(between) else (beyond, between)
        return float(f"{within:.{DIGITS}g}")

    return bound(-1), bound(1)
