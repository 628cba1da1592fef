"""What a function does with samples that only a call with several of them shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from kl_symbolic.audit.libraries import Array
from kl_symbolic.audit.probe import Probe, agreement, narrowed
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.target import Values


def only_one(probe: Probe) -> tuple[str, int] | None:
    """Say which sample a function returns alone, for whichever others it is called with, and to how many digits.

    Examples
    --------
    >>> ones = tuple(np.array(value) for value in (3.0, 5.0, 6.0))
    >>> only_one(Probe(ones[0], ones)), only_one(Probe(np.array(14.0), ones))
    (('it returns the first sample only', 17), None)
    """
    singles = [one for one in probe.single if one is not None]
    if len(singles) < len(probe.single) or not singles or all(np.array_equal(one, singles[0]) for one in singles):
        return None
    names = {0: "the first sample", len(singles) - 1: "the last sample"}
    for k, one in enumerate(singles):
        alone = np.full(probe.answer.shape, one.item()) if one.size == 1 else one
        digits = agreement(probe.answer, alone, probe.tolerance)
        if digits is not None:
            return f"it returns {names.get(k, f'sample {k + 1}')} only", digits
    return None


def added_to_all(probe: Probe) -> tuple[float, Probe] | None:
    """Return the constant that is added to the sum over all samples, and the answers without it.

    Of samples alone it is in each answer, of all together it is there once: no closed form is needed to see it.

    Examples
    --------
    >>> ones = tuple(np.array(value) for value in (3.0, 5.0, 6.0))
    >>> constant, rest = added_to_all(Probe(np.array(10.0), ones))
    >>> constant, rest.answer.item(), [one.item() for one in rest.single]
    (2.0, 8.0, [1.0, 3.0, 4.0])
    """
    singles = [one for one in probe.single if one is not None]
    if probe.answer.ndim or len(singles) < max(2, len(probe.single)):
        return None
    if any(one.ndim or not np.isfinite(one) for one in singles):
        return None
    constant = float((sum(singles) - probe.answer) / (len(singles) - 1))
    if not abs(constant) > probe.tolerance * max(abs(float(one)) for one in singles):
        return None
    return constant, _less(probe, lambda _: constant, (len(probe.single), 2))


def added_to_each(probe: Probe, truth: Values, reduction: Reduction) -> tuple[float, Probe] | None:
    """Return the constant that is added to the divergence of each sample, and the answers without it.

    That it is added for each sample, not for each coordinate, the answer to fewer coordinates says.

    Examples
    --------
    >>> from kl_symbolic.audit.reductions import conventions
    >>> truth = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> per_sample, *_ = conventions(product=True)
    >>> added_to_each(Probe(np.array([3.5, 7.5]), (), np.array([1.5])), truth, per_sample)[0]
    0.5
    """
    if probe.narrow is None:
        return None

    found: list[float] = []
    with np.errstate(all="ignore"):
        for given, wanted, weight in probe.weighed(truth, reduction, _share):
            found += np.ravel((given - wanted) / weight).tolist()
    if not np.isfinite(found).all() or not any(found):
        return None
    if max(found) - min(found) > 2 * probe.tolerance * max(1.0, abs(found[0])):
        return None
    constant = float(np.median(found))
    return constant, _less(
        probe, lambda part: constant * reduction.apply(np.full(part.shape, _share(part.shape[-1]))), truth.shape
    )


def _share(coordinates: int) -> float:
    return 1 / coordinates


def _less(probe: Probe, amount: Callable[[Array], Any], shape: tuple[int, ...]) -> Probe:
    """Return the answers less what is added to those of arrays of each shape."""
    many = np.zeros(shape)
    one, narrow = many[:1], narrowed(many)[:1]
    return replace(
        probe,
        answer=probe.answer - amount(many),
        single=tuple(None if answer is None else answer - amount(one) for answer in probe.single),
        narrow=None if probe.narrow is None else probe.narrow - amount(narrow),
    )
