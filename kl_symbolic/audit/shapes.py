"""Shapes: batches of several axes, broadcasting, single laws, and no laws at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kl_symbolic.audit.calls import Caller
from kl_symbolic.audit.libraries import Array, CallError
from kl_symbolic.audit.probe import agreement
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.regions import WIDTH, Dtype, draw
from kl_symbolic.audit.report import Finding
from kl_symbolic.audit.target import Target

# Shapes of the first argument and of the others, without the axis of coordinates, and with other sizes than that.
CASES: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = (
    ("batches of two axes", (2, 4), (2, 4)),
    ("broadcasting", (4,), (2, 1)),
    ("a single law", (), ()),
    ("no laws", (0,), (0,)),
)
BY_AXES = {"sample", "none", "keepdims", "sample_mean"}


def check(
    caller: Caller, target: Target, order: Sequence[str], reduction: Reduction, dtype: Dtype, tolerance: float
) -> tuple[int, list[Finding], list[str]]:
    """Call the function with arguments of several shapes; return how many, the findings, and notes.

    How precise its values are is not looked at here: they are compared to `tolerance`.
    """
    if caller.layout == "sample":
        return 0, [], ["shapes were not tried: it takes one sample at a time"]
    if caller.trailing or caller.packed:
        return 0, [], [f"shapes were not tried: it takes {caller.shown if caller.trailing else 'all in one array'}"]
    if reduction.name not in BY_AXES and reduction.name != "sum":
        return 0, [], [f"shapes were not tried: for {reduction.words} they are a matter of taste"]
    findings, checked = [], 0
    for words, first, others in CASES:
        if words == "broadcasting" and len(order) == 1:
            continue
        checked += 1
        problem = _problem(caller, target, order, reduction, dtype, tolerance, first, others)
        if problem:
            findings.append(Finding("shape", f"{words}: {problem}"))
    return checked, findings, []


def _problem(
    caller: Caller,
    target: Target,
    order: Sequence[str],
    reduction: Reduction,
    dtype: Dtype,
    tolerance: float,
    first: tuple[int, ...],
    others: tuple[int, ...],
) -> str | None:
    last = (WIDTH,) if target.product else ()
    shapes = [(*(others if k else first), *last) for k in range(len(order))]
    full = np.broadcast_shapes(*shapes)
    drawn = draw(target, "far", dtype, max(1, int(np.prod(full[: len(full) - len(last)]))))
    arrays = [_cut(drawn[name], shape, full) for name, shape in zip(order, shapes, strict=True)]
    said = " and ".join(dict.fromkeys(str(a.shape) for a in arrays))
    try:
        answer = caller.call(arrays)
    except CallError as error:
        return f"for arguments of shape {said} it fails: {error}"
    wide = {n: np.broadcast_to(a, full) for n, a in zip(order, arrays, strict=True)}
    columns = {n: (wide[n] if target.product else wide[n][..., None]) for n in target.names}
    truth = target.values(columns)
    if truth.size == 0:
        wanted: Array = np.zeros(reduction.apply(np.zeros(truth.shape)).shape)
    else:
        wanted = reduction.apply(truth)
    if answer.shape != np.shape(wanted):
        return f"for arguments of shape {said} it returns the shape {answer.shape}; expected: {np.shape(wanted)}"
    if truth.size == 0:
        return None if not answer.size or np.all(answer == 0) else f"it returns {answer.tolist()}; expected: 0"
    # Laws that are broadcast may happen to be near each other, where rounding errors are no fault of the shapes.
    if agreement(answer, wanted, tolerance, small=1.0) is None:
        return f"for arguments of shape {said} the values are wrong"
    return None


def _cut(column: Array, shape: tuple[int, ...], full: tuple[int, ...]) -> Array:
    """Return as many values of a column as a shape takes."""
    size = int(np.prod(shape))
    return np.resize(column, int(np.prod(full)) or 1).ravel()[:size].reshape(shape).copy()
