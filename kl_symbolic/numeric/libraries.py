"""The functions of the libraries whose arrays are taken beside those of NumPy."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType

import numpy as np

# What needs no second look: small NumPy arrays would spend a tenth of their time on one.
OURS = {np.ndarray, float, int, list, tuple, np.float64, np.float32, bool, type(None)}


def namespace(value: object) -> ModuleType | None:
    """Return the functions of the Array API for an array of another library than NumPy; None for anything else."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        import array_api_compat.torch  # its general search has caches, which torch.compile warns of

        return array_api_compat.torch
    import array_api_compat as compat

    if not compat.is_array_api_obj(value) or compat.is_numpy_array(value):
        return None
    found: ModuleType = compat.array_namespace(value)
    return found


def is_jax(xp: ModuleType) -> bool:
    """Return whether the library is JAX, whose arrays have no memory layout and no subnormal numbers."""
    return xp.__name__ == "jax.numpy"


def kind_of(values: Iterable[object]) -> str:
    """Return whose arrays some values are: ``"numpy"``, ``"dask"``, or ``"array_api"`` for another library.

    >>> kind_of([1.0, [2.0]])
    'numpy'
    """
    found = "numpy"
    for value in values:
        library = None if type(value) in OURS else namespace(value)
        if library is not None and "dask" in library.__name__:
            return "dask"
        if library is not None:
            found = "array_api"
    return found
