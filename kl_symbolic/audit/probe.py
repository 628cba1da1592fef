"""What a function answers to laws that are far apart, all at once and one by one, and whether that is something."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from kl_symbolic.audit.calls import Caller
from kl_symbolic.audit.exact import mp
from kl_symbolic.audit.libraries import Array, CallError
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.target import Columns, Values

SMALL = 1e-3  # values below it are compared in absolute terms: a candidate may be 0
MOST_DIGITS = 1e-17


@dataclass(frozen=True)
class Probe:
    """The answer to samples x coordinates at once, and those to each sample alone, where there are any.

    `narrow` is that to the first sample without its last third of coordinates, so that sums and means over coordinates
    differ in more than a factor. `tolerance` says how large a relative difference still means the same; by default half
    of the digits.
    """

    answer: Array
    single: tuple[Array | None, ...]
    narrow: Array | None = None
    tolerance: float = field(default=0.0)

    def __post_init__(self) -> None:
        if not self.tolerance:
            object.__setattr__(self, "tolerance", math.sqrt(self.eps))

    @property
    def eps(self) -> float:
        """The precision of the answers."""
        return float(np.finfo(self.answer.dtype if self.answer.dtype.kind == "f" else np.float64).eps)

    def pairs(self, values: Values, reduction: Reduction) -> list[tuple[Array, Array]]:
        """Return each answer with the reduction of values that it may be; none where too few of the values are known.

        Samples without a value are left out, where the reduction tells samples apart.
        """
        known = [all(v is not None for v in row) for row in values]
        if sum(known) < max(2, len(known) // 2) or not (all(known) or reduction.by_sample):
            return []
        answer, together = self.answer, values
        if not all(known):
            if np.shape(answer)[:1] != (len(known),):
                return []
            answer, together = answer[known], values[known]
        pairs = [(answer, together)]
        pairs += [(one, values[k : k + 1]) for k, one in enumerate(self.single) if one is not None and known[k]]
        if self.narrow is not None and known[0]:
            pairs.append((self.narrow, narrowed(values)[:1]))
        return [(given, reduction.apply(part)) for given, part in pairs]

    def reshaped(self, values: Values, reduction: Reduction) -> Self:
        """Return the same with answers to one sample in the shape of the reduction, if they have as many numbers."""

        def fitted(one: Array | None, part: Values) -> Array | None:
            shape = np.shape(reduction.apply(part))
            return one.reshape(shape) if one is not None and one.size == math.prod(shape) else one

        single = tuple(fitted(one, values[k : k + 1]) for k, one in enumerate(self.single))
        return replace(self, single=single, narrow=fitted(self.narrow, narrowed(values)[:1]))

    def weighed(self, values: Values, reduction: Reduction, one: Callable[[int], float]) -> list[tuple[Any, Any, Any]]:
        """Return the same, in floating point, with what a constant at each coordinate would add.

        `one` says how large it is, by the number of coordinates; nothing is returned where the shapes differ.
        """

        def ones(part: Values) -> Array:
            return reduction.apply(np.full(part.shape, one(part.shape[-1])))

        pairs = self.pairs(values, reduction)
        if any(np.shape(given) != np.shape(wanted) for given, wanted in pairs):
            return []
        weights = self.pairs(values, replace(reduction, apply=ones))
        return [
            (given, np.asarray(wanted, float), weight)
            for (given, wanted), (_, weight) in zip(pairs, weights, strict=True)
        ]

    def digits(self, values: Values, reduction: Reduction) -> tuple[int, int] | None:
        """Return at how many points and to how many digits the answers are the reduction of values; None if not so."""
        pairs = self.pairs(values, reduction)
        least = math.inf
        for given, wanted in pairs:
            found = agreement(given, wanted, self.tolerance)
            if found is None:
                return None
            least = min(least, found)
        # Of one sample alone the number may be the same as in all together: it is counted once.
        points = pairs[:1] if reduction.by_sample else pairs
        return (sum(given.size for given, _ in points), int(least)) if pairs else None


def narrowed(columns: Array) -> Array:
    """Return samples without the last third of their coordinates."""
    width = columns.shape[-1]
    return columns[:, : width - max(1, width // 3)]


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
        worst = max(worst, float(abs(value - right) / max(abs(right), small)))
        if worst > tolerance:
            return None
    return math.floor(-math.log10(max(worst, MOST_DIGITS)))


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
    try:
        narrow = caller.one([narrowed(a) for a in arrays], 0) if arrays[0].shape[-1] > 1 else None
    except CallError:
        narrow = None
    if together is not None:
        return Probe(together, tuple(single), narrow)
    answered = [one for one in single if one is not None]
    if not answered:
        raise failure
    if len({np.shape(one) for one in answered}) > 1:
        raise CallError("its answers have different shapes")
    # Seen from outside, a function of one sample is one that returns a value per sample.
    missing = np.full(answered[0].shape, np.nan)
    stacked = np.stack([missing if one is None else one for one in single])
    return Probe(stacked, (), None if narrow is None else narrow[None])
