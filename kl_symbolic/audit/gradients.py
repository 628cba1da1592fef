"""Gradients of a function, by its library or as they are given, against the proved gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kl_symbolic.audit.calls import Caller, said
from kl_symbolic.audit.exact import Real, mp
from kl_symbolic.audit.libraries import Array, CallError, Function, undisturbed
from kl_symbolic.audit.measure import error, place
from kl_symbolic.audit.report import Row
from kl_symbolic.audit.target import Columns, Target, evaluated


def gradients_of(caller: Caller, given: Function | None, arrays: Sequence[Array]) -> list[Array] | None:
    """Return the derivatives of the sum of all values by each argument; None if nothing can differentiate.

    Raises
    ------
    CallError
        If differentiation fails.
    """
    columns, arrays = arrays, [np.array(caller.laid_out(a)) for a in arrays]
    if given is None and caller.library.gradient is None:
        return None
    with undisturbed(caller.library.name):
        try:
            if given is not None:
                found = [caller.library.numpy(g) for g in given(*map(caller.library.array, arrays))]
            else:
                assert caller.library.gradient is not None
                found = caller.library.gradient(caller.function, arrays)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # sys.exit too
            raise CallError(said(failure)) from failure
    if len(found) != len(arrays):
        raise CallError(f"{len(found)} derivatives for {len(arrays)} arguments")
    for g, a in zip(found, arrays, strict=True):
        if g.shape != a.shape:
            raise CallError(f"a derivative has the shape {g.shape}, its argument {a.shape}")
    return [g.reshape(c.shape) for g, c in zip(found, columns, strict=True)]


def measure_gradient(
    region: str, target: Target, columns: Columns, order: Sequence[str], found: Sequence[Array], weight: Real
) -> Row:
    """Compare gradients with the proved ones, times the weight of a coordinate in the sum of all values.

    The error is relative to the largest component of the gradient at the same coordinate.
    """
    assert target.gradients is not None
    by_name = dict(zip(order, found, strict=True))
    wanted = {name: evaluated(slope, columns) for name, slope in target.gradients.items()}
    names = list(wanted)
    info = np.finfo(columns[names[0]].dtype)
    shape = columns[names[0]].shape
    errors: list[tuple[float, int]] = []
    nan = 0
    for index in np.ndindex(shape):
        right = [wanted[name][index] for name in names]
        if any(r is None for r in right):
            continue
        largest = max(abs(r) for r in right) * weight
        for name, r in zip(names, right, strict=True):
            value = float(by_name[name][index])
            nan += bool(np.isnan(value))
            errors.append((_relative(value, r * weight, largest, info), index[0]))
    worst, where = max(errors, default=(float("nan"), 0))
    median = float(np.median([e for e, _ in errors])) if errors else float("nan")
    return Row(region, len(errors), worst, median, nan=nan / max(len(errors), 1), where=place(columns, where))


def _relative(value: float, right: Real, largest: Real, info: np.finfo[Any]) -> float:
    if not np.isfinite(value) or largest == 0:
        return error(value, right, info)
    return float(abs(mp.mpf(value) - right) / largest / float(info.eps))
