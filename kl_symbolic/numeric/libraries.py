"""The functions of the libraries whose arrays are taken beside those of NumPy."""

from __future__ import annotations

import sys
from types import ModuleType


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
