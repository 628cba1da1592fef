"""Where the answer of a function no longer depends on a parameter: a clamp."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from kl_symbolic.audit.calls import Caller
from kl_symbolic.audit.libraries import CallError
from kl_symbolic.audit.target import Columns, Target

BEYOND = (15, 12)  # decades of a scale at which a clamped parameter makes no difference
STEPS = 60  # halvings of the way to the bound
DIGITS = 4  # of a bound, which people write with few


def bounds(
    caller: Caller, target: Target, order: Sequence[str], columns: Columns, name: str, rest: Callable[[Columns], float]
) -> tuple[float | None, float | None]:
    """Return below and above which value of a parameter the answer stays the same; None where it does not.

    Parameters
    ----------
    caller, target, order
        The function, what it should compute, and the names of its arguments.
    columns
        Whose first sample is taken, with other values of the parameter.
    name
        Of the parameter.
    rest
        What is no part of the answer that may be clamped.
    """
    record = target.records[name]
    low, high = map(float, record.typical)
    middle = (low + high) / 2
    eps = float(np.finfo(columns[name].dtype).eps)
    close = math.sqrt(eps) / 10

    def answer(value: float) -> float:
        row = {n: np.array(c[:1]) for n, c in columns.items()}
        row[name][...] = value
        try:
            whole = float(np.ravel(caller.one([row[n] for n in order], 0))[0])
        except CallError:
            return math.nan
        part = rest(row)
        return math.nan if abs(part) * eps > close else whole - part  # of the difference too few digits would be left

    def bound(sign: int) -> float | None:
        if record.logarithm:
            first, second = (sign * abs(record.power) * decades * math.log(10) for decades in BEYOND)
        else:
            first, second = (10.0 ** (sign * abs(record.power) * decades) for decades in BEYOND)
        limit = answer(first)

        def same(value: float) -> bool:
            return abs(answer(value) - limit) <= close * max(1.0, abs(limit))

        if not same(second) or same(middle):
            return None
        beyond, within = second, middle
        for _ in range(STEPS):
            between = (beyond + within) / 2 if record.logarithm else math.sqrt(beyond * within)
            beyond, within = (between, within) if same(between) else (beyond, between)
        return float(f"{within:.{DIGITS}g}")

    return bound(-1), bound(1)
