"""Series and tables of pandas: their labels must agree, and results have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.axes import without
from kl_symbolic.numeric.libraries import OURS

Labels: TypeAlias = Any  # a pandas.Index


def is_labelled(value: object) -> bool:
    """Whether a value is a Series or a DataFrame of pandas."""
    kind = type(value)
    if kind in OURS:  # small arrays have no time for more questions
        return False
    return kind.__module__.partition(".")[0] == "pandas" and hasattr(kind, "to_numpy") and hasattr(value, "index")


def unlabelled(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[int, Labels]]:
    """Return arguments without labels, and the labels of the axes of their common shape, counted from the last.

    Raises
    ------
    RequestError
        If the labels of two arguments differ along an axis: going by position would mix up what belongs together.
    """
    found: dict[int, tuple[str, Labels]] = {}
    for name, value in arguments.items():
        if not is_labelled(value):
            continue
        for place, labels in enumerate(reversed(value.axes), start=1):
            other, known = found.setdefault(-place, (name, labels))
            if not known.equals(labels):
                raise RequestError(
                    f"{other} and {name} have different labels along axis {-place}: align them"
                    f" ({name}.reindex_like({other})), or pass .to_numpy() to go by position"
                )
    plain = {name: value.to_numpy() if is_labelled(value) else value for name, value in arguments.items()}
    return plain, {place: labels for place, (_, labels) in found.items()}


def labelled(array: Any, labels: Mapping[int, Labels], ndim: int, axes: tuple[int, ...]) -> Any:
    """Return a result with the labels of the axes that are left of `ndim`, where all of them have some."""
    left = [labels.get(place - ndim) for place in without(axes, tuple(range(ndim)))]
    if not isinstance(array, np.ndarray) or not left or len(left) > 2 or any(one is None for one in left):  # noqa: PLR2004 - a table has two axes
        return array
    import pandas as pd

    if [len(one) for one in left if one is not None] != list(array.shape):
        return array
    return pd.Series(array, *left) if len(left) == 1 else pd.DataFrame(array, *left)
