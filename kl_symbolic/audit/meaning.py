"""What the values of a function say that it computes, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kl_symbolic.audit.calls import Caller
from kl_symbolic.audit.diagnosis import Diagnosis, diagnose
from kl_symbolic.audit.exact import mp
from kl_symbolic.audit.libraries import Array, CallError
from kl_symbolic.audit.measure import place
from kl_symbolic.audit.probe import Probe, agreement, ask, narrowed
from kl_symbolic.audit.reductions import Reduction, conventions
from kl_symbolic.audit.report import Finding
from kl_symbolic.audit.target import Columns, Target, Values


def meaning(
    target: Target, caller: Caller, order: Sequence[str], columns: Columns, reductions: Sequence[Reduction]
) -> tuple[Diagnosis | None, list[Finding]]:
    """Call a function with laws that are far apart; return what it computes, if it answers, and what is wrong.

    Parameters
    ----------
    target
        What it should compute.
    caller
        The function.
    order
        The names of its arguments.
    columns
        Parameters of laws that are far apart, samples x coordinates.
    reductions
        Those that it may follow.
    """
    try:
        asked = ask(caller, columns, order)
    except CallError as error:
        return None, [Finding("call", f"it fails at {len(columns[order[0]])} samples far apart: {error}")]
    found, answer = [], asked.answer
    dtype = columns[order[0]].dtype
    if answer.dtype.kind == "f" and answer.dtype.itemsize < dtype.itemsize:
        found.append(Finding("dtype", f"it returns {answer.dtype} for parameters in {dtype}"))
    diagnosis = diagnose(target, columns, order, asked, reductions)
    if not diagnosis.right and diagnosis.words is None and diagnosis.reduction is not None:
        diagnosis = _of_positive(target, caller, order, columns, reductions) or diagnosis
    if not diagnosis.right and len(reductions) == 1:
        other = diagnose(target, columns, order, asked, conventions(target.product))
        if other.right and other.reduction is not None:
            words = f"it returns {other.reduction.words}; expected: {reductions[0].words}"
            return other, [*found, Finding("shape", words)]
    if diagnosis.shape is not None:
        found.append(Finding("shape", diagnosis.shape))
    if diagnosis.reduction is None:
        shapes = sorted({str(np.shape(r.apply(target.values(columns)))) for r in reductions})
        shape = caller.laid_out(columns[order[0]]).shape
        words = f"for arguments of shape {shape} it returns the shape {answer.shape}; expected: {' or '.join(shapes)}"
        found.append(Finding("shape", words))
    elif diagnosis.words is not None:
        many = f"{diagnosis.points} point{'s' * (diagnosis.points != 1)}"
        words = f"wrong values: {diagnosis.words} (agrees at {many} to {diagnosis.digits} digits)"
        found.append(Finding("meaning", words))
    elif not diagnosis.right:
        found.append(Finding("value", _counterexample(target, asked, columns, diagnosis.reduction)))
    return diagnosis, found


def _of_positive(
    target: Target, caller: Caller, order: Sequence[str], columns: Columns, reductions: Sequence[Reduction]
) -> Diagnosis | None:
    """Ask once more with positive numbers: more mistakes have a value there."""
    positive = {name: np.abs(column) for name, column in columns.items()}
    try:
        asked = ask(caller, positive, order)
    except CallError:
        return None
    diagnosis = diagnose(target, positive, order, asked, reductions)
    return None if diagnosis.words is None else diagnosis


def _counterexample(target: Target, asked: Probe, columns: Columns, reduction: Reduction) -> str:
    """Say where an answer differs from the divergence: of samples alone, if one does, or else of all together."""
    for where, answer, truth in _calls(asked, columns, target.values(columns)):
        wanted = reduction.apply(truth)
        if agreement(answer, wanted, asked.tolerance) is None:
            difference = f"at {where} it returns {_shown(answer)}; expected: {_shown(wanted)}"
            return f"wrong values, and no known slip explains them: {difference}"
    raise AssertionError("the answers are those of the divergence")


def _calls(asked: Probe, columns: Columns, truth: Values) -> Iterator[tuple[str, Array, Values]]:
    """Yield what a function was called with, in words, what it answered, and the divergence at each coordinate."""
    singles = asked.single or tuple(asked.answer[k : k + 1] for k in range(len(truth)))
    for k, one in enumerate(singles):
        if one is not None:
            yield place(columns, k), one, truth[k : k + 1]
    if asked.narrow is not None:
        yield place({n: narrowed(c) for n, c in columns.items()}, 0), asked.narrow, narrowed(truth)[:1]
    yield f"{len(truth)} samples at once, the first of them {place(columns, 0)},", asked.answer, truth


def _shown(answer: Array) -> str:
    """Return numbers to 17 digits, in brackets."""
    if np.ndim(answer):
        return f"[{', '.join(map(_shown, answer))}]"
    number = np.asarray(answer).item()
    return repr(number) if isinstance(number, float) else str(mp.nstr(number, 17))
