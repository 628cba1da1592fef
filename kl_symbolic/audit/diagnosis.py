"""Find out what a function computes, and what it does with the axes, from its values at laws that are far apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.audit.calls import Caller, CallError
from kl_symbolic.audit.exact import mp
from kl_symbolic.audit.meanings import candidates
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.target import Columns, Target, Values

Array = NDArray[Any]
SMALL = 1e-3  # values below it are compared in absolute terms: a candidate may be 0
MOST_DIGITS = 1e-17


@dataclass(frozen=True)
class Diagnosis:
    """What a function computes, as far as numbers can tell.

    `right` says that it is the divergence; `words` says what it is otherwise, where that is known. The reduction is
    None where no convention gives an answer of this shape.
    """

    right: bool
    reduction: Reduction | None
    words: str | None = None
    points: int = 0
    digits: int = 0


@dataclass(frozen=True)
class Probe:
    """What a function answers to samples x coordinates, all at once and one by one."""

    answer: Array
    single: tuple[Array | None, ...]

    @property
    def tolerance(self) -> float:
        """How large a relative difference still means the same."""
        return math.sqrt(float(np.finfo(self.answer.dtype).eps)) if self.answer.dtype.kind == "f" else 1e-8

    def digits(self, values: Values, reduction: Reduction) -> tuple[int, int] | None:
        """Return at how many points and to how many digits the answers are the reduction of values; None if not so.

        Samples without a value are left out, where the reduction tells samples apart.
        """
        known = [all(v is not None for v in row) for row in values]
        if sum(known) < max(2, len(known) // 2) or not (all(known) or reduction.by_sample):
            return None
        answer, together = self.answer, values
        if not all(known):
            if np.shape(answer)[:1] != (len(known),):
                return None
            answer, together = answer[known], values[known]
        pairs = [(answer, together)]
        pairs += [(one, values[k : k + 1]) for k, one in enumerate(self.single) if one is not None and known[k]]
        found = [agreement(given, reduction.apply(part), self.tolerance) for given, part in pairs]
        if any(digits is None for digits in found):
            return None
        # Of one sample alone the number may be the same as in all together: it is counted once.
        points = answer.size if reduction.by_sample else sum(given.size for given, _ in pairs)
        return points, min(digits for digits in found if digits is not None)


def agreement(answer: Array, wanted: Array, tolerance: float, small: float = SMALL) -> int | None:
    """Return to how many digits two arrays agree, or None if they have other shapes or differ by more than tolerated.

    Values below `small` are compared in absolute terms.

    >>> agreement(np.array([1.0]), np.array([mp.mpf(1) + mp.mpf(10) ** -12]), 1e-9)
    12
    """
    if np.shape(answer) != np.shape(wanted):
        return None
    worst = 0.0
    for value, right in zip(np.ravel(answer).tolist(), np.ravel(wanted), strict=True):
        if not math.isfinite(value) or not mp.isfinite(right):
            return None
        worst = max(worst, float(abs(value - right) / max(abs(right), mp.mpf(small))))
    return None if worst > tolerance else _digits(worst)


def _digits(error: float) -> int:
    return math.floor(-math.log10(max(error, MOST_DIGITS)))


def ask(caller: Caller, columns: Columns, order: Sequence[str]) -> Probe:
    """Return what a function answers to samples x coordinates.

    Raises
    ------
    CallError
        If it fails for all samples at once, or for every one of them where it takes one at a time.
    """
    arrays = [columns[name] for name in order]
    together = caller.batch(arrays) if caller.layout == "batch" else None
    single: list[Array | None] = []
    failure = CallError("there are no samples")
    for row in range(len(arrays[0])):
        try:
            single.append(caller.one(arrays, row))
        except CallError as error:
            single.append(None)
            failure = error
    if together is not None:
        return Probe(together, tuple(single))
    answered = [one for one in single if one is not None]
    if not answered:
        raise failure
    if len({np.shape(one) for one in answered}) > 1:
        raise CallError("its answers have different shapes")
    # Seen from outside, a function of one sample is one that returns a value per sample.
    missing = np.full(answered[0].shape, np.nan)
    return Probe(np.stack([missing if one is None else one for one in single]), ())


def diagnose(
    target: Target, columns: Columns, order: Sequence[str], probe: Probe, reductions: Sequence[Reduction]
) -> Diagnosis:
    """Find the reduction and the meaning that explain the answers."""
    truth = target.values(columns)
    for reduction in reductions:
        found = probe.digits(truth, reduction)
        if found is not None:
            return Diagnosis(True, reduction, None, *found)
    fitting = [r for r in reductions if np.shape(r.apply(truth)) == probe.answer.shape]
    for meaning in candidates(target, columns, order) if fitting else ():
        for reduction in fitting:
            found = probe.digits(meaning.values, reduction)
            if found is not None:
                return Diagnosis(False, reduction, meaning.words, *found)
    for reduction in fitting:
        for words, values in _constants(probe, truth, reduction):
            found = probe.digits(values, reduction)
            if found is not None:
                return Diagnosis(False, reduction, words, *found)
    return Diagnosis(False, fitting[0] if fitting else None)


def _constants(probe: Probe, truth: Values, reduction: Reduction) -> Iterator[tuple[str, Values]]:
    """Yield the divergence plus a constant, and times one, where the answers of two samples suggest the constant."""
    ones = [(one, truth[k : k + 1]) for k, one in enumerate(probe.single) if one is not None]
    if not probe.single:
        ones = [(one[None] if one.ndim else one, truth[k : k + 1]) for k, one in enumerate(probe.answer)]
    if not ones:
        return
    answer, part = ones[0]
    value, wanted = np.ravel(answer).tolist()[0], np.ravel(reduction.apply(part))[0]
    weight = np.ravel(reduction.apply(part * 0 + 1))[0]
    if not math.isfinite(value):
        return
    added, factor = (value - wanted) / weight, value / wanted
    each = " per coordinate" if truth.shape[-1] > 1 else ""
    yield f"the divergence plus {_named(added, probe.tolerance)}{each}", truth + added
    yield f"{_named(factor, probe.tolerance)} times the divergence", truth * factor


def _named(value: Any, tolerance: float) -> str:
    known = [(mp.mpf(k) / 2, f"{k}/2" if k % 2 else str(k // 2)) for k in range(1, 9)]
    known += [(mp.log(2 * mp.pi) / 2, "log(2 pi)/2"), (mp.log(2 * mp.pi * mp.e) / 2, "log(2 pi e)/2")]
    for number, text in known:
        if abs(abs(value) - number) <= 10 * tolerance:
            return f"-{text}" if value < 0 else text
    return str(mp.nstr(value, 8))
