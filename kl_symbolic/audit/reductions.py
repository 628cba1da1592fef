"""What a function does with the axes of its arguments: sums, means, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from kl_symbolic.audit.libraries import Array
from kl_symbolic.errors import RequestError

Convention = Literal[
    "sample", "none", "sum", "mean", "keepdims", "sample_mean", "mean_all", "mean_coordinate"
]  # fmt: skip


@dataclass(frozen=True)
class Reduction:
    """A convention: its name, what it does, and the same with the divergences of samples x coordinates.

    `by_sample` says that there is a number for each sample, so that samples can be told apart in one call.
    """

    name: Convention
    words: str
    apply: Callable[[Array], Array]
    by_sample: bool = False
    product_only: bool = False


def _mean(values: Array) -> Any:
    return np.sum(values) / len(values)


ALL = (
    Reduction("sample", "one value per sample", lambda v: v.sum(axis=-1), by_sample=True),
    Reduction("none", "one value per coordinate", lambda v: v, by_sample=True, product_only=True),
    Reduction("sum", "the sum over all samples", lambda v: np.asarray(v.sum())),
    Reduction("mean", "the mean over the samples", lambda v: np.asarray(_mean(v))),
    Reduction("keepdims", "one value per sample, in an axis kept", lambda v: v.sum(axis=-1, keepdims=True), True, True),
    Reduction(
        "sample_mean", "one value per sample, the mean over its coordinates",
        lambda v: v.sum(axis=-1) / v.shape[-1], True, True,
    ),
    Reduction("mean_all", "the mean over samples and coordinates", lambda v: np.asarray(v.sum() / v.size), False, True),
    Reduction(
        "mean_coordinate", "one value per coordinate, the mean over the samples",
        lambda v: v.sum(axis=0) / len(v), False, True,
    ),
)  # fmt: skip


def conventions(product: bool, name: Convention | None = None) -> tuple[Reduction, ...]:
    """Return the conventions that a function of such laws may follow; the one called `name`, if it is given.

    Raises
    ------
    RequestError
        If there is none of that name.

    Examples
    --------
    >>> [r.name for r in conventions(product=False)]
    ['sample', 'sum', 'mean']
    """
    known = tuple(r for r in ALL if product or not r.product_only)
    if name is None:
        return known
    found = tuple(r for r in known if r.name == name)
    if not found:
        raise RequestError(f"reduction must be one of {', '.join(r.name for r in known)}, given: {name!r}")
    return found
