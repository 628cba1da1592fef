"""Errors of a function in a region, against the closed form at 60 digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kl_symbolic.audit.calls import Caller
from kl_symbolic.audit.exact import Real, mp
from kl_symbolic.audit.libraries import Array, CallError
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.report import Row


def answers_of(caller: Caller, columns: Mapping[str, Array], order: Sequence[str], reduction: Reduction) -> list[Any]:
    """Return what a function answers for each sample: an array, or None where it raised an error."""
    arrays = [columns[name] for name in order]
    rows = len(arrays[0])
    if caller.layout == "batch" and reduction.by_sample:
        try:
            found = caller.batch(arrays)
            if found.ndim and len(found) == rows:
                return list(found)
        except CallError:
            pass  # one sample may be to blame
    answered: list[Any] = []
    for row in range(rows):
        try:
            answered.append(caller.one(arrays, row))
        except CallError:
            answered.append(None)
    return answered


def measure(
    region: str,
    columns: Mapping[str, Array],
    truth: Array,
    answered: Sequence[Any],
    reduction: Reduction,
    info: np.finfo[Any],
) -> Row:
    """Compare what a function answered with the truth, the divergence of each coordinate of each sample."""
    errors: list[tuple[float, int]] = []
    counts = dict.fromkeys(("negative", "nan", "infinite", "zero", "raised"), 0)
    unknown = 0
    for row, answer in enumerate(answered):
        wanted = [None] if any(v is None for v in truth[row]) else np.ravel(reduction.apply(truth[row : row + 1]))
        if answer is None:
            counts["raised"] += 1
            errors.append((float("inf"), row))
            continue
        values = np.ravel(answer)
        if len(values) != len(wanted):
            errors.append((float("inf"), row))
            continue
        for value, right in zip(values.tolist(), wanted, strict=True):
            if right is None:
                unknown += 1
                continue
            errors.append((error(value, right, info), row))
            counts["negative"] += value < 0
            counts["nan"] += np.isnan(value)
            counts["infinite"] += np.isinf(value) and error(value, right, info) > 0
            counts["zero"] += value == 0 and right != 0 and error(value, right, info) > 0
    points = len(errors)
    worst, where = max(errors, default=(0.0, 0))
    median = float(np.median([e for e, _ in errors])) if errors else 0.0
    if not errors:
        worst = median = float("nan")
    shares = {name: count / max(points, 1) for name, count in counts.items()}
    return Row(region, points, worst, median, unknown=unknown, where=place(columns, where), **shares)


def error(answer: float, right: Real, info: np.finfo[Any]) -> float:
    """Return the relative error in eps; infinite if the answer is not finite without need.

    Below the smallest normal number one subnormal number is allowed. Where the truth is within 16 eps of the largest
    number an infinity is right as well.

    Examples
    --------
    >>> error(2.0, mp.mpf(1), np.finfo("float64")) == 2.0**52
    True
    """
    right_overflows = right > float(info.max) * (1 - 16 * float(info.eps))
    if not np.isfinite(answer):
        return 0.0 if answer == np.inf and right_overflows else float("inf")
    if right == 0:
        return 0.0 if answer == 0 else float("inf")
    if mp.isinf(right):
        return float("inf")
    allowed = float(info.smallest_subnormal) if abs(right) < float(info.tiny) else 0.0
    return float(max(mp.zero, abs(mp.mpf(answer) - right) - allowed) / abs(right) / float(info.eps))


def place(columns: Mapping[str, Array], row: int) -> str:
    """Return the parameters of a sample in words.

    >>> place({"mu": np.array([[0.5, 2.0]])}, 0)
    'mu = [0.5, 2.0]'
    """
    parts = []
    for name, column in columns.items():
        values = [repr(float(v)) for v in np.ravel(column[row])]
        parts.append(f"{name} = {values[0]}" if len(values) == 1 else f"{name} = [{', '.join(values)}]")
    return ", ".join(parts)
